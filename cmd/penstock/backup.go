package main

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/spf13/cobra"
)

// backupFolders are the parts of the data folder that are kept besides the
// database. Folders of jobs are not: a job cannot go on elsewhere.
func backupFolders() []string { return []string{"artifacts", "finished-logs", "logs"} }

const (
	backupManifest = "penstock-backup.json"
	backupDatabase = "penstock.db"
)

// manifest is the first entry of a backup.
type manifest struct {
	V       int       `json:"v"`
	Version string    `json:"penstock"`
	At      time.Time `json:"at"` // nothing that was decided later is in it
}

func newBackupCommand() *cobra.Command {
	var b beside
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write database, artifacts and logs to a file, while the server runs or not",
		Long: `Write the database as it is now, with artifacts and logs, to FILE: a tar compressed
with zstd, which must not be there yet and which only you can read. The server goes on
meanwhile.

Secrets and the configuration are not in it. What people and pipelines have written
is: keep it as safe as the server's disk.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			size, err := b.backup(c.Context(), args[0])
			if err != nil {
				return fmt.Errorf("backup: %w", err)
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: %.1f MB. Try it with `penstock restore --dry-run %s`.\n", args[0], float64(size)/1e6, args[0])
			return nil
		},
	}
	b.flags(cmd, false)
	return cmd
}

// backup writes a backup and returns its size. It is there whole or not at all.
func (b *beside) backup(ctx context.Context, path string) (size int64, err error) {
	if _, err := os.Lstat(path); err == nil {
		return 0, fmt.Errorf("%s is there already", path)
	}
	dir, err := b.folder()
	if err != nil {
		return 0, err
	}
	db, err := b.open(ctx)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	partial, snapshot := path+".partial", path+".partial.db"
	defer os.Remove(partial)
	defer os.Remove(snapshot)
	about := manifest{V: 1, Version: version, At: time.Now().UTC()}
	if err := db.SnapshotTo(ctx, snapshot); err != nil {
		return 0, err
	}
	file, err := os.OpenFile(partial, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	packed, err := zstd.NewWriter(file)
	if err != nil {
		return 0, err
	}
	archive := tar.NewWriter(packed)
	if err := packBackup(ctx, archive, about, snapshot, dir); err != nil {
		return 0, err
	}
	if err := errors.Join(archive.Close(), packed.Close(), file.Sync()); err != nil {
		return 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if err := os.Link(partial, path); err != nil { // unlike a rename, never over another file
		return 0, err
	}
	return info.Size(), syncFolder(filepath.Dir(path))
}

// packBackup writes what is in a backup. The database comes first: what it names
// is written before it is named, so the rest cannot lack any of it.
func packBackup(ctx context.Context, archive *tar.Writer, about manifest, snapshot, dir string) error {
	text, err := json.Marshal(about)
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: backupManifest, Mode: 0o600, Size: int64(len(text))}); err != nil {
		return err
	}
	if _, err := archive.Write(text); err != nil {
		return err
	}
	if err := packFile(archive, backupDatabase, snapshot); err != nil {
		return err
	}
	for _, folder := range backupFolders() {
		err := filepath.WalkDir(filepath.Join(dir, folder), func(path string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist): // removed meanwhile, or never there
				return nil
			case err != nil:
				return err
			case ctx.Err() != nil:
				return ctx.Err()
			case !d.Type().IsRegular():
				return nil
			}
			name, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			err = packFile(archive, filepath.ToSlash(name), path)
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// packFile writes a file as long as it is now; it may be growing.
func packFile(archive *tar.Writer, name, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(), ModTime: info.ModTime().Truncate(time.Second)}); err != nil {
		return err
	}
	_, err = io.CopyN(archive, file, info.Size())
	return err
}

// inBackup reports whether a backup may hold a file of that name.
func inBackup(name string) bool {
	if name == backupManifest || name == backupDatabase {
		return true
	}
	if !filepath.IsLocal(name) || filepath.ToSlash(filepath.Clean(name)) != name {
		return false
	}
	return slices.ContainsFunc(backupFolders(), func(folder string) bool { return len(name) > len(folder) && name[:len(folder)+1] == folder+"/" })
}

// syncFolder makes a folder's list of names durable.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
