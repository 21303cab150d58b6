package main

import (
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/engine"
)

// metrics is what /metrics tells. Names and labels are documented in
// docs/operation.md; no label comes from outside, so nobody can make their number
// grow.
type metrics struct {
	registry       *prometheus.Registry
	deliveries     *prometheus.CounterVec
	deliveryWait   prometheus.Histogram
	turns          *prometheus.HistogramVec
	events         *prometheus.CounterVec
	actionDuration *prometheus.HistogramVec
	slackCalls     *prometheus.CounterVec
	slackDuration  prometheus.Histogram
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "penstock_deliveries_total",
			Help: "Webhook deliveries by event and outcome: accepted, repeated, refused (signature), unstored at the door; done, ignored, dead in the end.",
		}, []string{"event", "outcome"}),
		deliveryWait: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "penstock_delivery_seconds", Help: "From accepting a delivery to having handled it.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800},
		}),
		turns: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "penstock_turn_seconds", Help: "A decision, from its input to its commit, by result: ok, refused (makes no sense now), error.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, []string{"result"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "penstock_events_total",
			Help: "What was decided, by kind: ExecutionStarted, ExecutionSucceeded, ActionFailed, GateApproved ...",
		}, []string{"kind"}),
		actionDuration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "penstock_action_seconds", Help: "Actions from their start to their end, by status.",
			Buckets: []float64{.05, .1, .5, 1, 5, 15, 60, 300, 900, 3600},
		}, []string{"status"}),
		slackCalls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "penstock_slack_calls_total",
			Help: "Calls to Slack by method and result: ok, held (to keep within a limit), limited, timeout, network, 5xx, or Slack's word for why it refused.",
		}, []string{"method", "result"}),
		slackDuration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "penstock_slack_call_seconds", Help: "Calls to Slack that were sent.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
	}
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "penstock_build_info", Help: "Always 1.", ConstLabels: prometheus.Labels{"version": version},
	}, func() float64 { return 1 })
	m.registry.MustRegister(m.deliveries, m.deliveryWait, m.turns, m.events, m.actionDuration, m.slackCalls, m.slackDuration, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// handler serves the metrics in Prometheus' format.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// delivery counts what became of a delivery.
func (m *metrics) delivery(event, outcome string, waited time.Duration) {
	m.deliveries.WithLabelValues(knownEvent(event), outcome).Inc()
	if waited > 0 {
		m.deliveryWait.Observe(waited.Seconds())
	}
}

func knownEvent(event string) string {
	known := []string{"push", "pull_request", "issue_comment", "check_run", "check_suite", "installation", "installation_repositories", "ping",
		"slack.block_actions", "slack.view_submission", "slack.slash_command"}
	if slices.Contains(known, event) {
		return event
	}
	return "other"
}

// slackCall counts a call to Slack.
func (m *metrics) slackCall(method, result string, took time.Duration) {
	m.slackCalls.WithLabelValues(method, result).Inc()
	if result != "held" {
		m.slackDuration.Observe(took.Seconds())
	}
}

// slackSockets tells how many sockets to Slack are open.
func (m *metrics) slackSockets(open func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "penstock_slack_sockets", Help: "Sockets to Slack that are open.",
	}, func() float64 { return float64(open()) }))
}

// turned counts a turn.
func (m *metrics) turned(t engine.Turned) {
	result := "ok"
	if t.Err != nil {
		result = "refused"
		if kind := pipeline.KindOf(t.Err); kind == pipeline.Internal || kind == pipeline.Unavailable {
			result = "error"
		}
	}
	m.turns.WithLabelValues(result).Observe(t.Took.Seconds())
	for _, e := range t.Events {
		m.events.WithLabelValues(string(e.Kind)).Inc()
		switch e.Kind {
		case pipeline.EventActionSucceeded, pipeline.EventActionFailed, pipeline.EventActionAbandoned:
			m.ended(t.Changed, e)
		}
	}
}

func (m *metrics) ended(changed []*pipeline.Execution, e pipeline.Event) {
	for _, run := range changed {
		if run.ID != e.Execution {
			continue
		}
		if _, action := run.FindAction(e.Attempt); action != nil && !action.EndedAt.IsZero() {
			m.actionDuration.WithLabelValues(string(action.Status)).Observe(action.EndedAt.Sub(action.StartedAt).Seconds())
		}
	}
}
