package emulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// foldRefs lets refs in paths contain slashes, as GitHub does: commits/a/b/status
// becomes commits/a%2Fb/status, so that the routers see one segment.
func foldRefs(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if folded, ok := foldRef(r.URL.EscapedPath()); ok {
			clone := *r
			clone.URL = new(url.URL)
			*clone.URL = *r.URL
			clone.URL.RawPath = folded
			r = &clone
		}
		next.ServeHTTP(w, r)
	})
}

func foldRef(path string) (string, bool) {
	parts := strings.Split(path, "/") // "", repos, owner, name, room, ref...
	if len(parts) < 7 || parts[1] != "repos" || !slices.Contains([]string{"commits", "branches", "compare", "statuses"}, parts[4]) {
		return "", false
	}
	end := len(parts)
	if parts[4] == "commits" && slices.Contains([]string{"check-runs", "check-suites", "status", "statuses", "pulls"}, parts[end-1]) {
		end--
	}
	if end <= 6 {
		return "", false
	}
	ref := strings.Join(parts[5:end], "%2F")
	return strings.Join(slices.Concat(parts[:5], []string{ref}, parts[end:]), "/"), true
}
