package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/bot/githubapp/emulator"
	"github.com/penstock-cd/penstock/storage"
)

func TestDoctorAllWell(t *testing.T) {
	t.Parallel()
	s := newDoctorScene(t)
	s.config.GitHub.ClientID = "Iv1"
	s.config.Host.Unsandboxed = !sandboxWorks()
	s.examine(t.Context())
	report := s.report()
	if report.Failed > 0 || report.Warnings > 0 && sandboxWorks() {
		t.Errorf("%+v", report)
	}
	entries := must[[]os.DirEntry](t)(os.ReadDir(s.config.Data))
	if len(entries) > 0 {
		t.Errorf("it left %v", entries)
	}
}

// Root may do more than the server's user: what root finds is not taken for it.
func TestDoctorAsRoot(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	s := newDoctorScene(t)
	s.config.Host.Unsandboxed, s.offline = false, true
	check(t, os.Chown(s.config.Data, 10001, 10001))
	s.examine(t.Context())
	i := slices.IndexFunc(s.findings, func(f finding) bool { return f.Check == "sandbox" })
	if f := s.findings[i]; f.State != stateWarning || !strings.HasPrefix(f.Mend, "sudo -u ") {
		t.Errorf("%+v", f)
	}
}

func TestDoctorOffline(t *testing.T) {
	t.Parallel()
	s := newDoctorScene(t)
	all := s.github.Inject(emulator.Match{}, emulator.ServerError(500))
	s.offline = true
	s.examine(t.Context())
	if report := s.report(); all.Hits() > 0 || report.Failed > 0 {
		t.Errorf("GitHub was asked %d times: %+v", all.Hits(), report)
	}
}

func TestDoctorJudgesDisks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		disk storage.Disk
		want string
	}{
		{storage.Disk{Free: 50, Total: 100, FreeFiles: 50, Files: 100}, stateOK},
		{storage.Disk{Free: 14, Total: 100, FreeFiles: 50, Files: 100}, stateWarning},
		{storage.Disk{Free: 50, Total: 100, FreeFiles: 14, Files: 100}, stateWarning},
		{storage.Disk{Free: 4, Total: 100, FreeFiles: 50, Files: 100}, stateFailed},
		{storage.Disk{Free: 50, Total: 100, FreeFiles: 4, Files: 100}, stateFailed},
	} {
		d := &doctor{}
		d.judgeDisk(c.disk)
		if got := d.findings[0]; got.State != c.want || got.State != stateOK && got.Mend == "" {
			t.Errorf("%+v: %+v", c.disk, got)
		}
	}
}

func TestDoctorRepeatsWhatDoesNoHarm(t *testing.T) {
	t.Parallel()
	push := githubapp.HookDelivery{ID: 3, Event: "push"}
	taken := githubapp.HookDelivery{ID: 2, Event: "issue_comment", StatusCode: 202}
	ping := githubapp.HookDelivery{ID: 1, Event: "ping"}
	for _, c := range []struct {
		list []githubapp.HookDelivery
		want int64
	}{{nil, 0}, {[]githubapp.HookDelivery{push}, 3}, {[]githubapp.HookDelivery{push, taken}, 2}, {[]githubapp.HookDelivery{push, taken, ping}, 1}} {
		if got, ok := harmless(c.list); got.ID != c.want || ok != (c.want != 0) {
			t.Errorf("%+v: %+v", c.list, got)
		}
	}
}

// What the report says may come from a repository that somebody else writes to.
func TestDoctorPrints(t *testing.T) {
	t.Parallel()
	d := &doctor{}
	d.ok("git", "git version 2")
	d.fail("pipeline", "first\nsecond", "\x1b]0;owned\a names nobody\rok")
	d.findings[1].Repository = "octo-org/shop"
	var out strings.Builder
	check(t, d.report().print(&out))
	want := strings.Join([]string{
		"ok       git            git version 2",
		"FAILED   pipeline       octo-org/shop: �]0;owned� names nobody�ok",
		"                        > first",
		"                          second",
		"", "1 failed, 0 warnings.", "",
	}, "\n")
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Error(d)
	}
}
