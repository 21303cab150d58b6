package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/penstock-cd/penstock/pipeline"
	"github.com/penstock-cd/penstock/storage"
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
