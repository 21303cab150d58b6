package slackapp

import (
	"context"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/pipeline"
)

// drainTime is how long a socket is still read after Slack has announced its end.
const drainTime = 15 * time.Second

// Listen takes what people do in Slack over sockets, without anything of ours being
// open to the outside. It keeps as many as Options say until ctx ends, opening new
// ones for ever when Slack is not there; then it returns nil, after what had arrived
// was stored. It returns an error at once if there is no app-level token.
func (a *App) Listen(ctx context.Context, accept Accept) error {
	if err := a.needsAppToken(); err != nil {
		return err
	}
	var sockets sync.WaitGroup
	for n := range a.options.Connections {
		sockets.Go(func() { a.keep(ctx, n, accept, &sockets) })
	}
	sockets.Wait()
	return nil
}

// keep has one socket open, and the next one as soon as that one ends or is about
// to end.
func (a *App) keep(ctx context.Context, n int, accept Accept, sockets *sync.WaitGroup) {
	failures := 0
	for ctx.Err() == nil {
		opened := time.Now()
		a.links.Add(1)
		s, err := a.openSocket(ctx)
		if err != nil {
			a.links.Add(-1)
		} else {
			sockets.Go(func() {
				defer a.links.Add(-1)
				s.serve(ctx, accept)
			})
			select {
			case <-s.leaving:
			case <-ctx.Done():
				return
			}
			if s.greeted.Load() && time.Since(opened) > steady {
				failures = 0
				continue
			}
		}
		failures++
		pause := backoff(failures)
		if after, ok := calls.RetryAfter(err); ok {
			pause = max(pause, after)
		}
		if ctx.Err() == nil && err != nil {
			a.log.Warn("no socket to Slack", "socket", n, "again_in", pause.String(), "error", err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// greeted compares how many sockets of the app Slack has with how many are ours, and
// says once if there are others: each event goes to one socket, whosever it is.
func (a *App) greeted(connections int) {
	ours := a.links.Load()
	if int64(connections) <= ours {
		a.shared.Store(false)
		return
	}
	if !a.shared.Swap(true) {
		a.log.Warn("Slack has more sockets of this app than this server has opened: if another server uses the same app, it gets some of the clicks and commands, "+
			"and nobody votes with those; give each server an app of its own", "sockets", connections, "of_this_server", ours)
	}
}

func (a *App) needsAppToken() error {
	if a.options.AppToken == "" {
		return pipeline.Errorf(pipeline.Invalid,
			"Slack's app-level token is missing: make one under Basic Information with the scope connections:write; it starts with xapp-")
	}
	return nil
}
