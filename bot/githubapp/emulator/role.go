package emulator

import "slices"

// Role is what somebody may do in a repository.
type Role string

// The roles, weakest first.
const (
	RoleNone     Role = "none"
	RoleRead     Role = "read"
	RoleTriage   Role = "triage"
	RoleWrite    Role = "write"
	RoleMaintain Role = "maintain"
	RoleAdmin    Role = "admin"
)

func (r Role) rank() int {
	return slices.Index([]Role{RoleNone, RoleRead, RoleTriage, RoleWrite, RoleMaintain, RoleAdmin}, r)
}

func (r Role) atLeast(other Role) bool { return r.rank() >= other.rank() }

// permission is the older four-step scale of the API.
func (r Role) permission() string {
	switch r {
	case RoleMaintain:
		return "write"
	case RoleTriage:
		return "read"
	default:
		return string(r)
	}
}

// role is what a user may do in a repository; nil is an anonymous visitor.
func (r *repository) role(u *user) Role {
	role := RoleNone
	if !r.private {
		role = RoleRead
	}
	if u == nil {
		return role
	}
	if u == r.owner {
		return RoleAdmin
	}
	if given, ok := r.roles[u.ID]; ok && given.atLeast(role) {
		return given
	}
	return role
}

// association is the author_association of a user in a repository: a hint, as at
// GitHub, and no permission.
func (g *GitHub) association(r *repository, u *user) string {
	if u == nil {
		return "NONE"
	}
	if u == r.owner {
		return "OWNER"
	}
	if r.owner.members[u.ID] {
		return "MEMBER"
	}
	if role, ok := r.roles[u.ID]; ok && role != RoleNone {
		return "COLLABORATOR"
	}
	for _, p := range r.pulls {
		if p.merged && p.author == u {
			return "CONTRIBUTOR"
		}
	}
	return "NONE"
}
