package definition

// place is where an action or a rule stands in the order of the pipeline.
type place struct {
	stage     int
	runOrder  int
	stageName string
	action    string
	// Whether the stage, or the action itself, may be skipped.
	stageSkips, actionSkips bool
}

// Where the rules of a stage stand among its actions.
const (
	beforeActions = 0
	afterActions  = 1000
)

// before reports whether whatever stands at p is certainly over, or skipped, when
// q starts.
func (p place) before(q place) bool {
	return p.stage < q.stage || p.stage == q.stage && p.runOrder < q.runOrder
}

// skippable reports whether p may be skipped where q is not, as far as that can be
// told without comparing their conditions.
func (p place) skippable(q place) bool {
	return p.actionSkips && !q.actionSkips && !q.stageSkips || p.stageSkips && p.stage != q.stage && !q.stageSkips && !q.actionSkips
}
