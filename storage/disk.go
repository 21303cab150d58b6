package storage

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Disk is the room on the disk of a folder.
type Disk struct {
	Free, Total uint64 // bytes; Free for users other than root
	// FreeFiles and Files are inodes; zero where the file system has no such limit.
	FreeFiles, Files uint64
	ReadOnly         bool
}

// DiskOf measures the disk that a folder is on.
func DiskOf(dir string) (Disk, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return Disk{}, fmt.Errorf("disk of %s: %w", dir, err)
	}
	size := uint64(s.Bsize)
	return Disk{Free: s.Bavail * size, Total: s.Blocks * size, FreeFiles: s.Ffree, Files: s.Files, ReadOnly: s.Flags&unix.ST_RDONLY != 0}, nil
}

// LeastFree is the share of the disk that has to be free for new work to be
// taken: what is accepted must be kept, with its logs and artifacts.
const LeastFree = 0.05

// FreeShare is the smaller of the free shares of bytes and inodes, from 0 to 1.
func (d Disk) FreeShare() float64 {
	share := 1.0
	if d.Total > 0 {
		share = float64(d.Free) / float64(d.Total)
	}
	if d.Files > 0 {
		share = min(share, float64(d.FreeFiles)/float64(d.Files))
	}
	return share
}

// Full explains that the disk is too full for new work, or read-only, or is nil.
func (d Disk) Full() error {
	if d.ReadOnly {
		return errors.New("the disk of the data folder is read-only: see the kernel's log (dmesg) for why, and make it writable again")
	}
	if share := d.FreeShare(); share < LeastFree {
		return fmt.Errorf("the disk of the data folder is full: %.1f %% are free, %.0f %% must be", share*100, LeastFree*100)
	}
	return nil
}
