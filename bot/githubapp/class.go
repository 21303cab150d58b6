package githubapp

import "context"

// Class is how urgent a call is. While a limit is near, the less urgent ones are
// held back first, so that something is left for the others.
type Class int

const (
	// Urgent is what somebody or something waits for: what a vote or a start has to
	// know, and the answer to a command. It is the class of calls that name none.
	Urgent Class = iota
	// End reports an end, or a gate.
	End
	// Start reports that something began.
	Start
	// Progress reports anything else.
	Progress

	classes = int(Progress) + 1
)

// String is the class in lower case, as in metrics.
func (c Class) String() string {
	return [classes]string{"urgent", "end", "start", "progress"}[c]
}

// reserve is how much of a limit this class leaves to the more urgent ones: of a
// limit that fills up again within a minute or so, and of the hour's requests.
func (c Class) reserve(limit int) int { return limit * [classes]int{0, 5, 25, 50}[c] / 100 }
func (c Class) save(limit int) int    { return limit * [classes]int{0, 2, 10, 20}[c] / 100 }

type classKey struct{}

// WithClass gives the calls made with the context a class.
func WithClass(ctx context.Context, c Class) context.Context {
	return context.WithValue(ctx, classKey{}, c)
}

// classOf is the class of a context's calls.
func classOf(ctx context.Context) Class {
	c, _ := ctx.Value(classKey{}).(Class)
	return c
}
