package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/bot/web/api"
	"github.com/penstock-cd/penstock/pipeline"
)

// maxText is how long a reason may be, in characters.
const maxText = 1000

// body reads what was sent, which has to be one JSON object without fields that the
// call does not know.
func (h *Handler) body(c echo.Context, into any) *fieldError {
	r := c.Request()
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &fieldError{"Content-Type", strconv.Quote(r.Header.Get("Content-Type")) + " is not application/json", nil}
	}
	decoder := json.NewDecoder(http.MaxBytesReader(c.Response(), r.Body, maxForm))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil {
		if _, more := decoder.Token(); more == io.EOF {
			return nil
		}
		err = errors.New("something follows the object")
	}
	var kind *json.UnmarshalTypeError
	switch unknown, isUnknown := strings.CutPrefix(err.Error(), "json: unknown field "); {
	case isUnknown:
		return &fieldError{strings.Trim(unknown, `"`), "is not a field of this call", nil}
	case errors.As(err, &kind):
		return &fieldError{kind.Field, fmt.Sprintf("is a %s, not a %s", kind.Value, kind.Type), nil}
	}
	return &fieldError{"body", "is not a JSON object that can be read: " + err.Error(), nil}
}

// text checks a field that people write: of at most so many characters, in one line.
func text(field, value string, most int) *fieldError {
	switch {
	case !utf8.ValidString(value):
		return &fieldError{field, "is not UTF-8", nil}
	case utf8.RuneCountInString(value) > most:
		return &fieldError{field, fmt.Sprintf("has %d characters, and at most %d are allowed", utf8.RuneCountInString(value), most), nil}
	case strings.ContainsFunc(value, unicode.IsControl):
		return &fieldError{field, "has line ends or other control characters", nil}
	}
	return nil
}

// required is text that must not be empty.
func required(field, value string, most int) *fieldError {
	if strings.TrimSpace(value) == "" {
		return &fieldError{field, "is missing", nil}
	}
	return text(field, value, most)
}

// first is the first mistake.
func first(mistakes ...*fieldError) *fieldError {
	for _, m := range mistakes {
		if m != nil {
			return m
		}
	}
	return nil
}

// request is who asks for something, and how that is told from the same asked again.
func (h *Handler) request(c echo.Context) (pipeline.Request, *fieldError) {
	v := viewerOf(c)
	q := pipeline.Request{By: v.who, Door: pipeline.DoorAPI}
	if strings.HasPrefix(c.Request().UserAgent(), "penstock-cli/") {
		q.Door = pipeline.DoorCLI
	}
	if given := c.Request().Header["Idempotency-Key"]; len(given) > 0 {
		key := given[0]
		if len(given) > 1 || key == "" || len(key) > api.MaxKey || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return q, &fieldError{"Idempotency-Key", fmt.Sprintf("is not one word of at most %d letters, digits and signs", api.MaxKey), nil}
		}
		q.Key = fmt.Sprintf("api %d %s %s %s", v.who.ID, c.Request().Method, c.Request().URL.Path, key)
	}
	return q, nil
}
