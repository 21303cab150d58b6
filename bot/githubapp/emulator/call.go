package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// call is one API request on its way through.
type call struct {
	g        *GitHub
	r        *http.Request
	body     []byte
	actor    actor
	repo     *repository // of paths that name one
	org      *user       // the organization, of paths that name its teams
	endpoint *endpoint
}

func (c *call) ctx() context.Context { return c.r.Context() }

func (c *call) value(name string) string { return c.r.PathValue(name) }
func (c *call) query(name string) string { return c.r.URL.Query().Get(name) }

// id reads a numeric part of the path; 0 fits nothing.
func (c *call) id(name string) int64 {
	n, err := strconv.ParseInt(c.value(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// decode reads the request body. No body and null leave v alone.
func (c *call) decode(v any) error {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	err := json.Unmarshal(c.body, v)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return invalidRequest("For 'properties/%s', %s is not of the right type.", wrong.Field, wrong.Value)
	default:
		return fail(http.StatusBadRequest, "Problems parsing JSON")
	}
}

// pull finds the pull request in the path.
func (c *call) pull(name string) (*pullRequest, error) {
	n := c.id(name)
	if n < 1 || int(n) > len(c.repo.pulls) {
		return nil, notFound()
	}
	return c.repo.pulls[n-1], nil
}

// commit finds the commit a part of the path names.
func (c *call) commit(name string) (*commit, error) {
	return c.commitNamed(c.value(name))
}

func (c *call) commitNamed(ref string) (*commit, error) {
	found, err := c.repo.resolve(ref)
	switch {
	case errors.Is(err, errMissing):
		return nil, fail(http.StatusUnprocessableEntity, "No commit found for SHA: %s", ref)
	case err != nil:
		return nil, err
	}
	return found, nil
}
