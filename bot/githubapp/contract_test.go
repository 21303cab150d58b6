package githubapp_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// openAPIDir is the folder of the npm package @octokit/openapi, which holds
// GitHub's own description of its API; the emulator's testdata/openapi installs
// it. With it set, TestContract holds every request that we send and every answer
// that the emulator gives against the description.
func openAPIDir() string { return os.Getenv("PENSTOCK_OPENAPI_DIR") }

// ours are the operations of GitHub's API that we use: all of them must have
// been seen when the contract is checked, and no other.
var ours = []string{
	"GET /app",
	"GET /app/hook/config",
	"GET /app/hook/deliveries",
	"GET /app/hook/deliveries/{delivery_id}",
	"GET /app/installations",
	"GET /installation/repositories",
	"GET /orgs/{org}/teams/{team_slug}/members",
	"GET /orgs/{org}/teams/{team_slug}/memberships/{username}",
	"GET /rate_limit",
	"GET /repos/{owner}/{repo}",
	"GET /repos/{owner}/{repo}/branches/{branch}",
	"GET /repos/{owner}/{repo}/collaborators/{username}/permission",
	"GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls",
	"GET /repos/{owner}/{repo}/commits/{ref}",
	"GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
	"GET /repos/{owner}/{repo}/compare/{basehead}",
	"GET /repos/{owner}/{repo}/contents/{path}",
	"GET /repos/{owner}/{repo}/deployments",
	"GET /repos/{owner}/{repo}/git/ref/{ref}",
	"GET /repos/{owner}/{repo}/issues/{issue_number}/comments",
	"GET /repos/{owner}/{repo}/pulls",
	"GET /repos/{owner}/{repo}/pulls/{pull_number}",
	"GET /users/{username}",
	"PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}",
	"PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}",
	"POST /app/hook/deliveries/{delivery_id}/attempts",
	"POST /app/installations/{installation_id}/access_tokens",
	"POST /repos/{owner}/{repo}/check-runs",
	"POST /repos/{owner}/{repo}/deployments",
	"POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
	"POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions",
	"POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
	"POST /repos/{owner}/{repo}/statuses/{sha}",
}

// contract is a transport that holds what it carries against the description.
type contract struct {
	t      *testing.T
	router routers.Router
	next   http.RoundTripper

	mu   sync.Mutex
	seen map[string]bool
}

func newContract(t *testing.T, next http.RoundTripper) *contract {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(openAPIDir(), "generated", "api.github.com.json"))
	if err != nil {
		t.Fatal(err)
	}
	router, err := describe(data)
	if err != nil {
		t.Fatal(err)
	}
	return &contract{t: t, router: router, next: next, seen: map[string]bool{}}
}

// RoundTrip reports every difference as a failure of the test.
func (c *contract) RoundTrip(r *http.Request) (*http.Response, error) {
	byID := regexp.MustCompile(`^/repositories/\d+`)
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	described := r.Clone(r.Context())
	described.Body = io.NopCloser(bytes.NewReader(sent))
	described.URL.Scheme, described.URL.Host = "", ""
	for _, path := range []*string{&described.URL.Path, &described.URL.RawPath} { // the description knows names, not ids
		*path = byID.ReplaceAllString(strings.TrimPrefix(*path, "/api/v3"), "/repos/octocat/shop")
	}
	route, params, err := c.router.FindRoute(described)
	if err != nil {
		c.t.Errorf("%s %s is not an operation that we use: %v", r.Method, described.URL.Path, err)
		return c.next.RoundTrip(r)
	}
	c.mu.Lock()
	c.seen[r.Method+" "+strings.ReplaceAll(route.Path, ":.*}", "}")] = true
	c.mu.Unlock()
	if path, ok := params["path"]; ok && path == "" { // the root: "if you omit the path parameter"
		params["path"] = "."
	}
	input := &openapi3filter.RequestValidationInput{
		Request: described, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
		c.t.Errorf("request %s %s: %v", r.Method, described.URL.Path, err)
	}
	answer, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(got))
	switch answer.StatusCode { // possible everywhere, and listed for few operations
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity:
		return answer, nil
	}
	if err := openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: answer.StatusCode, Header: answer.Header,
		Body: io.NopCloser(bytes.NewReader(got)), Options: input.Options,
	}); err != nil {
		c.t.Errorf("answer %d to %s %s: %v", answer.StatusCode, r.Method, described.URL.Path, err)
	}
	return answer, nil
}

// complete checks that all operations have been seen.
func (c *contract) complete() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, operation := range ours {
		if !c.seen[operation] {
			c.t.Errorf("%s was never sent", operation)
		}
	}
}

// describe loads the part of the description that we use; all of it takes
// seconds. Members of request bodies that GitHub does not know are errors.
func describe(data []byte) (routers.Router, error) {
	var raw map[string]any
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, err
	}
	kept := map[string]any{}
	for path, item := range raw["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			if slices.Contains(ours, strings.ToUpper(method)+" "+path) {
				for _, several := range []string{"contents/{path", "git/ref/{ref"} { // these match slashes
					path = strings.Replace(path, several+"}", several+":.*}", 1)
				}
				kept[path] = item
			}
		}
	}
	// The description wants an installation's account to be a user and an enterprise
	// at once, in this one place.
	var at any = kept["/app/installations"]
	for _, key := range []string{"get", "responses", "200", "content", "application/json", "schema", "items", "properties", "account"} {
		at = at.(map[string]any)[key]
	}
	if account, ok := at.(map[string]any); ok && account["allOf"] != nil {
		account["anyOf"] = account["allOf"]
		delete(account, "allOf")
	}
	raw["paths"] = kept
	delete(raw, "x-webhooks")
	components := raw["components"].(map[string]any)
	needed := map[string]bool{}
	mark(kept, components, needed)
	for section, all := range components {
		for name := range all.(map[string]any) {
			if !needed["#/components/"+section+"/"+name] {
				delete(all.(map[string]any), name)
			}
		}
	}
	data, err := json.Marshal(raw)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, err
	}
	doc.Servers = nil
	for _, item := range doc.Paths.Map() {
		for _, operation := range item.Operations() {
			if operation.RequestBody == nil {
				continue
			}
			for _, media := range operation.RequestBody.Value.Content {
				forbidOthers(media.Schema)
			}
		}
	}
	return gorillamux.NewRouter(doc)
}

// mark follows references and drops examples on the way.
func mark(v any, components map[string]any, needed map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok && !needed[ref] {
			needed[ref] = true
			if parts := strings.Split(ref, "/"); len(parts) == 4 {
				if section, ok := components[parts[2]].(map[string]any); ok {
					mark(section[parts[3]], components, needed)
				}
			}
		}
		delete(v, "example")
		delete(v, "examples")
		for _, child := range v {
			mark(child, components, needed)
		}
	case []any:
		for _, child := range v {
			mark(child, components, needed)
		}
	}
}

func forbidOthers(ref *openapi3.SchemaRef) {
	if ref == nil || ref.Value == nil {
		return
	}
	if len(ref.Value.Properties) > 0 {
		ref.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: new(bool)}
	}
	for _, property := range ref.Value.Properties {
		forbidOthers(property)
		if property.Value != nil {
			forbidOthers(property.Value.Items)
		}
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	if openAPIDir() == "" {
		t.Skip("PENSTOCK_OPENAPI_DIR is not set: requests and answers are not held against GitHub's description")
	}
	c := newContract(t, http.DefaultTransport)
	everyCall(t, c)
	c.complete()
}
