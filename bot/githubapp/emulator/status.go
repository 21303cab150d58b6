package emulator

import (
	"slices"
	"strings"
	"time"
)

// GitHub's limits on commit statuses.
const (
	maxDescription = 140
	maxStatuses    = 1000 // per commit and context
)

// Status is what the outside knows of a commit status.
type Status struct {
	ID          int64
	SHA         string
	State       string // error, failure, pending, success
	Context     string
	Description string
	TargetURL   string
	Creator     string
	CreatedAt   time.Time
}

type status struct {
	Status
	repo    *repository
	creator *user
}

// statusesOf lists the statuses of a commit, newest first.
func (g *GitHub) statusesOf(r *repository, sha string) []*status {
	list := slices.Clone(g.statusesAt[commitKey{r.id, sha}])
	slices.Reverse(list)
	return list
}

// latestStatuses keeps the newest status of each context, which ignores case.
func latestStatuses(newestFirst []*status) []*status {
	var list []*status
	seen := map[string]bool{}
	for _, s := range newestFirst {
		key := strings.ToLower(s.Context)
		if !seen[key] {
			seen[key] = true
			list = append(list, s)
		}
	}
	return list
}

// combined is the state of a commit: failure before pending before success.
func combined(latest []*status) string {
	if len(latest) == 0 {
		return "pending"
	}
	sum := "success"
	for _, s := range latest {
		switch s.State {
		case "error", "failure":
			return "failure"
		case "pending":
			sum = "pending"
		}
	}
	return sum
}

func (s *status) view() Status {
	v := s.Status
	v.Creator = s.creator.Login
	return v
}
