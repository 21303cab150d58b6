package emulator

// endpoints is the whole REST API: what Penstock needs of GitHub, and what its
// tests and the demo need besides.
func endpoints() []endpoint {
	var all []endpoint
	for _, list := range [][]endpoint{
		appEndpoints(), repositoryEndpoints(), commitEndpoints(), checkEndpoints(), statusEndpoints(),
		pullEndpoints(), commentEndpoints(), teamEndpoints(), deploymentEndpoints(),
	} {
		all = append(all, list...)
	}
	return all
}

func appEndpoints() []endpoint {
	return []endpoint{
		{pattern: "GET /app", audience: forApp, serve: (*call).getApp},
		{pattern: "POST /app-manifests/{code}/conversions", serve: (*call).convertManifest},
		{pattern: "GET /app/installations", audience: forApp, serve: (*call).listInstallations},
		{pattern: "GET /app/installations/{installation_id}", audience: forApp, serve: (*call).getInstallation},
		{pattern: "POST /app/installations/{installation_id}/access_tokens", audience: forApp, serve: (*call).createToken},
		{pattern: "GET /app/hook/config", audience: forApp, serve: (*call).getHookConfig},
		{pattern: "PATCH /app/hook/config", audience: forApp, serve: (*call).updateHookConfig},
		{pattern: "GET /app/hook/deliveries", audience: forApp, serve: (*call).listHookDeliveries},
		{pattern: "GET /app/hook/deliveries/{delivery_id}", audience: forApp, serve: (*call).getHookDelivery},
		{pattern: "POST /app/hook/deliveries/{delivery_id}/attempts", audience: forApp, serve: (*call).redeliver},
		{pattern: "GET /repos/{owner}/{repo}/installation", audience: forApp, serve: (*call).repositoryInstallation},
		{pattern: "GET /orgs/{org}/installation", audience: forApp, serve: (*call).accountInstallation},
		{pattern: "GET /users/{username}/installation", audience: forApp, serve: (*call).accountInstallation},
		{pattern: "DELETE /installation/token", audience: forInstallation, serve: (*call).revokeToken},
		{pattern: "GET /installation/repositories", audience: forInstallation, serve: (*call).installationRepositories},
		{pattern: "GET /user", audience: forLoggedIn, serve: (*call).getSelf},
		{pattern: "GET /user/emails", audience: forLoggedIn, serve: (*call).listEmails},
		{pattern: "GET /users/{username}", serve: (*call).getUser},
		{pattern: "GET /rate_limit", serve: (*call).getRateLimit},
		{pattern: "GET /meta", serve: (*call).getMeta},
	}
}

func repositoryEndpoints() []endpoint {
	metadata, contents := []string{"metadata:read"}, []string{"contents:read"}
	return []endpoint{
		{pattern: "GET /repos/{owner}/{repo}", perms: metadata, role: RoleRead, serve: (*call).getRepository},
		{pattern: "POST /repos/{owner}/{repo}/forks", perms: []string{"administration:write"}, role: RoleRead, slow: true, serve: (*call).createFork},
		{pattern: "GET /repos/{owner}/{repo}/collaborators/{username}/permission", perms: metadata, role: RoleWrite, serve: (*call).getCollaboratorPermission},
		{pattern: "GET /repos/{owner}/{repo}/branches/{branch}", perms: contents, role: RoleRead, serve: (*call).getBranch},
		{pattern: "GET /repos/{owner}/{repo}/git/ref/{ref...}", perms: contents, role: RoleRead, serve: (*call).getRef},
		{pattern: "GET /repos/{owner}/{repo}/contents", perms: contents, role: RoleRead, serve: (*call).getContents},
		{pattern: "GET /repos/{owner}/{repo}/contents/{path...}", perms: contents, role: RoleRead, serve: (*call).getContents},
	}
}

func commitEndpoints() []endpoint {
	contents := []string{"contents:read"}
	return []endpoint{
		{pattern: "GET /repos/{owner}/{repo}/commits", perms: contents, role: RoleRead, serve: (*call).listCommits},
		{pattern: "GET /repos/{owner}/{repo}/commits/{ref}", perms: contents, role: RoleRead, slow: true, serve: (*call).getCommit},
		{pattern: "GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls", perms: []string{"pull_requests:read", "contents:read"}, role: RoleRead, serve: (*call).pullsWithCommit},
		{pattern: "GET /repos/{owner}/{repo}/compare/{basehead}", perms: contents, role: RoleRead, slow: true, serve: (*call).compareCommits},
	}
}

func checkEndpoints() []endpoint {
	read, write := []string{"checks:read"}, []string{"checks:write"}
	return []endpoint{
		{pattern: "POST /repos/{owner}/{repo}/check-runs", audience: forInstallation, perms: write, content: true, serve: (*call).createCheckRun},
		{pattern: "GET /repos/{owner}/{repo}/check-runs/{check_run_id}", perms: read, role: RoleRead, serve: (*call).getCheckRun},
		{pattern: "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", audience: forInstallation, perms: write, serve: (*call).updateCheckRun},
		{pattern: "GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", perms: read, role: RoleRead, serve: (*call).listAnnotations},
		{pattern: "POST /repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest", perms: write, role: RoleWrite, serve: (*call).rerequestCheckRun},
		{pattern: "GET /repos/{owner}/{repo}/check-suites/{check_suite_id}", perms: read, role: RoleRead, serve: (*call).getCheckSuite},
		{pattern: "GET /repos/{owner}/{repo}/check-suites/{check_suite_id}/check-runs", perms: read, role: RoleRead, serve: (*call).listSuiteRuns},
		{pattern: "POST /repos/{owner}/{repo}/check-suites/{check_suite_id}/rerequest", perms: write, role: RoleWrite, serve: (*call).rerequestCheckSuite},
		{pattern: "GET /repos/{owner}/{repo}/commits/{ref}/check-runs", perms: read, role: RoleRead, serve: (*call).listCheckRuns},
		{pattern: "GET /repos/{owner}/{repo}/commits/{ref}/check-suites", perms: read, role: RoleRead, serve: (*call).listCheckSuites},
	}
}

func statusEndpoints() []endpoint {
	read := []string{"statuses:read"}
	return []endpoint{
		{pattern: "POST /repos/{owner}/{repo}/statuses/{sha}", audience: forLoggedIn, perms: []string{"statuses:write"}, role: RoleWrite, content: true, serve: (*call).createStatus},
		{pattern: "GET /repos/{owner}/{repo}/commits/{ref}/status", perms: read, role: RoleRead, serve: (*call).combinedStatus},
		{pattern: "GET /repos/{owner}/{repo}/commits/{ref}/statuses", perms: read, role: RoleRead, serve: (*call).listStatuses},
	}
}

func pullEndpoints() []endpoint {
	read, write := []string{"pull_requests:read"}, []string{"pull_requests:write"}
	return []endpoint{
		{pattern: "GET /repos/{owner}/{repo}/pulls", perms: read, role: RoleRead, serve: (*call).listPulls},
		{pattern: "POST /repos/{owner}/{repo}/pulls", audience: forLoggedIn, perms: write, role: RoleRead, content: true, slow: true, serve: (*call).createPull},
		{pattern: "GET /repos/{owner}/{repo}/pulls/{pull_number}", perms: read, role: RoleRead, slow: true, serve: (*call).getPull},
		{pattern: "PATCH /repos/{owner}/{repo}/pulls/{pull_number}", audience: forLoggedIn, perms: write, role: RoleRead, serve: (*call).updatePull},
		{pattern: "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", audience: forLoggedIn, perms: []string{"contents:write"}, role: RoleWrite, slow: true, serve: (*call).mergePull},
		{pattern: "GET /repos/{owner}/{repo}/pulls/{pull_number}/commits", perms: read, role: RoleRead, serve: (*call).listPullCommits},
		{pattern: "GET /repos/{owner}/{repo}/pulls/{pull_number}/files", perms: read, role: RoleRead, slow: true, serve: (*call).listPullFiles},
		{pattern: "GET /repos/{owner}/{repo}/issues/{issue_number}", perms: []string{"issues:read", "pull_requests:read"}, role: RoleRead, serve: (*call).getIssue},
	}
}

func commentEndpoints() []endpoint {
	read := []string{"issues:read", "pull_requests:read"}
	write := []string{"issues:write", "pull_requests:write"}
	return []endpoint{
		{pattern: "GET /repos/{owner}/{repo}/issues/{issue_number}/comments", perms: read, role: RoleRead, serve: (*call).listComments},
		{pattern: "POST /repos/{owner}/{repo}/issues/{issue_number}/comments", audience: forLoggedIn, perms: write, role: RoleRead, content: true, serve: (*call).createComment},
		{pattern: "GET /repos/{owner}/{repo}/issues/comments/{comment_id}", perms: read, role: RoleRead, serve: (*call).getComment},
		{pattern: "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", audience: forLoggedIn, perms: write, role: RoleRead, serve: (*call).updateComment},
		{pattern: "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}", audience: forLoggedIn, perms: write, role: RoleRead, serve: (*call).deleteComment},
		{pattern: "GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", perms: read, role: RoleRead, serve: (*call).listReactions},
		{pattern: "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", audience: forLoggedIn, perms: write, role: RoleRead, content: true, serve: (*call).createReaction},
		{pattern: "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions/{reaction_id}", audience: forLoggedIn, perms: write, role: RoleRead, serve: (*call).deleteReaction},
	}
}

func teamEndpoints() []endpoint {
	members := []string{"members:read"}
	return []endpoint{
		{pattern: "GET /orgs/{org}/teams/{team_slug}/members", audience: forLoggedIn, perms: members, serve: (*call).listTeamMembers},
		{pattern: "GET /orgs/{org}/teams/{team_slug}/memberships/{username}", audience: forLoggedIn, perms: members, serve: (*call).getTeamMembership},
	}
}

func deploymentEndpoints() []endpoint {
	read, write := []string{"deployments:read"}, []string{"deployments:write"}
	return []endpoint{
		{pattern: "GET /repos/{owner}/{repo}/deployments", perms: read, role: RoleRead, serve: (*call).listDeployments},
		{pattern: "POST /repos/{owner}/{repo}/deployments", audience: forLoggedIn, perms: write, role: RoleWrite, content: true, serve: (*call).createDeployment},
		{pattern: "GET /repos/{owner}/{repo}/deployments/{deployment_id}", perms: read, role: RoleRead, serve: (*call).getDeployment},
		{pattern: "GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", perms: read, role: RoleRead, serve: (*call).listDeploymentStatuses},
		{pattern: "POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", audience: forLoggedIn, perms: write, role: RoleWrite, content: true, serve: (*call).createDeploymentStatus},
	}
}
