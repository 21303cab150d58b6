package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"

	"github.com/penstock-cd/penstock/configs"
	"github.com/penstock-cd/penstock/pipeline/compute/host"
	"github.com/penstock-cd/penstock/storage/actionlog"
	"github.com/penstock-cd/penstock/storage/blob"
)

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
