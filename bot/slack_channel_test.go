package bot

import (
	"slices"
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

// Channels are told of what the operator says, of the repositories they are for; the
// rules of an environment may name one more of the list, and a pull request none.
func TestWhichChannelsAreTold(t *testing.T) {
	t.Parallel()
	shop := pipeline.Repository{Owner: "octo-org", Name: "shop"}
	run := &pipeline.Execution{Repository: shop, Pipeline: "release", Stages: []pipeline.StageExecution{{Name: "Build", Status: pipeline.StageSucceeded}, {Name: "Ship"}}}
	began := &pipeline.Execution{Repository: shop, Pipeline: "release", Stages: []pipeline.StageExecution{{Name: "Ship", Status: pipeline.StageFailed}}}
	definition := &pipeline.Pipeline{Stages: []pipeline.Stage{{Name: "Build"}, {Name: "Ship", Environment: "production"}}}
	waiting := []string{SlackWaiting, SlackStarted, SlackFailed}
	for _, test := range []struct {
		name          string
		channel       SlackChannel
		slack         string // of the rules
		environment   bool   // whose rules they are
		asked         bool
		started, fail bool // told of the start; of a failure before the environment
		failed        bool // of a failure in it
	}{
		{"everything", SlackChannel{Events: waiting}, "", true, true, true, true, true},
		{"no event", SlackChannel{}, "", true, false, false, false, false},
		{"its repository", SlackChannel{Events: waiting, Repositories: []string{"Octo-Org/SHOP"}}, "", true, true, true, true, true},
		{"its owner", SlackChannel{Events: waiting, Repositories: []string{"octo-org/*"}}, "", true, true, true, true, true},
		{"another repository", SlackChannel{Events: waiting, Repositories: []string{"octo-org/docs", "octo-org/sho"}}, "", true, false, false, false, false},
		{"a longer owner", SlackChannel{Events: waiting, Repositories: []string{"octo/*"}}, "", true, false, false, false, false},
		{"its pipeline", SlackChannel{Events: waiting, Pipelines: []string{"release"}}, "", true, true, true, true, true},
		{"another pipeline", SlackChannel{Events: waiting, Pipelines: []string{"nightly"}}, "", true, false, false, false, false},
		{"its environment", SlackChannel{Events: waiting, Environments: []string{"production"}}, "", true, true, true, false, true},
		{"another environment", SlackChannel{Events: waiting, Environments: []string{"staging"}}, "", true, false, false, false, false},
		{"named", SlackChannel{Name: "releases"}, "#releases", true, true, false, false, false},
		{"named in other letters", SlackChannel{Name: "releases"}, "Releases", true, true, false, false, false},
		{"named by id", SlackChannel{ID: "C1"}, "C1", true, true, false, false, false},
		{"another one is named", SlackChannel{Name: "releases"}, "#random", true, false, false, false, false},
		{"named, for other repositories", SlackChannel{Name: "releases", Repositories: []string{"octo-org/docs"}}, "#releases", true, false, false, false, false},
		{"named by the change", SlackChannel{Name: "releases"}, "#releases", false, false, false, false, false},
		{"nothing named", SlackChannel{Name: ""}, "#", true, false, false, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.channel.ID == "" {
				test.channel.ID = "C2"
			}
			s := &Slack{Channels: []SlackChannel{test.channel, test.channel}}
			gate := &pipeline.Approval{Stage: "Ship", Policy: pipeline.Policy{Slack: test.slack}}
			if !test.environment {
				gate.Action = "approve"
			}
			check := func(what string, got []string, want bool) {
				t.Helper()
				if want != slices.Equal(got, []string{test.channel.ID}) || !want && len(got) > 0 {
					t.Errorf("%s: told %q, want %t", what, got, want)
				}
			}
			check("a gate", s.gateChannels(run, definition, gate), test.asked)
			check("a start", s.eventChannels(run, definition, SlackStarted), test.started)
			check("a failure", s.eventChannels(run, definition, SlackFailed), test.fail)
			check("a failure in the environment", s.eventChannels(began, definition, SlackFailed), test.failed)
		})
	}
}
