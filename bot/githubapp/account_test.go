package githubapp_test

import (
	"testing"

	"github.com/penstock-cd/penstock/pipeline"
)

func TestAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	hubot := must(w.app.Account(t.Context(), w.repo, "HuBot"))(t)
	if hubot.Login != "hubot" || hubot.ID <= 0 || hubot.Bot {
		t.Errorf("got %+v", hubot)
	}
	ok(t, w.RenameUser("hubot", "other"))
	next := must(w.AddUser("hubot"))(t)
	if again := must(w.app.Account(t.Context(), w.repo, "hubot"))(t); again.ID != next.ID || again.ID == hubot.ID {
		t.Errorf("who took the login over: %+v", again)
	}
	for login, want := range map[string]pipeline.Kind{"nobody": pipeline.NotFound, "../octocat": pipeline.Invalid, "": pipeline.Invalid} {
		if _, err := w.app.Account(t.Context(), w.repo, login); pipeline.KindOf(err) != want {
			t.Errorf("%q: %v", login, err)
		}
	}
	if bot := must(w.app.Account(t.Context(), w.repo, w.bot.Login))(t); !bot.Bot {
		t.Errorf("the bot is a person: %+v", bot)
	}
}
