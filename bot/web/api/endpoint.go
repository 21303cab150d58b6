package api

// Prefix is where the API begins.
const Prefix = "/api/v1"

// Endpoint is one thing that can be asked. Server and document are made of the same
// list, so that neither can have what the other lacks.
type Endpoint struct {
	ID      string // operationId
	Method  string
	Path    string // after Prefix, parameters as {name}
	Summary string // a sentence
	Detail  string // more sentences; may be empty
	Query   []Parameter
	Body    any // a zero value of what must be sent; nil: nothing
	Answer  any // a zero value of what is answered
	Type    string
	Status  int
}

// Parameter is a parameter of the query.
type Parameter struct {
	Name string
	Type string // string, integer or boolean
	Enum []string
	Doc  string
}

// Writes reports whether the endpoint changes something.
func (e Endpoint) Writes() bool { return e.Method != "GET" }

// Content types of answers that are no JSON object.
const (
	jsonType  = "application/json"
	LinesType = "application/x-ndjson"
	ZstdType  = "application/zstd"
)

// Limits of what a page of a list has.
const (
	DefaultPage = 50
	MaxPage     = 200
)

// MaxWait is how long an answer may be held back at most, in seconds.
const MaxWait = 60

// Endpoints are all there are. The slice is the caller's.
func Endpoints() []Endpoint {
	list := append(readEndpoints(), writeEndpoints()...)
	for i := range list {
		if list[i].Type == "" {
			list[i].Type = jsonType
		}
		if list[i].Status == 0 {
			list[i].Status = 200
		}
	}
	return list
}

const (
	repositoryPath = "/repositories/{owner}/{repository}"
	pipelinePath   = repositoryPath + "/pipelines/{pipeline}"
	environments   = repositoryPath + "/environments"
)

func pageParameters() []Parameter {
	return []Parameter{
		{Name: "before", Type: "string", Doc: "What the page before has answered as next."},
		{Name: "limit", Type: "integer", Doc: "How many at most, 1 to 200; 50 if left out."},
	}
}

func readEndpoints() []Endpoint {
	return []Endpoint{
		{ID: "openapi", Method: "GET", Path: "/openapi.json", Summary: "This document.", Answer: map[string]any{}},
		{
			ID: "listRuns", Method: "GET", Path: "/runs", Summary: "Lists runs that one may see, the newest first.", Answer: Runs{},
			Query: append([]Parameter{
				{Name: "repository", Type: "string", Doc: "OWNER/NAME."},
				{Name: "pipeline", Type: "string", Doc: "Its name; needs repository."},
				{Name: "lane", Type: "string", Doc: "branch:NAME, tag:NAME or pull:NUMBER; needs repository."},
				{Name: "sha", Type: "string", Doc: "A whole commit id."},
				{Name: "status", Type: "string", Enum: runStatuses(), Doc: "Only runs with this status."},
				{Name: "waiting", Type: "string", Enum: []string{"gates"}, Doc: "gates: only runs with a gate that waits for votes."},
			}, pageParameters()...),
		},
		{
			ID: "getRun", Method: "GET", Path: "/runs/{id}", Summary: "Shows a run.", Answer: Run{},
			Detail: "The answer has an ETag. With If-None-Match and wait the answer is held back until the run has changed, or the time has passed (304).",
			Query:  []Parameter{{Name: "wait", Type: "integer", Doc: "How many seconds to wait for a change at most, 0 to 60."}},
		},
		{
			ID: "findRun", Method: "GET", Path: repositoryPath + "/runs/{number}", Summary: "Shows the run of a number.", Answer: Run{},
			Detail: "Each pipeline counts its runs. Where several have come to that number, pipeline says which is meant; without it the answer is 409 and names them.",
			Query:  []Parameter{{Name: "pipeline", Type: "string", Doc: "Its name."}},
		},
		{
			ID: "why", Method: "GET", Path: "/runs/{id}/why", Summary: "Says what a run waits for and who can move it, or why it ended.", Answer: Why{},
		},
		{
			ID: "getLog", Method: "GET", Path: "/runs/{id}/logs/{attempt}", Summary: "Reads the log of an attempt, a JSON object a line.", Answer: LogLine{}, Type: LinesType,
			Query: []Parameter{
				{Name: "from", Type: "integer", Doc: "The first line, counted from 1."},
				{Name: "follow", Type: "boolean", Doc: "Go on until the attempt has ended; the last object then has end."},
			},
		},
		{ID: "listArtifacts", Method: "GET", Path: "/runs/{id}/artifacts", Summary: "Lists what a run has made.", Answer: Artifacts{}},
		{
			ID: "getArtifact", Method: "GET", Path: "/runs/{id}/artifacts/{name}", Summary: "Downloads an artifact as .tar.zst.", Type: ZstdType, Answer: []byte{},
			Detail: "The header Penstock-Digest is that of the tar inside.",
		},
		{
			ID: "listTransitions", Method: "GET", Path: pipelinePath + "/transitions", Summary: "Lists the doors into stages that somebody has touched.", Answer: Transitions{},
		},
		{ID: "listEnvironments", Method: "GET", Path: environments, Summary: "Lists the environments that the default branch declares, with their locks.", Answer: Environments{}},
		{
			ID: "listJudgements", Method: "GET", Path: repositoryPath + "/judgements", Summary: "Says how pushes and pull requests were judged: what they started, or why nothing.", Answer: Judgements{},
			Query: append([]Parameter{{Name: "sha", Type: "string", Doc: "Only of this commit: the id or its beginning, 7 digits at least."}}, pageParameters()...),
		},
	}
}

func writeEndpoints() []Endpoint {
	return []Endpoint{
		{
			ID: "startRun", Method: "POST", Path: pipelinePath + "/runs", Summary: "Starts a run of a branch or tag.", Body: Start{}, Answer: Run{}, Status: 201,
			Detail: "The pipeline file of that commit counts, as for a push.",
		},
		{ID: "stop", Method: "POST", Path: "/runs/{id}/stop", Summary: "Stops a run before its last stage.", Body: Stop{}, Answer: Run{}},
		{ID: "retry", Method: "POST", Path: "/runs/{id}/retry", Summary: "Runs a failed stage again, in the same run.", Body: Retry{}, Answer: Run{}},
		{
			ID: "approve", Method: "POST", Path: "/runs/{id}/approve", Summary: "Approves an open gate.", Body: Decision{}, Answer: Run{},
			Detail: "A vote that the gate's policy does not count is 409, with the reason.",
		},
		{ID: "reject", Method: "POST", Path: "/runs/{id}/reject", Summary: "Rejects an open gate; the run then fails.", Body: Decision{}, Answer: Run{}},
		{
			ID: "unapprove", Method: "POST", Path: "/runs/{id}/unapprove", Summary: "Takes one's own vote on an open gate back.", Body: Withdrawal{}, Answer: Run{},
			Detail: "What is decided stays decided: then the answer is 409.",
		},
		{
			ID: "override", Method: "POST", Path: "/runs/{id}/override", Summary: "Opens a gate, or passes a freeze, against the rules; or passes a condition.", Body: Override{}, Answer: Run{},
			Detail: "With gate it takes one of those whom the rules list under override. Without, stage and condition say what has failed or still is evaluated.",
		},
		{
			ID: "rollback", Method: "POST", Path: pipelinePath + "/rollback", Summary: "Starts a run that brings a stage back to where an earlier run had it.", Body: RollbackTo{}, Answer: Run{}, Status: 201,
			Detail: "The door into that stage is closed then, so that the next run does not undo it.",
		},
		{ID: "setTransition", Method: "PUT", Path: pipelinePath + "/transitions", Summary: "Opens or closes the door into a stage.", Body: SetTransition{}, Answer: Transitions{}},
		{ID: "setLock", Method: "PUT", Path: environments + "/{environment}/lock", Summary: "Locks an environment, so that no run gets in, or unlocks it.", Body: SetLock{}, Answer: Environments{}},
	}
}

func runStatuses() []string {
	return []string{"InProgress", "Stopping", "Stopped", "Succeeded", "Failed", "Superseded", "Cancelled"}
}
