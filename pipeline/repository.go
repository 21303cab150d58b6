package pipeline

// Repository names a repository of a forge. Host and ID identify it; Owner and
// Name are for display and for API paths, and may change.
type Repository struct {
	Host          string `json:"host"` // "github.com", or the GitHub Enterprise Server's
	ID            int64  `json:"id"`
	Owner         string `json:"owner"`
	Name          string `json:"name"`
	DefaultBranch string `json:"default_branch,omitempty"`
	Installation  int64  `json:"installation,omitempty"` // the app installation that reaches it
	CloneURL      string `json:"clone_url,omitempty"`
	WebURL        string `json:"web_url,omitempty"`
}

// FullName is owner/name.
func (r Repository) FullName() string { return r.Owner + "/" + r.Name }
