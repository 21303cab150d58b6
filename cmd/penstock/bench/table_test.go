package main

import (
	"strings"
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	t.Parallel()
	var list []int
	for i := 100; i > 0; i-- {
		list = append(list, i)
	}
	for part, want := range map[float64]int{0: 1, 0.5: 51, 0.95: 96, 0.99: 100, 1: 100} {
		if got := percentile(list, part); got != want {
			t.Errorf("percentile %v is %d, want %d", part, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	printTable(&out, []row{{What: "push to success", Value: "30 runs", P50: millis(1500 * time.Microsecond), Aim: "35 ms"}})
	if got := out.String(); !strings.Contains(got, "push to success  30 runs  1.5 ms") {
		t.Errorf("got %s", got)
	}
}
