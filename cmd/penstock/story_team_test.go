package main

import (
	"errors"
	"fmt"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// person LOGIN ROLE | suspended | back | leaves | renamed NEW
//
// is what becomes of somebody: with a role (none, read, triage, write, maintain,
// admin) they have that in the repository, and an account if they had none. Who
// leaves is out of the organization. A login that was given up is free: person with it
// is somebody else then.
func (s *player) person(args []string) error {
	if len(args) == 3 && args[1] == "renamed" {
		if err := s.github.RenameUser(args[0], args[2]); err != nil {
			return err
		}
		s.people[args[2]] = s.people[args[0]]
		delete(s.people, args[0])
		return nil
	}
	if len(args) != 2 {
		return errors.New("person LOGIN ROLE | suspended | back | leaves | renamed NEW")
	}
	login := args[0]
	switch args[1] {
	case "suspended", "back":
		return s.github.SuspendUser(login, args[1] == "suspended")
	case "leaves":
		return s.github.RemoveMember("octo-org", login)
	}
	if _, known := s.people[login]; !known {
		user, err := s.github.AddUser(login)
		if err != nil {
			return err
		}
		s.people[login] = user
	}
	return s.github.SetRole(demoRepository, login, emulator.Role(args[1]))
}

// team SLUG [in SLUG]
// team SLUG add | invite | remove LOGIN
//
// makes a team of octo-org, inside another one; or changes who is in it.
func (s *player) team(args []string) error {
	rest, by := clauses(args, "in")
	if len(rest) == 1 {
		_, err := s.github.AddTeam("octo-org", rest[0], by["in"])
		return err
	}
	states := map[string]string{"add": emulator.MembershipActive, "invite": emulator.MembershipPending, "remove": ""}
	if len(rest) != 3 || by["in"] != "" {
		return errors.New("team SLUG [in SLUG] | team SLUG add|invite|remove LOGIN")
	}
	state, ok := states[rest[1]]
	if !ok {
		return fmt.Errorf("nobody can %s a team", rest[1])
	}
	return s.github.SetTeamMember("octo-org", rest[0], rest[2], state)
}
