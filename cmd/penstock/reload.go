package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"reflect"
	"sync/atomic"
	"syscall"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/configs"
)

// liveSettings are those that may change while the server runs.
type liveSettings struct {
	config atomic.Pointer[configs.Config]
}

func newLiveSettings(config configs.Config) *liveSettings {
	l := &liveSettings{}
	l.config.Store(&config)
	return l
}

func (l *liveSettings) webhookSecrets() [][]byte {
	var secrets [][]byte
	for _, secret := range l.config.Load().GitHub.WebhookSecrets {
		secrets = append(secrets, []byte(secret.Reveal()))
	}
	return secrets
}

func (l *liveSettings) allows(owner, name string) bool { return l.config.Load().Allows(owner, name) }

// reload reads the configuration again at SIGHUP. A configuration with a mistake
// changes nothing.
type reload struct {
	read   func() (configs.Config, error)
	live   *liveSettings
	forge  *githubapp.App
	logger *slog.Logger
}

// Run waits for signals until ctx ends.
func (r reload) Run(ctx context.Context) error {
	signals := make(chan os.Signal, 1)
	if r.read != nil {
		signal.Notify(signals, syscall.SIGHUP)
		defer signal.Stop(signals)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-signals:
			r.once()
		}
	}
}

func (r reload) once() {
	config, err := r.read()
	if err == nil {
		err = r.forge.SetPrivateKey([]byte(config.GitHub.PrivateKey.Reveal()))
	}
	if err != nil {
		r.logger.Error("settings are not complete: nothing was changed", "error", err)
		return
	}
	before := r.live.config.Swap(&config)
	r.logger.Info("settings read again", "restart_needed", restartNeeded(*before, config))
}

// restartNeeded reports whether settings differ that do not count at once.
func restartNeeded(before, now configs.Config) bool {
	for _, c := range []*configs.Config{&before, &now} {
		c.GitHub.PrivateKey, c.GitHub.WebhookSecrets, c.Allow = configs.Secret{}, nil, nil
	}
	return !reflect.DeepEqual(before, now)
}
