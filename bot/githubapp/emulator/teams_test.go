package emulator_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// inOrganization gives octo-org the teams platform, sre inside of it and dba inside
// of that, and returns go-github as the app's installation there.
func (w *world) inOrganization(t *testing.T) *github.Client {
	t.Helper()
	must(w.AddOrganization("octo-org"))(t)
	for _, team := range [][2]string{{"platform", ""}, {"sre", "platform"}, {"dba", "sre"}} {
		must(w.AddTeam("octo-org", team[0], team[1]))(t)
	}
	i := must(w.Install(w.app.ID, "octo-org"))(t)
	token := must(w.Token(i.ID, nil))(t)
	return w.githubClient(t, &http.Client{Transport: w.transport()}).WithAuthToken(token)
}

func TestTeams(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client, ctx := w.inOrganization(t), t.Context()
	state := func(team, login string) string {
		m, answer, err := client.Teams.GetTeamMembershipBySlug(ctx, "octo-org", team, login)
		if answer != nil && answer.StatusCode == http.StatusNotFound {
			return ""
		}
		check(t, err)
		return m.GetState()
	}
	members := func(team string) (logins []string) {
		list, _, err := client.Teams.ListTeamMembersBySlug(ctx, "octo-org", team, nil)
		check(t, err)
		for _, m := range list {
			logins = append(logins, m.GetLogin())
		}
		return logins
	}
	check(t, w.SetTeamMember("octo-org", "dba", "monalisa", emulator.MembershipActive))
	check(t, w.SetTeamMember("octo-org", "sre", "hubot", emulator.MembershipPending))
	for _, c := range []struct{ team, login, want string }{
		{"dba", "monalisa", "active"}, {"sre", "monalisa", "active"}, {"platform", "monalisa", "active"},
		{"sre", "hubot", "pending"}, {"dba", "hubot", ""}, {"sre", "octocat", ""}, {"sre", "nobody", ""}, {"none", "hubot", ""},
	} {
		if got := state(c.team, c.login); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.login, c.team, got, c.want)
		}
	}
	if got := members("platform"); !slices.Equal(got, []string{"monalisa"}) {
		t.Errorf("members %v", got)
	}
	check(t, w.SetTeamMember("octo-org", "sre", "hubot", emulator.MembershipActive))
	if got := members("sre"); !slices.Equal(got, []string{"hubot", "monalisa"}) {
		t.Errorf("members %v", got)
	}
	check(t, w.RemoveMember("octo-org", "hubot"))
	if got := state("sre", "hubot"); got != "" {
		t.Errorf("who has left is %q", got)
	}
	for name, err := range map[string]error{
		"a team twice":        second(w.AddTeam("octo-org", "sre", "")),
		"a team of a person":  second(w.AddTeam("octocat", "sre", "")),
		"a parent not there":  second(w.AddTeam("octo-org", "new", "none")),
		"a slug with capital": second(w.AddTeam("octo-org", "New", "")),
		"an odd state":        w.SetTeamMember("octo-org", "sre", "hubot", "owner"),
		"who is no member":    w.RemoveMember("octo-org", "octocat"),
	} {
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// Teams are not for everybody to see.
func TestTeamsAreSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.inOrganization(t)
	check(t, w.SetTeamMember("octo-org", "sre", "hubot", emulator.MembershipActive))
	for _, c := range []struct {
		name   string
		client *github.Client
		want   int
	}{
		{"a member", w.as(t, w.hubot), http.StatusOK},
		{"somebody else", w.as(t, w.monalisa), http.StatusNotFound},
		{"an installation of somebody else", w.client(t), http.StatusForbidden},
	} {
		_, answer, _ := c.client.Teams.ListTeamMembersBySlug(t.Context(), "octo-org", "sre", nil)
		if answer == nil || answer.StatusCode != c.want {
			t.Errorf("%s: %v", c.name, answer)
		}
	}
}

func TestSuspendedPeopleDoNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pull := w.pull(t, "feature")
	check(t, w.SuspendUser("hubot", true))
	if _, err := w.Comment(shop, pull.Number, "hubot", "still here"); err == nil {
		t.Error("they comment")
	}
	if _, answer, _ := w.as(t, w.hubot).Users.Get(t.Context(), ""); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("their token is good: %s", answer.Status)
	}
	check(t, w.SuspendUser("hubot", false))
	must(w.Comment(shop, pull.Number, "hubot", "back again"))(t)
}

func second[T any](_ T, err error) error { return err }
