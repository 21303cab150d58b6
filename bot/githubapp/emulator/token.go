package emulator

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"time"
)

// tokenLife is how long an installation token lasts.
const tokenLife = time.Hour

type installationToken struct {
	text         string
	installation *installation
	permissions  Permissions
	repositories []int64 // nil means all of the installation
	expiresAt    time.Time
}

func (t *installationToken) reaches(r *repository) bool {
	return t.installation.reaches(r) && (t.repositories == nil || slices.Contains(t.repositories, r.id))
}

func (t *installationToken) permits(name, level string) bool {
	return t.permissions.allows(name, level) && t.installation.app.permissions.allows(name, level)
}

// newToken makes a token of the classic form: prefix and 36 letters and digits.
func newToken(prefix string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	random := make([]byte, 36)
	_, _ = rand.Read(random) // never fails
	for i, b := range random {
		random[i] = alphabet[int(b)%len(alphabet)]
	}
	return prefix + string(random)
}

// newStatelessToken makes one of the form GitHub rolls out since 2026:
// ghs_<app id>_<JWT>, about 520 characters with two dots.
func newStatelessToken(appID int64) string {
	random := make([]byte, 372)
	_, _ = rand.Read(random)
	text := base64.RawURLEncoding.EncodeToString(random)
	return fmt.Sprintf("ghs_%d_%s.%s.%s", appID, text[:40], text[40:154], text[154:])
}

// UseStatelessTokens makes new installation tokens long ones, the form GitHub
// is rolling out, unless a request says otherwise with X-GitHub-Stateless-S2S-Token.
func (g *GitHub) UseStatelessTokens(on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.statelessTokens = on
}

// ExpireTokens ends the life of every installation token now. Clients get 401
// until they fetch a new one.
func (g *GitHub) ExpireTokens() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.tokens)
	g.touch()
}

func (g *GitHub) issueToken(i *installation, p Permissions, repositories []int64, stateless bool) *installationToken {
	text := newToken("ghs_")
	if stateless {
		text = newStatelessToken(i.app.id)
	}
	t := &installationToken{
		text: text, installation: i, permissions: p, repositories: repositories, expiresAt: g.now().Add(tokenLife),
	}
	g.tokens[text] = t
	return t
}

// Token issues an installation token without going through the API, for git and
// for tests. Permissions nil means all of the installation, no names means all
// repositories.
func (g *GitHub) Token(installationID int64, p Permissions, fullNames ...string) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := g.installations[installationID]
	if i == nil {
		return "", fmt.Errorf("no installation %d", installationID)
	}
	narrowed, refused := i.granted.narrow(p)
	if refused != "" {
		return "", fmt.Errorf("installation %d is not granted %s", installationID, refused)
	}
	list, err := g.ownRepositories(i.account, fullNames)
	if err != nil {
		return "", err
	}
	var ids []int64
	for _, r := range list {
		ids = append(ids, r.id)
	}
	return g.issueToken(i, narrowed, ids, g.statelessTokens).text, nil
}
