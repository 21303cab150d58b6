package main

import (
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	slackemulator "github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// demoNext is the next step of somebody who tries the demo, and in which frame it is.
type demoNext struct {
	Pane string `json:"pane"` // github, slack or run
	Text string `json:"text"`
}

// next looks at the newest pull request and says what to do now.
func (h *demoHouse) next() demoNext {
	var step demoNext
	sha := ""
	h.github.Look(func(v *emulator.View) { step, sha = h.nextInGitHub(v) })
	if sha == "" {
		return step
	}
	h.slack.Look(func(v *slackemulator.View) {
		for _, m := range v.Messages(demoChannel) {
			switch {
			case !strings.Contains(m.Plain, sha[:7]):
			case hasButton(m, "penstock.approve"):
				step = demoNext{"slack", "Production is asked here. Press Approve as monalisa, who is not linked (/penstock link); then choose hubot, who is, and press it."}
			default:
				step.Text = "Production is decided. Open the run: each log, each vote, and whose it was. Then change .penstock.yml, and push again."
			}
		}
	})
	return step
}

// nextInGitHub is the next step as far as GitHub shows it. With a commit, Slack may
// know a better one.
func (h *demoHouse) nextInGitHub(v *emulator.View) (step demoNext, sha string) {
	pulls := v.PullRequests(demoRepository)
	if len(pulls) == 0 {
		return demoNext{"github", "Push a branch, as the terminal shows. Then press “Open a pull request” here."}, ""
	}
	p := pulls[0]
	for _, other := range pulls {
		if other.Number > p.Number {
			p = other
		}
	}
	if !p.Merged {
		return demoNext{"github", "Open the pull request, watch its checks become green, and merge it."}, ""
	}
	staging, waits := v.Check(demoRepository, p.MergeCommitSHA, "penstock / release / approve staging")
	if waits && staging.Conclusion == "action_required" {
		return demoNext{"github", "Staging waits. Comment /approve as octocat, who has a hand in the change, and see; then as hubot."}, ""
	}
	return demoNext{"run", "Sign in as octocat, and watch the run."}, p.MergeCommitSHA
}
