package slackapp_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/bot/slackapp/emulator"
	"github.com/penstock-cd/penstock/pipeline"
)

func newEmulator(t *testing.T) (*emulator.Slack, *slackapp.App) {
	t.Helper()
	sl, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sl.Close() })
	if _, err := sl.AddApp(emulator.App{BotToken: botToken, AppToken: appToken}); err != nil {
		t.Fatal(err)
	}
	return sl, newApp(t, func(o *slackapp.Options) {
		o.APIURL = sl.APIURL()
		o.Now = func() time.Time { return time.Now().Add(time.Hour) }
	})
}

// What the app is, what it may and what the time is, is asked anew each time.
func TestInstalled(t *testing.T) {
	t.Parallel()
	sl, app := newEmulator(t)
	sl.SetScopes("chat:write", "commands")
	got, err := app.Installed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"chat:write", "commands"}, got.Scopes); diff != "" {
		t.Error(diff)
	}
	if got.TeamID != sl.Team().ID || got.BotName != "penstock" || (got.Ahead-time.Hour).Abs() > 10*time.Second {
		t.Errorf("%+v", got)
	}
	sl.SetScopes("chat:write")
	if got, err = app.Installed(t.Context()); err != nil || len(got.Scopes) != 1 {
		t.Errorf("%q, %v", got.Scopes, err)
	}
	if err := sl.RevokeToken(botToken, true); err != nil {
		t.Fatal(err)
	}
	if _, err = app.Installed(t.Context()); !errors.Is(err, slackapp.ErrAccess) {
		t.Errorf("a revoked token: %v", err)
	}
}

func TestInstalledOfOddAnswers(t *testing.T) {
	t.Parallel()
	const good = `{"ok":true,"team_id":"T0TEAM","user_id":"U0BOT"}`
	ask := func(body string, header ...string) (slackapp.Installed, error) {
		s := newStub()
		s.answer("/api/auth.test", 200, body, header...)
		return s.app(t).Installed(t.Context())
	}
	_, err := ask(good)
	callstest.WantKind(t, err, pipeline.Unavailable, "no date")
	_, err = ask(`{"ok":true,"team_id":"x"}`, "Date", "Sat, 21 Nov 2026 12:00:00 GMT")
	callstest.WantKind(t, err, pipeline.Unavailable, "makes no sense")
	if got, err := ask(good, "Date", "Sat, 21 Nov 2026 12:00:00 GMT"); err != nil || got.Scopes != nil {
		t.Errorf("without scopes: %q, %v", got.Scopes, err)
	}
}

// Whether sockets can be opened is found out without opening one.
func TestCanListen(t *testing.T) {
	t.Parallel()
	sl, app := newEmulator(t)
	if err := app.CanListen(t.Context()); err != nil || sl.Connections() != 0 {
		t.Errorf("%v, with %d sockets", err, sl.Connections())
	}
	if err := sl.RevokeToken(appToken, true); err != nil {
		t.Fatal(err)
	}
	if err := app.CanListen(t.Context()); !errors.Is(err, slackapp.ErrAccess) {
		t.Errorf("a revoked token: %v", err)
	}
	err := newApp(t, func(o *slackapp.Options) { o.AppToken = "" }).CanListen(t.Context())
	callstest.WantKind(t, err, pipeline.Invalid, "app-level token is missing")
}

// The scopes that we ask for are enough for each call, and none of them is too many.
func TestNeeds(t *testing.T) {
	t.Parallel()
	var all []string
	for _, need := range slackapp.Needs(true) {
		all = append(all, need.Scope)
	}
	sl, app := newEmulator(t)
	public, err := sl.AddChannel(emulator.Channel{Name: "releases", WithoutBot: true})
	if err != nil {
		t.Fatal(err)
	}
	private, err := sl.AddChannel(emulator.Channel{Name: "ops", Private: true})
	if err != nil {
		t.Fatal(err)
	}
	octocat, err := sl.AddUser(emulator.User{Name: "octocat", Email: "octocat@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	try := func(scopes []string) error {
		sl.SetScopes(scopes...)
		app = newApp(t, func(o *slackapp.Options) { o.APIURL = sl.APIURL() }) // which remembers nothing
		_, posted := app.Post(t.Context(), slackapp.Message{Channel: public.ID, Text: "x"})
		_, ofPublic := app.Channel(t.Context(), public.ID)
		_, ofPrivate := app.Channel(t.Context(), private.ID)
		_, direct := app.Direct(t.Context(), octocat.ID)
		user, asked := app.User(t.Context(), octocat.ID)
		if asked == nil && user.Email == "" {
			asked = errors.New("no address")
		}
		return errors.Join(posted, ofPublic, ofPrivate, direct, asked)
	}
	if err := try(all); err != nil {
		t.Errorf("with all: %v", err)
	}
	for i, scope := range all {
		if scope == "commands" { // takes no call
			continue
		}
		if err := try(slices.Delete(slices.Clone(all), i, i+1)); err == nil {
			t.Errorf("%s is of no use", scope)
		}
	}
}
