package emulator

import "maps"

// event is one webhook to be sent to every installation that listens.
type event struct {
	name, action string
	repo         *repository
	sender       *user
	only         *app   // when just one app may hear of it
	always       bool   // goes out whether subscribed to or not
	lane         string // events of one lane arrive in order
	payload      object
}

// emit sends an event to the apps installed on its repository. What is common
// to all payloads is added here.
func (g *GitHub) emit(e event) {
	for _, i := range g.installationsFor(e.repo) {
		if !i.hears(e) {
			continue
		}
		payload := maps.Clone(e.payload)
		if e.action != "" {
			payload["action"] = e.action
		}
		if payload["repository"] == nil {
			payload["repository"] = g.repositoryJSON(e.repo)
		}
		if e.repo.owner.Type == TypeOrganization {
			payload["organization"] = g.organizationJSON(e.repo.owner)
		}
		payload["sender"] = g.userJSON(e.sender)
		payload["installation"] = installationRef(i)
		g.queueDelivery(i.app, e, i.id, payload)
	}
}

func (i *installation) hears(e event) bool {
	if e.only != nil && e.only != i.app {
		return false
	}
	if !e.always && !i.app.subscribes(e.name) {
		return false
	}
	names := eventPermission(e.name)
	for _, name := range names {
		if i.granted.allows(name, "read") {
			return true
		}
	}
	return names == nil
}

// laneOf keeps what concerns one branch in order.
func laneOf(r *repository, branch string) string { return sprintf("%d/%s", r.id, branch) }

func (p *pullRequest) lane() string {
	if p.head == nil || p.fromFork() {
		return sprintf("%d#%d", p.base.id, p.number)
	}
	return laneOf(p.base, p.headRef)
}

func (g *GitHub) sendPush(r *repository, p *push, by *user) {
	commits := []object{}
	for _, c := range p.commits {
		commits = append(commits, g.pushCommitJSON(r, c, p.changes[c.sha]))
	}
	payload := object{
		"ref": p.name, "before": or(p.before, zeroSHA), "after": or(p.after, zeroSHA),
		"created": p.before == "", "deleted": p.after == "", "forced": p.forced,
		"base_ref": nilIfEmpty(p.baseRef), "compare": g.compareURL(r, p),
		"commits": commits, "head_commit": nil,
		"pusher":     object{"name": by.Login, "email": by.Email},
		"repository": g.pushRepositoryJSON(r),
	}
	if p.head != nil {
		payload["head_commit"] = g.pushCommitJSON(r, p.head, p.changes[p.head.sha])
	}
	lane := p.name
	if branch, ok := p.branch(); ok {
		lane = branch
	}
	g.emit(event{name: "push", repo: r, sender: by, lane: laneOf(r, lane), payload: payload})
}

func (g *GitHub) compareURL(r *repository, p *push) string {
	switch {
	case p.before == "" && len(p.commits) == 1:
		return g.page("%s/commit/%s", r.fullName(), p.after)
	case p.before == "":
		branch, _ := p.branch()
		return g.page("%s/compare/%s", r.fullName(), escapePath(branch))
	default:
		return g.page("%s/compare/%s...%s", r.fullName(), p.before[:12], or(p.after, zeroSHA)[:12])
	}
}

func (g *GitHub) sendPull(p *pullRequest, action string, by *user, more object) {
	payload := object{"number": p.number, "pull_request": g.pullJSON(p, nil)}
	maps.Copy(payload, more)
	g.emit(event{name: "pull_request", action: action, repo: p.base, sender: by, lane: p.lane(), payload: payload})
}

func (g *GitHub) sendComment(c *comment, action string, by *user, more object) {
	payload := object{"issue": g.issueJSON(c.pull), "comment": g.commentJSON(c)}
	maps.Copy(payload, more)
	g.emit(event{name: "issue_comment", action: action, repo: c.pull.base, sender: by, lane: c.pull.lane(), payload: payload})
}

// sendCheckSuite tells the app whose suite it is.
func (g *GitHub) sendCheckSuite(s *checkSuite, action string, by *user) {
	g.emit(event{
		name: "check_suite", action: action, repo: s.repo, sender: by, only: s.app, always: true,
		lane: laneOf(s.repo, or(s.headBranch, s.headSHA)), payload: object{"check_suite": g.checkSuiteJSON(s)},
	})
}

// sendCheckRun tells the owning app of buttons, and all who subscribe of changes.
func (g *GitHub) sendCheckRun(c *checkRun, action string, by *user, more object) {
	e := event{
		name: "check_run", action: action, repo: c.repo, sender: by,
		lane: laneOf(c.repo, or(c.suite.headBranch, c.HeadSHA)), payload: object{"check_run": g.checkRunEventJSON(c)},
	}
	if action == "rerequested" || action == "requested_action" {
		e.only, e.always = c.suite.app, true
	}
	maps.Copy(e.payload, more)
	g.emit(e)
}

// The installation events reach their app always.

func (g *GitHub) sendInstallation(i *installation, action string, repositories []*repository) {
	payload := object{
		"action": action, "installation": g.installationJSON(i), "sender": g.userJSON(i.account), "requester": nil,
		"repositories": renderAll(repositories, g.shortRepositoryJSON),
	}
	e := event{name: "installation", action: action, lane: sprintf("installation %d", i.id)}
	g.queueDelivery(i.app, e, i.id, payload)
}

func (g *GitHub) sendSelection(i *installation, action string, repositories []*repository) {
	payload := object{
		"action": action, "installation": g.installationJSON(i), "sender": g.userJSON(i.account), "requester": nil,
		"repository_selection": "selected", "repositories_added": []object{}, "repositories_removed": []object{},
	}
	payload["repositories_"+action] = renderAll(repositories, g.shortRepositoryJSON)
	e := event{name: "installation_repositories", action: action, lane: sprintf("installation %d", i.id)}
	g.queueDelivery(i.app, e, i.id, payload)
}

func (g *GitHub) sendPing(a *app) {
	payload := object{
		"zen": "Keep it logically awesome.", "hook_id": a.hookID,
		"hook": object{
			"type": "App", "id": a.hookID, "name": "web", "active": true, "events": a.events, "app_id": a.id,
			"config":     g.hookConfigJSON(a),
			"updated_at": stamp(a.updatedAt), "created_at": stamp(a.createdAt),
			"deliveries_url": g.api("app/hook/deliveries"),
		},
	}
	g.queueDelivery(a, event{name: "ping", lane: "ping"}, 0, payload)
}

func (g *GitHub) hookConfigJSON(a *app) object {
	o := object{"content_type": "json", "insecure_ssl": "0", "url": a.hookURL}
	if a.hookSecret != "" {
		o["secret"] = "********"
	}
	return o
}
