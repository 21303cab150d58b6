package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// answered is one raw answer of the API.
type answered struct {
	status int
	header http.Header
	body   string
}

// ask sends one raw request.
func (w *world) ask(t *testing.T, method, path, token, body string, headers ...string) answered {
	t.Helper()
	r := must(http.NewRequestWithContext(t.Context(), method, w.APIURL()+path, strings.NewReader(body)))(t)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response := must(http.DefaultClient.Do(r))(t)
	defer response.Body.Close()
	return answered{response.StatusCode, response.Header, string(must(io.ReadAll(response.Body))(t))}
}

func (a answered) want(t *testing.T, status int, text string) {
	t.Helper()
	plain := strings.ReplaceAll(a.body, `\"`, `"`)
	if a.status != status || !strings.Contains(plain, text) {
		t.Errorf("answer %d %.300s\nwant %d %s", a.status, a.body, status, text)
	}
	if a.header.Get("X-GitHub-Request-Id") == "" {
		t.Errorf("header %v", a.header)
	}
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

// jsonField reads one string member of a JSON object.
func jsonField(t *testing.T, body, name string) string {
	t.Helper()
	var o map[string]any
	check(t, json.Unmarshal([]byte(body), &o))
	text, ok := o[name].(string)
	if !ok {
		t.Fatalf("no %s in %.200s", name, body)
	}
	return text
}
