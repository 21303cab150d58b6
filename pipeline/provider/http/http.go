// Package http is the rule that asks an address until it has answered as told for
// long enough. It sends no credentials, and reaches only what the server's client
// for outgoing requests lets it reach.
package http

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
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
				{Name: "Url", Type: "String", Required: true, Description: "what is asked: http:// or https://; it has " + answerTime.String() + " to answer"},
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
			return &rule{client: env.HTTP, seen: map[string]seen{}}, nil
		},
	}
}

// rule remembers what each job's address has answered. After a restart that begins
// anew.
type rule struct {
	client *http.Client
	turns  turns
	mu     sync.Mutex
	seen   map[string]seen
}

// seen is what an address answered last, and since when it answers as told; the
// zero time: it does not.
type seen struct {
	answer string
	since  time.Time
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
	done := r.turns.take(job.Repository)
	if done == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		return provider.Progress{Status: pipeline.ActionInProgress, Summary: r.seen[job.ID].answer, AskAgain: turnComesAgain}, nil
	}
	answer, good := r.ask(ctx, q)
	done()
	if ctx.Err() != nil {
		return provider.Progress{}, ctx.Err()
	}
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !good {
		r.seen[job.ID] = seen{answer: answer}
		return provider.Progress{Status: pipeline.ActionInProgress, Summary: answer, AskAgain: q.interval}, nil
	}
	since := r.seen[job.ID].since
	if since.IsZero() {
		since = now
	}
	if left := q.long - now.Sub(since); left > 0 {
		answer = fmt.Sprintf("%s, since %s of %s", answer, now.Sub(since).Round(time.Second), q.long)
		r.seen[job.ID] = seen{answer, since}
		return provider.Progress{Status: pipeline.ActionInProgress, AskAgain: min(q.interval, left), Summary: answer}, nil
	}
	delete(r.seen, job.ID)
	return provider.Progress{Status: pipeline.ActionSucceeded, Summary: answer}, nil
}

// Stop forgets the job.
func (r *rule) Stop(_ context.Context, job provider.Job, _ provider.Handle) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.seen, job.ID)
	return nil
}

// ask tells what the address answers, in words that do not repeat the answer, and
// whether it is what was told.
func (r *rule) ask(ctx context.Context, q question) (sentence string, good bool) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
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

// cause is an error without addresses: the one in the file may hold what somebody put
// there, and what a name stands for in this server's network is nobody's business.
func cause(err error) string {
	var name *net.DNSError
	var dial *net.OpError
	var asked *url.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "none within " + answerTime.String()
	case errors.As(err, &name):
		return "its name was not found"
	case errors.As(err, &dial):
		return dial.Err.Error()
	case errors.As(err, &asked):
		return asked.Err.Error()
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
