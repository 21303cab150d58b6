package main

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
)

// backlog is what is asked of the rooms at the moment of a scrape.
type backlog struct {
	db     *storage.DB
	forge  *githubapp.App
	data   string
	logger *slog.Logger
	now    func() time.Time
}

// scrapeTime is the most that looking may take.
const scrapeTime = 5 * time.Second

// gauge describes a gauge of the backlog.
func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("penstock_"+name, help, labels, nil)
}

// Describe tells nothing: what there is depends on what there is.
func (b backlog) Describe(chan<- *prometheus.Desc) {}

// Collect looks now.
func (b backlog) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	tell := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	if disk, err := storage.DiskOf(b.data); err == nil {
		tell(gauge("disk_free_ratio", "Share of the data folder's disk that is free, bytes or inodes, from 0 to 1."), disk.FreeShare())
	}
	for _, l := range b.forge.Budgets() {
		id := strconv.FormatInt(l.Installation, 10)
		if l.Known {
			tell(gauge("github_requests_remaining", "Requests that GitHub still allows an installation until the reset; installation 0 is the app itself.", "installation"), float64(l.Remaining), id)
			tell(gauge("github_reset_seconds", "Until GitHub fills an installation's requests up again.", "installation"), max(0, l.Reset.Sub(b.now()).Seconds()), id)
		}
		tell(gauge("github_blocked_seconds", "Until requests of an installation are sent again; 0 if they are.", "installation"), max(0, l.Blocked.Sub(b.now()).Seconds()), id)
		count := func(name, help string, n uint64) {
			out <- prometheus.MustNewConstMetric(gauge(name, help, "installation"), prometheus.CounterValue, float64(n), id)
		}
		count("github_requests_total", "Requests sent to GitHub.", l.Requests)
		count("github_not_modified_total", "Requests that GitHub answered with \"not modified\", which cost nothing.", l.NotModified)
		count("github_refused_total", "Requests that GitHub refused because of a limit.", l.Refused)
		held := gauge("github_held_total", "Calls held back to keep within a limit, by how urgent they were.", "installation", "class")
		for class, n := range l.Held {
			out <- prometheus.MustNewConstMetric(held, prometheus.CounterValue, float64(n), id, githubapp.Class(class).String())
		}
	}
	waits, err := b.db.Backlog(ctx)
	if err != nil {
		b.logger.Error("metrics: the backlog cannot be read", "error", err)
		return
	}
	age := func(oldest time.Time) float64 {
		if oldest.IsZero() {
			return 0
		}
		return max(0, b.now().Sub(oldest).Seconds())
	}
	for _, kind := range []pipeline.OrderKind{pipeline.HandleDelivery, pipeline.StartAction, pipeline.CheckActions, pipeline.StopAction, pipeline.WakeLane} {
		w := waits.Orders[kind]
		tell(gauge("orders_open", "Orders that are due and not done, by kind.", "kind"), float64(w.Count), string(kind))
		tell(gauge("order_age_seconds", "How long the oldest order that is due has waited, by kind.", "kind"), age(w.Oldest), string(kind))
	}
	tell(gauge("orders_dead", "Orders that were given up."), float64(waits.Dead))
	tell(gauge("reports_waiting", "Runs with changes that GitHub does not show yet."), float64(waits.Reports.Count))
	tell(gauge("report_lag_seconds", "How long the oldest change that GitHub does not show has waited."), age(waits.Reports.Oldest))
	for status, n := range waits.Executions {
		tell(gauge("executions", "Runs that have not ended, by status.", "status"), float64(n), string(status))
	}
	b.gates(ctx, tell, age)
	b.actions(ctx, tell)
}

// mostLookedAt bounds how many runs are decoded at a scrape.
const mostLookedAt = 1000

func (b backlog) gates(ctx context.Context, tell func(*prometheus.Desc, float64, ...string), age func(time.Time) float64) {
	runs, err := b.db.Executions(ctx, pipeline.ExecutionFilter{OpenGates: true, Limit: mostLookedAt})
	if err != nil {
		b.logger.Error("metrics: open gates cannot be read", "error", err)
		return
	}
	open, oldest := 0, time.Time{}
	for _, run := range runs {
		for _, gate := range run.Gates() {
			open++
			if oldest.IsZero() || gate.OpenedAt.Before(oldest) {
				oldest = gate.OpenedAt
			}
		}
	}
	tell(gauge("gates_open", "Gates that wait for votes."), float64(open))
	tell(gauge("gate_age_seconds", "How long the oldest gate has waited for votes."), age(oldest))
}

func (b backlog) actions(ctx context.Context, tell func(*prometheus.Desc, float64, ...string)) {
	running := 0
	for _, status := range []pipeline.ExecutionStatus{pipeline.ExecutionInProgress, pipeline.ExecutionStopping} {
		runs, err := b.db.Executions(ctx, pipeline.ExecutionFilter{Status: status, Limit: mostLookedAt})
		if err != nil {
			b.logger.Error("metrics: running actions cannot be read", "error", err)
			return
		}
		for _, run := range runs {
			for _, stage := range run.Stages {
				for _, action := range stage.Actions {
					if action.Status == pipeline.ActionInProgress && action.Approval == nil {
						running++
					}
				}
			}
		}
	}
	tell(gauge("actions", "Actions by status; those that have ended are counted in penstock_action_seconds.", "status"),
		float64(running), string(pipeline.ActionInProgress))
}
