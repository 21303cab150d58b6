package emulator

import "slices"

// appJSON is GitHub's integration.
func (g *GitHub) appJSON(a *app) object {
	return object{
		"id":           a.id,
		"client_id":    a.clientID,
		"slug":         a.slug,
		"node_id":      nodeID("App", a.id),
		"owner":        g.userJSON(a.owner),
		"name":         a.name,
		"description":  "",
		"external_url": g.page("apps/%s", a.slug),
		"html_url":     g.page("apps/%s", a.slug),
		"created_at":   stamp(a.createdAt),
		"updated_at":   stamp(a.updatedAt),
		"permissions":  a.permissions,
		"events":       a.events,
	}
}

// appOfCheckJSON is an app as checks show it: GitHub's description of their events
// does not know merge_group, which apps can subscribe to all the same.
func (g *GitHub) appOfCheckJSON(a *app) object {
	o := g.appJSON(a)
	o["events"] = slices.DeleteFunc(slices.Clone(a.events), func(event string) bool { return event == "merge_group" })
	return o
}

func (g *GitHub) installationJSON(i *installation) object {
	selection := "all"
	if !i.all {
		selection = "selected"
	}
	o := object{
		"id":                        i.id,
		"account":                   g.userJSON(i.account),
		"repository_selection":      selection,
		"access_tokens_url":         g.api("app/installations/%d/access_tokens", i.id),
		"repositories_url":          g.api("installation/repositories"),
		"html_url":                  g.page("settings/installations/%d", i.id),
		"app_id":                    i.app.id,
		"client_id":                 i.app.clientID,
		"app_slug":                  i.app.slug,
		"target_id":                 i.account.ID,
		"target_type":               i.account.Type,
		"permissions":               i.granted,
		"events":                    i.app.events,
		"created_at":                stamp(i.createdAt),
		"updated_at":                stamp(i.updatedAt),
		"single_file_name":          nil,
		"has_multiple_single_files": false,
		"single_file_paths":         []string{},
		"suspended_by":              nil,
		"suspended_at":              nil,
	}
	if i.suspended {
		o["suspended_by"], o["suspended_at"] = g.userJSON(i.account), stamp(i.updatedAt)
	}
	return o
}

// installationRef is the short form at the end of webhooks.
func installationRef(i *installation) object {
	return object{"id": i.id, "node_id": nodeID("IntegrationInstallation", i.id)}
}
