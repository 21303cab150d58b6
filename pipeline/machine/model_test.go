package machine_test

import (
	"maps"
	"slices"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
)

// lane is a second machine, written from the reference and the design and not from
// package machine: slow, and as obvious as we could make it. TestModel holds the two
// against each other. It shares nothing with package machine but the words of
// package pipeline: inputs, declarations and statuses.
type lane struct {
	pull      bool
	now       time.Time
	runs      []*run // oldest first, in the order of the ref
	changes   []told // accepted changes of the ref, oldest first
	closedAt  time.Time
	shut      map[door]bool
	entered   map[string]string // per stage, the newest run that entered it
	succeeded map[string]string // per stage, the newest run that succeeded there

	toRead []question // rules that are asked for and not read

	// What the turn asks of the world.
	starts    []string        // attempts to start
	asked     map[string]bool // attempts that were ever asked to stop
	claims    []string        // environments that are claimed, or given back, by a run's stage
	rollbacks []string        // runs whose failed stage is to be rolled back
}

// refusal is why an input makes no sense now; empty: it makes sense.
type refusal string

const (
	conflict refusal = "conflict"
	notFound refusal = "not found"
)

type door struct {
	stage string
	ofAll bool
}

type told struct {
	at            time.Time
	before, after string
	run           string
}

// question is for the rules of a stage's environment, or of a gate of its own.
type question struct {
	run, stage, attempt string
}

type run struct {
	id       string
	def      *pipeline.Pipeline
	status   pipeline.ExecutionStatus
	failure  pipeline.FailureType
	stages   []*stage
	stopAs   pipeline.ExecutionStatus // "": nobody has stopped it
	abandon  bool
	rollback bool
	asked    bool // by somebody, as a rollback
}

type stage struct {
	name        string
	status      pipeline.StageStatus
	failure     pipeline.FailureType
	gate        *gate
	environment string // "", waiting, held
	newest      map[string]*attempt
	tries       map[string]int
	conditions  map[pipeline.ConditionBlock]*verdict
	rules       []*attempt // every attempt of every rule
	gates       int        // that were opened for its environment
	autoRetried bool
	rollingBack bool
	asks, read  bool // the rules of its environment
}

type attempt struct {
	key     string
	status  pipeline.ActionStatus
	failure pipeline.FailureType
	gate    *gate // it waits for people
	again   bool  // it is to run once more
	asks    bool  // the rules of its gate
}

type gate struct {
	key     string
	status  pipeline.ApprovalStatus
	needs   int
	yes     map[int64]bool
	expires time.Time
}

type verdict struct {
	status pipeline.ConditionStatus // "": to be evaluated anew
	rules  []*attempt
}

func newLane(pull bool) *lane {
	return &lane{pull: pull, shut: map[door]bool{}, entered: map[string]string{}, succeeded: map[string]string{}, asked: map[string]bool{}}
}

// The questions that rules ask.

func (r *run) over() bool {
	return r.status != pipeline.ExecutionInProgress && r.status != pipeline.ExecutionStopping
}

func (r *run) mode() pipeline.ExecutionMode {
	if r.def.ExecutionMode == "" {
		return pipeline.ModeSuperseded
	}
	return r.def.ExecutionMode
}

func (r *run) parallel() bool { return r.mode() == pipeline.ModeParallel }

func (r *run) stage(name string) *stage {
	for _, s := range r.stages {
		if s.name == name {
			return s
		}
	}
	return nil
}

// at is the first stage that the run is not done with.
func (r *run) at() *stage {
	for _, s := range r.stages {
		if s.status != pipeline.StageSucceeded && s.status != pipeline.StageSkipped {
			return s
		}
	}
	return nil
}

// waitsFor is the stage in front of which the run stands, or "".
func (r *run) waitsFor() string {
	if s := r.at(); s != nil && s.status == "" && !r.over() && r.stopAs == "" {
		return s.name
	}
	return ""
}

func (s *stage) inside() bool {
	return s != nil && (s.status == pipeline.StageInProgress || s.status == pipeline.StageStopping)
}

func (s *stage) passed() bool {
	return s.status == pipeline.StageSucceeded || s.status == pipeline.StageSkipped
}

func (s *stage) running() bool {
	for _, a := range s.newest {
		if a.status == pipeline.ActionInProgress {
			return true
		}
	}
	return false
}

// onlyAsks reports whether all that the run does in the stage is to wait to be let
// into its environment.
func (s *stage) onlyAsks() bool {
	return s.inside() && s.asks && s.environment == "" && len(s.tries) == 0
}

func (a *attempt) failed() bool {
	return a.status == pipeline.ActionFailed || a.status == pipeline.ActionAbandoned
}

func (l *lane) run(id string) *run {
	for _, r := range l.runs {
		if r.id == id {
			return r
		}
	}
	return nil
}

// newer reports whether a is newer than b in the order of the ref.
func (l *lane) newer(a, b string) bool {
	place := func(id string) int { return slices.IndexFunc(l.runs, func(r *run) bool { return r.id == id }) }
	return place(a) > place(b)
}

func (l *lane) unfinished() (n int) {
	for _, r := range l.runs {
		if !r.over() {
			n++
		}
	}
	return n
}

// copy lets a turn that is refused be forgotten.
func (l *lane) copy() *lane {
	c := *l
	c.changes, c.toRead = slices.Clone(l.changes), slices.Clone(l.toRead)
	c.shut, c.entered, c.succeeded, c.asked = maps.Clone(l.shut), maps.Clone(l.entered), maps.Clone(l.succeeded), maps.Clone(l.asked)
	c.runs = nil
	for _, r := range l.runs {
		r := *r
		stages := r.stages
		r.stages = nil
		for _, s := range stages {
			r.stages = append(r.stages, s.copy())
		}
		c.runs = append(c.runs, &r)
	}
	return &c
}

func (s *stage) copy() *stage {
	c := *s
	c.gate = s.gate.copy()
	c.tries = maps.Clone(s.tries)
	c.newest = map[string]*attempt{}
	for name, a := range s.newest {
		b := *a
		b.gate = a.gate.copy()
		c.newest[name] = &b
	}
	same := map[*attempt]*attempt{}
	c.rules = nil
	for _, rule := range s.rules {
		r := *rule
		same[rule] = &r
		c.rules = append(c.rules, &r)
	}
	c.conditions = map[pipeline.ConditionBlock]*verdict{}
	for block, v := range s.conditions {
		w := &verdict{status: v.status}
		for _, rule := range v.rules {
			w.rules = append(w.rules, same[rule])
		}
		c.conditions[block] = w
	}
	return &c
}

func (g *gate) copy() *gate {
	if g == nil {
		return nil
	}
	c := *g
	c.yes = maps.Clone(g.yes)
	return &c
}
