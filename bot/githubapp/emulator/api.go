package emulator

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// apiPrefix is where the REST API lives, as on GitHub Enterprise Server.
const apiPrefix = "/api/v3"

// maxBody is the longest request body taken.
const maxBody = 25 << 20

// apiHandler serves the REST API; paths come without apiPrefix.
func (g *GitHub) apiHandler() http.Handler {
	// GitHub's paths .../issues/comments/{id} and .../issues/{number}/comments
	// overlap, which one ServeMux refuses: comments by id get their own.
	const byID = "/repos/*/*/issues/comments/**"
	rest, comments := http.NewServeMux(), http.NewServeMux()
	for _, e := range endpoints() {
		mux := rest
		if strings.Contains(e.pattern, "/issues/comments/") {
			mux = comments
		}
		mux.HandleFunc(e.pattern, func(w http.ResponseWriter, r *http.Request) { g.serveEndpoint(w, r, &e) })
	}
	unknown := func(w http.ResponseWriter, r *http.Request) { g.answer(w, r, actor{}, failed(notFound())) }
	rest.HandleFunc("/", unknown)
	comments.HandleFunc("/", unknown)
	var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if globMatch(byID, r.URL.Path) {
			comments.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	})
	if g.options.Middleware != nil {
		handler = g.options.Middleware(handler)
	}
	return g.nameIDs(g.recordWrites(g.limitConcurrent(g.injectTrouble(g.followMoves(foldRefs(handler))))))
}

func (g *GitHub) serveEndpoint(w http.ResponseWriter, r *http.Request, e *endpoint) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		g.answer(w, r, actor{}, failed(fail(http.StatusRequestEntityTooLarge, "Payload too large")))
		return
	}
	c := &call{g: g, r: r, body: body, endpoint: e}
	answer := g.perform(c) // learns the actor
	g.answer(w, r, c.actor, answer)
}

// perform runs an endpoint under the lock, or lets a slow one lock for itself.
func (g *GitHub) perform(c *call) reply {
	if err := g.begin(c); err != nil {
		return failed(err)
	}
	if !c.endpoint.slow {
		g.mu.Lock()
		defer g.mu.Unlock()
	}
	answer, err := c.endpoint.serve(c)
	if err != nil {
		return failed(err)
	}
	return answer
}

// begin authenticates, counts and admits a call.
func (g *GitHub) begin(c *call) (err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.actor, err = g.authenticate(c.r); err != nil {
		return err
	}
	g.nameWriter(c.r, c.actor, c.endpoint)
	if err := g.limit(c); err != nil {
		return err
	}
	return c.endpoint.admit(c)
}

func failed(err error) reply {
	var e *apiError
	switch {
	case errors.As(err, &e):
	case errors.Is(err, errMissing):
		errors.As(notFound(), &e)
	default:
		e = &apiError{status: http.StatusInternalServerError, message: err.Error()}
	}
	return e.reply()
}

// answer writes a reply with the headers GitHub puts on everything.
func (g *GitHub) answer(w http.ResponseWriter, r *http.Request, who actor, answer reply) {
	data, kind := answer.raw, answer.kind
	if answer.body != nil {
		data, kind = encode(answer.body), "application/json; charset=utf-8"
	}
	header := w.Header()
	for key, values := range answer.header {
		header[key] = values
	}
	header.Set("Date", g.clock().UTC().Format(http.TimeFormat))
	header.Set("X-GitHub-Media-Type", "github.v3; format=json")
	header.Set("X-GitHub-Request-Id", strings.ToUpper(newGUID()))
	header.Set("X-GitHub-Api-Version-Selected", "2022-11-28")
	g.limitHeaders(header, who)
	if data != nil {
		header.Set("Content-Type", kind)
	}
	if answer.status == http.StatusOK && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		sum := sha256.Sum256(data)
		etag := `W/"` + hex.EncodeToString(sum[:]) + `"`
		header.Set("Etag", etag)
		header.Set("Cache-Control", "private, max-age=60, s-maxage=60")
		if matches(r.Header.Get("If-None-Match"), etag) {
			header.Del("Content-Type")
			g.refund(who)
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(data)
}

func matches(ifNoneMatch, etag string) bool {
	for candidate := range strings.SplitSeq(ifNoneMatch, ",") {
		if strings.TrimPrefix(strings.TrimSpace(candidate), "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

// encode is JSON as GitHub writes it: one line, no HTML escapes.
func encode(v any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic("emulator: answer cannot be encoded: " + err.Error())
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// stamp formats a time as GitHub does; a zero time is null.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
