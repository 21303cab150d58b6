package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	gatePulls   = 50
	gatesOfPull = 10
	idleFor     = 10 * time.Second
	// ticksPerSecond is in what the kernel counts the time of processes, everywhere.
	ticksPerSecond = 100
)

// gates measures what waiting costs: gates of many pull requests, each with a
// reminder that is due later.
func (h *house) gates(ctx context.Context) ([]row, error) {
	var file strings.Builder
	file.WriteString("name: bench\ntriggers: {pullRequest: {branches: ['**']}}\nstages:\n  - name: s0\n    actions:\n")
	for i := range gatesOfPull {
		fmt.Fprintf(&file, "      - {name: g%d, provider: Manual, approval: {remindAfter: 4h}}\n", i)
	}
	repository, err := h.repository("bench-gates", file.String())
	if err != nil {
		return nil, err
	}
	before, err := h.memory()
	if err != nil {
		return nil, err
	}
	shas, numbers := make([]string, gatePulls), make([]int, gatePulls)
	for i := range gatePulls {
		if numbers[i], shas[i], err = h.pull(repository, i); err != nil {
			return nil, err
		}
	}
	for i := range gatePulls {
		if err := h.asked(ctx, repository, numbers[i], shas[i], gatesOfPull); err != nil {
			return nil, err
		}
	}
	if err := pause(ctx, 2*time.Second); err != nil { // what follows the last announcement
		return nil, err
	}
	h.github.ForgetWrites()
	start, err := h.processor()
	if err != nil {
		return nil, err
	}
	if err := pause(ctx, idleFor); err != nil {
		return nil, err
	}
	end, err := h.processor()
	if err != nil {
		return nil, err
	}
	memory, err := h.memory()
	if err != nil {
		return nil, err
	}
	calls := len(h.github.Writes()) + len(h.github.Reads())
	label := fmt.Sprintf("%d open gates with reminders, ", gatePulls*gatesOfPull)
	return []row{
		{What: label + "processor", Value: fmt.Sprintf("%.2f %% of a core over %s, %d calls to GitHub", 100*(end-start).Seconds()/idleFor.Seconds(), idleFor, calls)},
		{What: label + "memory (VmRSS)", Value: fmt.Sprintf("%s (%s before)", megabytes(memory), megabytes(before))},
	}, nil
}

// processor is the time that the server has taken of the processors.
func (h *house) processor() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", h.server.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the name may hold anything
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/PID/stat has another form: %q", stat)
	}
	var ticks int64
	for _, field := range fields[11:13] { // of its own code, and of the system for it
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
