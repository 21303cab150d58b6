package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
	"github.com/penstock-cd/penstock/storage"
	"github.com/penstock-cd/penstock/storage/actionlog"
	"github.com/penstock-cd/penstock/storage/blob"
)

const (
	probeTime   = 10 * time.Second
	inspectTime = 2 * time.Minute
)

func (d *doctor) settings() {
	for _, problem := range d.problems {
		mend := ""
		if os.Geteuid() != 0 && strings.Contains(problem, "permission denied") {
			mend = "run this as the server's user: sudo -u penstock penstock doctor"
		}
		d.fail("settings", mend, "%s", problem)
	}
	for _, warning := range d.warnings {
		d.warn("settings", "", "%s", warning.Message)
	}
	if len(d.problems)+len(d.warnings) == 0 {
		d.ok("settings", "they can be used; the server works for %s", strings.Join(d.config.Allow, ", "))
	}
}

func (d *doctor) login() {
	switch {
	case d.config.GitHub.Login():
		d.ok("login", "people log in with their GitHub account, at %s", d.config.URL)
	default:
		d.warn("login", "set github.clientId and github.clientSecretFile: docs/login.md",
			"there is none: runs and logs are shown to everything on this machine, jobs included, and to nobody else")
	}
}

func (d *doctor) git(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	out, err := exec.CommandContext(ctx, "git", "--version").Output()
	if err != nil {
		d.fail("git", "apt-get install git", "it cannot be run: %v", err)
		return
	}
	d.ok("git", "%s", strings.TrimSpace(string(out)))
}

// sandbox runs a job's sandbox, and looks out of it.
func (d *doctor) sandbox(ctx context.Context) {
	if d.config.Host.Unsandboxed {
		d.warn("sandbox", "apt-get install bubblewrap, and remove PENSTOCK_HOST_UNSANDBOXED (host.unsandboxed)",
			"it is switched off: every job may do whatever the server's user can, read the app's key too")
		return
	}
	if owner, ok := ownerOf(d.config.Data); ok && os.Geteuid() == 0 && owner != 0 {
		d.warn("sandbox", "sudo -u "+userName(owner)+" penstock doctor", "it was not tried: what root may do says nothing about the server's user")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	if err := probe(ctx, d.config); err != nil {
		d.fail("sandbox", mendSandbox(), "%v", err)
		return
	}
	forks := "jobs of forks are cut off from it"
	if d.config.Host.ForkNetwork {
		forks = "jobs of forks too"
	}
	d.ok("sandbox", "bubblewrap works: a job sees no processes, files, users and shared memory of others, writes to its own folders only, and has no capabilities; "+
		"it is not kept from the network, this machine's own included (%s), nor within limits of memory and time of processors", forks)
}

// probe tries the sandbox in a folder of its own. Nothing of the host but its
// sandbox is used.
func probe(ctx context.Context, config configs.Config) error {
	where := config.Data
	if _, err := os.Stat(where); err != nil {
		where = ""
	}
	dir, err := os.MkdirTemp(where, ".doctor-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	config.Data = cmp.Or(config.Data, dir)
	h, err := host.New(host.Options{
		Dir: dir, Sandbox: true, Hidden: hidden(config),
		Sources: forgeSources{}, Artifacts: (*blob.Store)(nil), Logs: (*actionlog.Store)(nil),
	})
	if err != nil {
		return err
	}
	return errors.Join(h.Probe(ctx), h.Close())
}

// mendSandbox names what this kernel keeps users from, if it does.
func mendSandbox() string {
	if _, err := exec.LookPath("bwrap"); err != nil {
		return "apt-get install bubblewrap"
	}
	for _, knob := range []struct{ file, bad, mend string }{
		{"/proc/sys/kernel/unprivileged_userns_clone", "0", "this kernel lets users make no name spaces: sysctl -w kernel.unprivileged_userns_clone=1, and write it to /etc/sysctl.d/"},
		{"/proc/sys/user/max_user_namespaces", "0", "this kernel lets users make no name spaces: sysctl -w user.max_user_namespaces=10000, and write it to /etc/sysctl.d/"},
		{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor lets programs make no name spaces unless a profile allows it: give bubblewrap one " +
			"(apt-get install apparmor-profiles, then link bwrap-userns-restrict into /etc/apparmor.d), or sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
	} {
		if value, err := os.ReadFile(knob.file); err == nil && strings.TrimSpace(string(value)) == knob.bad {
			return knob.mend
		}
	}
	return "in a container or chroot it works only if that may make name spaces (docs/install.md); where every job may do whatever the server's user can, set PENSTOCK_HOST_UNSANDBOXED=true"
}

func ownerOf(path string) (uid int, ok bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, false
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	return int(s.Uid), ok
}

// userName is what sudo -u takes for a user's number.
func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return "'#" + strconv.Itoa(uid) + "'"
}

// scarce is the share of the disk below which one is warned, before no work is
// taken at all.
const scarce = 0.15

func (d *doctor) disk() {
	if d.config.Data == "" {
		d.skip("disk", "the data folder is not known")
		return
	}
	dir := d.config.Data
	for {
		if _, err := os.Stat(dir); err == nil || !errors.Is(err, fs.ErrNotExist) || dir == "/" {
			break
		}
		dir = filepath.Dir(dir)
	}
	disk, err := storage.DiskOf(dir)
	if err != nil {
		d.fail("disk", "", "%v", err)
		return
	}
	d.judgeDisk(disk)
}

func (d *doctor) judgeDisk(disk storage.Disk) {
	const mend = "make room on the disk of the data folder, or move it to a larger one (docs/operation.md)"
	says := fmt.Sprintf("%.0f %% of the data folder's disk are free (%.1f GB)", disk.FreeShare()*100, float64(disk.Free)/1e9)
	switch full := disk.Full(); {
	case full != nil:
		d.fail("disk", mend, "%v; no work is taken until then", full)
	case disk.FreeShare() < scarce:
		d.warn("disk", mend, "%s; below %.0f %% no work is taken", says, storage.LeastFree*100)
	default:
		d.ok("disk", "%s", says)
	}
}

func (d *doctor) database(ctx context.Context) {
	if d.config.Data == "" {
		d.skip("database", "the data folder is not known")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, inspectTime)
	defer cancel()
	c, err := storage.Inspect(ctx, d.config.Data)
	const restore = "stop the server, and restore the newest backup: penstock restore (docs/operation.md)"
	switch {
	case pipeline.KindOf(err) == pipeline.NotFound:
		d.skip("database", "there is none yet; the first start makes it in %s", d.config.Data)
	case errors.Is(err, fs.ErrPermission):
		d.fail("database", "run this as the server's user: sudo -u penstock penstock doctor", "%v", err)
	case ctx.Err() != nil:
		d.warn("database", "", "it could not be read through within %s", inspectTime)
	case err != nil:
		d.fail("database", restore, "%v", err)
	case len(c.Damage) > 0:
		d.fail("database", restore, "the file is damaged: %s", c.Damage[0])
	case c.Schema > c.Knows:
		d.fail("database", "use the Penstock that the server runs, or a newer one", "its schema has version %d, this Penstock knows versions up to %d", c.Schema, c.Knows)
	case c.Schema < c.Knows:
		d.warn("database", "", "its schema has version %d; the next start makes a copy and brings it to version %d", c.Schema, c.Knows)
	case c.Dead > 0:
		d.warn("database", "penstock status, and the server's log, say which", "%d pieces of work were given up after many tries", c.Dead)
	default:
		d.ok("database", "SQLite finds nothing wrong; schema version %d", c.Schema)
	}
}

// server asks whether one runs here, and is ready.
func (d *doctor) server(ctx context.Context) {
	ask, port, err := net.SplitHostPort(d.config.Listen)
	if err != nil {
		d.skip("server", "its address is not known")
		return
	}
	if ip := net.ParseIP(ask); ask == "" || ip != nil && ip.IsUnspecified() {
		ask = "127.0.0.1"
	}
	status, body, err := get(ctx, "http://"+net.JoinHostPort(ask, port)+"/readyz")
	switch {
	case err != nil:
		d.warn("server", "systemctl start penstock; journalctl -u penstock says why it does not", "none answers at %s: %v", d.config.Listen, err)
	case status == http.StatusOK && body == "ready":
		d.running = true
		d.ok("server", "it runs, and takes work")
	case status == http.StatusServiceUnavailable:
		d.running = true
		d.fail("server", "", "it runs, and takes no work: %s", body)
	default:
		d.fail("server", "let Penstock listen elsewhere (PENSTOCK_LISTEN), or end the other program", "something else answers at %s (%d)", d.config.Listen, status)
	}
}

// get reads the first words of a page. Nobody is followed elsewhere.
func get(ctx context.Context, address string) (status int, body string, err error) {
	client := &http.Client{Timeout: probeTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", err
	}
	answer, err := client.Do(r)
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the address, which is said already
	}
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 500))
	return answer.StatusCode, strings.TrimSpace(string(text)), err
}
