package githubapp

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// Reach asks GitHub for something that needs no credentials, and answers how far
// this machine's clock is ahead of GitHub's (negative: behind), to a second or so.
// Only APIURL, Transport, Now and UserAgent of the options count. Kind Unavailable
// if GitHub cannot be asked.
func Reach(ctx context.Context, o Options) (ahead time.Duration, err error) {
	o = o.withDefaults()
	api, err := parseAPIURL(o.APIURL)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, api.JoinPath("rate_limit").String(), nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("User-Agent", o.UserAgent)
	r.Header.Set("Accept", "application/vnd.github+json")
	sent := o.Now()
	answer, err := o.Transport.RoundTrip(r)
	if err != nil {
		return 0, explainSilence(api.Host, err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection can be used again
	now := o.Now()
	if answer.StatusCode >= 500 {
		return 0, pipeline.Errorf(pipeline.Unavailable, "%s answered %d", api.Host, answer.StatusCode)
	}
	theirs, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return 0, pipeline.Errorf(pipeline.Unavailable, "%s answered %d without a date: is it a GitHub?", api.Host, answer.StatusCode)
	}
	middle := sent.Add(now.Sub(sent) / 2)
	return middle.Sub(theirs.Add(500 * time.Millisecond)), nil // their seconds are cut, not rounded
}
