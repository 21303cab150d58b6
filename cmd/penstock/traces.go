package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/engine"
)

// traces sends each run that has ended as one trace: the run, its stages, its
// gates and its actions. It is made of what is stored, so a restart in the middle
// of a run leaves no hole. Without OTEL_EXPORTER_OTLP_ENDPOINT it does nothing.
type traces struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	url      string
}

// tracesGrace is how long what is not sent yet may take at the end.
const tracesGrace = 3 * time.Second

// newTraces sets the exporter up as OpenTelemetry's own variables say.
func newTraces(ctx context.Context, url string, logger *slog.Logger) (*traces, error) {
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return &traces{}, nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	return tracesTo(ctx, exporter, url, logger)
}

func tracesTo(ctx context.Context, exporter sdktrace.SpanExporter, url string, logger *slog.Logger) (*traces, error) {
	about, err := resource.New(ctx, resource.WithAttributes(
		attribute.String("service.name", "penstock"), attribute.String("service.version", version),
	), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("traces: %w", err)
	}
	t := &traces{url: url}
	t.provider = sdktrace.NewTracerProvider(sdktrace.WithBatcher(saying{exporter, logger}), sdktrace.WithResource(about),
		sdktrace.WithIDGenerator(givenIDs{}), sdktrace.WithSampler(sdktrace.AlwaysSample()))
	t.tracer = t.provider.Tracer("github.com/penstock-cd/penstock")
	return t, nil
}

// close sends what is waiting, for a few seconds.
func (t *traces) close() error {
	if t.provider == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), tracesGrace)
	defer cancel()
	// What could not be sent was said by the exporter, and is no reason to fail.
	_ = t.provider.Shutdown(ctx)
	return nil
}

// turned sends the runs that a turn has ended.
func (t *traces) turned(turned engine.Turned) {
	if t.provider == nil || turned.Err != nil {
		return
	}
	for _, run := range turned.Changed {
		if run.Status.Ended() {
			t.run(run)
		}
	}
}

func (t *traces) run(run *pipeline.Execution) {
	attributes := []attribute.KeyValue{
		attribute.String("penstock.pipeline", run.Pipeline), attribute.String("penstock.execution", run.ID),
		attribute.Int64("penstock.number", run.Number), attribute.String("penstock.status", string(run.Status)),
		attribute.String("vcs.repository.name", run.Repository.FullName()), attribute.String("vcs.ref.head.revision", run.Revision.SHA),
		attribute.String("vcs.ref.head.name", run.Revision.Ref), attribute.String("url.full", t.url+"/runs/"+run.ID),
	}
	ctx := withIDs(context.Background(), run.ID, fmt.Sprintf("run %s %d", run.ID, run.Attempt))
	ctx, root := t.begin(ctx, run.Pipeline, run.CreatedAt, attributes)
	for i := range run.Stages {
		t.stage(ctx, run, &run.Stages[i])
	}
	finish(root, run.EndedAt, run.Status == pipeline.ExecutionFailed, run.FailureType, run.Reason)
}

func (t *traces) stage(ctx context.Context, run *pipeline.Execution, s *pipeline.StageExecution) {
	if s.Gate != nil {
		t.gate(ctx, run, s.Gate)
	}
	if s.StartedAt.IsZero() {
		return
	}
	ctx = withIDs(ctx, run.ID, fmt.Sprintf("stage %s %s %d", run.ID, s.Name, run.Attempt))
	ctx, span := t.begin(ctx, "stage "+s.Name, s.StartedAt, []attribute.KeyValue{attribute.String("penstock.status", string(s.Status))})
	for j := range s.Actions {
		a := &s.Actions[j]
		if a.Approval != nil {
			t.gate(ctx, run, a.Approval)
			continue
		}
		_, action := t.begin(withIDs(ctx, run.ID, "action "+a.ID), "action "+a.Name, a.StartedAt, []attribute.KeyValue{
			attribute.String("penstock.attempt", a.ID), attribute.Int("penstock.attempt_number", a.Attempt),
			attribute.String("penstock.status", string(a.Status)),
		})
		finish(action, a.EndedAt, a.Status == pipeline.ActionFailed, a.FailureType, a.Summary)
	}
	finish(span, s.EndedAt, s.Status == pipeline.StageFailed, s.FailureType, s.Reason)
}

func (t *traces) gate(ctx context.Context, run *pipeline.Execution, g *pipeline.Approval) {
	_, span := t.begin(withIDs(ctx, run.ID, "gate "+g.ID), "gate "+g.Name, g.OpenedAt, []attribute.KeyValue{
		attribute.String("penstock.status", string(g.Status)), attribute.Int("penstock.votes", len(g.Votes)),
	})
	finish(span, g.DecidedAt, false, "", "")
}

func (t *traces) begin(ctx context.Context, name string, at time.Time, attributes []attribute.KeyValue) (context.Context, trace.Span) {
	return t.tracer.Start(ctx, name, trace.WithTimestamp(at), trace.WithAttributes(attributes...))
}

func finish(span trace.Span, at time.Time, failed bool, failure pipeline.FailureType, reason string) {
	if failed {
		span.SetStatus(codes.Error, strings.TrimSpace(string(failure)+" "+reason))
	}
	if at.IsZero() { // it had not ended when the run was stopped
		span.End()
		return
	}
	span.End(trace.WithTimestamp(at))
}

// givenIDs derives ids from what a span is about: a run that is sent again after
// a retry is the same trace.
type givenIDs struct{}

type idsKey struct{}

type ids struct {
	trace trace.TraceID
	span  trace.SpanID
}

// withIDs gives the next span that is begun with ctx its ids.
func withIDs(ctx context.Context, executionID, about string) context.Context {
	var given ids
	raw, err := hex.DecodeString(strings.ReplaceAll(executionID, "-", ""))
	if err != nil || len(raw) != len(given.trace) {
		sum := sha256.Sum256([]byte(executionID))
		raw = sum[:len(given.trace)]
	}
	copy(given.trace[:], raw)
	sum := sha256.Sum256([]byte(about))
	copy(given.span[:], sum[:])
	return context.WithValue(ctx, idsKey{}, given)
}

func (givenIDs) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	given, _ := ctx.Value(idsKey{}).(ids) // every span is begun with ids
	return given.trace, given.span
}

func (givenIDs) NewSpanID(ctx context.Context, _ trace.TraceID) trace.SpanID {
	given, _ := ctx.Value(idsKey{}).(ids)
	return given.span
}

// saying tells the log when an exporter fails: nobody else would.
type saying struct {
	sdktrace.SpanExporter
	logger *slog.Logger
}

func (s saying) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := s.SpanExporter.ExportSpans(ctx, spans)
	if err != nil {
		s.logger.Warn("traces could not be sent", "spans", len(spans), "error", err)
	}
	return nil
}
