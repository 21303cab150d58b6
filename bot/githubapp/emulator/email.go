package emulator

import (
	"fmt"
	"slices"
)

// Email is an address that an account has told GitHub.
type Email struct {
	Address string
	// Verified says that GitHub has sent a letter there, and somebody answered it.
	Verified bool
}

// SetEmails changes the addresses of a person, the primary one first. Which address
// their commits carry stays.
func (g *GitHub) SetEmails(login string, emails ...Email) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	u := g.userByLogin(login)
	if u == nil || u.Type != TypeUser {
		return fmt.Errorf("no user %q", login)
	}
	u.emails = slices.Clone(emails)
	g.touch()
	return nil
}

// listEmails tells a person, and apps that they have let see them.
func (c *call) listEmails() (reply, error) {
	if c.actor.user == nil || c.actor.via != nil && !c.actor.via.permissions.allows("email_addresses", "read") {
		return reply{}, forbidden()
	}
	emails := c.actor.user.emails
	return listing(c, emails, func(e Email) object {
		o := object{"email": e.Address, "verified": e.Verified, "primary": e == emails[0], "visibility": nil}
		if e == emails[0] {
			o["visibility"] = "private"
		}
		return o
	})
}
