package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// row is one line of the table. Peer is the best of its kind that was measured on
// such a machine, Aim is what we want to stay below.
type row struct {
	What  string `json:"what"`
	Value string `json:"value"`
	P50   string `json:"p50,omitempty"`
	P95   string `json:"p95,omitempty"`
	P99   string `json:"p99,omitempty"`
	Aim   string `json:"aim,omitempty"`
	Peer  string `json:"peer,omitempty"`
}

func printTable(out io.Writer, rows []row) {
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "MEASURED\tVALUE\tP50\tP95\tP99\tAIM\tPEER")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.What, r.Value, r.P50, r.P95, r.P99, r.Aim, r.Peer)
	}
	w.Flush()
}

// percentile returns the value below which that part of the sorted list lies.
func percentile[T cmp.Ordered](list []T, part float64) T {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[min(len(sorted)-1, int(part*float64(len(sorted))))]
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}
