package emulator

// team finds the team in the path, as those see it who may.
func (c *call) team() (*team, error) {
	t := c.g.teamBySlug(c.org, c.value("team_slug"))
	if t == nil {
		return nil, notFound()
	}
	return t, nil
}

func (c *call) listTeamMembers() (reply, error) {
	t, err := c.team()
	if err != nil {
		return reply{}, err
	}
	return listing(c, c.g.activeMembers(t), func(u *user) object { return c.g.userJSON(u).(object) })
}

// getTeamMembership answers with a state only: not whose account it is.
func (c *call) getTeamMembership() (reply, error) {
	t, err := c.team()
	if err != nil {
		return reply{}, err
	}
	u := c.g.userByLogin(c.value("username"))
	if u == nil || c.g.membership(t, u) == "" {
		return reply{}, notFound()
	}
	return ok(object{
		"url":   c.g.api("organizations/%d/team/%d/memberships/%s", c.org.ID, t.id, u.Login),
		"role":  "member",
		"state": c.g.membership(t, u),
	})
}
