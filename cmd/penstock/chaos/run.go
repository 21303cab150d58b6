package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

// options of one storm.
type options struct {
	kills    int
	seed     uint64
	progress io.Writer // nil: none
	binary   string    // empty: built from here
}

// result is what happened, and what is wrong.
type result struct {
	Seed       uint64         `json:"seed"`
	Took       time.Duration  `json:"took_ns"`
	Sent       map[string]int `json:"sent"`    // what people and GitHub did
	Checked    map[string]int `json:"checked"` // how many of each truth were looked at
	Violations []string       `json:"violations"`
	Data       string         `json:"data,omitempty"` // kept when something is wrong
}

func (r *result) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	list := func(title string, counts map[string]int) {
		fmt.Fprintln(w, title)
		var names []string
		for name := range counts {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			fmt.Fprintf(w, "  %s\t%d\n", name, counts[name])
		}
	}
	list("SENT", r.Sent)
	list("CHECKED", r.Checked)
	fmt.Fprintf(w, "VIOLATIONS\t%d\n", len(r.Violations))
	w.Flush()
	for _, v := range r.Violations {
		fmt.Fprintln(out, " ", v)
	}
	fmt.Fprintf(out, "seed %d, %s\n", r.Seed, r.Took.Round(time.Second))
	if r.Data != "" {
		fmt.Fprintln(out, "kept:", r.Data)
	}
}

// run makes one storm and looks at what is left.
func run(ctx context.Context, o options) (r *result, err error) {
	began := time.Now()
	h, err := newHouse(ctx, o)
	if err != nil {
		return nil, err
	}
	keep := false
	defer func() {
		h.close()
		if !keep {
			os.RemoveAll(h.dir)
		}
	}()
	storm := &storm{house: h, random: rand.New(rand.NewPCG(o.seed, 1)), sent: map[string]int{}}
	if err := storm.blow(ctx, o); err != nil {
		keep = true
		return nil, fmt.Errorf("%w (kept: %s)", err, h.dir)
	}
	if err := storm.calm(ctx); err != nil {
		keep = true
		return nil, fmt.Errorf("%w (kept: %s)", err, h.dir)
	}
	c := &checker{house: h, checked: map[string]int{}}
	if err := c.check(ctx); err != nil {
		keep = true
		return nil, fmt.Errorf("%w (kept: %s)", err, h.dir)
	}
	r = &result{Seed: o.seed, Took: time.Since(began), Sent: storm.sent, Checked: c.checked, Violations: c.violations}
	if keep = len(c.violations) > 0; keep {
		r.Data = h.dir
	}
	return r, nil
}
