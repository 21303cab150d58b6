package main

import "testing"

// A short storm; `make chaos` is the long one.
func TestShortStorm(t *testing.T) {
	t.Parallel()
	r, err := run(t.Context(), options{kills: 6, seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Violations {
		t.Error(v)
	}
	if r.Checked["deliveries have their outcome"] == 0 || r.Checked["statuses show the truth"] == 0 {
		t.Errorf("nothing was checked: %v", r.Checked)
	}
	if t.Failed() {
		t.Logf("sent %v, kept in %s", r.Sent, r.Data)
	}
}
