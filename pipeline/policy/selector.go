package policy

import (
	"slices"

	"github.com/penstock-cd/penstock/pipeline"
)

// kind is which field of a selector is set.
type kind int

const (
	nobody kind = iota // none of them, or several: a broken selector names nobody
	team
	user
	permission
	codeOwners
)

func kindOf(s pipeline.Selector) kind {
	found, set := nobody, 0
	for _, field := range []struct {
		is   kind
		here bool
	}{
		{team, s.Team != ""},
		{user, s.User != "" || s.ID != 0},
		{permission, s.Permission != ""},
		{codeOwners, s.CodeOwners},
	} {
		if field.here {
			found = field.is
			set++
		}
	}
	if set != 1 {
		return nobody
	}
	return found
}

// names reports whether the selector is about this person. Whoever is listed needs
// read access at least. Code owners are named by what has changed: see ownersOf.
func names(s pipeline.Selector, f pipeline.Facts) bool {
	switch kindOf(s) {
	case team:
		return canRead(f.Permission) && slices.Contains(f.Teams, s.Team) &&
			!slices.Contains(f.Unknown, pipeline.UnknownTeam(s.Team))
	case user:
		return canRead(f.Permission) && s.ID > 0 && s.ID == f.Voter.ID
	case permission:
		return s.Permission == pipeline.PermissionWrite && f.Permission.CanWrite() ||
			s.Permission == pipeline.PermissionAdmin && f.Permission == pipeline.PermissionAdmin
	}
	return false
}

func anyNames(from []pipeline.Selector, f pipeline.Facts) bool {
	return slices.ContainsFunc(from, func(s pipeline.Selector) bool { return names(s, f) })
}

func canRead(p pipeline.Permission) bool { return p == pipeline.PermissionRead || p.CanWrite() }

// writers are those who are asked when nobody is named.
func writers() pipeline.Selector { return pipeline.Selector{Permission: pipeline.PermissionWrite} }

// listed reports whether the selector lists people by name.
func listed(s pipeline.Selector) bool { return kindOf(s) == team || kindOf(s) == user }
