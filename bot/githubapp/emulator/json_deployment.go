package emulator

func (g *GitHub) deploymentAPI(d *deployment) string {
	return sprintf("%s/deployments/%d", g.repoAPI(d.repo), d.ID)
}

func (g *GitHub) deploymentJSON(d *deployment) object {
	return object{
		"url":                      g.deploymentAPI(d),
		"id":                       d.ID,
		"node_id":                  nodeID("Deployment", d.ID),
		"sha":                      d.SHA,
		"ref":                      d.Ref,
		"task":                     d.Task,
		"payload":                  d.payload,
		"original_environment":     d.Environment,
		"environment":              d.Environment,
		"description":              d.Description,
		"creator":                  g.userJSON(d.creator),
		"created_at":               stamp(d.createdAt),
		"updated_at":               stamp(d.updatedAt),
		"statuses_url":             g.deploymentAPI(d) + "/statuses",
		"repository_url":           g.repoAPI(d.repo),
		"transient_environment":    d.Transient,
		"production_environment":   d.Production,
		"performed_via_github_app": g.viaJSON(d.via),
	}
}

func (g *GitHub) deploymentStatusJSON(d *deployment, s DeploymentStatus) object {
	return object{
		"url":                      sprintf("%s/statuses/%d", g.deploymentAPI(d), s.ID),
		"id":                       s.ID,
		"node_id":                  nodeID("DeploymentStatus", s.ID),
		"state":                    s.State,
		"creator":                  g.userJSON(d.creator),
		"description":              s.Description,
		"environment":              d.Environment,
		"target_url":               s.LogURL,
		"log_url":                  s.LogURL,
		"environment_url":          s.EnvironmentURL,
		"created_at":               stamp(s.CreatedAt),
		"updated_at":               stamp(s.CreatedAt),
		"deployment_url":           g.deploymentAPI(d),
		"repository_url":           g.repoAPI(d.repo),
		"performed_via_github_app": g.viaJSON(d.via),
	}
}

// viaJSON is the app that something was done through; null for none.
func (g *GitHub) viaJSON(a *app) any {
	if a == nil {
		return nil
	}
	return g.appOfCheckJSON(a)
}
