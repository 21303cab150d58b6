package emulator

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"time"
)

// NewApp describes a GitHub App to register.
type NewApp struct {
	Slug, Name    string // Name is the slug when empty
	Owner         string // login
	WebhookURL    string // may be set later with SetWebhook
	WebhookSecret string
	Callbacks     []string    // where people may be sent back to; may be set later with SetCallbacks
	Permissions   Permissions // what Penstock asks for when nil
	Events        []string    // what Penstock subscribes to when nil
	// Key is used instead of a new RSA key when given; making one costs a tenth
	// of a second.
	Key *rsa.PrivateKey
}

// App is a registered GitHub App.
type App struct {
	ID   int64
	Slug string
	// PrivateKey is the key in PEM (PKCS#1), as GitHub hands it out.
	PrivateKey    []byte
	WebhookURL    string
	WebhookSecret string
	// ClientID and ClientSecret are for people who log in.
	ClientID, ClientSecret string
	// Bot is the account the app acts as: slug[bot].
	Bot User
}

type app struct {
	id                     int64
	slug, name             string
	owner                  *user
	bot                    *user
	keys                   []*rsa.PrivateKey // oldest first
	hookID                 int64
	hookURL                string
	hookSecret             string
	clientID, clientSecret string
	callbacks              []string
	permissions            Permissions
	events                 []string
	private                bool // for its owner's account only
	createdAt              time.Time
	updatedAt              time.Time
}

// AddApp registers an app with a fresh private key. It is installed nowhere yet.
func (g *GitHub) AddApp(n NewApp) (App, error) {
	key := n.Key
	if key == nil {
		var err error
		if key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			return App{}, fmt.Errorf("app %s: %w", n.Slug, err)
		}
	}
	if n.Name == "" {
		n.Name = n.Slug
	}
	if n.Permissions == nil {
		n.Permissions = defaultPermissions()
	}
	if n.Events == nil {
		n.Events = defaultEvents()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	a, err := g.registerApp(n, key)
	if err != nil {
		return App{}, err
	}
	return a.view(), nil
}

func (g *GitHub) registerApp(n NewApp, key *rsa.PrivateKey) (*app, error) {
	owner := g.userByLogin(n.Owner)
	if owner == nil {
		return nil, fmt.Errorf("app %s: no user %q", n.Slug, n.Owner)
	}
	bot, err := g.newUser(n.Slug+"[bot]", TypeBot)
	if err != nil {
		return nil, fmt.Errorf("app %s: %w", n.Slug, err)
	}
	permissions := maps.Clone(n.Permissions)
	permissions["metadata"] = "read"
	a := &app{
		id: g.nextID(), slug: n.Slug, name: n.Name, owner: owner, bot: bot, keys: []*rsa.PrivateKey{key},
		clientID: "Iv23li" + newToken("")[:14], clientSecret: newGUID() + newGUID(), callbacks: slices.Clone(n.Callbacks),
		hookID: g.nextID(), hookURL: n.WebhookURL, hookSecret: n.WebhookSecret,
		permissions: permissions, events: slices.Clone(n.Events), createdAt: g.now(), updatedAt: g.now(),
	}
	g.apps[a.id] = a
	g.touch()
	return a, nil
}

func (a *app) view() App {
	return App{
		ID: a.id, Slug: a.slug, WebhookURL: a.hookURL, WebhookSecret: a.hookSecret, ClientID: a.clientID, ClientSecret: a.clientSecret, Bot: a.bot.User,
		PrivateKey: keyPEM(a.keys[len(a.keys)-1]),
	}
}

func keyPEM(key *rsa.PrivateKey) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}

// AddKey gives an app one more private key, and returns it in PEM.
func (g *GitHub) AddKey(appID int64) ([]byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.apps[appID]
	if a == nil {
		return nil, fmt.Errorf("no app %d", appID)
	}
	a.keys, a.updatedAt = append(a.keys, key), g.now()
	g.touch()
	return keyPEM(key), nil
}

// RemoveOldKeys leaves an app its newest private key only.
func (g *GitHub) RemoveOldKeys(appID int64) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.apps[appID]
	if a == nil {
		return fmt.Errorf("no app %d", appID)
	}
	a.keys, a.updatedAt = a.keys[len(a.keys)-1:], g.now()
	g.touch()
	return nil
}

// App finds an app by its name in addresses.
func (g *GitHub) App(slug string) (App, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, a := range g.apps {
		if a.slug == slug {
			return a.view(), true
		}
	}
	return App{}, false

}

// SetWebhook changes where and how signed an app's webhooks go. No URL, no
// webhooks.
func (g *GitHub) SetWebhook(appID int64, url, secret string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.apps[appID]
	if a == nil {
		return fmt.Errorf("no app %d", appID)
	}
	a.hookURL, a.hookSecret, a.updatedAt = url, secret, g.now()
	g.touch()
	return nil
}

// ChangeApp changes what an app asks for and hears of. As at GitHub, installations
// keep what they were granted until AcceptPermissions.
func (g *GitHub) ChangeApp(appID int64, permissions Permissions, events ...string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.apps[appID]
	if a == nil {
		return fmt.Errorf("no app %d", appID)
	}
	a.permissions, a.events, a.updatedAt = maps.Clone(permissions), slices.Clone(events), g.now()
	g.touch()
	return nil
}

// AcceptPermissions grants an installation what its app asks for now.
func (g *GitHub) AcceptPermissions(installationID int64) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := g.installations[installationID]
	if i == nil {
		return fmt.Errorf("no installation %d", installationID)
	}
	i.granted, i.updatedAt = maps.Clone(i.app.permissions), g.now()
	g.touch()
	return nil
}

// Ping sends the ping event of an app's webhook.
func (g *GitHub) Ping(appID int64) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.apps[appID]
	if a == nil {
		return fmt.Errorf("no app %d", appID)
	}
	g.sendPing(a)
	g.touch()
	return nil
}

func (a *app) subscribes(event string) bool { return slices.Contains(a.events, event) }
