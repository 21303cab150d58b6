// Package http is the rule that asks an address until it has answered as told for
// long enough. It sends no credentials, and reaches only what the server's client
// for outgoing requests lets it reach.
package http

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/condition"
	"github.com/penstock-cd/penstock/pipeline/provider"
)

// Name is what a pipeline file calls this rule.
const Name = "HTTP"

// Limits and defaults of the rule.
const (
	DefaultInterval = 10 * time.Second
	MinInterval     = time.Second
	maxBody         = 1 << 20 // bytes of an answer that are looked at
)

// Info describes the rule.
func Info() provider.Info {
	return provider.Info{
		ActionTypeInfo: pipeline.ActionTypeInfo{
			Name: Name, Owner: "AWS", Categories: []pipeline.Category{pipeline.CategoryRule},
			Properties: []pipeline.ConfigurationProperty{
				{Name: "Url", Type: "String", Required: true, Description: "what is asked: http:// or https://"},
				{Name: "Method", Type: "String", Default: "GET", Values: []string{"GET", "HEAD"}, Description: "how it is asked"},
				{Name: "Status", Type: "Number", Default: "200", Description: "what it answers"},
				{Name: "Body", Type: "String", Description: "a regular expression that its answer fits somewhere"},
				{Name: "For", Type: "String", Default: "0s", Description: "how long it has to answer so, without a miss"},
				{Name: "Interval", Type: "String", Default: DefaultInterval.String(), Description: "how often it is asked"},
			},
			RunsOnThisHost: true,
		},
		New: func(env provider.Env) (provider.Provider, error) {
			if env.HTTP == nil {
				return nil, fmt.Errorf("no client for outgoing requests is configured")
			}
			return &rule{client: env.HTTP, since: map[string]time.Time{}}, nil
		},
	}
}

// rule remembers since when each job's address has answered as told. After a
// restart that time begins anew.
type rule struct {
	client *http.Client
	mu     sync.Mutex
	since  map[string]time.Time
}

// Start has nothing to launch.
func (r *rule) Start(_ context.Context, job provider.Job) (provider.Handle, error) {
	if _, err := parse(job.Action.Configuration); err != nil {
		return nil, &provider.Refusal{FailureType: pipeline.ConfigurationError, Reason: err.Error()}
	}
	return provider.Handle(`{"v":1}`), nil
}

// Poll asks once.
func (r *rule) Poll(ctx context.Context, job provider.Job, _ provider.Handle) (provider.Progress, error) {
	q, err := parse(job.Action.Configuration)
	if err != nil {
		return provider.Progress{Status: pipeline.ActionFailed, FailureType: pipeline.ConfigurationError, Summary: err.Error()}, nil
	}
	answer, good := r.ask(ctx, q)
	if ctx.Err() != nil {
		return provider.Progress{}, ctx.Err()
	}
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !good {
		delete(r.since, job.ID)
		return provider.Progress{Status: pipeline.ActionInProgress, Summary: answer, AskAgain: q.interval}, nil
	}
	since, known := r.since[job.ID]
	if !known {
		since = now
	}
	if left := q.long - now.Sub(since); left > 0 {
		r.since[job.ID] = since
		return provider.Progress{
			Status: pipeline.ActionInProgress, AskAgain: min(q.interval, left),
			Summary: fmt.Sprintf("%s, since %s of %s", answer, now.Sub(since).Round(time.Second), q.long),
		}, nil
	}
	delete(r.since, job.ID)
	return provider.Progress{Status: pipeline.ActionSucceeded, Summary: answer}, nil
}

// Stop forgets the job.
func (r *rule) Stop(_ context.Context, job provider.Job, _ provider.Handle) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.since, job.ID)
	return nil
}

// ask tells what the address answers, in words that do not repeat the answer, and
// whether it is what was told.
func (r *rule) ask(ctx context.Context, q question) (sentence string, good bool) {
	request, err := http.NewRequestWithContext(ctx, q.method, q.url, nil)
	if err != nil {
		return "cannot be asked", false
	}
	request.Header.Set("User-Agent", "penstock")
	response, err := r.client.Do(request)
	if err != nil {
		return "no answer: " + cause(err), false
	}
	defer response.Body.Close()
	if response.StatusCode != q.status {
		return fmt.Sprintf("answers %d, not %d", response.StatusCode, q.status), false
	}
	if q.body == nil {
		return fmt.Sprintf("answers %d", response.StatusCode), true
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	switch {
	case err != nil:
		return "the answer broke off", false
	case !q.body.Match(body):
		return fmt.Sprintf("answers %d, and its body does not fit", response.StatusCode), false
	}
	return fmt.Sprintf("answers %d as told", response.StatusCode), true
}

// cause is an error without the address, which may hold what somebody put there.
func cause(err error) string {
	if u, ok := err.(*url.Error); ok {
		err = u.Err
	}
	return err.Error()
}

// question is what the configuration asks for.
type question struct {
	url, method    string
	status         int
	body           *regexp.Regexp
	long, interval time.Duration
}

func parse(c map[string]string) (question, error) {
	q := question{url: c["Url"], method: "GET", status: http.StatusOK, interval: DefaultInterval}
	u, err := url.Parse(q.url)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return q, pipeline.Errorf(pipeline.Invalid, "Url is not an address such as https://shop.example.com/health")
	}
	if m := c["Method"]; m != "" {
		if q.method = m; m != "GET" && m != "HEAD" {
			return q, pipeline.Errorf(pipeline.Invalid, "Method is %q, and only GET and HEAD ask without changing anything", m)
		}
	}
	if s := c["Status"]; s != "" {
		if q.status, err = strconv.Atoi(s); err != nil || q.status < 100 || q.status > 599 {
			return q, pipeline.Errorf(pipeline.Invalid, "Status %q is not a number from 100 to 599", s)
		}
	}
	if b := c["Body"]; b != "" {
		if q.body, err = condition.ParsePattern(b); err != nil {
			return q, pipeline.Errorf(pipeline.Invalid, "Body: %w", err)
		}
	}
	for key, to := range map[string]*time.Duration{"For": &q.long, "Interval": &q.interval} {
		if v := c[key]; v != "" {
			if *to, err = time.ParseDuration(v); err != nil || *to < 0 {
				return q, pipeline.Errorf(pipeline.Invalid, "%s %q is not a time such as 5m", key, v)
			}
		}
	}
	if q.interval < MinInterval {
		return q, pipeline.Errorf(pipeline.Invalid, "Interval is shorter than %s", MinInterval)
	}
	return q, nil
}
