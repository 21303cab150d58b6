package githubapp

import (
	"cmp"
	"context"
	"log/slog"
	"net/url"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// Source is how to fetch a commit with git. It has the fields of compute.Source
// that a forge can fill in.
type Source struct {
	URL   string // https://github.com/owner/repo.git, without credentials
	Token string `json:"-"` // basic auth of x-access-token; never on disk, in argv or in a log
}

// String leaves the token out, so that a Source printed by accident gives
// nothing away.
func (s Source) String() string { return s.URL }

// GoString is String.
func (s Source) GoString() string { return s.URL }

// LogValue is String.
func (s Source) LogValue() slog.Value { return slog.StringValue(s.URL) }

// Source returns how to fetch a commit of the repository now: with a token that
// reads the code of this one repository and does nothing else, and that lives
// for at least ten minutes more.
func (a *App) Source(ctx context.Context, r pipeline.Repository, revision pipeline.Revision) (Source, error) {
	if err := checkRepository(r); err != nil {
		return Source{}, err
	}
	if err := checkSHA(revision.SHA); err != nil {
		return Source{}, err
	}
	if _, err := a.cloneURL(r); err != nil {
		return Source{}, err
	}
	i := a.installation(a.reachedBy(r))
	have, err := i.tokens.get(ctx, tokenKey{repository: r.ID, scope: scopeSource})
	if err != nil {
		return Source{}, a.explain(r.FullName()+": source", "contents: read", err)
	}
	r.CloneURL = cmp.Or(have.clone, r.CloneURL) // it may have another name by now
	clone, err := a.cloneURL(r)
	if err != nil {
		return Source{}, err
	}
	return Source{URL: clone, Token: have.value}, nil
}

// cloneURL takes the repository's own clone URL if it is on our GitHub: the token
// must not go to anybody else.
func (a *App) cloneURL(r pipeline.Repository) (string, error) {
	if r.CloneURL == "" {
		return (&url.URL{Scheme: a.api.Scheme, Host: a.host, Path: "/" + r.FullName() + ".git"}).String(), nil
	}
	u, err := url.Parse(r.CloneURL)
	if err != nil || u.Scheme != a.api.Scheme || !strings.EqualFold(u.Host, a.host) ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", pipeline.Errorf(pipeline.Invalid, "%s: its clone URL is not on %s", r.FullName(), a.host)
	}
	return u.String(), nil
}
