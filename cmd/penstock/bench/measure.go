package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// patience is how long one run may take before the bench gives up.
const patience = 60 * time.Second

// shape is a pipeline to measure.
type shape struct {
	name, peer, aim string
	stages          int
	actions         int // of each stage, in parallel
}

func shapes() []shape {
	return []shape{
		{"1 action", "70 ms", "35 ms", 1, 1},
		{"3 parallel actions", "", "", 1, 3},
		{"3 stages", "271 ms", "135 ms", 3, 1},
	}
}

// file writes the pipeline file of a shape.
func (s shape) file(checkout bool) string {
	var b strings.Builder
	b.WriteString("name: bench\ntriggers: {push: {branches: ['**']}}\nstages:\n")
	for i := range s.stages {
		fmt.Fprintf(&b, "  - name: s%d\n    actions:\n", i)
		for j := range s.actions {
			fmt.Fprintf(&b, "      - {name: a%d, provider: Commands, checkout: %t, commands: ['true']}\n", j, checkout)
		}
	}
	return b.String()
}

// times are how long a run took to its first status and to its final success.
type times struct{ first, success time.Duration }

// latencies measures runs one after another.
func (h *house) latencies(ctx context.Context, runs int) ([]row, error) {
	var rows []row
	for _, s := range shapes() {
		for _, checkout := range []bool{false, true} {
			name, label := fmt.Sprintf("bench-%d-%d-%t", s.stages, s.actions, checkout), s.name+", no checkout"
			if checkout {
				label = s.name + ", checkout"
			}
			repository, err := h.repository(name, s.file(checkout))
			if err != nil {
				return nil, err
			}
			var first, success []time.Duration
			for i := range runs + 1 {
				t, err := h.one(ctx, repository, "main", i)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", label, err)
				}
				if i == 0 {
					continue // the first fetches a token
				}
				first, success = append(first, t.first), append(success, t.success)
			}
			for _, r := range []struct {
				what, aim, peer string
				list            []time.Duration
			}{{"push to first status: ", "", "", first}, {"push to success: ", s.aim, s.peer, success}} {
				rows = append(rows, row{What: r.what + label, Value: fmt.Sprintf("%d runs", runs), Aim: r.aim, Peer: r.peer,
					P50: millis(percentile(r.list, 0.5)), P95: millis(percentile(r.list, 0.95))})
			}
		}
	}
	return rows, nil
}

// one pushes a commit and waits for its success.
func (h *house) one(ctx context.Context, repository, branch string, n int) (times, error) {
	sha, err := h.push(repository, branch, n)
	if err != nil {
		return times{}, err
	}
	if err := h.await(ctx, repository, sha); err != nil {
		return times{}, err
	}
	return h.timesOf(repository, sha)
}

func (h *house) push(repository, branch string, n int) (string, error) {
	return h.github.Push(emulator.Change{
		Repository: repository, Branch: branch, As: "octocat", Message: fmt.Sprintf("change %d", n),
		Files: map[string]string{"n.txt": fmt.Sprintf("%s %d\n", branch, n)},
	})
}

// await waits until a commit shows success all over.
func (h *house) await(ctx context.Context, repository string, shas ...string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("not within %s", patience))
	defer cancel()
	done := map[string]bool{}
	return h.github.Await(ctx, func(v *emulator.View) bool {
		for _, sha := range shas {
			if done[sha] {
				continue
			}
			statuses := v.Statuses(repository, sha)
			if len(statuses) == 0 || statuses[0].State != "success" {
				return false
			}
			for _, check := range v.Checks(repository, sha) {
				if check.Conclusion != "success" {
					return false
				}
			}
			done[sha] = true
		}
		return true
	})
}

// timesOf reads from the emulator when the push of a commit went out and when its
// writes came in.
func (h *house) timesOf(repository, sha string) (times, error) {
	var sent time.Time
	for _, d := range h.github.Deliveries() {
		if d.Event == "push" && bytes.Contains(d.Payload, []byte(sha)) {
			var push struct{ After string }
			if err := json.Unmarshal(d.Payload, &push); err == nil && push.After == sha {
				sent = d.Sent
			}
		}
	}
	t := times{}
	for _, w := range h.github.Writes() {
		if w.Path != "/repos/"+repository+"/statuses/"+sha {
			continue
		}
		if t.first == 0 {
			t.first = w.Received.Sub(sent)
		}
		t.success = w.Received.Sub(sent)
	}
	if sent.IsZero() || t.first == 0 {
		return t, fmt.Errorf("commit %s: its push or its status is not recorded", sha)
	}
	return t, nil
}

// hundredRuns measures what runs leave behind and what they cost GitHub.
func (h *house) hundredRuns(ctx context.Context, idle int64) ([]row, error) {
	repository, err := h.repository("hundred", shapes()[0].file(true))
	if err != nil {
		return nil, err
	}
	if _, err := h.one(ctx, repository, "main", 0); err != nil {
		return nil, err
	}
	before, err := h.descriptors()
	if err != nil {
		return nil, err
	}
	h.github.ForgetWrites()
	const runs = 100
	for i := range runs {
		if _, err := h.one(ctx, repository, "main", i+1); err != nil {
			return nil, err
		}
	}
	writes := 0
	for _, w := range h.github.Writes() {
		if !strings.Contains(w.Path, "access_tokens") {
			writes++
		}
	}
	after, err := h.descriptors()
	if err != nil {
		return nil, err
	}
	memory, err := h.memory()
	if err != nil {
		return nil, err
	}
	return []row{
		{What: "writes to GitHub, a run of 1 action", Value: fmt.Sprintf("%.2f", float64(writes)/runs), Aim: "4", Peer: "6"},
		{What: "file descriptors left open, a run", Value: fmt.Sprintf("%.2f (%d before, %d after %d)", float64(after-before)/runs, before, after, runs), Aim: "0", Peer: "9"},
		{What: "memory (VmRSS), idle", Value: megabytes(idle), Aim: "45 MB"},
		{What: "memory (VmRSS), after all these runs", Value: megabytes(memory), Aim: "45 MB", Peer: "90 MB in two processes"},
	}, nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.0f MB", float64(n)/(1<<20)) }

// burst pushes a hundred branches at once: deliveries are held until all are
// there.
func (h *house) burst(ctx context.Context) ([]row, error) {
	repository, err := h.repository("burst", shapes()[0].file(false))
	if err != nil {
		return nil, err
	}
	if _, err := h.one(ctx, repository, "main", 0); err != nil { // fetches a token
		return nil, err
	}
	const branches = 100
	h.github.HoldDeliveries()
	var shas []string
	for i := range branches {
		sha, err := h.push(repository, fmt.Sprintf("b%d", i), i)
		if err != nil {
			return nil, err
		}
		shas = append(shas, sha)
	}
	begin := time.Now()
	h.github.ReleaseDeliveries()
	waiting := h.await(ctx, repository, shas...)
	succeeded, last := 0, time.Duration(0)
	for _, sha := range shas {
		if statuses := h.github.Statuses(repository, sha); len(statuses) == 1 && statuses[0].State == "success" {
			succeeded++
		}
	}
	for _, w := range h.github.Writes() {
		if strings.HasPrefix(w.Path, "/repos/"+repository+"/statuses/") && w.Received.Sub(begin) > last {
			last = w.Received.Sub(begin)
		}
	}
	if waiting != nil {
		return nil, fmt.Errorf("burst: %d of %d Succeeded: %w", succeeded, branches, waiting)
	}
	return []row{{What: "100 pushes to 100 branches at once", Value: fmt.Sprintf("%d Succeeded, the last after %.2f s", succeeded, last.Seconds()),
		Aim: "100, 1.05 s", Peer: "59; tuned 100 in 2.1 s"}}, nil
}

// deliveries measures how fast webhooks are made durable. They are pushes to
// tags: worked on like all others, and they start nothing.
func (h *house) deliveries(ctx context.Context) ([]row, error) {
	const connections, each = 16, 250
	repository, err := h.repository("deliveries", shapes()[0].file(false))
	if err != nil {
		return nil, err
	}
	if _, err := h.one(ctx, repository, "main", 0); err != nil {
		return nil, err
	}
	payload, err := h.tagPush()
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, []byte("bench"))
	mac.Write(payload)
	signature := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	defer client.CloseIdleConnections()

	took := make([]time.Duration, connections*each)
	failures := make(chan error, connections)
	var callers sync.WaitGroup
	begin := time.Now()
	for c := range connections {
		callers.Go(func() {
			for i := range each {
				start := time.Now()
				if err := h.deliver(ctx, client, fmt.Sprintf("bench-%d-%d", c, i), signature, payload); err != nil {
					failures <- err
					return
				}
				took[c*each+i] = time.Since(start)
			}
		})
	}
	callers.Wait()
	total := time.Since(begin)
	select {
	case err := <-failures:
		return nil, err
	default:
	}
	return []row{{What: "deliveries accepted and durable, 16 connections",
		Value: fmt.Sprintf("%.0f a second", float64(len(took))/total.Seconds()),
		P50:   millis(percentile(took, 0.5)), P95: millis(percentile(took, 0.95)), P99: millis(percentile(took, 0.99))}}, nil
}

// tagPush is the payload of a real push, pointed at a tag.
func (h *house) tagPush() ([]byte, error) {
	for _, d := range h.github.Deliveries() {
		if d.Event != "push" {
			continue
		}
		var push map[string]any
		if err := json.Unmarshal(d.Payload, &push); err != nil {
			return nil, err
		}
		push["ref"] = "refs/tags/v1"
		return json.Marshal(push)
	}
	return nil, fmt.Errorf("no push was delivered")
}

func (h *house) deliver(ctx context.Context, client *http.Client, guid, signature string, payload []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+h.address+"/webhooks/github", bytes.NewReader(payload))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-GitHub-Event", "push")
	request.Header.Set("X-GitHub-Delivery", guid)
	request.Header.Set("X-Hub-Signature-256", signature)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusAccepted {
		return fmt.Errorf("delivery %s: answered %s", guid, response.Status)
	}
	return nil
}
