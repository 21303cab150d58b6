package slackapp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/calls/callstest"
	"github.com/penstock-cd/penstock/bot/slackapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// click is a click like no other.
func click(n int) string {
	return strings.ReplaceAll(clickPayload, "111.222.abc", fmt.Sprintf("%d.222.abc", n))
}

const commandPayload = `{"token":"oldtoken","team_id":"T0TEAM","channel_id":"C0SHOP","user_id":"U0CAT","user_name":"octocat","command":"/penstock",
"text":"status","api_app_id":"A0APP","is_enterprise_install":"false","response_url":"https://hooks.slack.com/commands/T0TEAM/1/x","trigger_id":"444.222.abc"}`

func TestListenTakesEachEventOnceFromTwoSockets(t *testing.T) {
	t.Parallel()
	shelf := &shelf{}
	listening(t, shelf.accept, func(t *testing.T, s *socketSlack, a *slackapp.App, _ func()) {
		links := s.opened()
		if len(links) != 2 || a.Connected() != 2 {
			t.Fatalf("%d sockets, %d connected", len(links), a.Connected())
		}
		var want [2][]string
		for n := range 20 {
			id := fmt.Sprint("e", n)
			links[n%2].event("interactive", id, click(n))
			want[n%2] = append(want[n%2], id)
		}
		links[0].event("slash_commands", "c", commandPayload)
		links[1].event("interactive", "s", submissionPayload)
		synctest.Wait()
		want[0], want[1] = append(want[0], "c"), append(want[1], "s")
		for i := range links {
			got := links[i].acked()
			slices.Sort(got)
			slices.Sort(want[i])
			if diff := cmp.Diff(want[i], got); diff != "" {
				t.Errorf("socket %d: %s", i, diff)
			}
		}
		if stored, times := shelf.count(); stored != 22 || times != 22 {
			t.Errorf("%d stored, %d times", stored, times)
		}
	})
}

// Whichever way a click comes, it is the same.
func TestTheSameIDByEitherWay(t *testing.T) {
	t.Parallel()
	shelf := &shelf{}
	web := newApp(t)
	serve(web, shelf.accept, signed(signingSecret, time.Now(), formType, interaction(clickPayload)))
	serve(web, shelf.accept, signed(signingSecret, time.Now(), formType, interaction(submissionPayload)))
	serve(web, shelf.accept, signed(signingSecret, time.Now(), formType, commandForm().Encode()))
	listening(t, shelf.accept, func(t *testing.T, s *socketSlack, _ *slackapp.App, _ func()) {
		l := s.opened()[0]
		l.event("interactive", "1", clickPayload)
		l.event("interactive", "2", submissionPayload)
		l.event("slash_commands", "3", commandPayload)
		synctest.Wait()
	})
	if stored, times := shelf.count(); stored != 3 || times != 6 {
		t.Errorf("%d stored of %d", stored, times)
	}
}

// A socket is cut after the delivery and before the acknowledgement: the click is
// stored all the same, and when Slack sends it again it is the same.
func TestListenLosesNothingWhenASocketIsCut(t *testing.T) {
	t.Parallel()
	shelf := &shelf{}
	var began, goOn chan struct{} // of the test's own time
	accept := func(ctx context.Context, r slackapp.Received) error {
		began <- struct{}{}
		select {
		case <-goOn:
			return shelf.accept(ctx, r)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	listening(t, accept, func(t *testing.T, s *socketSlack, a *slackapp.App, _ func()) {
		links := s.opened()
		began, goOn = make(chan struct{}, 2), make(chan struct{})
		links[0].event("interactive", "e", clickPayload)
		<-began
		_ = links[0].conn.NetConn().Close()
		synctest.Wait()
		if a.Connected() != 1 {
			t.Errorf("%d connected after the cut", a.Connected())
		}
		links[1].event("interactive", "e", clickPayload)
		<-began
		close(goOn)
		synctest.Wait()
		if stored, times := shelf.count(); stored != 1 || times != 2 {
			t.Errorf("%d stored, %d times", stored, times)
		}
		if len(links[0].acked()) != 0 || fmt.Sprint(links[1].acked()) != "[e]" {
			t.Errorf("acknowledged %v and %v", links[0].acked(), links[1].acked())
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(s.opened()) != 3 || a.Connected() != 2 {
			t.Errorf("%d sockets were opened, %d are connected", len(s.opened()), a.Connected())
		}
	})
}

func TestListenDoesNotAcknowledgeWhatIsNotStored(t *testing.T) {
	t.Parallel()
	failing := func(ctx context.Context, r slackapp.Received) error {
		switch {
		case strings.Contains(string(r.Body), `"1.222.abc"`):
			return errors.New("disk full")
		case strings.Contains(string(r.Body), `"2.222.abc"`):
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}
	listening(t, failing, func(t *testing.T, s *socketSlack, _ *slackapp.App, _ func()) {
		l := s.opened()[0]
		l.event("interactive", "failed", click(1))
		l.event("interactive", "too slow", click(2))
		l.event("interactive", "stored", click(3))
		l.event("interactive", "strange", `{"type":"block_actions"}`)
		l.event("interactive", "no payload", `null`)
		l.say("no JSON")
		l.say(`[]`)
		_ = l.conn.WriteMessage(2, []byte{0})
		l.event("interactive", "of no use", `{"type":"view_closed"}`)
		l.event("events_api", "of no use too", `{"type":"event_callback"}`)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		got := l.acked()
		slices.Sort(got)
		if diff := cmp.Diff([]string{"of no use", "of no use too", "stored"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// One that hangs does not keep others waiting.
func TestListenGoesOnWhileOneHangs(t *testing.T) {
	t.Parallel()
	accept := func(ctx context.Context, r slackapp.Received) error {
		if strings.Contains(string(r.Body), `"1.222.abc"`) {
			<-ctx.Done()
		}
		return ctx.Err()
	}
	listening(t, accept, func(t *testing.T, s *socketSlack, _ *slackapp.App, _ func()) {
		l := s.opened()[0]
		l.event("interactive", "hangs", click(1))
		l.event("interactive", "goes", click(2))
		synctest.Wait() // no time passes
		if got := fmt.Sprint(l.acked()); got != "[goes]" {
			t.Errorf("acknowledged %s", got)
		}
	})
}

// Storing is stuck, with more than are stored at once: nothing is acknowledged too
// late, and when storing works again, so does the same socket.
func TestListenSurvivesAStuckStore(t *testing.T) {
	t.Parallel()
	shelf := &shelf{}
	var stuck atomic.Bool
	stuck.Store(true)
	accept := func(ctx context.Context, r slackapp.Received) error {
		if stuck.Load() {
			<-ctx.Done()
			return ctx.Err()
		}
		return shelf.accept(ctx, r)
	}
	listening(t, accept, func(t *testing.T, s *socketSlack, a *slackapp.App, _ func()) {
		l := s.opened()[0]
		for n := range 100 {
			go l.event("interactive", fmt.Sprint("stuck", n), click(n))
		}
		time.Sleep(20 * time.Second)
		stuck.Store(false)
		l.event("interactive", "goes", click(1000))
		synctest.Wait()
		if got := fmt.Sprint(l.acked()); got != "[goes]" || len(s.opened()) != 2 || a.Connected() != 2 {
			t.Errorf("acknowledged %s; %d sockets were opened", got, len(s.opened()))
		}
	})
}

// A payload that is too large is not taken, and costs no socket.
func TestListenDoesNotTakeWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	shelf := &shelf{}
	listening(t, shelf.accept, func(t *testing.T, s *socketSlack, _ *slackapp.App, _ func()) {
		l := s.opened()[0]
		l.event("interactive", "large", strings.Replace(clickPayload, "run:gate", strings.Repeat("x", slackapp.MaxBody), 1))
		l.event("interactive", "small", clickPayload)
		synctest.Wait()
		if stored, times := shelf.count(); stored != 1 || times != 1 || fmt.Sprint(l.acked()) != "[small]" {
			t.Errorf("%d stored of %d, acknowledged %v", stored, times, l.acked())
		}
	})
}

// Slack announces that it will close a socket: the next one is there before, and
// what still comes over the old one counts.
func TestListenOpensTheNextSocketBeforeTheOldOneEnds(t *testing.T) {
	t.Parallel()
	shelf := &shelf{}
	listening(t, shelf.accept, func(t *testing.T, s *socketSlack, a *slackapp.App, _ func()) {
		time.Sleep(time.Hour)
		old := s.opened()[0]
		old.say(`{"type":"disconnect","reason":"warning"}`)
		synctest.Wait()
		if len(s.opened()) != 3 || a.Connected() != 3 {
			t.Fatalf("%d sockets were opened, %d are connected", len(s.opened()), a.Connected())
		}
		old.event("interactive", "late", clickPayload)
		synctest.Wait()
		if stored, _ := shelf.count(); stored != 1 || fmt.Sprint(old.acked()) != "[late]" {
			t.Errorf("%d stored, acknowledged %v", stored, old.acked())
		}
		time.Sleep(20 * time.Second) // Slack does not close it: we do
		synctest.Wait()
		if !old.over() || a.Connected() != 2 {
			t.Errorf("the old socket is over: %t; %d are connected", old.over(), a.Connected())
		}
	})
}

// A socket on which nothing is heard any more, not even the answer to a ping, is
// replaced; one that is merely quiet is not.
func TestListenNoticesADeadSocket(t *testing.T) {
	t.Parallel()
	listening(t, (&shelf{}).accept, func(t *testing.T, s *socketSlack, a *slackapp.App, _ func()) {
		time.Sleep(24 * time.Hour)
		if n := len(s.opened()); n != 2 {
			t.Fatalf("%d sockets were opened in a quiet day", n)
		}
		s.opened()[0].deaf.Store(true)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if n := len(s.opened()); n != 3 || a.Connected() != 2 {
			t.Errorf("%d sockets were opened, %d are connected", n, a.Connected())
		}
	})
}

// Slack's end can be gone without a word, so that writing hangs as well.
func TestListenReplacesSocketsThatAreNotGreeted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSocketSlack(t)
		s.hello = false
		a := newApp(t, s.options)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if err := a.Listen(ctx, (&shelf{}).accept); err != nil {
			t.Error(err)
		}
		if n := len(s.opened()); n < 10 || n > 60 || a.Connected() != 0 {
			t.Errorf("%d sockets were opened in ten minutes, %d are connected", n, a.Connected())
		}
	})
}

// Slack is away, for whatever reason: it is asked again for ever, less and less
// often, and not before it says.
func TestListenComesBack(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(w http.ResponseWriter){
		"invalid_auth": func(w http.ResponseWriter) { callstest.Reply(w, 200, `{"ok":false,"error":"invalid_auth"}`) },
		"503":          func(w http.ResponseWriter) { callstest.Reply(w, 503, `<html>`) },
		"404":          func(w http.ResponseWriter) { callstest.Reply(w, 404, ``) },
		"429":          func(w http.ResponseWriter) { callstest.Reply(w, 429, ``, "Retry-After", "30") },
		"no address":   func(w http.ResponseWriter) { callstest.Reply(w, 200, `{"ok":true}`) },
		"in the clear": func(w http.ResponseWriter) {
			callstest.Reply(w, 200, `{"ok":true,"url":"ws://example.com/link?ticket=1"}`)
		},
		"nobody there": func(w http.ResponseWriter) {
			callstest.Reply(w, 200, `{"ok":true,"url":"ws://127.0.0.1/nowhere?ticket=1"}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shelf := &shelf{}
			listening(t, shelf.accept, func(t *testing.T, s *socketSlack, a *slackapp.App, _ func()) {
				asked := 0
				s.set(func() {
					s.refuse = func(w http.ResponseWriter) bool { asked++; refuse(w); return true }
				})
				for _, l := range s.opened() {
					_ = l.conn.NetConn().Close()
				}
				time.Sleep(time.Hour)
				s.set(func() { s.refuse = nil })
				if asked < 80 || asked > 400 || a.Connected() != 0 {
					t.Errorf("asked %d times in an hour, %d connected", asked, a.Connected())
				}
				time.Sleep(90 * time.Second)
				synctest.Wait()
				if a.Connected() != 2 {
					t.Fatalf("%d connected", a.Connected())
				}
				l := s.opened()[len(s.opened())-1]
				l.event("interactive", "e", clickPayload)
				synctest.Wait()
				if fmt.Sprint(l.acked()) != "[e]" {
					t.Errorf("acknowledged %v", l.acked())
				}
			})
		})
	}
}

// What had arrived when the server is told to stop is stored and acknowledged, and
// then nothing of ours is left running (the end of the fake time checks that).
func TestListenEndsCleanly(t *testing.T) {
	t.Parallel()
	shelf := &shelf{}
	var began chan struct{}
	accept := func(ctx context.Context, r slackapp.Received) error {
		close(began)
		time.Sleep(time.Second)
		return shelf.accept(ctx, r)
	}
	listening(t, accept, func(t *testing.T, s *socketSlack, a *slackapp.App, stop func()) {
		links := s.opened()
		began = make(chan struct{})
		links[0].event("interactive", "e", clickPayload)
		<-began
		begin := time.Now()
		stop()
		synctest.Wait()
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("ended after %s", took)
		}
		if stored, _ := shelf.count(); stored != 1 || fmt.Sprint(links[0].acked()) != "[e]" {
			t.Errorf("%d stored, acknowledged %v", stored, links[0].acked())
		}
		if !links[0].over() || !links[1].over() || a.Connected() != 0 {
			t.Errorf("the sockets are over: %t %t, %d connected", links[0].over(), links[1].over(), a.Connected())
		}
	})
}

func TestListenChecksSubmissions(t *testing.T) {
	t.Parallel()
	shelf := &shelf{}
	listening(t, shelf.accept, func(t *testing.T, s *socketSlack, _ *slackapp.App, _ func()) {
		l := s.opened()[0]
		l.event("interactive", "blank", strings.ReplaceAll(submissionPayload, "too early", ` \t `))
		synctest.Wait()
		want := `[{"envelope_id":"blank","payload":{"errors":{"reason":"Say why, in a few words."},"response_action":"errors"}}]`
		if got := toJSON(t, l.acks); got != want {
			t.Errorf("answered %s", got)
		}
		l.event("interactive", "given", submissionPayload)
		synctest.Wait()
		if got := toJSON(t, l.acks[1:]); got != `[{"envelope_id":"given"}]` {
			t.Errorf("answered %s", got)
		}
		if stored, times := shelf.count(); stored != 1 || times != 1 {
			t.Errorf("%d stored of %d", stored, times)
		}
	}, wantReason)
}

func TestListenNeedsAnAppToken(t *testing.T) {
	t.Parallel()
	a := newApp(t, func(o *slackapp.Options) { o.AppToken = "" })
	callstest.WantKind(t, a.Listen(t.Context(), (&shelf{}).accept), pipeline.Invalid, "connections:write")
}
