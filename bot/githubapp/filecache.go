package githubapp

import (
	"container/list"
	"sync"
)

const (
	maxCachedCommits = 512
	maxCachedBytes   = 16 << 20
)

type fileKey struct {
	repository int64
	sha        string
}

// fileCache keeps the pipeline files of the commits used last, bounded in number
// and in bytes.
type fileCache struct {
	mu    sync.Mutex
	bytes int
	order *list.List // of fileEntry, used last first
	index map[fileKey]*list.Element
}

type fileEntry struct {
	key   fileKey
	files []File
	bytes int
}

func newFileCache() *fileCache {
	return &fileCache{order: list.New(), index: map[fileKey]*list.Element{}}
}

func (c *fileCache) get(key fileKey) ([]File, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.index[key]
	if e == nil {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(fileEntry).files, true
}

func (c *fileCache) put(key fileKey, files []File) {
	size := 0
	for _, f := range files {
		size += len(f.Path) + len(f.Content)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.index[key] != nil || size > maxCachedBytes {
		return
	}
	c.index[key] = c.order.PushFront(fileEntry{key: key, files: files, bytes: size})
	c.bytes += size
	for c.bytes > maxCachedBytes || c.order.Len() > maxCachedCommits {
		oldest := c.order.Remove(c.order.Back()).(fileEntry)
		delete(c.index, oldest.key)
		c.bytes -= oldest.bytes
	}
}
