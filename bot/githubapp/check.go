package githubapp

import (
	"context"
	"fmt"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// maxAnnotationsPerRequest is GitHub's limit; more are added by further requests.
const maxAnnotationsPerRequest = 50

// Check is what a check run shows. The words are GitHub's.
type Check struct {
	Name       string
	ExternalID string // ours: the key to find it again
	DetailsURL string
	Status     string // queued, in_progress, completed
	Conclusion string // with completed: success, failure, neutral, cancelled, skipped, timed_out, action_required
	StartedAt  time.Time
	EndedAt    time.Time
	// Title, Summary and Text are Markdown, Title and Summary go together. Summary
	// and Text are cut at 65,535 bytes.
	Title   string
	Summary string
	Text    string
	// Annotations are added to those that the check run has: GitHub never takes
	// one back.
	Annotations []Annotation
	// Actions are its buttons, at most three, shown once it is completed.
	Actions []CheckAction
}

// Annotation is a remark on lines of a file.
type Annotation struct {
	Path        string
	StartLine   int // 1 is the first
	EndLine     int // 0: StartLine
	StartColumn int // 0: none; only with one line
	EndColumn   int
	Level       string // notice, warning, failure
	Title       string // cut at 255 characters
	Message     string
}

// CheckAction is a button of a check run. GitHub takes 20 characters of label, 40
// of description and 20 of identifier.
type CheckAction struct {
	Label       string
	Description string
	Identifier  string
}

// CheckRun is a check run that exists.
type CheckRun struct {
	ID         int64
	Name       string
	HeadSHA    string
	ExternalID string
	Status     string
	Conclusion string
	SuiteID    int64
}

// CreateCheck adds a check run to a commit and returns its id. A second one of
// the same name hides the first. When the id is not 0 and there is an error, the
// check run exists but lacks annotations.
func (a *App) CreateCheck(ctx context.Context, r pipeline.Repository, sha string, c Check) (int64, error) {
	if err := checkSHA(sha); err != nil {
		return 0, err
	}
	var id int64
	err := a.do(ctx, call{r, fmt.Sprintf("check %q", c.Name), "checks: write"},
		func(ctx context.Context, client *github.Client) error {
			now, later := pageAnnotations(c.Annotations)
			run, _, err := client.Checks.CreateCheckRun(ctx, r.Owner, r.Name, github.CreateCheckRunOptions{
				Name:        c.Name,
				HeadSHA:     sha,
				DetailsURL:  optional(c.DetailsURL),
				ExternalID:  optional(c.ExternalID),
				Status:      optional(c.Status),
				Conclusion:  optional(c.Conclusion),
				StartedAt:   timestamp(c.StartedAt),
				CompletedAt: timestamp(c.EndedAt),
				Output:      c.output(now),
				Actions:     c.buttons(),
			})
			if err != nil {
				return err
			}
			id = run.GetID()
			return annotate(ctx, client, r, id, c, later)
		})
	return id, err
}

// UpdateCheck makes a check run show c: what c leaves out (text, buttons) goes,
// except its annotations, its details link and its external id.
func (a *App) UpdateCheck(ctx context.Context, r pipeline.Repository, id int64, c Check) error {
	return a.do(ctx, call{r, fmt.Sprintf("check %q", c.Name), "checks: write"},
		func(ctx context.Context, client *github.Client) error {
			now, later := pageAnnotations(c.Annotations)
			err := patchCheck(ctx, client, r, id, checkPatch{
				UpdateCheckRunOptions: github.UpdateCheckRunOptions{
					Name:        c.Name,
					DetailsURL:  optional(c.DetailsURL),
					ExternalID:  optional(c.ExternalID),
					Status:      optional(c.Status),
					Conclusion:  optional(c.Conclusion),
					CompletedAt: timestamp(c.EndedAt),
					Output:      c.output(now),
				},
				StartedAt: timestamp(c.StartedAt),
				Actions:   c.buttons(),
			})
			if err != nil {
				return err
			}
			return annotate(ctx, client, r, id, c, later)
		})
}

// checkPatch is go-github's request body with what that lacks: a start, and a
// list of buttons that is sent when it is empty, so that old buttons go.
type checkPatch struct {
	github.UpdateCheckRunOptions
	StartedAt *github.Timestamp        `json:"started_at,omitempty"`
	Actions   []*github.CheckRunAction `json:"actions"`
}

func patchCheck(ctx context.Context, client *github.Client, r pipeline.Repository, id int64, body any) error {
	request, err := client.NewRequest("PATCH", fmt.Sprintf("repos/%s/%s/check-runs/%d", r.Owner, r.Name, id), body)
	if err != nil {
		return err
	}
	_, err = client.Do(ctx, request, nil)
	return err
}

// annotate adds the annotations that did not fit in the first request.
func annotate(ctx context.Context, client *github.Client, r pipeline.Repository, id int64, c Check, pages [][]Annotation) error {
	for _, page := range pages {
		err := patchCheck(ctx, client, r, id, github.UpdateCheckRunOptions{Name: c.Name, Output: c.output(page)})
		if err != nil {
			return err
		}
	}
	return nil
}

// FindCheck looks for our check run of that name and external id on a commit:
// the way back to one whose creation was never answered. The newest counts.
func (a *App) FindCheck(ctx context.Context, r pipeline.Repository, sha, name, externalID string) (CheckRun, bool, error) {
	if err := checkSHA(sha); err != nil {
		return CheckRun{}, false, err
	}
	var found CheckRun
	err := a.do(ctx, call{r, fmt.Sprintf("look for check %q", name), "checks: read"},
		func(ctx context.Context, client *github.Client) error {
			options := &github.ListCheckRunsOptions{
				CheckName:   github.String(name),
				Filter:      github.String("all"),
				AppID:       github.Int64(a.id),
				ListOptions: github.ListOptions{PerPage: 100},
			}
			for {
				list, answer, err := client.Checks.ListCheckRunsForRef(ctx, r.Owner, r.Name, sha, options)
				if err != nil {
					return err
				}
				for _, run := range list.CheckRuns {
					if run.GetName() == name && run.GetExternalID() == externalID &&
						run.GetApp().GetID() == a.id && run.GetID() > found.ID {
						found = checkRunOf(run)
					}
				}
				if found.ID != 0 || answer.NextPage == 0 {
					return nil
				}
				options.Page = answer.NextPage
			}
		})
	return found, err == nil && found.ID != 0, err
}

func checkRunOf(run *github.CheckRun) CheckRun {
	return CheckRun{
		ID: run.GetID(), Name: run.GetName(), HeadSHA: run.GetHeadSHA(), ExternalID: run.GetExternalID(),
		Status: run.GetStatus(), Conclusion: run.GetConclusion(), SuiteID: run.GetCheckSuite().GetID(),
	}
}
