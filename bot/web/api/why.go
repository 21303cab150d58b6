package api

import "time"

// Why explains a run.
type Why struct {
	Run   Run       `json:"run"`
	Lines []WhyLine `json:"lines" doc:"What it waits for, or why it ended."`
}

// WhyLine is one thing that a run waits for, or why it ended.
type WhyLine struct {
	Text string `json:"text" doc:"A sentence."`
	Move string `json:"move,omitempty" doc:"Who or what can move it, and how."`
}

// Transitions are the doors of a pipeline that somebody has touched. All others are
// open.
type Transitions struct {
	Transitions []Transition `json:"transitions"`
}

// Transition is the door into a stage.
type Transition struct {
	Stage   string    `json:"stage"`
	Lane    string    `json:"lane,omitempty" doc:"Left out: every lane's."`
	Enabled bool      `json:"enabled"`
	Reason  string    `json:"reason,omitempty"`
	By      string    `json:"by,omitempty"`
	At      time.Time `json:"at"`
}

// Environments are those that the default branch of a repository declares.
type Environments struct {
	Environments []Environment `json:"environments"`
}

// Environment is a place that runs enter one at a time.
type Environment struct {
	Name   string    `json:"name"`
	Locked bool      `json:"locked" doc:"No run gets in."`
	Reason string    `json:"reason,omitempty"`
	By     string    `json:"by,omitempty" doc:"Who locked or unlocked it last."`
	At     time.Time `json:"at,omitzero"`
}

// Judgements say how changes of a repository were judged.
type Judgements struct {
	Judgements []Judgement `json:"judgements" doc:"The newest first."`
	Next       string      `json:"next,omitempty" doc:"The value of before for the next page; left out on the last."`
}

// Judgement is what became of a push or a change of a pull request.
type Judgement struct {
	Delivery    string    `json:"delivery" doc:"GitHub's id of the webhook delivery."`
	Event       string    `json:"event"`
	Action      string    `json:"action,omitempty"`
	Ref         string    `json:"ref,omitempty"`
	SHA         string    `json:"sha,omitempty"`
	PullRequest int       `json:"pullRequest,omitempty"`
	Status      string    `json:"status" enum:"Received,Done,Ignored,Dead"`
	Note        string    `json:"note,omitempty" doc:"What it led to, or why to nothing."`
	ReceivedAt  time.Time `json:"receivedAt"`
}
