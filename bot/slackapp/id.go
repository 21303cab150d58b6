package slackapp

import (
	"regexp"

	"github.com/penstock-cd/penstock/pipeline"
)

// id is an id that something came with.
type id struct {
	name, id string
	required bool
}

func checkIDs(list ...id) error {
	for _, i := range list {
		if i.id == "" && !i.required {
			continue
		}
		if err := checkID(i.name, i.id); err != nil {
			return err
		}
	}
	return nil
}

var idPattern = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,63}$`)

// checkID refuses what could not be one of Slack's ids; name says of what.
func checkID(name, id string) error {
	if !idPattern.MatchString(id) {
		return pipeline.Errorf(pipeline.Invalid, "%q is not the id of a %s in Slack", clip(id), name)
	}
	return nil
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// clip makes a text short enough for an error.
func clip(text string) string { return text[:min(len(text), 64)] }
