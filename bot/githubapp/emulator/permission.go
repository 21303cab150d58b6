package emulator

import (
	"maps"
	"slices"
)

// Permissions maps a permission of an app to read, write or admin, such as
// "checks": "write".
type Permissions map[string]string

// defaultPermissions are what Penstock asks for.
func defaultPermissions() Permissions {
	return Permissions{
		"metadata": "read", "contents": "read", "checks": "write", "statuses": "write",
		"pull_requests": "write", "issues": "write", "merge_queues": "read", "members": "read", "deployments": "write",
	}
}

func defaultEvents() []string {
	return []string{"push", "pull_request", "merge_group", "issue_comment", "check_run", "check_suite"}
}

func levelRank(level string) int {
	switch level {
	case "read":
		return 1
	case "write":
		return 2
	case "admin":
		return 3
	default:
		return 0
	}
}

// allows says whether the permissions reach a level.
func (p Permissions) allows(name, level string) bool {
	return levelRank(p[name]) >= levelRank(level)
}

// narrow answers the wanted permissions, or the name of one that is not granted.
// Reading metadata always comes along.
func (p Permissions) narrow(wanted Permissions) (Permissions, string) {
	if wanted == nil {
		return maps.Clone(p), ""
	}
	narrowed := Permissions{"metadata": "read"}
	for name, level := range wanted {
		if levelRank(level) == 0 || !p.allows(name, level) {
			return nil, name
		}
		narrowed[name] = level
	}
	return narrowed, ""
}

// UsedPermissions lists what the calls of installations were let in for so far:
// for each kind of call the permissions of which it needs one, such as
// "checks:write".
func (g *GitHub) UsedPermissions() [][]string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Collect(maps.Values(g.usedPermissions))
}

// eventPermission is what an app needs to hear of an event.
func eventPermission(event string) (names []string) {
	switch event {
	case "push":
		return []string{"contents"}
	case "repository":
		return []string{"metadata"}
	case "merge_group":
		return []string{"merge_queues"}
	case "pull_request":
		return []string{"pull_requests"}
	case "issue_comment":
		return []string{"issues", "pull_requests"}
	case "check_run", "check_suite":
		return []string{"checks"}
	default:
		return nil
	}
}
