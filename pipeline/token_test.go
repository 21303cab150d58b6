package pipeline_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

func TestTokenText(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^pst_[A-Za-z0-9]{43}[0-9a-f]{8}$`)
	seen := map[string]bool{}
	for range 100 {
		text, hash := pipeline.NewTokenText()
		if !form.MatchString(text) || seen[text] {
			t.Fatalf("%q", text)
		}
		seen[text] = true
		if got, ok := pipeline.TokenHash(text); !ok || got != hash || strings.Contains(hash, text[4:20]) {
			t.Fatalf("hash of %q: %q, %v", text, got, ok)
		}
		i := 4 + len(seen)%43
		for _, bad := range []string{text[:len(text)-1], text + "x", "x" + text, text[4:], "", "pst_", strings.ToUpper(text), text[:i] + string(text[i]^1) + text[i+1:]} {
			if _, ok := pipeline.TokenHash(bad); ok {
				t.Errorf("%q is taken for a token", bad)
			}
		}
	}
}

func TestTokenRules(t *testing.T) {
	t.Parallel()
	now := time.Now()
	token := pipeline.Token{Scopes: []pipeline.Scope{pipeline.ScopeWrite}, Repositories: []int64{7}, ExpiresAt: now.Add(time.Second)}
	if !token.Valid(now) || token.Valid(now.Add(time.Second)) || !token.Allows(pipeline.ScopeRead) || !token.Allows(pipeline.ScopeWrite) ||
		token.Allows(pipeline.ScopeMetrics) || token.Allows("") || !token.Reaches(7) || token.Reaches(8) {
		t.Errorf("%+v", token)
	}
	token.RevokedAt = now.Add(time.Hour) // whatever the clock says
	if token.Valid(now) {
		t.Error("revoked and valid")
	}
	token = pipeline.Token{Scopes: []pipeline.Scope{pipeline.ScopeRead}}
	if token.Valid(now) || token.Allows(pipeline.ScopeWrite) || !token.Reaches(8) {
		t.Errorf("%+v", token)
	}
}
