package http_test

import (
	"context"
	"fmt"
	nethttp "net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/outgoing"
	"github.com/penstock-cd/penstock/pipeline/provider"
	"github.com/penstock-cd/penstock/pipeline/provider/http"
)

// answers is a transport that answers what it is told, and counts.
type answers struct {
	status atomic.Int64
	asked  atomic.Int64
}

func (a *answers) RoundTrip(r *nethttp.Request) (*nethttp.Response, error) {
	a.asked.Add(1)
	w := httptest.NewRecorder()
	w.WriteHeader(int(a.status.Load()))
	fmt.Fprint(w, "version 2 is ready")
	return w.Result(), nil
}

func job(configuration map[string]string) provider.Job {
	return provider.Job{ID: "1", Action: pipeline.Action{Configuration: configuration}}
}

func newRule(t *testing.T, client *nethttp.Client) provider.Provider {
	t.Helper()
	rule, err := http.Info().New(provider.Env{HTTP: client})
	if err != nil {
		t.Fatal(err)
	}
	return rule
}

// It has to answer as told for so long; a miss begins the time anew.
func TestForSoLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &answers{}
		rule := newRule(t, &nethttp.Client{Transport: a})
		j := job(map[string]string{"Url": "https://shop.example/health", "For": "1m", "Interval": "20s", "Body": "version 2"})
		var got []string
		for i, status := range []int64{503, 200, 200, 500, 200, 200, 200, 200} {
			a.status.Store(status)
			p, err := rule.Poll(context.Background(), j, nil)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%d %s %s", i, p.Status, p.AskAgain))
			time.Sleep(p.AskAgain)
		}
		want := "0 InProgress 20s, 1 InProgress 20s, 2 InProgress 20s, 3 InProgress 20s, 4 InProgress 20s, 5 InProgress 20s, 6 InProgress 20s, 7 Succeeded 0s"
		if strings.Join(got, ", ") != want {
			t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
		}
	})
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nethttp.HandlerFunc(func(w nethttp.ResponseWriter, r *nethttp.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(nethttp.StatusNotFound)
		}
		fmt.Fprint(w, "ready ", r.Method)
	}))
	defer server.Close()
	local := outgoing.NewClient([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	for _, test := range []struct {
		client        *nethttp.Client
		configuration map[string]string
		status        pipeline.ActionStatus
		summary       string
	}{
		{local, map[string]string{"Url": server.URL}, pipeline.ActionSucceeded, "answers 200"},
		{local, map[string]string{"Url": server.URL, "Method": "HEAD"}, pipeline.ActionSucceeded, "answers 200"},
		{local, map[string]string{"Url": server.URL, "Body": "^ready GET$"}, pipeline.ActionSucceeded, "answers 200 as told"},
		{local, map[string]string{"Url": server.URL, "Body": "steady"}, pipeline.ActionInProgress, "answers 200, and its body does not fit"},
		{local, map[string]string{"Url": server.URL + "/x"}, pipeline.ActionInProgress, "answers 404, not 200"},
		{local, map[string]string{"Url": server.URL + "/x", "Status": "404"}, pipeline.ActionSucceeded, "answers 404"},
		{outgoing.NewClient(nil), map[string]string{"Url": server.URL}, pipeline.ActionInProgress, "this address is not public"},
	} {
		p, err := newRule(t, test.client).Poll(t.Context(), job(test.configuration), nil)
		if err != nil || p.Status != test.status || !strings.Contains(p.Summary, test.summary) {
			t.Errorf("%v: %+v, %v", test.configuration, p, err)
		}
	}
}

// What a name stands for in the server's network, and who resolves it there, is told
// to nobody.
func TestNoAddressesAreTold(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://127.0.0.1:1/", "http://localhost:1/", "http://no-such-name.invalid/"} {
		p, err := newRule(t, outgoing.NewClient(nil)).Poll(t.Context(), job(map[string]string{"Url": url}), nil)
		if err != nil || !strings.HasPrefix(p.Summary, "no answer: ") || strings.ContainsAny(p.Summary, "0123456789[]") {
			t.Errorf("%s: %+v, %v", url, p, err)
		}
	}
}

func TestWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	rule := newRule(t, &nethttp.Client{})
	for key, value := range map[string]string{
		"Url": "file:///etc/passwd", "Method": "POST", "Status": "9", "Body": "(", "For": "-1s", "Interval": "1ms",
	} {
		c := map[string]string{"Url": "https://shop.example/"}
		c[key] = value
		_, err := rule.Start(t.Context(), job(c))
		if refusal, ok := err.(*provider.Refusal); !ok || !strings.Contains(refusal.Reason, key) || refusal.FailureType != pipeline.ConfigurationError {
			t.Errorf("%s %s: %v", key, value, err)
		}
	}
}
