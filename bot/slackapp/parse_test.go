package slackapp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// received is what the door makes of a request.
func received(t *testing.T, body string) slackapp.Received {
	t.Helper()
	shelf := &shelf{}
	if w := serve(newApp(t), shelf.accept, signed(signingSecret, time.Now(), formType, body)); w.Code != 200 {
		t.Fatalf("answered %d %s", w.Code, w.Body)
	}
	return shelf.only(t)
}

func TestParse(t *testing.T) {
	t.Parallel()
	click, submission, command := received(t, interaction(clickPayload)), received(t, interaction(submissionPayload)), received(t, commandForm().Encode())
	for _, test := range []struct {
		received slackapp.Received
		want     any
	}{
		{click, slackapp.Click{ID: click.ID, Team: "T0TEAM", App: "A0APP", User: "U0CAT", UserName: "octocat", UserTeam: "T0TEAM", Channel: "C0SHOP",
			MessageTS: 1726000000_000100, ActionID: "penstock.approve", Value: "run:gate", TriggerID: "111.222.abc",
			ResponseURL: "https://hooks.slack.com/actions/T0TEAM/1/x", At: time.UnixMicro(1726000100_250000).UTC()}},
		{submission, slackapp.Submission{ID: submission.ID, Team: "T0TEAM", App: "A0APP", User: "U0CAT", UserName: "octocat", UserTeam: "T0TEAM",
			CallbackID: "penstock.vote", Metadata: `{"verdict":"reject"}`, Values: map[string]string{"reason": "too early"}, ViewID: "V0VIEW"}},
		{command, slackapp.SlashCommand{ID: command.ID, Team: "T0TEAM", App: "A0APP", User: "U0CAT", UserName: "octocat", Channel: "C0SHOP",
			Command: "/penstock", Text: "status", TriggerID: "444.222.abc", ResponseURL: "https://hooks.slack.com/commands/T0TEAM/1/x"}},
	} {
		got, err := slackapp.Parse(test.received)
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	}
}

// parse reads a body that somebody may have made up.
func parse(kind, body string) (any, error) {
	return slackapp.Parse(slackapp.Received{ID: "id", Kind: kind, Body: []byte(body)})
}

// An app that is installed for a whole organization is told no workspace of the
// click, and people of other workspaces keep theirs.
func TestParseClicksOfOrganizationsAndGuests(t *testing.T) {
	t.Parallel()
	got, err := parse("block_actions", strings.NewReplacer(`"team":{"id":"T0TEAM","domain":"shop"}`, `"team":null`, `"enterprise":null`, `"enterprise":{"id":"E0ORG","name":"Org"}`).Replace(clickPayload))
	if c, ok := got.(slackapp.Click); err != nil || !ok || c.Team != "T0TEAM" || c.EnterpriseTeam != "E0ORG" {
		t.Errorf("%+v %v", got, err)
	}
	got, err = parse("block_actions", strings.ReplaceAll(clickPayload, `"team_id":"T0TEAM"`, `"team_id":"T0OTHER"`))
	if c, ok := got.(slackapp.Click); err != nil || !ok || c.Team != "T0TEAM" || c.UserTeam != "T0OTHER" {
		t.Errorf("%+v %v", got, err)
	}
}

func TestParseTakesTheFirstOfManyActions(t *testing.T) {
	t.Parallel()
	got, err := parse("block_actions", strings.ReplaceAll(clickPayload, `"actions":[`, `"actions":[{"action_id":"penstock.reject","value":"first","action_ts":"x"},`))
	if c, ok := got.(slackapp.Click); err != nil || !ok || c.ActionID != "penstock.reject" || c.Value != "first" || !c.At.IsZero() {
		t.Errorf("%+v %v", got, err)
	}
}

func TestParseRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	change := func(old, new string) string {
		if !strings.Contains(clickPayload, old) {
			t.Fatalf("nothing to change: %s", old)
		}
		return strings.ReplaceAll(clickPayload, old, new)
	}
	for _, test := range []struct{ kind, body string }{
		{"event_callback", clickPayload},
		{"", clickPayload},
		{"view_submission", clickPayload}, // another kind than it says
		{"block_actions", submissionPayload},
		{"block_actions", `{}`},
		{"block_actions", `null`},
		{"block_actions", ``},
		{"block_actions", change(`"actions":[`, `"actions":[],"old":[`)},
		{"block_actions", change(`"actions":[`, `"actions":{},"old":[`)},
		{"block_actions", change(`"id":"U0CAT"`, `"id":""`)},
		{"block_actions", change(`"id":"U0CAT"`, `"id":"octocat"`)},
		{"block_actions", change(`"id":"U0CAT"`, `"id":7`)},
		{"block_actions", change(`"id":"U0CAT"`, `"id":"U0CAT> <!channel"`)},
		{"block_actions", change(`"T0TEAM"`, `"../T0TEAM"`)},
		{"block_actions", change(`C0SHOP`, `#shop`)},
		{"block_actions", change(`1726000000.000100`, `1726000000.0001000000000`)},
		{"block_actions", change(`1726000000.000100`, `-1.000100`)},
		{"slash_command", `{"command":"/penstock"}`},
		{"slash_command", `{"command":["/penstock"],"team_id":"T0TEAM","user_id":"U0CAT"}`},
		{"slash_command", `{"team_id":"T0TEAM","user_id":"U0CAT"}`},
	} {
		got, err := parse(test.kind, test.body)
		if err == nil || got != nil || pipeline.KindOf(err) != pipeline.Invalid {
			t.Errorf("%s %s: %+v %v", test.kind, test.body, got, err)
		}
	}
}

// FuzzParse looks for bodies that make it panic, or that come through with ids that
// are none.
func FuzzParse(f *testing.F) {
	f.Add("block_actions", clickPayload)
	f.Add("view_submission", submissionPayload)
	f.Add("slash_command", commandPayload)
	f.Add("block_actions", `{"type":"block_actions","user":{"id":"U0"},"team":{"id":"T0"},"actions":[null]}`)
	f.Add("view_submission", `{"type":"view_submission","user":{"id":"U0"},"team":{"id":"T0"},"view":{"state":{"values":{"a":null,"b":{"":{}}}}}}`)
	f.Fuzz(func(t *testing.T, kind, body string) {
		got, err := parse(kind, body)
		if (got == nil) == (err == nil) {
			t.Fatalf("%v and %v", got, err)
		}
		var user, team string
		switch got := got.(type) {
		case slackapp.Click:
			user, team = got.User, got.Team
		case slackapp.Submission:
			user, team = got.User, got.Team
		case slackapp.SlashCommand:
			user, team = got.User, got.Team
		default:
			if pipeline.KindOf(err) != pipeline.Invalid {
				t.Fatal(err)
			}
			return
		}
		for _, id := range []string{user, team} {
			if len(id) < 2 || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
				t.Fatalf("id %q", id)
			}
		}
	})
}

// FuzzWebhook looks for signed requests that make the door panic, or store what
// cannot be read again or still has a token.
func FuzzWebhook(f *testing.F) {
	f.Add(interaction(clickPayload))
	f.Add(interaction(submissionPayload))
	f.Add(commandForm().Encode())
	f.Add("payload=%7B%22type%22%3A%22block_actions%22%7D")
	f.Fuzz(func(t *testing.T, body string) {
		shelf := &shelf{}
		w := serve(newApp(t), shelf.accept, signed(signingSecret, time.Now(), formType, body))
		if stored, _ := shelf.count(); stored == 0 || w.Code != 200 {
			return
		}
		r := shelf.only(t)
		if len(r.ID) != 64 || len(r.Body) == 0 || r.Body[0] != '{' || strings.Contains(string(r.Body), `"token":`) {
			t.Fatalf("stored %s %s", r.ID, r.Body)
		}
		_, _ = slackapp.Parse(r)
	})
}
