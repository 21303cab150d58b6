package githubapp

import (
	"net/url"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// wireOrigin is what all payloads have.
type wireOrigin struct {
	Action       string            `json:"action"`
	Repository   *wireRepository   `json:"repository"`
	Installation *wireInstallation `json:"installation"`
	Sender       *wireUser         `json:"sender"`
}

// wireEvent is the union of the fields that we use, of the events that we use.
// Everything else is skipped, so it may hold anything.
type wireEvent struct {
	wireOrigin

	Ref        string      `json:"ref"`
	Before     string      `json:"before"`
	After      string      `json:"after"`
	Created    bool        `json:"created"`
	Deleted    bool        `json:"deleted"`
	Forced     bool        `json:"forced"`
	Compare    string      `json:"compare"`
	HeadCommit *wireCommit `json:"head_commit"`

	PullRequest *wirePull `json:"pull_request"`
	Changes     *struct {
		Base *struct {
			Ref struct {
				From string `json:"from"`
			} `json:"ref"`
		} `json:"base"`
	} `json:"changes"`

	MergeGroup *struct {
		HeadSHA    string      `json:"head_sha"`
		HeadRef    string      `json:"head_ref"`
		BaseSHA    string      `json:"base_sha"`
		BaseRef    string      `json:"base_ref"`
		HeadCommit *wireCommit `json:"head_commit"`
	} `json:"merge_group"`
	Reason string `json:"reason"`

	Issue *struct {
		Number      int       `json:"number"`
		State       string    `json:"state"`
		PullRequest *struct{} `json:"pull_request"`
	} `json:"issue"`
	Comment *struct {
		ID        int64     `json:"id"`
		Body      string    `json:"body"`
		HTMLURL   string    `json:"html_url"`
		User      *wireUser `json:"user"`
		CreatedAt stamp     `json:"created_at"`
		UpdatedAt stamp     `json:"updated_at"`
	} `json:"comment"`

	CheckRun *struct {
		ID         int64    `json:"id"`
		Name       string   `json:"name"`
		HeadSHA    string   `json:"head_sha"`
		ExternalID string   `json:"external_id"`
		Status     string   `json:"status"`
		Conclusion string   `json:"conclusion"`
		App        *wireApp `json:"app"`
		CheckSuite *struct {
			ID int64 `json:"id"`
		} `json:"check_suite"`
		PullRequests []wirePullNumber `json:"pull_requests"`
	} `json:"check_run"`
	CheckSuite *struct {
		ID           int64            `json:"id"`
		HeadSHA      string           `json:"head_sha"`
		HeadBranch   string           `json:"head_branch"`
		App          *wireApp         `json:"app"`
		PullRequests []wirePullNumber `json:"pull_requests"`
	} `json:"check_suite"`
	RequestedAction *struct {
		Identifier string `json:"identifier"`
	} `json:"requested_action"`

	Repositories        []wireShortRepository `json:"repositories"`
	RepositoriesAdded   []wireShortRepository `json:"repositories_added"`
	RepositoriesRemoved []wireShortRepository `json:"repositories_removed"`

	HookID int64 `json:"hook_id"`
	Hook   *struct {
		AppID int64 `json:"app_id"`
	} `json:"hook"`
}

type wireRepository struct {
	ID            int64     `json:"id"`
	Name          string    `json:"name"`
	Owner         *wireUser `json:"owner"`
	DefaultBranch string    `json:"default_branch"`
	CloneURL      string    `json:"clone_url"`
	HTMLURL       string    `json:"html_url"`
	PushedAt      stamp     `json:"pushed_at"`
}

type wireShortRepository struct {
	ID       int64  `json:"id"`
	FullName string `json:"full_name"`
}

type wireInstallation struct {
	ID      int64     `json:"id"`
	AppID   int64     `json:"app_id"`
	HTMLURL string    `json:"html_url"`
	Account *wireUser `json:"account"`
}

type wireUser struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Name  string `json:"name"` // of owners in pushes, where an old server leaves login out
	Type  string `json:"type"`
}

type wireApp struct {
	ID int64 `json:"id"`
}

type wirePullNumber struct {
	Number int `json:"number"`
}

type wireCommit struct {
	ID      string `json:"id"`
	Message string `json:"message"`
	URL     string `json:"url"`
	Author  struct {
		Name     string `json:"name"`
		Email    string `json:"email"`
		Username string `json:"username"`
	} `json:"author"`
}

type wirePull struct {
	ID             int64      `json:"id"`
	Number         int        `json:"number"`
	State          string     `json:"state"`
	Draft          bool       `json:"draft"`
	Merged         bool       `json:"merged"`
	Title          string     `json:"title"`
	HTMLURL        string     `json:"html_url"`
	User           *wireUser  `json:"user"`
	MergedBy       *wireUser  `json:"merged_by"`
	MergeCommitSHA string     `json:"merge_commit_sha"`
	Head           wireBranch `json:"head"`
	Base           wireBranch `json:"base"`
	CreatedAt      stamp      `json:"created_at"`
	UpdatedAt      stamp      `json:"updated_at"`
	ClosedAt       stamp      `json:"closed_at"`
	MergedAt       stamp      `json:"merged_at"`
	Labels         []struct {
		Name string `json:"name"`
	} `json:"labels"`
}

type wireBranch struct {
	Ref  string `json:"ref"`
	SHA  string `json:"sha"`
	Repo *struct {
		ID int64 `json:"id"`
	} `json:"repo"`
}

func (u *wireUser) account() Account {
	if u == nil {
		return Account{}
	}
	return newAccount(u.ID, u.Login, u.Type)
}

func (a *wireApp) id() int64 {
	if a == nil {
		return 0
	}
	return a.ID
}

func (w *wireOrigin) origin() Origin {
	o := Origin{Action: w.Action, Sender: w.Sender.account()}
	if w.Installation != nil {
		o.Installation = w.Installation.ID
	}
	if r := w.Repository; r != nil {
		o.Repository = pipeline.Repository{
			Host: hostOf(r.HTMLURL), ID: r.ID, Name: r.Name, DefaultBranch: r.DefaultBranch,
			CloneURL: r.CloneURL, WebURL: r.HTMLURL, Installation: o.Installation,
		}
		if r.Owner != nil {
			o.Repository.Owner = r.Owner.Login
			if r.Owner.Login == "" {
				o.Repository.Owner = r.Owner.Name
			}
		}
	}
	return o
}

// hostOf is the host of a page in lower case, or empty.
func hostOf(page string) string {
	u, err := url.Parse(page)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}
