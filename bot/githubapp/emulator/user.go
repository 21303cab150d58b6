package emulator

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The types an account can have.
const (
	TypeUser         = "User"
	TypeBot          = "Bot"
	TypeOrganization = "Organization"
)

// User is an account: a person, an app's bot or an organization.
type User struct {
	ID    int64
	Login string
	Type  string
	// Email is the address commits of this user carry.
	Email string
	// Token is a personal access token with all rights of the user; people only.
	Token string
}

// GitURL is the clone URL of a repository with the user's credentials in it.
func (u User) GitURL(r Repository) string {
	return strings.Replace(r.CloneURL, "://", "://"+u.Login+":"+u.Token+"@", 1)
}

type user struct {
	User
	createdAt time.Time
	members   map[int64]bool // of an organization
	emails    []Email        // of a person, the primary one first
	suspended time.Time      // zero: not
}

// AddUser creates a person with a personal token.
func (g *GitHub) AddUser(login string) (User, error) { return g.addAccount(login, TypeUser) }

// AddOrganization creates an organization. It has no token and no members yet.
func (g *GitHub) AddOrganization(login string) (User, error) {
	return g.addAccount(login, TypeOrganization)
}

func (g *GitHub) addAccount(login, kind string) (User, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	u, err := g.newUser(login, kind)
	if err != nil {
		return User{}, err
	}
	g.touch()
	return u.User, nil
}

func (g *GitHub) newUser(login, kind string) (*user, error) {
	if login == "" || strings.ContainsAny(login, "/ ") {
		return nil, fmt.Errorf("login %q is not usable", login)
	}
	if reservedNames[strings.ToLower(login)] {
		return nil, fmt.Errorf("login %q is reserved", login)
	}
	if g.userByLogin(login) != nil {
		return nil, fmt.Errorf("login %q is taken", login)
	}
	u := &user{User: User{ID: g.nextID(), Login: login, Type: kind}, createdAt: g.now(), members: map[int64]bool{}}
	u.Email = fmt.Sprintf("%d+%s@users.noreply.github.com", u.ID, login)
	if kind == TypeUser {
		u.Token = newToken("ghp_")
	}
	g.users[u.ID] = u
	return u, nil
}

// RenameUser changes a login. The id stays, and the old login is free for
// somebody else.
func (g *GitHub) RenameUser(login, newLogin string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	u := g.userByLogin(login)
	if u == nil {
		return fmt.Errorf("no user %q", login)
	}
	if other := g.userByLogin(newLogin); other != nil && other != u {
		return fmt.Errorf("login %q is taken", newLogin)
	}
	u.Login = newLogin
	g.touch()
	return nil
}

// SuspendUser takes a person's rights away, or gives them back: what they have is
// still listed, and they can do nothing with it.
func (g *GitHub) SuspendUser(login string, suspended bool) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	u := g.userByLogin(login)
	if u == nil {
		return fmt.Errorf("no user %q", login)
	}
	if u.suspended = (time.Time{}); suspended {
		u.suspended = g.now()
	}
	g.touch()
	return nil
}

// AddMember makes a person a member of an organization. It gives no role on any
// repository.
func (g *GitHub) AddMember(organization, login string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	org, u := g.userByLogin(organization), g.userByLogin(login)
	if org == nil || org.Type != TypeOrganization || u == nil {
		return fmt.Errorf("no organization %q or no user %q", organization, login)
	}
	org.members[u.ID] = true
	g.touch()
	return nil
}

func (g *GitHub) userByLogin(login string) *user {
	for _, u := range g.users {
		if sameName(u.Login, login) {
			return u
		}
	}
	return nil
}

// userByEmail finds whose commits carry this address, or nil.
func (g *GitHub) userByEmail(email string) *user {
	for _, u := range g.users {
		if u.Type != TypeOrganization && strings.EqualFold(u.Email, email) {
			return u
		}
	}
	return nil
}

// people lists the persons in the order they were added.
func (g *GitHub) people() []*user {
	var list []*user
	for _, u := range g.users {
		if u.Type == TypeUser {
			list = append(list, u)
		}
	}
	slices.SortFunc(list, func(a, b *user) int { return int(a.ID - b.ID) })
	return list
}
