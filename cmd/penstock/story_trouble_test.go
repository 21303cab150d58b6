package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// deliveries hold | release | newest EVENT | double N | drop N
//
// is what happens to webhooks on their way. newest releases the one of an event
// that was held last, and goes on holding the others.
func (s *player) deliveries(args []string) error {
	n := 0
	if len(args) == 2 && args[0] != "newest" {
		var err error
		if n, err = strconv.Atoi(args[1]); err != nil {
			return err
		}
	}
	switch {
	case len(args) == 1 && args[0] == "hold":
		s.github.HoldDeliveries()
	case len(args) == 1 && args[0] == "release":
		s.github.ReleaseDeliveries()
	case len(args) == 2 && args[0] == "newest":
		all := s.github.Deliveries()
		for i := len(all) - 1; i >= 0; i-- {
			if all[i].State == emulator.DeliveryHeld && all[i].Event == args[1] {
				return s.github.ReleaseDelivery(all[i].ID)
			}
		}
		return fmt.Errorf("no %s is held", args[1])
	case len(args) == 2 && args[0] == "double":
		s.github.DuplicateDeliveries(n)
	case len(args) == 2 && args[0] == "drop":
		s.github.DropDeliveries(n)
	default:
		return errors.New("deliveries hold | release | newest EVENT | double N | drop N")
	}
	return nil
}

// redeliver EVENT [of LOGIN] [anew]
//
// delivers the newest delivery of an event, or of those that somebody has caused, once
// more; anew: under another id.
func (s *player) redeliver(args []string) error {
	args, by := clauses(args, "of")
	if len(args) == 0 || len(args) > 2 || len(args) == 2 && args[1] != "anew" {
		return errors.New("redeliver EVENT [of LOGIN] [anew]")
	}
	all := s.github.Deliveries()
	for i := len(all) - 1; i >= 0; i-- {
		var payload struct{ Sender struct{ Login string } }
		if err := json.Unmarshal(all[i].Payload, &payload); err != nil {
			return err
		}
		if all[i].Event != args[0] || by["of"] != "" && by["of"] != payload.Sender.Login {
			continue
		}
		again := s.github.Redeliver
		if len(args) == 2 {
			again = s.github.RedeliverWithNewGUID
		}
		_, err := again(all[i].ID)
		return err
	}
	return fmt.Errorf("no %s was delivered", args[0])
}

// trouble 500 | 403 | 429 | denied | hang | lost [at 'METHOD'] [path 'PATH'] [count N]
// trouble over
//
// is what GitHub's API answers from now on; 403 and 429 ask to come back in a
// second, denied lacks a permission. over ends all of it and lets go what hangs.
func (s *player) trouble(args []string) error {
	rest, by := clauses(args, "at", "path", "count")
	if len(rest) != 1 {
		return errors.New("trouble 500 | 502 | 403 | 429 | denied | hang | lost | over")
	}
	kinds := map[string]emulator.Trouble{
		"500": emulator.ServerError(http.StatusInternalServerError), "502": emulator.ServerError(http.StatusBadGateway),
		"403": emulator.SecondaryLimit(time.Second), "429": emulator.TooManyRequests(time.Second),
		"hang": emulator.Hang(), "lost": emulator.LoseReply(), "denied": emulator.NoPermission(),
	}
	if rest[0] == "over" {
		for _, t := range s.troubles {
			t.Remove()
		}
		s.troubles = nil
		return nil
	}
	kind, ok := kinds[rest[0]]
	if !ok {
		return fmt.Errorf("no trouble is called %s", rest[0])
	}
	match := emulator.Match{Method: by["at"], Path: by["path"]}
	if by["count"] != "" {
		var err error
		if match.Count, err = strconv.Atoi(by["count"]); err != nil {
			return err
		}
	}
	s.troubles = append(s.troubles, s.github.Inject(match, kind))
	return nil
}
