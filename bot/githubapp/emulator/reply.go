package emulator

import (
	"fmt"
	"net/http"
)

// object is a JSON object under construction.
type object = map[string]any

// reply is the answer of an endpoint.
type reply struct {
	status int
	body   any // encoded as JSON; nil is no body
	raw    []byte
	kind   string      // content type of raw
	header http.Header // additions, may be nil
}

func ok(body any) (reply, error)      { return reply{status: http.StatusOK, body: body}, nil }
func created(body any) (reply, error) { return reply{status: http.StatusCreated, body: body}, nil }
func noContent() (reply, error)       { return reply{status: http.StatusNoContent}, nil }

// apiError is an answer of GitHub's error form.
type apiError struct {
	status  int
	message string
	errors  []object
	header  http.Header
	docs    string // documentation_url, a general one when empty
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s", e.status, e.message) }

func (e *apiError) reply() reply {
	body := object{
		"message":           e.message,
		"documentation_url": or(e.docs, "https://docs.github.com/rest"),
		"status":            fmt.Sprint(e.status),
	}
	if e.errors != nil {
		body["errors"] = e.errors
	}
	return reply{status: e.status, body: body, header: e.header}
}

func fail(status int, format string, args ...any) error {
	return &apiError{status: status, message: sprintf(format, args...)}
}

func notFound() error { return fail(http.StatusNotFound, "Not Found") }

func forbidden() error {
	return fail(http.StatusForbidden, "Resource not accessible by integration")
}

// invalid is a 422 of the older kind, with a list of what is wrong.
func invalid(resource, field, code, message string) error {
	e := object{"resource": resource, "field": field, "code": code}
	if message != "" {
		e["message"] = message
	}
	return &apiError{status: http.StatusUnprocessableEntity, message: "Validation Failed", errors: []object{e}}
}

// invalidRequest is a 422 of the newer kind, from GitHub's schema checks.
func invalidRequest(format string, args ...any) error {
	return fail(http.StatusUnprocessableEntity, "Invalid request.\n\n%s", sprintf(format, args...))
}

// tooLong is what GitHub says about a string over its limit.
func tooLong(limit, got int) error {
	return invalidRequest("Only %d characters are allowed; %d were supplied.", limit, got)
}
