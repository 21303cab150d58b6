package emulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// createDeployment has GitHub's defaults, which bite: every status of the commit must
// be green, and a branch must have all of the default branch. (GitHub merges that in,
// where it can; here it is always a conflict.)
func (c *call) createDeployment() (reply, error) {
	var in struct {
		Ref              string    `json:"ref"`
		Task             string    `json:"task"`
		AutoMerge        *bool     `json:"auto_merge"`
		RequiredContexts *[]string `json:"required_contexts"`
		Payload          any       `json:"payload"`
		Environment      string    `json:"environment"`
		Description      string    `json:"description"`
		Transient        bool      `json:"transient_environment"`
		Production       *bool     `json:"production_environment"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if in.Ref == "" {
		return reply{}, invalidRequest("\"ref\" wasn't supplied.")
	}
	if utf8.RuneCountInString(in.Description) > maxDescription {
		return reply{}, invalid("Deployment", "description", "custom", "description is too long (maximum is 140 characters)")
	}
	at, err := c.repo.resolve(in.Ref)
	if err != nil {
		return reply{}, fail(http.StatusUnprocessableEntity, "No ref found for: %s", in.Ref)
	}
	if tip, ok := c.repo.branch(c.repo.defaultBranch); ok && (in.AutoMerge == nil || *in.AutoMerge) {
		if _, branch := c.repo.branch(in.Ref); branch && !c.repo.objects.isAncestor(tip, at.sha) {
			return reply{}, fail(http.StatusConflict, "Conflict merging %s into %s.", c.repo.defaultBranch, in.Ref)
		}
	}
	if !c.contextsGreen(at.sha, in.RequiredContexts) {
		return reply{}, fail(http.StatusConflict, "Conflict: Commit status checks failed for %s.", in.Ref)
	}
	d := &deployment{repo: c.repo, creator: c.actor.account(), via: c.actor.owningApp(), payload: in.Payload, createdAt: c.g.now(), updatedAt: c.g.now()}
	if d.payload == nil {
		d.payload = ""
	}
	d.Deployment = Deployment{
		ID: c.g.nextID(), SHA: at.sha, Ref: in.Ref, Environment: or(in.Environment, "production"), Task: or(in.Task, "deploy"),
		Description: in.Description, Creator: d.creator.Login, Transient: in.Transient,
	}
	if d.Production = d.Environment == "production"; in.Production != nil {
		d.Production = *in.Production
	}
	c.g.deployments = append(c.g.deployments, d)
	c.g.touch()
	return created(c.g.deploymentJSON(d))
}

// contextsGreen says whether the contexts are a success on a commit; nil: all that it has.
func (c *call) contextsGreen(sha string, wanted *[]string) bool {
	states := map[string]string{}
	for _, s := range latestStatuses(c.g.statusesOf(c.repo, sha)) {
		states[strings.ToLower(s.Context)] = s.State
		if wanted == nil && s.State != "success" {
			return false
		}
	}
	return wanted == nil || !slices.ContainsFunc(*wanted, func(name string) bool { return states[strings.ToLower(name)] != "success" })
}

func (c *call) listDeployments() (reply, error) {
	var list []*deployment
	for _, d := range slices.Backward(c.g.deployments) { // newest first
		fits := d.repo == c.repo
		for name, value := range map[string]string{"sha": d.SHA, "ref": d.Ref, "task": d.Task, "environment": d.Environment} {
			asked := c.query(name)
			fits = fits && (asked == "" || asked == "none" || asked == value)
		}
		if fits {
			list = append(list, d)
		}
	}
	return listing(c, list, c.g.deploymentJSON)
}

// deployment finds the one in the path.
func (c *call) deployment() (*deployment, error) {
	for _, d := range c.g.deployments {
		if d.ID == c.id("deployment_id") && d.repo == c.repo {
			return d, nil
		}
	}
	return nil, notFound()
}

func (c *call) getDeployment() (reply, error) {
	d, err := c.deployment()
	if err != nil {
		return reply{}, err
	}
	return ok(c.g.deploymentJSON(d))
}

func (c *call) createDeploymentStatus() (reply, error) {
	var in struct {
		State          string `json:"state"`
		TargetURL      string `json:"target_url"`
		LogURL         string `json:"log_url"`
		Description    string `json:"description"`
		Environment    string `json:"environment"`
		EnvironmentURL string `json:"environment_url"`
		AutoInactive   *bool  `json:"auto_inactive"`
	}
	d, err := c.deployment()
	if err != nil {
		return reply{}, err
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !slices.Contains([]string{"error", "failure", "inactive", "in_progress", "queued", "pending", "success"}, in.State) {
		return reply{}, invalid("DeploymentStatus", "state", "custom", "state is not included in the list")
	}
	if utf8.RuneCountInString(in.Description) > maxDescription {
		return reply{}, invalid("DeploymentStatus", "description", "custom", "description is too long (maximum is 140 characters)")
	}
	for field, value := range map[string]string{"target_url": in.TargetURL, "log_url": in.LogURL, "environment_url": in.EnvironmentURL} {
		if u, err := url.Parse(value); value != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https") {
			return reply{}, invalid("DeploymentStatus", field, "custom", field+" must use http(s) scheme")
		}
	}
	d.Environment = or(in.Environment, d.Environment)
	s := c.g.addStatus(d, DeploymentStatus{
		State: in.State, Description: in.Description, LogURL: or(in.LogURL, in.TargetURL), EnvironmentURL: in.EnvironmentURL,
	}, in.AutoInactive == nil || *in.AutoInactive)
	c.g.touch()
	return created(c.g.deploymentStatusJSON(d, s))
}

func (c *call) listDeploymentStatuses() (reply, error) {
	d, err := c.deployment()
	if err != nil {
		return reply{}, err
	}
	list := slices.Clone(d.Statuses)
	slices.Reverse(list)
	return listing(c, list, func(s DeploymentStatus) object { return c.g.deploymentStatusJSON(d, s) })
}
