package emulator_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"
)

func TestDeployments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	client, ctx := w.client(t), t.Context()
	deploy := func(r github.DeploymentRequest) (*github.Deployment, int) {
		d, answer, _ := client.Repositories.CreateDeployment(ctx, "octocat", "shop", &r)
		return d, answer.StatusCode
	}
	head := w.push(t, "feature")
	w.push(t, "main") // feature is behind
	none := &[]string{}
	status := func(state string) {
		_, _, err := client.Repositories.CreateStatus(ctx, "octocat", "shop", head, &github.RepoStatus{State: &state, Context: github.String("CI")})
		check(t, err)
	}
	status("pending")
	for _, c := range []struct {
		name string
		r    github.DeploymentRequest
		want int
	}{
		{"as GitHub has it by default", github.DeploymentRequest{Ref: github.String("feature")}, http.StatusConflict},
		{"to be merged", github.DeploymentRequest{Ref: github.String("feature"), RequiredContexts: none}, http.StatusConflict},
		{"all statuses", github.DeploymentRequest{Ref: &head}, http.StatusConflict},
		{"one status", github.DeploymentRequest{Ref: &head, RequiredContexts: &[]string{"ci"}}, http.StatusConflict},
		{"a status that is not there", github.DeploymentRequest{Ref: &head, RequiredContexts: &[]string{"lint"}}, http.StatusConflict},
		{"no ref", github.DeploymentRequest{Ref: github.String("none")}, http.StatusUnprocessableEntity},
		{"an endless description", github.DeploymentRequest{Ref: &head, RequiredContexts: none, Description: github.String(strings.Repeat("x", 141))}, http.StatusUnprocessableEntity},
		{"the branch as it is", github.DeploymentRequest{Ref: github.String("feature"), AutoMerge: github.Bool(false), RequiredContexts: none}, http.StatusCreated},
	} {
		if _, got := deploy(c.r); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	status("success")
	if _, got := deploy(github.DeploymentRequest{Ref: &head}); got != http.StatusCreated {
		t.Errorf("a green commit: %d", got)
	}

	var ids []int64
	for range 2 {
		d, _ := deploy(github.DeploymentRequest{Ref: &head, Environment: github.String("staging"), Payload: map[string]string{"a": "b"}})
		ids = append(ids, d.GetID())
		for _, state := range []string{"in_progress", "success"} {
			_, _, err := client.Repositories.CreateDeploymentStatus(ctx, "octocat", "shop", d.GetID(), &github.DeploymentStatusRequest{State: &state, LogURL: github.String("https://example.com/1")})
			check(t, err)
		}
	}
	list, _, err := client.Repositories.ListDeployments(ctx, "octocat", "shop", &github.DeploymentsListOptions{SHA: head, Environment: "staging"})
	check(t, err)
	if len(list) != 2 || list[0].GetID() != ids[1] || string(list[0].Payload) != `{"a":"b"}` {
		t.Errorf("list %v", list)
	}
	got, _, err := client.Repositories.GetDeployment(ctx, "octocat", "shop", ids[0])
	check(t, err)
	if got.GetSHA() != head || got.GetCreator().GetLogin() != "penstock[bot]" {
		t.Errorf("got %v", got)
	}
	var states []string
	statuses, _, err := client.Repositories.ListDeploymentStatuses(ctx, "octocat", "shop", ids[0], nil)
	check(t, err)
	for _, s := range statuses {
		states = append(states, s.GetState())
	}
	if !slices.Equal(states, []string{"inactive", "success", "in_progress"}) {
		t.Errorf("the older one is %v", states)
	}
	all := w.Deployments(shop)
	if last := all[len(all)-1]; last.State() != "success" || all[0].State() != "" || !all[0].Production {
		t.Errorf("all: %+v", all)
	}
	_, answer, _ := client.Repositories.CreateDeploymentStatus(ctx, "octocat", "shop", ids[0], &github.DeploymentStatusRequest{State: github.String("done")})
	if answer.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("an odd state: %s", answer.Status)
	}
	if _, answer, _ = client.Repositories.GetDeployment(ctx, "octocat", "shop", 1); answer.StatusCode != http.StatusNotFound {
		t.Errorf("another id: %s", answer.Status)
	}
	_, answer, _ = w.as(t, w.monalisa).Repositories.CreateDeployment(ctx, "octocat", "shop", &github.DeploymentRequest{Ref: &head})
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("who may only read: %s", answer.Status)
	}
}
