package emulator

import (
	"slices"
	"time"
)

// Deployment is what the outside knows of a deployment.
type Deployment struct {
	ID          int64
	SHA         string
	Ref         string // as it was asked for
	Environment string
	Task        string
	Description string
	Creator     string
	Transient   bool
	Production  bool
	Statuses    []DeploymentStatus // oldest first
}

// DeploymentStatus is one word about a deployment.
type DeploymentStatus struct {
	ID             int64
	State          string
	Description    string
	LogURL         string
	EnvironmentURL string
	CreatedAt      time.Time
}

// State is that of the newest status; empty before there is one.
func (d Deployment) State() string {
	if len(d.Statuses) == 0 {
		return ""
	}
	return d.Statuses[len(d.Statuses)-1].State
}

type deployment struct {
	Deployment
	repo      *repository
	creator   *user
	via       *app
	payload   any // text or object
	createdAt time.Time
	updatedAt time.Time
}

// addStatus puts a word to a deployment; a success retires those before it.
func (g *GitHub) addStatus(d *deployment, s DeploymentStatus, retire bool) DeploymentStatus {
	s.ID, s.CreatedAt = g.nextID(), g.now()
	d.Statuses, d.updatedAt = append(d.Statuses, s), g.now()
	if s.State != "success" || !retire {
		return s
	}
	for _, other := range g.deployments {
		if other.repo == d.repo && other.ID < d.ID && other.Environment == d.Environment && other.State() == "success" && !other.Transient && !other.Production {
			g.addStatus(other, DeploymentStatus{State: "inactive"}, false)
		}
	}
	return s
}

// Deployments lists the deployments of a repository, oldest first.
func (v *View) Deployments(fullName string) []Deployment {
	r := v.g.repositoryByName(fullName)
	var list []Deployment
	for _, d := range v.g.deployments {
		if r != nil && d.repo == r {
			view := d.Deployment
			view.Statuses = slices.Clone(d.Statuses)
			list = append(list, view)
		}
	}
	return list
}

// Deployments is View.Deployments.
func (g *GitHub) Deployments(fullName string) []Deployment {
	return look(g, func(v *View) []Deployment { return v.Deployments(fullName) })
}
