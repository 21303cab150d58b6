package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// fieldError is a parameter or field that cannot be what was sent.
type fieldError struct {
	field, message string
	allowed        []string
}

func (e *fieldError) Error() string { return e.field + ": " + e.message }

// wrong answers a fieldError.
func (h *Handler) wrong(c echo.Context, e *fieldError) error {
	return h.sendProblem(c, api.Problem{Status: http.StatusBadRequest, Detail: e.Error(), Field: e.field, Allowed: e.allowed})
}

// problem answers that something went wrong.
func (h *Handler) problem(c echo.Context, status int, detail, field string) error {
	return h.sendProblem(c, api.Problem{Status: status, Detail: detail, Field: field})
}

func (h *Handler) sendProblem(c echo.Context, p api.Problem) error {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return c.Blob(p.Status, api.ProblemType, append(body, '\n'))
}

// apiTrouble answers an error that is not who asks to blame for.
func (h *Handler) apiTrouble(c echo.Context, err error) error {
	var unavailable *pipeline.Error
	switch {
	case errors.As(err, new(unknownRights)):
		h.Logger.Warn("call not answered", "path", c.Request().URL.Path, "error", err)
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(troubleLife.Seconds())))
		return h.problem(c, http.StatusServiceUnavailable, "GitHub could not be asked just now what you may do; try again in a moment", "")
	case errors.As(err, &unavailable) && unavailable.Kind == pipeline.Unavailable:
		h.Logger.Warn("call not answered", "path", c.Request().URL.Path, "error", err)
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(troubleLife.Seconds())))
		return h.problem(c, http.StatusServiceUnavailable, "something outside could not be asked just now; nothing has been done, try again in a moment", "")
	}
	h.Logger.Error("call not answered", "path", c.Request().URL.Path, "error", err)
	return h.problem(c, http.StatusInternalServerError, "this could not be done now; the server's log says why", "")
}

// refused answers an error of doing something for somebody who may see the thing.
func (h *Handler) refused(c echo.Context, err error) error {
	var field *fieldError
	if errors.As(err, &field) {
		return h.wrong(c, field)
	}
	var e *pipeline.Error
	if !errors.As(err, &e) || errors.As(err, new(unknownRights)) {
		return h.apiTrouble(c, err)
	}
	status, known := refusal(e.Kind)
	if !known {
		return h.apiTrouble(c, err)
	}
	return h.problem(c, status, e.Message, "")
}

// refusal is the status of a no that carries a sentence for people.
func refusal(kind pipeline.Kind) (status int, known bool) {
	status, known = map[pipeline.Kind]int{
		pipeline.NotFound: http.StatusNotFound, pipeline.Conflict: http.StatusConflict,
		pipeline.Invalid: http.StatusUnprocessableEntity, pipeline.Forbidden: http.StatusForbidden,
	}[kind]
	return status, known
}

// unknownQuery says what of a query the endpoint does not know, or that is there
// twice.
func unknownQuery(c echo.Context, end api.Endpoint) *fieldError {
	var known []string
	values := c.QueryParams()
	for _, p := range end.Query {
		known = append(known, p.Name)
		if len(values[p.Name]) > 1 {
			return &fieldError{p.Name, "is there more than once", nil}
		}
		if value := c.QueryParam(p.Name); value != "" && p.Enum != nil && !slices.Contains(p.Enum, value) {
			return &fieldError{p.Name, strconv.Quote(value) + " is not one of " + strings.Join(p.Enum, ", "), p.Enum}
		}
	}
	for name := range values {
		if !slices.Contains(known, name) {
			return &fieldError{name, "is not a parameter of this call", known}
		}
	}
	return nil
}

// number reads a parameter that is a number between two, or left out.
func number(c echo.Context, name string, least, most, otherwise int) (int, *fieldError) {
	text := c.QueryParam(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, &fieldError{name, strconv.Quote(text) + " is not a number from " + strconv.Itoa(least) + " to " + strconv.Itoa(most), nil}
	}
	return n, nil
}
