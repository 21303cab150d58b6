package emulator

func (c *call) getSelf() (reply, error) {
	if c.actor.user == nil {
		return reply{}, forbidden()
	}
	return ok(c.g.profileJSON(c.actor.user, true))
}

func (c *call) getUser() (reply, error) {
	u := c.g.userByLogin(c.value("username"))
	if u == nil {
		return reply{}, notFound()
	}
	return ok(c.g.profileJSON(u, false))
}

func (c *call) getRateLimit() (reply, error) {
	rate := c.g.rate(c.actor)
	search := object{"limit": 30, "remaining": 30, "used": 0, "reset": rate["reset"]}
	return ok(object{"resources": object{"core": rate, "search": search}, "rate": rate})
}

func (c *call) getMeta() (reply, error) {
	return ok(object{
		"verifiable_password_authentication": false,
		"hooks":                              []string{"127.0.0.0/8", "::1/128"},
		"web":                                []string{"127.0.0.0/8", "::1/128"},
		"api":                                []string{"127.0.0.0/8", "::1/128"},
		"git":                                []string{"127.0.0.0/8", "::1/128"},
	})
}

// getCollaboratorPermission answers for everybody with an account, none included.
func (c *call) getCollaboratorPermission() (reply, error) {
	u := c.g.userByLogin(c.value("username"))
	if u == nil {
		return reply{}, notFound()
	}
	role := c.repo.role(u)
	user := c.g.userJSON(u).(object)
	user["permissions"], user["role_name"] = rolePermissions(role), string(role)
	return ok(object{"permission": role.permission(), "role_name": string(role), "user": user})
}
