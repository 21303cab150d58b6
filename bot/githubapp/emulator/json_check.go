package emulator

// checkRunJSON is a check run in answers.
func (g *GitHub) checkRunJSON(c *checkRun) object {
	self := sprintf("%s/check-runs/%d", g.repoAPI(c.repo), c.ID)
	return object{
		"id":            c.ID,
		"node_id":       nodeID("CheckRun", c.ID),
		"head_sha":      c.HeadSHA,
		"external_id":   c.ExternalID,
		"url":           self,
		"html_url":      g.page("%s/runs/%d", c.repo.fullName(), c.ID),
		"details_url":   c.DetailsURL,
		"status":        c.Status,
		"conclusion":    nilIfEmpty(c.Conclusion),
		"started_at":    stamp(c.StartedAt),
		"completed_at":  stamp(c.CompletedAt),
		"name":          c.Name,
		"check_suite":   object{"id": c.suite.id},
		"app":           g.appOfCheckJSON(c.suite.app),
		"pull_requests": renderAll(g.pullsAt(c.repo, c.HeadSHA), g.pullMinimalJSON),
		"output": object{
			"title":             nilIfEmpty(c.Title),
			"summary":           nilUnless(c.hasTitle, c.Summary),
			"text":              nilIfEmpty(c.Text),
			"annotations_count": len(c.Annotations),
			"annotations_url":   self + "/annotations",
		},
	}
}

// checkRunEventJSON is a check run in webhooks, where the suite is longer.
func (g *GitHub) checkRunEventJSON(c *checkRun) object {
	o := g.checkRunJSON(c)
	o["check_suite"] = g.suiteEventJSON(c.suite)
	return o
}

func (g *GitHub) suiteEventJSON(s *checkSuite) object {
	status, conclusion := g.suiteState(s)
	return object{
		"id":            s.id,
		"node_id":       nodeID("CheckSuite", s.id),
		"head_branch":   nilIfEmpty(s.headBranch),
		"head_sha":      s.headSHA,
		"status":        status,
		"conclusion":    nilIfEmpty(conclusion),
		"url":           g.suiteAPI(s),
		"before":        or(s.before, zeroSHA),
		"after":         s.headSHA,
		"pull_requests": renderAll(g.pullsAt(s.repo, s.headSHA), g.pullMinimalJSON),
		"app":           g.appOfCheckJSON(s.app),
		"created_at":    stamp(s.createdAt),
		"updated_at":    stamp(s.updatedAt),
	}
}

// checkSuiteJSON is a check suite in answers.
func (g *GitHub) checkSuiteJSON(s *checkSuite) object {
	o := g.suiteEventJSON(s)
	o["latest_check_runs_count"] = len(latestRuns(g.runsIn(s)))
	o["check_runs_url"] = g.suiteAPI(s) + "/check-runs"
	o["head_commit"] = nil
	if c, err := s.repo.objects.commit(s.headSHA); err == nil {
		o["head_commit"] = simpleCommitJSON(c)
	}
	o["repository"] = g.minimalRepositoryJSON(s.repo)
	o["rerequestable"], o["runs_rerequestable"] = true, true
	return o
}

func (g *GitHub) suiteAPI(s *checkSuite) string {
	return sprintf("%s/check-suites/%d", g.repoAPI(s.repo), s.id)
}

func (g *GitHub) annotationJSON(c *checkRun, a Annotation) object {
	return object{
		"path":             a.Path,
		"start_line":       a.StartLine,
		"end_line":         a.EndLine,
		"start_column":     nilUnless(a.StartColumn != nil, a.StartColumn),
		"end_column":       nilUnless(a.EndColumn != nil, a.EndColumn),
		"annotation_level": a.Level,
		"title":            nilIfEmpty(a.Title),
		"message":          a.Message,
		"raw_details":      nilIfEmpty(a.RawDetails),
		"blob_href":        g.page("%s/blob/%s/%s", c.repo.fullName(), c.HeadSHA, escapePath(a.Path)),
	}
}

func nilUnless[T any](given bool, value T) any {
	if !given {
		return nil
	}
	return value
}
