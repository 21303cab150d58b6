package api

// ProblemType is the content type of what went wrong (RFC 9457).
const ProblemType = "application/problem+json"

// Problem is an answer that is not what was asked for.
type Problem struct {
	Type    string   `json:"type" doc:"Always about:blank: the status says what kind it is."`
	Title   string   `json:"title" doc:"The status in words."`
	Status  int      `json:"status"`
	Detail  string   `json:"detail" doc:"What went wrong, and what to do, for people."`
	Field   string   `json:"field,omitempty" doc:"The parameter or field that is wrong."`
	Allowed []string `json:"allowed,omitempty" doc:"What could have been given instead."`
}

// Error returns the sentence for people.
func (p *Problem) Error() string { return p.Detail }
