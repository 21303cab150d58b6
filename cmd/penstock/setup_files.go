package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// reservedSize is more than any of the files will need, in bytes.
const reservedSize = 16 << 10

// setupFiles are files that will be written at once, when what belongs into them
// is known and cannot be had again. Their space is taken before.
type setupFiles struct {
	dir      string
	names    []string // the last is given its name first
	force    bool
	reserved map[string]*os.File // by the name they will have
}

// reserveFiles takes space for files in a folder, which is made if it is not
// there. Without force, none of them may exist.
func reserveFiles(dir string, names []string, force bool) (*setupFiles, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("configuration folder: %w", err)
	}
	f := &setupFiles{dir: dir, names: names, force: force, reserved: map[string]*os.File{}}
	for _, name := range names {
		path := filepath.Join(dir, name)
		if _, err := os.Lstat(path); err == nil && !force {
			f.abandon()
			return nil, fmt.Errorf("%s is there already, and stays as it is: name another folder with --dir, or replace it with --force", path)
		}
		file, err := os.CreateTemp(dir, "."+name+".setup-*") // mode 0600
		if err == nil {
			f.reserved[name] = file
			_, err = file.Write(make([]byte, reservedSize))
		}
		if err == nil {
			err = file.Sync()
		}
		if err == nil {
			err = f.own(file)
		}
		if err != nil {
			f.abandon()
			return nil, fmt.Errorf("configuration folder: %w", err)
		}
	}
	return f, nil
}

// own gives a file to the owner of the folder, if we are root and they are not.
func (f *setupFiles) own(file *os.File) error {
	info, err := os.Stat(f.dir)
	if err != nil || os.Geteuid() != 0 {
		return err
	}
	owner := info.Sys().(*syscall.Stat_t)
	return file.Chown(int(owner.Uid), int(owner.Gid))
}

// write fills all files, makes them durable, and then gives them their names. When
// it fails, what was not named yet stays beside, and the error says so.
func (f *setupFiles) write(contents map[string]string) error {
	for name, file := range f.reserved {
		text := contents[name]
		_, err := file.WriteAt([]byte(text), 0)
		if err == nil {
			err = file.Truncate(int64(len(text)))
		}
		if err == nil {
			err = file.Sync()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file.Name(), err)
		}
	}
	for _, name := range slices.Backward(f.names) {
		if err := f.place(name); err != nil {
			return fmt.Errorf("%w; the new file is %s", err, f.reserved[name].Name())
		}
	}
	f.reserved = nil
	dir, err := os.Open(f.dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// place gives a file its name. Without force, nothing that has it is replaced.
// With force, the settings are kept as *.old; secrets are not, because they would
// lie about, and others can be made on the settings page of their app.
func (f *setupFiles) place(name string) error {
	path, file := filepath.Join(f.dir, name), f.reserved[name]
	if f.force && name == f.names[0] {
		if err := os.Rename(path, path+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if f.force {
		return errors.Join(os.Rename(file.Name(), path), file.Close())
	}
	if err := os.Link(file.Name(), path); err != nil { // unlike a renaming, it replaces nothing
		return err
	}
	return errors.Join(os.Remove(file.Name()), file.Close())
}

// abandon gives the space back, if it was not needed. Files that were filled and
// could not be named are left.
func (f *setupFiles) abandon() {
	for _, file := range f.reserved {
		if info, err := file.Stat(); err == nil && info.Size() == reservedSize {
			os.Remove(file.Name())
		}
		file.Close()
	}
	f.reserved = nil
}
