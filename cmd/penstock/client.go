package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/bot/calls"
	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// defaultServer is where the server is unless PENSTOCK_SERVER says otherwise.
const defaultServer = "http://127.0.0.1:8080"

// client calls the JSON API of a server.
type client struct {
	server *url.URL
	token  string
	http   *http.Client
	key    string // Idempotency-Key of the one write that a verb makes
}

// newClient takes the server and the token from the environment. A token is only
// sent encrypted, or to this machine.
func newClient(getenv func(string) string) (*client, error) {
	usage := func(format string, args ...any) (*client, error) {
		return nil, &exitError{exitUsage, fmt.Errorf(format, args...)}
	}
	text := getenv("PENSTOCK_SERVER")
	if text == "" {
		text = defaultServer
	}
	server, err := url.Parse(strings.TrimSuffix(text, "/"))
	if err != nil || server.Host == "" || server.Scheme != "https" && server.Scheme != "http" || server.User != nil || server.RawQuery != "" || server.Fragment != "" {
		return usage("PENSTOCK_SERVER %q is not the address of a server: write https://HOST", text)
	}
	token, file := strings.TrimSpace(getenv("PENSTOCK_TOKEN")), getenv("PENSTOCK_TOKEN_FILE")
	switch {
	case token != "" && file != "":
		return usage("both PENSTOCK_TOKEN and PENSTOCK_TOKEN_FILE are set: unset one")
	case file != "":
		content, err := os.ReadFile(file)
		if err != nil {
			return usage("PENSTOCK_TOKEN_FILE: %w", err)
		}
		token = strings.TrimSpace(string(content))
	}
	if _, ok := pipeline.TokenHash(token); token != "" && !ok {
		return usage("the API token is mistyped or cut short: it begins with pst_ and has 55 characters")
	}
	if token != "" && server.Scheme == "http" && !calls.IsLoopback(server.Hostname()) {
		return usage("the API token would be readable on its way to %s: use https", server)
	}
	return &client{
		server: server, token: token, key: pipeline.NewSecretText()[:32],
		http: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

// escaped fills the {} of a path with parts that may be anything.
func escaped(path string, parts ...string) string {
	for _, p := range parts {
		path = strings.Replace(path, "{}", url.PathEscape(p), 1)
	}
	return path
}

// request makes a call. body nil sends nothing.
func (c *client) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.server.String()+api.Prefix+path, content)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "penstock-cli/"+version)
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", c.key)
	}
	return r, nil
}

// send makes a call and returns its answer, which is a success; the caller closes
// its body.
func (c *client) send(r *http.Request) (*http.Response, error) {
	answer, err := c.http.Do(r)
	switch {
	case r.Context().Err() != nil:
		return nil, &exitError{exitInterrupted, nil}
	case err != nil:
		return nil, &outOfReach{fmt.Errorf("no Penstock server answers at %s (PENSTOCK_SERVER says where it is): %w", c.server, errors.Unwrap(err))}
	case answer.StatusCode < 300 || answer.StatusCode == http.StatusNotModified:
		return answer, nil
	}
	defer answer.Body.Close()
	return nil, c.failure(answer)
}

// maxProblem is how much of an answer that is an error is read, in bytes.
const maxProblem = 64 << 10

// outOfReach means that a server cannot be asked now; perhaps later.
type outOfReach struct{ error }

// Unwrap returns the cause.
func (u *outOfReach) Unwrap() error { return u.error }

// failure turns an answer that is none into an error with its exit code.
func (c *client) failure(answer *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(answer.Body, maxProblem)) // half of it is better than nothing
	problem := &api.Problem{}
	if !strings.HasPrefix(answer.Header.Get("Content-Type"), api.ProblemType) || json.Unmarshal(body, problem) != nil {
		err := fmt.Errorf("%s answered %s, which is no answer of a Penstock server", c.server, answer.Status)
		if answer.StatusCode >= 502 && answer.StatusCode <= 504 {
			return &outOfReach{err}
		}
		return err
	}
	problem.Detail = onScreen(problem.Detail)
	switch answer.StatusCode {
	case http.StatusUnauthorized:
		if c.token == "" {
			return errors.New("PENSTOCK_TOKEN is not set: who administers the server makes you a token with `penstock token create` (docs/login.md)")
		}
		return errors.New("the server does not accept this API token: it is revoked, has expired, or is another server's")
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return &exitError{exitUsage, problem}
	case http.StatusServiceUnavailable:
		return &outOfReach{problem}
	}
	return problem
}

// get asks and decodes the answer.
func (c *client) get(ctx context.Context, path string, into any) error {
	return c.exchange(ctx, http.MethodGet, path, nil, into)
}

// exchange sends body and decodes the answer.
func (c *client) exchange(ctx context.Context, method, path string, body, into any) error {
	r, err := c.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	answer, err := c.send(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	return decode(answer.Body, into)
}

func decode(r io.Reader, into any) error {
	if err := json.NewDecoder(r).Decode(into); err != nil {
		return fmt.Errorf("the server's answer cannot be read: %w", err)
	}
	return nil
}

const (
	// outage is how long a verb that waits bears that the server cannot be asked: a
	// restart or an upgrade.
	outage = 5 * time.Minute
	// askAgain is how long it waits between two tries.
	askAgain = time.Second
)

// patiently asks again while the server cannot be asked.
func patiently(ctx context.Context, note func(string), ask func() error) error {
	var since time.Time
	for {
		err := ask()
		var gone *outOfReach
		switch {
		case !errors.As(err, &gone):
			return err
		case since.IsZero():
			since = time.Now()
			note(gone.Error() + "; trying again")
		case time.Since(since) > outage:
			return err
		}
		timer := time.NewTimer(askAgain)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return &exitError{exitInterrupted, nil}
		}
	}
}

// write changes something, once: while the server cannot be asked, the same call is
// made again with the same key.
func (c *client) write(ctx context.Context, note io.Writer, method, path string, body, into any) error {
	return patiently(ctx, func(text string) { fmt.Fprintln(note, "==", text) }, func() error {
		return c.exchange(ctx, method, path, body, into)
	})
}
