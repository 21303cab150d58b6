package emulator

import (
	"cmp"
	"errors"
	"slices"
)

// App is the one app of the workspace. What is empty gets a default.
type App struct {
	ID   string // A...
	Name string
	// BotUser is the bot's name.
	BotUser string

	BotToken, AppToken, SigningSecret string
	// Scopes are the bot token's; nil is all that Penstock asks for.
	Scopes []string
	// RequestURL is where clicks and slash commands are posted. Empty is Socket Mode.
	RequestURL string
	// Commands are its slash commands; nil is /penstock.
	Commands []string
}

type app struct {
	App
	botID  string
	userID string // of the bot
}

// token is what a caller shows.
type token struct {
	scopes  []string
	level   string // "bot" or "app"
	revoked bool
}

func defaultScopes() []string {
	return []string{"chat:write", "chat:write.public", "users:read", "users:read.email", "channels:read", "groups:read", "im:write", "commands"}
}

// AddApp installs the app. There can be one.
func (s *Slack) AddApp(a App) (App, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.app.ID != "" {
		return App{}, errors.New("slack emulator: the workspace has its app already")
	}
	a.ID = cmp.Or(a.ID, s.nextID("A"))
	a.Name = cmp.Or(a.Name, "Penstock")
	a.BotUser = cmp.Or(a.BotUser, "penstock")
	a.BotToken = cmp.Or(a.BotToken, "xoxb-1001-1002-emulated")
	a.AppToken = cmp.Or(a.AppToken, "xapp-1-"+a.ID+"-1003-emulated")
	a.SigningSecret = cmp.Or(a.SigningSecret, "8f742231b10e8888abcd99yyyzzz85a5")
	if a.Scopes == nil {
		a.Scopes = defaultScopes()
	}
	if a.Commands == nil {
		a.Commands = []string{"/penstock"}
	}
	if s.findUser(a.BotUser) != nil {
		return App{}, errors.New("slack emulator: the bot's name is taken")
	}
	s.app = app{App: a, botID: s.nextID("B"), userID: s.nextID("U")}
	s.users = append(s.users, &user{User{ID: s.app.userID, Name: a.BotUser, RealName: a.Name, Team: s.team.ID, TZ: "Etc/UTC", Bot: true}})
	s.tokens[a.BotToken] = &token{scopes: slices.Clone(a.Scopes), level: "bot"}
	s.tokens[a.AppToken] = &token{scopes: []string{"connections:write"}, level: "app"}
	s.touch()
	return a, nil
}

// App is the installed app.
func (s *Slack) App() App {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.app.App
}

// SetRequestURL says where clicks and commands are posted from now on; "" is Socket
// Mode.
func (s *Slack) SetRequestURL(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.app.RequestURL = url
	s.touch()
}

// SetScopes changes what the bot token may do, as a reinstalled app does.
func (s *Slack) SetScopes(scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[s.app.BotToken].scopes = slices.Clone(scopes)
	s.touch()
}

// RevokeToken makes one of the app's tokens worthless, or good again.
func (s *Slack) RevokeToken(value string, revoked bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.tokens[value]
	if t == nil {
		return errors.New("slack emulator: there is no such token")
	}
	t.revoked = revoked
	s.touch()
	return nil
}
