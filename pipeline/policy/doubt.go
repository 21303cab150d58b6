package policy

import (
	"fmt"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// doubt says why a person with these facts counts nowhere, whoever is asked; empty:
// there is no such reason.
func doubt(f pipeline.Facts) string {
	switch {
	case f.Voter.ID <= 0:
		return "it is not known who gave this vote"
	case f.Bot:
		return fmt.Sprintf("%s is a bot; people decide", name(f.Voter))
	case f.Suspended:
		return fmt.Sprintf("the account of %s is suspended or gone; somebody else has to decide", name(f.Voter))
	}
	for _, unknown := range f.Unknown {
		if !strings.HasPrefix(unknown, pipeline.UnknownTeam("")) { // a team matters only where it is asked for
			return lookUp(unknown, f.Voter)
		}
	}
	return ""
}

// lookUp is the sentence about a look-up that failed.
func lookUp(what string, who pipeline.Actor) string {
	return fmt.Sprintf("the %s of %s could not be looked up, and a doubt is never a yes; vote again in a moment", what, name(who))
}

// name is how a person is called.
func name(who pipeline.Actor) string {
	if who.Login == "" {
		return fmt.Sprintf("account %d", who.ID)
	}
	return who.Login
}
