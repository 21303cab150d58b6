package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	// attemptLife is how long somebody may take to log in.
	attemptLife = 10 * time.Minute
	// maxSpent is how many logins may end within that time: strangers can begin as
	// many as they like, and GitHub lets us ask 2,000 times an hour.
	maxSpent = 300
)

// attempt is a login under way. The browser carries it, signed, in a cookie: the
// state that GitHub sends back must be that of the same browser.
type attempt struct {
	State    string `json:"s"`
	Verifier string `json:"v"` // of PKCE
	To       string `json:"t"` // the page that was asked for
	Until    int64  `json:"u"` // Unix seconds
}

func newAttempt(to string, now time.Time) attempt {
	return attempt{State: pipeline.NewSecretText(), Verifier: pipeline.NewSecretText(), To: to, Until: now.Add(attemptLife).Unix()}
}

// cookie is the name of the attempt's cookie: several tabs can log in at once.
func (a attempt) cookie(k cookies) string { return k.login + a.State[:8] }

// seal is the attempt as the browser carries it.
func (a attempt) seal(key []byte) (string, error) {
	content, err := json.Marshal(a)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(content)
	return text + "." + sign(key, text), nil
}

// openAttempt returns what was sealed, if it was sealed here and is not too old.
func openAttempt(key []byte, sealed string, now time.Time) (a attempt, ok bool) {
	text, signature, _ := strings.Cut(sealed, ".")
	if !hmac.Equal([]byte(signature), []byte(sign(key, text))) {
		return attempt{}, false
	}
	content, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(content, &a) != nil || now.Unix() >= a.Until {
		return attempt{}, false
	}
	return a, true
}

func sign(key []byte, text string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("login " + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// spent remembers the logins that have ended until they would be too old anyway:
// each state is good once.
type spent struct {
	mu    sync.Mutex
	until map[string]int64
}

// spend marks a state. fresh is false if it was spent before, room is false if too
// many were.
func (s *spent) spend(a attempt, now time.Time) (fresh, room bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for state, until := range s.until {
		if now.Unix() >= until {
			delete(s.until, state)
		}
	}
	if _, known := s.until[a.State]; known {
		return false, true
	}
	if len(s.until) >= maxSpent {
		return true, false
	}
	s.until[a.State] = a.Until
	return true, true
}
