package emulator

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// GitHub's limits on check runs.
const (
	maxOutput         = 65535
	maxAnnotations    = 50
	maxActions        = 3
	maxLabel          = 20
	maxActionText     = 40
	maxIdentifier     = 20
	maxAnnotationText = 64 << 10
	maxAnnotationHead = 255
)

// checkRunInput is the body of POST and PATCH on check runs. Nil means not given.
type checkRunInput struct {
	Name        *string        `json:"name"`
	HeadSHA     *string        `json:"head_sha"`
	DetailsURL  *string        `json:"details_url"`
	ExternalID  *string        `json:"external_id"`
	Status      *string        `json:"status"`
	StartedAt   *time.Time     `json:"started_at"`
	Conclusion  *string        `json:"conclusion"`
	CompletedAt *time.Time     `json:"completed_at"`
	Output      *outputInput   `json:"output"`
	Actions     *[]CheckAction `json:"actions"`
}

type outputInput struct {
	Title       *string      `json:"title"`
	Summary     *string      `json:"summary"`
	Text        *string      `json:"text"`
	Annotations []Annotation `json:"annotations"`
	Images      []struct {
		Alt      string `json:"alt"`
		ImageURL string `json:"image_url"`
		Caption  string `json:"caption"`
	} `json:"images"`
}

// check enforces what both requests have in common.
func (in *checkRunInput) check() error {
	if in.Name != nil && *in.Name == "" {
		return invalidRequest("\"name\" cannot be blank.")
	}
	if s := in.Status; s != nil && !slices.Contains([]string{"queued", "in_progress", "completed"}, *s) {
		return invalidRequest("%s is not a member of [\"queued\", \"in_progress\", \"completed\"].", *s)
	}
	conclusions := []string{"action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out"}
	if c := in.Conclusion; c != nil && !slices.Contains(conclusions, *c) {
		return invalidRequest("%s is not a member of [\"%s\"].", *c, strings.Join(conclusions, `", "`))
	}
	if in.Conclusion == nil && (in.CompletedAt != nil || in.Status != nil && *in.Status == "completed") {
		return invalidRequest("\"conclusion\" wasn't supplied.")
	}
	if in.Output != nil {
		if err := in.Output.check(); err != nil {
			return err
		}
	}
	if in.Actions == nil {
		return nil
	}
	return checkActions(*in.Actions)
}

func (o *outputInput) check() error {
	if o.Summary == nil {
		return invalidRequest("\"summary\" wasn't supplied.")
	}
	if err := fits(maxOutput, o.Summary, o.Text); err != nil {
		return err
	}
	if len(o.Annotations) > maxAnnotations {
		return invalidRequest("Only %d items are allowed; %d were supplied.", maxAnnotations, len(o.Annotations))
	}
	for _, a := range o.Annotations {
		if err := a.check(); err != nil {
			return err
		}
	}
	for _, i := range o.Images {
		if i.Alt == "" || i.ImageURL == "" {
			return invalidRequest("\"alt\" or \"image_url\" wasn't supplied.")
		}
	}
	return nil
}

func (a Annotation) check() error {
	switch {
	case a.Path == "" || a.StartLine < 1 || a.EndLine < 1 || a.Message == "":
		return invalidRequest("\"path\", \"start_line\", \"end_line\" or \"message\" wasn't supplied.")
	case a.EndLine < a.StartLine:
		return invalidRequest("\"end_line\" is before \"start_line\".")
	case !slices.Contains([]string{"notice", "warning", "failure"}, a.Level):
		return invalidRequest("%s is not a member of [\"notice\", \"warning\", \"failure\"].", a.Level)
	case a.StartLine != a.EndLine && (a.StartColumn != nil || a.EndColumn != nil):
		return invalidRequest("start_column and end_column need start_line and end_line to be the same.")
	case len(a.Message) > maxAnnotationText || len(a.RawDetails) > maxAnnotationText:
		return tooLong(maxAnnotationText, max(len(a.Message), len(a.RawDetails)))
	}
	return fits(maxAnnotationHead, &a.Title)
}

func checkActions(actions []CheckAction) error {
	if len(actions) > maxActions {
		return invalidRequest("Only %d items are allowed; %d were supplied.", maxActions, len(actions))
	}
	for _, a := range actions {
		if a.Label == "" || a.Description == "" || a.Identifier == "" {
			return invalidRequest("\"label\", \"description\" or \"identifier\" wasn't supplied.")
		}
		for _, err := range []error{
			fits(maxLabel, &a.Label), fits(maxActionText, &a.Description), fits(maxIdentifier, &a.Identifier),
		} {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// fits refuses strings of more characters than the limit.
func fits(limit int, texts ...*string) error {
	for _, t := range texts {
		if t == nil {
			continue
		}
		if n := utf8.RuneCountInString(*t); n > limit {
			return tooLong(limit, n)
		}
	}
	return nil
}

// apply writes what was given into a run. It has been checked.
func (in *checkRunInput) apply(c *checkRun, now time.Time) {
	set(&c.Name, in.Name)
	set(&c.DetailsURL, in.DetailsURL)
	set(&c.ExternalID, in.ExternalID)
	if in.StartedAt != nil {
		c.StartedAt = in.StartedAt.UTC().Truncate(time.Second)
	}
	if in.Output != nil {
		c.hasTitle = true
		c.Title, c.Summary, c.Text = "", *in.Output.Summary, ""
		set(&c.Title, in.Output.Title)
		set(&c.Text, in.Output.Text)
		c.Annotations = append(c.Annotations, in.Output.Annotations...)
	}
	if in.Actions != nil {
		c.Actions = slices.Clone(*in.Actions)
	}
	switch {
	case in.Conclusion != nil: // it completes whatever the status says
		c.Status, c.Conclusion, c.CompletedAt = "completed", *in.Conclusion, now
		if in.CompletedAt != nil {
			c.CompletedAt = in.CompletedAt.UTC().Truncate(time.Second)
		}
	case in.Status != nil:
		c.Status, c.Conclusion, c.CompletedAt = *in.Status, "", time.Time{}
	}
}

func set(field *string, value *string) {
	if value != nil {
		*field = *value
	}
}
