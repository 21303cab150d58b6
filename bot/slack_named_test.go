package bot_test

import "testing"

// What is named and does not wait is answered with what does, and counts for nothing.
func TestWhatIsNamedInSlackHasToWait(t *testing.T) {
	t.Parallel()
	h := newSlackTest(t, pullsShip)
	h.pull()
	h.slack.gate()
	for text, answer := range map[string]string{
		"approve octo-org/other production": "`octo-org/other` does not wait for an answer. What does:",
		"reject production 7654321 too old": "`7654321` is not the commit that waits.",
	} {
		if _, err := h.slack.Slash("hubot", "releases", "/penstock", text); err != nil {
			t.Fatal(err)
		}
		h.slack.told("hubot", answer)
	}
	if votes := h.runs(1)[0].AllGates()[0].Votes; len(votes) != 0 {
		t.Errorf("votes %+v", votes)
	}
}
