package report_test

import (
	"strings"
	"testing"

	"github.com/penstock-cd/penstock/bot/report"
	"github.com/penstock-cd/penstock/pipeline"
)

const (
	runUUID  = "01939f3e-0000-7000-8000-000000000001"
	gateUUID = "01939f3e-0000-8000-8000-000000000002"
	ourVote  = `{"verdict":"reject","run":"` + runUUID + `","gate":"` + gateUUID + `","sha":"` + sha + `","channel":"C024BE91L","message":"1726000000.000100"}`
)

func TestParseSlackVoteMetadata(t *testing.T) {
	t.Parallel()
	with := func(old, new string) string {
		if !strings.Contains(ourVote, old) {
			t.Fatalf("%s is not in %s", old, ourVote)
		}
		return strings.Replace(ourVote, old, new, 1)
	}
	m, err := report.ParseSlackVoteMetadata(ourVote)
	want := report.SlackVoteMetadata{Verdict: pipeline.Reject, Run: runUUID, Gate: gateUUID, SHA: sha, Channel: "C024BE91L", Message: 1726000000000100}
	if err != nil || m != want {
		t.Errorf("%+v, %v", m, err)
	}
	for name, text := range map[string]string{
		"no message":            with("1726000000.000100", ""),
		"neither":               with(`C024BE91L","message":"1726000000.000100`, `","message":"`),
		"an approval":           with("reject", "approve"),
		"a direct conversation": with("C024BE91L", "D024BE91L"),
	} {
		if _, err := report.ParseSlackVoteMetadata(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"nothing":           "",
		"no object":         `"approve"`,
		"another verdict":   with("reject", "override"),
		"capital letters":   with("reject", "Reject"),
		"another name":      with(`"verdict"`, `"Verdict"`),
		"a name twice":      with(`{`, `{"verdict":"approve",`),
		"one more":          with(`}`, `,"reason":"fine"}`),
		"something after":   ourVote + " ",
		"two of them":       ourVote + ourVote,
		"too much":          ourVote + strings.Repeat(" ", 4000),
		"space":             with(`,"gate"`, `, "gate"`),
		"no run":            with(runUUID, ""),
		"another run":       with(runUUID, "run-1"),
		"no gate":           with(gateUUID, "../../gate"),
		"a short commit":    with(sha, sha[:7]),
		"a branch":          with(sha, "main"),
		"capital commit":    with(sha, strings.ToUpper(sha)),
		"a channel by name": with("C024BE91L", "#releases"),
		"no channel":        with("C024BE91L", ""),
		"another stamp":     with("1726000000.000100", "1726000000.0001"),
		"a negative stamp":  with("1726000000.000100", "-726000000.000100"),
		"a number":          with(`"1726000000.000100"`, `1726000000.000100`),
	} {
		if m, err := report.ParseSlackVoteMetadata(text); pipeline.KindOf(err) != pipeline.Invalid || m != (report.SlackVoteMetadata{}) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

func TestParseSlackGateValue(t *testing.T) {
	t.Parallel()
	if e, g, ok := report.ParseSlackGateValue(report.SlackGateValue(runUUID, gateUUID)); !ok || e != runUUID || g != gateUUID {
		t.Errorf("%q, %q, %t", e, g, ok)
	}
	for _, s := range []string{"", ":", runUUID, runUUID + ":", ":" + gateUUID, runUUID + ":" + gateUUID + ":", runUUID + ":" + gateUUID + "\n", "a:b", strings.ToUpper(runUUID) + ":" + gateUUID} {
		if e, g, ok := report.ParseSlackGateValue(s); ok || e != "" || g != "" {
			t.Errorf("%q is %q and %q", s, e, g)
		}
	}
}

// FuzzSlackVoteMetadata: what is read is written the same.
func FuzzSlackVoteMetadata(f *testing.F) {
	f.Add(ourVote)
	f.Add(strings.Replace(ourVote, "reject", "\u0072eject", 1))
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := report.ParseSlackVoteMetadata(text); err == nil && m.String() != text {
			t.Fatalf("%q is read as %+v", text, m)
		}
	})
}
