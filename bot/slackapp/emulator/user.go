package emulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// User is somebody in the workspace, or somebody of another one who shares a channel.
type User struct {
	// ID is U...; New users without one get one.
	ID string
	// Name is the handle, RealName what Slack shows first.
	Name, RealName, Email string
	// Team is the workspace the user belongs to, the emulated one when empty.
	Team string
	TZ   string

	Admin, Deleted, Bot         bool
	Restricted, UltraRestricted bool // guests
	Stranger                    bool // of another workspace, met through a shared channel
}

type user struct{ User }

// AddUser adds somebody and answers with the id. The name must be new.
func (s *Slack) AddUser(u User) (User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.Name == "" || s.findUser(u.Name) != nil || u.ID != "" && s.findUser(u.ID) != nil {
		return User{}, fmt.Errorf("slack emulator: user %q: the name and id must be new", u.Name)
	}
	if u.ID == "" {
		u.ID = s.nextID("U")
	}
	u.RealName = cmp.Or(u.RealName, u.Name)
	u.Team = cmp.Or(u.Team, s.team.ID)
	u.TZ = cmp.Or(u.TZ, "Etc/UTC")
	s.users = append(s.users, &user{u})
	s.touch()
	return u, nil
}

// ChangeUser lets a function change somebody: deactivate them, give them another
// address. Their id stays.
func (s *Slack) ChangeUser(who string, change func(*User)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.findUser(who)
	if u == nil {
		return noSuchUser(who)
	}
	id := u.ID
	change(&u.User)
	u.ID = id
	s.touch()
	return nil
}

// User finds somebody by id or name.
func (s *Slack) User(who string) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.findUser(who)
	if u == nil {
		return User{}, false
	}
	return u.User, true
}

// findUser takes an id or a name, with or without an @.
func (s *Slack) findUser(who string) *user {
	name := strings.TrimPrefix(who, "@")
	i := slices.IndexFunc(s.users, func(u *user) bool { return u.ID == who || u.Name == name })
	if i < 0 {
		return nil
	}
	return s.users[i]
}

func (s *Slack) userByID(id string) *user {
	i := slices.IndexFunc(s.users, func(u *user) bool { return u.ID == id })
	if i < 0 {
		return nil
	}
	return s.users[i]
}

func noSuchUser(who string) error { return fmt.Errorf("slack emulator: there is no user %q", who) }

// json is the user object of the Web API.
func (u *user) json(withEmail bool) object {
	profile := object{"real_name": u.RealName, "display_name": u.Name, "team": u.Team}
	if withEmail && u.Email != "" {
		profile["email"] = u.Email
	}
	all := object{
		"id": u.ID, "team_id": u.Team, "name": u.Name, "deleted": u.Deleted, "profile": profile, "is_bot": u.Bot, "updated": 1700000000,
	}
	if u.Deleted {
		return all // Slack leaves the rest out
	}
	for name, value := range map[string]any{
		"real_name": u.RealName, "tz": u.TZ, "is_admin": u.Admin, "is_owner": false, "is_primary_owner": false,
		"is_restricted": u.Restricted, "is_ultra_restricted": u.UltraRestricted, "is_app_user": false,
		"is_email_confirmed": u.Email != "",
	} {
		all[name] = value
	}
	if u.Stranger {
		all["is_stranger"] = true
	}
	return all
}
