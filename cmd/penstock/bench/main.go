// Command bench measures the real server against an emulated GitHub and prints
// one table. It is a tool of this repository, not a part of the product.
//
// Start of a run is when its webhook went out, its end is when the emulator
// received the write that shows it; of a vote likewise, from its comment on. GitHub's rate limits are off. The server is a
// process of its own; the emulator and its git processes share the machine.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"time"
)

func main() {
	output := flag.String("o", "table", "`format` of the output: table or json")
	runs := flag.Int("runs", 30, "how many runs of each kind")
	only := flag.String("only", "", "take only this `measurement`: latencies, handover, votes, clicks, gates, hundred, burst, deliveries, history or file")
	pprof := flag.Duration("hold", 0, "keep the server for so long after the last measurement, for a profiler")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	rows, err := measure(ctx, *only, *runs, *pprof)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	if *output == "json" {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(rows); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	printTable(os.Stdout, rows)
}

// measure takes every measurement in turn, on one server.
func measure(ctx context.Context, only string, runs int, hold time.Duration) (rows []row, err error) {
	h, err := newHouse(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := h.close(); err == nil {
			err = e
		}
	}()
	sandbox := "plain, bubblewrap is not there"
	if h.sandboxed {
		sandbox = "in bubblewrap"
	}
	rows = append(rows, row{What: "machine", Value: fmt.Sprintf("%d cores, jobs %s, rate limits off", runtime.NumCPU(), sandbox)})
	idle, err := h.memory()
	if err != nil {
		return nil, err
	}
	for _, step := range []struct {
		name string
		take func(context.Context) ([]row, error)
	}{
		{"latencies", func(ctx context.Context) ([]row, error) { return h.latencies(ctx, runs) }},
		{"handover", h.handover},
		{"votes", func(ctx context.Context) ([]row, error) { return h.votes(ctx, runs) }},
		{"clicks", func(ctx context.Context) ([]row, error) { return h.clicks(ctx, runs) }},
		{"hundred", func(ctx context.Context) ([]row, error) { return h.hundredRuns(ctx, idle) }},
		{"burst", h.burst},
		{"deliveries", h.deliveries},
		{"gates", h.gates},
		{"history", h.history},
		{"file", file},
	} {
		if only != "" && only != step.name {
			continue
		}
		more, err := step.take(ctx)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	if hold > 0 {
		fmt.Fprintf(os.Stderr, "the server is process %d\n", h.server.Process.Pid)
		select {
		case <-time.After(hold):
		case <-ctx.Done():
		}
	}
	return rows, nil
}
