package emulator

import (
	"fmt"
	"slices"
	"time"
)

// CheckRun is what the outside knows of a check run.
type CheckRun struct {
	ID          int64
	SuiteID     int64
	AppID       int64
	Repository  string // owner/name
	Name        string
	HeadSHA     string
	Status      string // queued, in_progress, completed
	Conclusion  string // empty until completed
	ExternalID  string
	DetailsURL  string
	Title       string
	Summary     string
	Text        string
	Annotations []Annotation
	Actions     []CheckAction
	StartedAt   time.Time
	CompletedAt time.Time
	// Updates counts the PATCH requests that changed it.
	Updates int
}

// Annotation is a remark on lines of a file.
type Annotation struct {
	Path        string `json:"path"`
	StartLine   int    `json:"start_line"`
	EndLine     int    `json:"end_line"`
	StartColumn *int   `json:"start_column"`
	EndColumn   *int   `json:"end_column"`
	Level       string `json:"annotation_level"`
	Message     string `json:"message"`
	Title       string `json:"title"`
	RawDetails  string `json:"raw_details"`
}

// CheckAction is a button on a completed check run.
type CheckAction struct {
	Label       string `json:"label"`
	Description string `json:"description"`
	Identifier  string `json:"identifier"`
}

type checkRun struct {
	CheckRun
	repo     *repository
	suite    *checkSuite
	hasTitle bool // an output was given
}

func (c *checkRun) view() CheckRun {
	v := c.CheckRun
	v.Repository = c.repo.fullName()
	v.Annotations = slices.Clone(c.Annotations)
	v.Actions = slices.Clone(c.Actions)
	return v
}

// addRun puts a new run where it is found again.
func (g *GitHub) addRun(c *checkRun) {
	key := commitKey{c.repo.id, c.HeadSHA}
	g.runs[c.ID] = c
	g.runsAt[key] = append(g.runsAt[key], c)
}

// runsOf lists the check runs of a commit, oldest first.
func (g *GitHub) runsOf(r *repository, sha string) []*checkRun { return g.runsAt[commitKey{r.id, sha}] }

// latestRuns keeps the newest run of each name and app.
func latestRuns(runs []*checkRun) []*checkRun {
	type key struct {
		name string
		app  int64
	}
	newest := map[key]*checkRun{}
	for _, c := range runs {
		newest[key{c.Name, c.AppID}] = c
	}
	return slices.DeleteFunc(slices.Clone(runs), func(c *checkRun) bool { return newest[key{c.Name, c.AppID}] != c })
}

// ClickCheckAction presses a button of a completed check run. The person needs
// write access; GitHub offers buttons to nobody else.
func (g *GitHub) ClickCheckAction(checkRunID int64, identifier, as string) error {
	return g.withRun(checkRunID, as, func(c *checkRun, by *user) error {
		known := slices.ContainsFunc(c.Actions, func(a CheckAction) bool { return a.Identifier == identifier })
		if c.Status != "completed" || !known {
			return fmt.Errorf("it offers no action %q", identifier)
		}
		g.sendCheckRun(c, "requested_action", by, object{"requested_action": object{"identifier": identifier}})
		return nil
	})
}

// RerequestCheckRun presses Re-run on one check run, which must be completed.
func (g *GitHub) RerequestCheckRun(checkRunID int64, as string) error {
	return g.withRun(checkRunID, as, func(c *checkRun, by *user) error {
		if c.Status != "completed" {
			return fmt.Errorf("it is %s, and Re-run is offered when it is completed", words(c.Status))
		}
		g.rerequestRun(c, by)
		return nil
	})
}

// RerequestCheckSuite presses Re-run all checks.
func (g *GitHub) RerequestCheckSuite(checkSuiteID int64, as string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.suites[checkSuiteID]
	if s == nil {
		return fmt.Errorf("no check suite %d", checkSuiteID)
	}
	by, err := g.actorOf(s.repo, as, RoleWrite)
	if err != nil {
		return err
	}
	g.rerequestSuite(s, by)
	g.touch()
	return nil
}

func (g *GitHub) withRun(id int64, as string, do func(*checkRun, *user) error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.runs[id]
	if c == nil {
		return fmt.Errorf("no check run %d", id)
	}
	by, err := g.actorOf(c.repo, as, RoleWrite)
	if err != nil {
		return err
	}
	if err := do(c, by); err != nil {
		return fmt.Errorf("check run %d: %w", id, err)
	}
	g.touch()
	return nil
}

// rerequestRun leaves the run as it is: the app decides what becomes of it.
func (g *GitHub) rerequestRun(c *checkRun, by *user) {
	c.suite.rerequested, c.suite.updatedAt = true, g.now()
	g.sendCheckRun(c, "rerequested", by, nil)
}

func (g *GitHub) rerequestSuite(s *checkSuite, by *user) {
	s.rerequested, s.updatedAt = true, g.now()
	g.sendCheckSuite(s, "rerequested", by)
}
