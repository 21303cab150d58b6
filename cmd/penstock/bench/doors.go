package main

import "time"

// everyDoor is when the last door shows what the others do.
const everyDoor = "every door shows it"

// doors collects how long each door took to show a decision.
type doors map[string][]time.Duration

// add takes one decision in.
func (d doors) add(shown map[string]time.Duration) {
	longest := time.Duration(0)
	for name, took := range shown {
		d[name] = append(d[name], took)
		longest = max(longest, took)
	}
	d[everyDoor] = append(d[everyDoor], longest)
}

// row is one door's line of the table.
func (d doors) row(what, door, value string) row {
	return row{What: what + " to: " + door, Value: value, P50: millis(percentile(d[door], 0.5)), P95: millis(percentile(d[door], 0.95))}
}
