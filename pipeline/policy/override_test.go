package policy_test

import (
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/policy"
)

// Who may go over the rules.
func TestMayOverride(t *testing.T) {
	t.Parallel()
	oncall := []pipeline.Selector{teamOf("oncall"), account("monalisa")}
	for _, test := range []struct {
		rule  string
		those []pipeline.Selector
		facts pipeline.Facts
		why   string
	}{
		{"a member of a listed team may", oncall, reader("octocat", "oncall"), ""},
		{"a listed user may", oncall, reader("monalisa"), ""},
		{"an administrator who is not listed may not", oncall, admin("octocat"), "octocat may not override; these may: team oncall or monalisa"},
		{"administrators may where they are listed", []pipeline.Selector{can(pipeline.PermissionAdmin)}, admin("octocat"), ""},
		{"where nobody is listed nobody may", nil, admin("octocat"), "nobody may override here: the environment lists nobody under override"},
		{"code owners are nobody", []pipeline.Selector{owners()}, admin("octocat"), "nobody may override here: the environment lists nobody under override"},
		{"a bot may not", oncall, bot(writer("hubot", "oncall")), "hubot is a bot; people decide"},
		{"a suspended account may not", oncall, suspended(writer("octocat", "oncall")), "the account of octocat is suspended or gone; somebody else has to decide"},
		{"somebody unknown may not", oncall, person("stranger", pipeline.PermissionAdmin, "oncall"), "it is not known who gave this vote"},
		{"somebody without access may not", oncall, outsider("octocat", "oncall"), "octocat may not override; these may: team oncall or monalisa"},
		{"an unknown permission is no yes", oncall, doubtful(writer("octocat", "oncall"), pipeline.UnknownPermission), "the permission of octocat could not be looked up, and a doubt is never a yes; vote again in a moment"},
		{"an unknown membership is no yes", oncall, doubtful(writer("octocat"), pipeline.UnknownTeam("oncall")), "the membership in team oncall of octocat could not be looked up, and a doubt is never a yes; vote again in a moment"},
		{"a login that was taken over may not", oncall, pipeline.Facts{Voter: pipeline.Actor{ID: 77, Login: "monalisa"}, Permission: pipeline.PermissionWrite}, "monalisa may not override; these may: team oncall or monalisa"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			ok, why := policy.MayOverride(test.those, test.facts)
			if ok != (test.why == "") || why != test.why {
				t.Errorf("%v: %q\nwant %q", ok, why, test.why)
			}
		})
	}
}
