package main

import (
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/engine"
)

// A run that has ended is one trace: itself, its stages, gates and actions, each
// with its own time, below one another, and the same again when it is sent twice.
func TestTraces(t *testing.T) {
	t.Parallel()
	got := make(chan []*tracepb.Span, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body io.Reader = r.Body
		if r.Header.Get("Content-Encoding") == "gzip" {
			body, _ = gzip.NewReader(r.Body)
		}
		data, err := io.ReadAll(body)
		var request collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(data, &request); err != nil {
			t.Error(err)
		}
		if err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		for _, spans := range request.ResourceSpans {
			for _, scope := range spans.ScopeSpans {
				got <- scope.Spans
			}
		}
	}))
	defer server.Close()
	send := func() []*tracepb.Span {
		exporter, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpointURL(server.URL+"/v1/traces"))
		if err != nil {
			t.Fatal(err)
		}
		traces, err := tracesTo(t.Context(), exporter, "https://penstock.example", slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		running := tracedRun()
		running.Status = pipeline.ExecutionInProgress
		traces.turned(engine.Turned{Changed: []*pipeline.Execution{running, tracedRun()}})
		if err := traces.close(); err != nil {
			t.Fatal(err)
		}
		return <-got
	}
	spans := send()
	names := map[string]string{"": "-"}
	for _, span := range spans {
		names[string(span.SpanId)] = span.Name
	}
	var tree []string
	for _, span := range spans {
		took := time.Duration(span.EndTimeUnixNano - span.StartTimeUnixNano)
		tree = append(tree, names[string(span.ParentSpanId)]+" / "+span.Name+" "+took.String()+" "+span.Status.GetMessage())
	}
	want := []string{
		"stage Build / action compile 2s JobFailed exit status 1",
		"release / stage Build 3s ",
		"release / gate production 10s ",
		"- / release 1m0s JobFailed Build failed",
	}
	if d := cmp.Diff(want, tree); d != "" {
		t.Error(d)
	}
	if trace := "0192d3a4b5c67890a1b2c3d4e5f60718"; hexOf(spans[0].TraceId) != trace {
		t.Errorf("trace %s, want the run's id %s", hexOf(spans[0].TraceId), trace)
	}
	for i, again := range send() {
		if string(again.SpanId) != string(spans[i].SpanId) || again.Name != spans[i].Name {
			t.Errorf("sent again, %s has another id", spans[i].Name)
		}
	}
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var text []byte
	for _, c := range b {
		text = append(text, digits[c>>4], digits[c&15])
	}
	return string(text)
}

func tracedRun() *pipeline.Execution {
	at := time.Date(2030, 1, 2, 3, 4, 0, 0, time.UTC)
	return &pipeline.Execution{
		ID: "0192d3a4-b5c6-7890-a1b2-c3d4e5f60718", Pipeline: "release", Number: 7, Attempt: 1, Status: pipeline.ExecutionFailed,
		FailureType: pipeline.JobFailed, Reason: "Build failed", CreatedAt: at, EndedAt: at.Add(time.Minute),
		Stages: []pipeline.StageExecution{
			{Name: "Build", Status: pipeline.StageSucceeded, StartedAt: at, EndedAt: at.Add(3 * time.Second), Actions: []pipeline.ActionExecution{{
				ID: "a1", Name: "compile", Status: pipeline.ActionFailed, FailureType: pipeline.JobFailed, Summary: "exit status 1",
				StartedAt: at, EndedAt: at.Add(2 * time.Second),
			}}},
			{Name: "Ship", Gate: &pipeline.Approval{ID: "g", Name: "production", OpenedAt: at, DecidedAt: at.Add(10 * time.Second)}},
			{Name: "Later"},
		},
	}
}
