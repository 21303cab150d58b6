package main

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	slackemulator "github.com/penstock-cd/penstock/bot/slackapp/emulator"
)

// slack trouble down | up | revoked | restored | limits | 500 | 503 | 429 | hang | lost | double | WORD
// [at METHOD] [count N]; slack trouble over
//
// is what Slack answers from now on; 429 asks to come back in a second, WORD is one of
// Slack's own such as internal_error. over ends all but down and revoked.
func (s *player) slackTrouble(args []string) error {
	rest, by := clauses(args, "at", "count")
	if len(rest) != 1 {
		return errors.New("slack trouble down | up | revoked | restored | limits | 500 | 503 | 429 | hang | lost | double | WORD | over")
	}
	w := s.scene.slackWorld
	switch rest[0] {
	case "down", "up":
		w.Down(rest[0] == "down")
		return nil
	case "revoked", "restored":
		return errors.Join(w.RevokeToken(w.app.BotToken, rest[0] == "revoked"), w.RevokeToken(w.app.AppToken, rest[0] == "revoked"))
	case "limits":
		w.EnforceRateLimits(true)
		return nil
	case "over":
		for _, t := range w.troubles {
			t.Remove()
		}
		w.troubles = nil
		w.EnforceRateLimits(false)
		return nil
	}
	kind, known := map[string]slackemulator.Trouble{
		"500": slackemulator.ServerError(http.StatusInternalServerError), "503": slackemulator.ServerError(http.StatusServiceUnavailable),
		"429": slackemulator.RateLimited(time.Second), "hang": slackemulator.Hang(), "lost": slackemulator.LoseReply(), "double": slackemulator.Double(),
	}[rest[0]]
	if !known {
		kind = slackemulator.Refuse(rest[0])
	}
	match := slackemulator.Match{Method: by["at"]}
	if by["count"] != "" {
		var err error
		if match.Count, err = strconv.Atoi(by["count"]); err != nil {
			return err
		}
	}
	w.troubles = append(w.troubles, w.Inject(match, kind))
	return nil
}

// slack sockets warning | refresh_requested | link_disabled | cut | lose
//
// are asked to go for a reason, or cut; lose cuts the one that gets the next click when
// its answer is on the way.
func (s *player) slackSockets(args []string) error {
	if len(args) != 1 {
		return errors.New("slack sockets warning | refresh_requested | link_disabled | cut | lose")
	}
	switch args[0] {
	case "warning", "refresh_requested", "link_disabled":
		s.scene.slackWorld.Disconnect(args[0])
	case "cut":
		s.scene.slackWorld.CutSockets()
	case "lose":
		s.scene.slackWorld.CutAfterNext()
	default:
		return fmt.Errorf("nothing happens to sockets that is called %s", args[0])
	}
	return nil
}
