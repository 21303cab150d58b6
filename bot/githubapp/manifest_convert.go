package githubapp

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/google/go-github/v60/github"

	"github.com/penstock-cd/penstock/pipeline"
)

// NewApp is an app that was just made, with what GitHub shows only once. It must
// not be printed.
type NewApp struct {
	ID       int64
	Slug     string
	Page     string // its public page
	Owner    string // login of the organization or person it belongs to
	ClientID string

	PrivateKey, WebhookSecret, ClientSecret string
}

// String names the app and shows none of its secrets.
func (n NewApp) String() string { return n.Slug }

// GoString is String.
func (n NewApp) GoString() string { return n.Slug }

// Convert takes up the code with which GitHub has sent somebody back from making
// an app. It works once for each code, and within an hour. Kinds: Invalid for what
// is no code, NotFound for a code that is used up, too old or not GitHub's,
// Unavailable if GitHub cannot be asked.
func (s Site) Convert(ctx context.Context, code string) (NewApp, error) {
	if !codePattern.MatchString(code) {
		return NewApp{}, pipeline.Errorf(pipeline.Invalid, "that is no code of GitHub's")
	}
	client := github.NewClient(&http.Client{
		Transport: NewTransport(), Timeout: Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the answer is secret
	})
	client.BaseURL, client.UserAgent = s.api, "penstock"
	made, _, err := client.Apps.CompleteAppManifest(ctx, code)
	switch status := statusOf(err); {
	case err == nil:
	case status == http.StatusNotFound, status == http.StatusUnprocessableEntity:
		return NewApp{}, pipeline.Errorf(pipeline.NotFound, "GitHub does not know this code (any more): it is good once, and for an hour")
	case status != 0:
		return NewApp{}, pipeline.Errorf(pipeline.Unavailable, "new app: GitHub answered %d: %s", status, textOf(err))
	default: // the error of the client holds the address, and with it the code
		return NewApp{}, pipeline.Errorf(pipeline.Unavailable, "new app: %s could not be asked: %v", s.api.Host, withoutAddress(err))
	}
	n := NewApp{
		ID: made.GetID(), Slug: made.GetSlug(), Page: made.GetHTMLURL(), Owner: made.GetOwner().GetLogin(), ClientID: made.GetClientID(),
		PrivateKey: made.GetPEM(), WebhookSecret: made.GetWebhookSecret(), ClientSecret: made.GetClientSecret(),
	}
	if n.ID <= 0 || n.Slug == "" || n.PrivateKey == "" {
		return NewApp{}, pipeline.Errorf(pipeline.Unavailable, "new app: GitHub's answer has no key: delete the app on its settings page and begin again")
	}
	return n, nil
}

// withoutAddress is an error of a client without the address that was asked.
func withoutAddress(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
