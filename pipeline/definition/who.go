package definition

import (
	"regexp"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// maxLogin is how long GitHub's logins are.
const maxLogin = 39

// selectors reads a list of people; nil: it has a mistake. owners says whether code
// owners may stand in it.
func (r *reader) selectors(n *node, owners bool) []pipeline.Selector {
	var all []pipeline.Selector
	before := len(r.problems)
	for _, item := range r.elements(n, 1, maxSelectors, "write `[{team: ...}, {user: ...}]`") {
		s, ok := r.who(item)
		switch {
		case !ok:
		case s.CodeOwners && !owners:
			r.bad(item, "name a team or a user", "the owners of a change cannot go over its rules")
		case slices.ContainsFunc(all, func(have pipeline.Selector) bool { return strings.EqualFold(have.String(), s.String()) }):
			r.bad(item, "", "%s stands in this list twice", quote(s.String()))
		default:
			all = append(all, s)
		}
	}
	if len(r.problems) > before {
		return nil // who is meant is not known
	}
	return all
}

// who reads one entry.
func (r *reader) who(n *node) (s pipeline.Selector, ok bool) {
	if n.kind == kindText {
		r.bad(n, "write "+meant(n.text), "%s: an entry is a map with one key", quote(n.text))
		return s, false
	}
	g := whoGrammar()
	values := r.object(n, g)
	if values == nil {
		return s, false
	}
	switch {
	case len(n.fields) == 0:
		r.bad(n, "write "+list(g.names(), "or"), "an entry names nobody")
		return s, false
	case len(values) > 1:
		r.bad(n, "write an entry for each; any of them counts", "an entry has more than one of %s", list(g.names(), "and"))
		return s, false
	}
	if v := values["team"]; v != nil {
		s.Team, ok = r.team(v)
	}
	if v := values["user"]; v != nil {
		s.User, ok = r.login(v)
	}
	if v := values["permission"]; v != nil {
		var word string
		word, ok = r.enum(v, string(pipeline.PermissionWrite), string(pipeline.PermissionAdmin))
		s.Permission = pipeline.Permission(word)
	}
	if v := values["codeowners"]; v != nil {
		var isBool bool
		if s.CodeOwners, isBool = r.boolean(v); isBool && !s.CodeOwners {
			r.bad(v, "write true, or leave the entry out", "is false, and then the entry names nobody")
		}
		ok = s.CodeOwners
	}
	return s, ok
}

// team reads the slug of a team of the repository's owner, in lower case.
func (r *reader) team(n *node) (string, bool) {
	s, ok := r.line(n, 2*maxName)
	if !ok {
		return "", false
	}
	slug := s
	if name, marked := strings.CutPrefix(s, "@"); marked {
		org, team, _ := strings.Cut(name, "/")
		owner, _, _ := strings.Cut(r.o.Repository, "/")
		if team != "" && owner != "" && !strings.EqualFold(org, owner) {
			r.bad(n, "write the slug of a team of "+owner, "%s is a team of another owner than the repository's", quote(s))
			return "", false
		}
		slug = team
	}
	switch {
	case strings.HasPrefix(s, "@") && slug == "":
		r.bad(n, "write a slug, or @owner/slug", "%s is not a team", quote(s))
		return "", false
	case !only(slug, ".-_"):
		hint := "write its slug, as in the address of its page: site-reliability"
		if org, team, cut := strings.Cut(s, "/"); cut && only(org, "-") && only(team, ".-_") {
			hint = "write " + team + ", or @" + s
		}
		r.bad(n, hint, "%s is not the slug of a team", quote(s))
		return "", false
	case len(slug) > maxName:
		r.bad(n, "", "the slug of a team has %d characters; the limit is %d", len(slug), maxName)
		return "", false
	}
	return strings.ToLower(slug), true
}

// login reads the login of a person.
func (r *reader) login(n *node) (string, bool) {
	s, ok := r.line(n, maxName)
	switch {
	case !ok:
	case strings.HasSuffix(s, "[bot]"):
		r.bad(n, "name a person", "%s is a bot, and bots cannot approve", quote(s))
	case strings.HasPrefix(s, "@") && isLogin(s[1:]):
		r.bad(n, "write "+s[1:], "%s: a login is written without @", quote(s))
	case !isLogin(s):
		r.bad(n, "write the login, as in the address of their page: octocat", "%s is not a login", quote(s))
	default:
		return s, true
	}
	return "", false
}

func isLogin(s string) bool {
	return s != "" && len(s) <= maxLogin && only(s, "-_") && s[0] != '-' && s[0] != '_'
}

// meant is what an entry that is only a text most likely means.
func meant(text string) string {
	_, team, isTeam := strings.Cut(text, "/")
	switch {
	case isTeam && strings.HasPrefix(text, "@") && only(team, ".-_"):
		return "`{team: " + clean(team, 100) + "}`"
	case strings.EqualFold(text, "write"), strings.EqualFold(text, "admin"):
		return "`{permission: " + strings.ToLower(text) + "}`"
	case strings.EqualFold(text, "codeowners"):
		return "`{codeowners: true}`"
	case isLogin(strings.TrimPrefix(text, "@")):
		login := strings.TrimPrefix(text, "@")
		return "`{user: " + login + "}` or `{team: " + login + "}`"
	}
	return "`{user: octocat}` or `{team: ...}`"
}

// isChannel reports whether s names a channel of Slack.
func isChannel(s string) bool { return regexp.MustCompile(channelPattern).MatchString(s) }
