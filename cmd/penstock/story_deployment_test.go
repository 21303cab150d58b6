package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
)

// deployments
//
// prints GitHub's deployments, oldest first: environment, commit, every state it has
// had, and where the environment is to be seen.
func (s *player) deployments(args []string) error {
	if len(args) != 0 {
		return errors.New("deployments")
	}
	s.printf("%s", s.deploymentLines())
	return nil
}

func (s *scene) deploymentLines() string {
	var b strings.Builder
	for _, d := range s.github.Deployments(demoRepository) {
		name := d.SHA
		for _, known := range s.order {
			if s.commits[known] == d.SHA {
				name = known
			}
		}
		fmt.Fprintf(&b, "%s | %s |", d.Environment, name)
		page := ""
		for _, status := range d.Statuses {
			fmt.Fprintf(&b, " %s", status.State)
			page = max(page, status.EnvironmentURL)
		}
		fmt.Fprintf(&b, " | %s\n", page)
	}
	return b.String()
}

// awaitDeployment COMMIT ENVIRONMENT STATE
func (s *player) awaitDeployment(what string, args []string) error {
	sha, err := s.sha(args[0])
	if err != nil {
		return err
	}
	return s.show(what, func(v *emulator.View) bool {
		return slices.ContainsFunc(v.Deployments(demoRepository), func(d emulator.Deployment) bool {
			return d.SHA == sha && d.Environment == args[1] && d.State() == args[2]
		})
	})
}
