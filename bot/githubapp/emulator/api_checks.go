package emulator

import (
	"net/http"
	"slices"
	"strconv"
)

// mostSameName is how many runs of one name a suite keeps.
const mostSameName = 1000

func (c *call) createCheckRun() (reply, error) {
	var in checkRunInput
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	switch {
	case in.Name == nil:
		return reply{}, invalidRequest("\"name\" wasn't supplied.")
	case in.HeadSHA == nil:
		return reply{}, invalidRequest("\"head_sha\" wasn't supplied.")
	case in.Output != nil && in.Output.Title == nil:
		return reply{}, invalidRequest("\"title\" wasn't supplied.")
	}
	if err := in.check(); err != nil {
		return reply{}, err
	}
	if !isSHA(*in.HeadSHA) {
		return reply{}, fail(http.StatusUnprocessableEntity, "No commit found for SHA: %s", *in.HeadSHA)
	}
	at, err := c.commitNamed(*in.HeadSHA)
	if err != nil {
		return reply{}, err
	}
	a := c.actor.owningApp()
	suite, _ := c.g.suiteFor(a, c.repo, at.sha)
	run := &checkRun{repo: c.repo, suite: suite}
	run.CheckRun = CheckRun{
		ID: c.g.nextID(), SuiteID: suite.id, AppID: a.id, HeadSHA: at.sha, Status: "queued",
		DetailsURL: c.g.page("apps/%s", a.slug), StartedAt: c.g.now(),
	}
	in.apply(run, c.g.now())
	c.g.addRun(run)
	c.g.forgetOldest(run)
	c.runChanged(run)
	c.g.sendCheckRun(run, "created", c.actor.account(), nil)
	if run.Status == "completed" {
		c.g.sendCheckRun(run, "completed", c.actor.account(), nil)
	}
	return created(c.g.checkRunJSON(run))
}

// forgetOldest drops the oldest run of a name when a suite has too many.
func (g *GitHub) forgetOldest(newest *checkRun) {
	same := func(c *checkRun) bool { return c.suite == newest.suite && c.Name == newest.Name }
	key := commitKey{newest.repo.id, newest.HeadSHA}
	n := 0
	for _, c := range g.runsAt[key] {
		if same(c) {
			n++
		}
	}
	if n <= mostSameName {
		return
	}
	i := slices.IndexFunc(g.runsAt[key], same)
	delete(g.runs, g.runsAt[key][i].ID)
	g.runsAt[key] = slices.Delete(g.runsAt[key], i, i+1)
}

func (c *call) runChanged(run *checkRun) {
	run.suite.rerequested, run.suite.updatedAt = false, c.g.now()
	c.g.touch()
}

// run finds the check run in the path.
func (c *call) run() (*checkRun, error) {
	run := c.g.runs[c.id("check_run_id")]
	if run == nil || run.repo != c.repo {
		return nil, notFound()
	}
	return run, nil
}

func (c *call) getCheckRun() (reply, error) {
	run, err := c.run()
	if err != nil {
		return reply{}, err
	}
	return ok(c.g.checkRunJSON(run))
}

func (c *call) updateCheckRun() (reply, error) {
	run, err := c.run()
	if err != nil {
		return reply{}, err
	}
	if run.suite.app != c.actor.owningApp() {
		return reply{}, fail(http.StatusForbidden,
			"Invalid app_id `%d` - check run can only be modified by the GitHub App that created it.", c.actor.owningApp().id)
	}
	var in checkRunInput
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if err := in.check(); err != nil {
		return reply{}, err
	}
	was := run.Status
	in.apply(run, c.g.now())
	run.Updates++
	c.runChanged(run)
	if run.Status == "completed" && was != "completed" {
		c.g.sendCheckRun(run, "completed", c.actor.account(), nil)
	}
	return ok(c.g.checkRunJSON(run))
}

func (c *call) listAnnotations() (reply, error) {
	run, err := c.run()
	if err != nil {
		return reply{}, err
	}
	return listing(c, run.Annotations, func(a Annotation) object { return c.g.annotationJSON(run, a) })
}

func (c *call) rerequestCheckRun() (reply, error) {
	run, err := c.run()
	if err != nil {
		return reply{}, err
	}
	if run.Status != "completed" {
		return reply{}, fail(http.StatusUnprocessableEntity, "This check run is not rerequestable")
	}
	c.g.rerequestRun(run, c.actor.account())
	c.g.touch()
	return created(object{})
}

func (c *call) listCheckRuns() (reply, error) {
	at, err := c.commit("ref")
	if err != nil {
		return reply{}, err
	}
	return c.runList(c.g.runsOf(c.repo, at.sha))
}

func (c *call) listSuiteRuns() (reply, error) {
	suite, err := c.suite()
	if err != nil {
		return reply{}, err
	}
	return c.runList(c.g.runsIn(suite))
}

// runList filters and answers check runs, newest first.
func (c *call) runList(all []*checkRun) (reply, error) {
	runs := slices.Clone(all)
	if or(c.query("filter"), "latest") == "latest" {
		runs = latestRuns(runs)
	}
	runs = slices.DeleteFunc(runs, func(run *checkRun) bool {
		appID, err := strconv.ParseInt(c.query("app_id"), 10, 64)
		name, status := c.query("check_name"), c.query("status")
		return err == nil && run.AppID != appID || name != "" && run.Name != name || status != "" && run.Status != status
	})
	slices.Reverse(runs)
	return counted(c, "check_runs", runs, c.g.checkRunJSON)
}

// suite finds the check suite in the path.
func (c *call) suite() (*checkSuite, error) {
	suite := c.g.suites[c.id("check_suite_id")]
	if suite == nil || suite.repo != c.repo {
		return nil, notFound()
	}
	return suite, nil
}

func (c *call) getCheckSuite() (reply, error) {
	suite, err := c.suite()
	if err != nil {
		return reply{}, err
	}
	return ok(c.g.checkSuiteJSON(suite))
}

func (c *call) rerequestCheckSuite() (reply, error) {
	suite, err := c.suite()
	if err != nil {
		return reply{}, err
	}
	c.g.rerequestSuite(suite, c.actor.account())
	c.g.touch()
	return created(object{})
}

func (c *call) listCheckSuites() (reply, error) {
	at, err := c.commit("ref")
	if err != nil {
		return reply{}, err
	}
	suites := slices.DeleteFunc(slices.Clone(c.g.suitesOf(c.repo, at.sha)), func(s *checkSuite) bool {
		appID, err := strconv.ParseInt(c.query("app_id"), 10, 64)
		name := c.query("check_name")
		named := slices.ContainsFunc(c.g.runsIn(s), func(run *checkRun) bool { return run.Name == name })
		return err == nil && s.app.id != appID || name != "" && !named
	})
	return counted(c, "check_suites", suites, c.g.checkSuiteJSON)
}
