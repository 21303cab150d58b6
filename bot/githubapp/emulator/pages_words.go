package emulator

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

func shortSHA(sha string) string { return sha[:min(7, len(sha))] }

// icon is the sign of a check's or status's state.
func icon(state string) string {
	switch state {
	case "success":
		return "✓"
	case "failure", "timed_out", "error":
		return "✗"
	case "action_required":
		return "!"
	case "cancelled", "skipped", "neutral", "stale":
		return "⊘"
	case "notice":
		return "i"
	default:
		return "●"
	}
}

// words is a state as people write it.
func words(state string) string { return strings.ReplaceAll(state, "_", " ") }

// sumUp says in a sentence what commitState means.
func sumUp(state string) string {
	switch state {
	case "":
		return "No checks yet"
	case "failure", "error", "timed_out":
		return "Some checks were not successful"
	case "cancelled":
		return "Some checks were cancelled"
	case "action_required":
		return "A check waits for somebody"
	case "in_progress", "queued", "pending":
		return "Some checks are not finished yet"
	default:
		return "All checks have passed"
	}
}

func annotationIcon(level string) string {
	switch level {
	case "failure":
		return "failure"
	case "warning":
		return "action_required"
	default:
		return "neutral"
	}
}

// took is a time span in whole seconds; what took less than one shows nothing.
func took(from, to time.Time) string {
	span := to.Sub(from).Round(time.Second)
	if from.IsZero() || to.IsZero() || span <= 0 {
		return ""
	}
	return span.String()
}

// avatar draws a square whose colour comes from the user's id.
func avatar(w http.ResponseWriter, r *http.Request) {
	n, _ := strconv.Atoi(r.FormValue("u"))
	w.Header().Set("Content-Type", "image/svg+xml")
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="hsl(%d 50%% 55%%)"/></svg>`, n*67%360)
}
