package storage

import "sync"

// cache keeps what was read and is expensive to decode. It holds two generations:
// when the young one is full it becomes the old one, and what is used of the old one
// becomes young again. It may be used by many goroutines at once; what it holds is
// shared and read-only.
type cache[K comparable, V any] struct {
	limit      int // of each generation
	mu         sync.Mutex
	young, old map[K]V
}

func (c *cache[K, V]) get(key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.young[key]; ok {
		return v, true
	}
	v, ok := c.old[key]
	if ok {
		c.put(key, v)
	}
	return v, ok
}

func (c *cache[K, V]) add(key K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(key, v)
}

func (c *cache[K, V]) drop(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, key)
	delete(c.old, key)
}

func (c *cache[K, V]) put(key K, v V) {
	if len(c.young) >= c.limit {
		c.old, c.young = c.young, nil
	}
	if c.young == nil {
		c.young = map[K]V{}
	}
	c.young[key] = v
}
