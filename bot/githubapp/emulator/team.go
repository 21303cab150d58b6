package emulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Team is a team of an organization.
type Team struct {
	ID           int64
	Organization string
	Slug         string // its name in addresses
	Parent       string // slug, empty: none
}

// The states of a membership in a team.
const (
	MembershipActive  = "active"
	MembershipPending = "pending" // invited, and not accepted
)

type team struct {
	id           int64
	organization *user
	slug         string
	parent       *team
	members      map[int64]string // state by user id
}

// AddTeam creates a team; parent is the slug of the team that it is part of, or
// empty. Members of a team are members of all teams above it.
func (g *GitHub) AddTeam(organization, slug, parent string) (Team, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	org := g.userByLogin(organization)
	switch {
	case org == nil || org.Type != TypeOrganization:
		return Team{}, fmt.Errorf("no organization %q", organization)
	case slug == "" || slug != strings.ToLower(slug) || strings.ContainsAny(slug, "/ .@"):
		return Team{}, fmt.Errorf("slug %q is not usable", slug)
	case g.teamBySlug(org, slug) != nil:
		return Team{}, fmt.Errorf("team %s/%s exists", organization, slug)
	case parent != "" && g.teamBySlug(org, parent) == nil:
		return Team{}, fmt.Errorf("no team %s/%s", organization, parent)
	}
	t := &team{id: g.nextID(), organization: org, slug: slug, parent: g.teamBySlug(org, parent), members: map[int64]string{}}
	g.teams[t.id] = t
	g.touch()
	return Team{ID: t.id, Organization: org.Login, Slug: slug, Parent: parent}, nil
}

// SetTeamMember gives a person a membership: MembershipActive, which makes them a
// member of the organization too, MembershipPending, or "" for none.
func (g *GitHub) SetTeamMember(organization, slug, login, state string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	org, u := g.userByLogin(organization), g.userByLogin(login)
	if org == nil || u == nil || g.teamBySlug(org, slug) == nil {
		return fmt.Errorf("no team %s/%s or no user %q", organization, slug, login)
	}
	t := g.teamBySlug(org, slug)
	switch state {
	case MembershipActive:
		org.members[u.ID] = true
		t.members[u.ID] = state
	case MembershipPending:
		t.members[u.ID] = state
	case "":
		delete(t.members, u.ID)
	default:
		return fmt.Errorf("no membership is %q", state)
	}
	g.touch()
	return nil
}

// RemoveMember takes a person out of an organization: out of its teams, and out of
// the roles in its repositories.
func (g *GitHub) RemoveMember(organization, login string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	org, u := g.userByLogin(organization), g.userByLogin(login)
	if org == nil || u == nil || !org.members[u.ID] {
		return fmt.Errorf("%q has no member %q", organization, login)
	}
	delete(org.members, u.ID)
	for _, t := range g.teams {
		if t.organization == org {
			delete(t.members, u.ID)
		}
	}
	for _, r := range g.repositories {
		if r.owner == org {
			delete(r.roles, u.ID)
		}
	}
	g.touch()
	return nil
}

func (g *GitHub) teamBySlug(org *user, slug string) *team {
	for _, t := range g.teams {
		if t.organization == org && t.slug == slug {
			return t
		}
	}
	return nil
}

// membership is the best that somebody has in a team or in one inside it, or "".
func (g *GitHub) membership(t *team, u *user) string {
	best := t.members[u.ID]
	for _, child := range g.teams {
		if child.parent != t || best == MembershipActive {
			continue
		}
		if state := g.membership(child, u); state != "" {
			best = state
		}
	}
	return best
}

// activeMembers lists who is in a team, by the age of their accounts.
func (g *GitHub) activeMembers(t *team) []*user {
	var list []*user
	for _, id := range slices.Sorted(maps.Keys(g.users)) {
		if g.membership(t, g.users[id]) == MembershipActive {
			list = append(list, g.users[id])
		}
	}
	return list
}
