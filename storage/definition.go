package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	selectDefinition = `SELECT doc FROM definitions WHERE repository_id = ? AND digest = ?`
	insertDefinition = `INSERT INTO definitions (repository_id, digest, doc, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`
)

// Definition returns a resolved pipeline of a repository by its digest. It is
// shared: read-only. Kind NotFound.
func (db *DB) Definition(ctx context.Context, repositoryID int64, digest string) (*pipeline.Pipeline, error) {
	if p := db.definitions.get(definitionKey{repositoryID, digest}); p != nil {
		return p, nil
	}
	var p *pipeline.Pipeline
	err := db.read(ctx, func(s *snapshot) (err error) {
		p, err = db.definition(s, repositoryID, digest)
		return err
	})
	return p, err
}

func (db *DB) definition(s *snapshot, repositoryID int64, digest string) (*pipeline.Pipeline, error) {
	key := definitionKey{repositoryID, digest}
	if p := db.definitions.get(key); p != nil {
		return p, nil
	}
	var doc []byte
	switch ok, err := s.get(selectDefinition, []any{repositoryID, digest}, &doc); {
	case err != nil:
		return nil, fmt.Errorf("definition %s: %w", digest, err)
	case !ok:
		return nil, pipeline.Errorf(pipeline.NotFound, "definition %s is not stored", digest)
	}
	p := &pipeline.Pipeline{}
	if err := json.Unmarshal(doc, p); err != nil {
		return nil, fmt.Errorf("definition %s: %w", digest, err)
	}
	db.definitions.add(key, p)
	return p, nil
}

// maxDefinitions bounds each generation of the cache.
const maxDefinitions = 256

type definitionKey struct {
	repositoryID int64
	digest       string
}

// definitionCache keeps decoded definitions, which never change. What is in it
// is stored. It holds two generations: when the young one is full it becomes the
// old one, and what is used of the old one becomes young again.
type definitionCache struct {
	mu         sync.Mutex
	young, old map[definitionKey]*pipeline.Pipeline
}

func (c *definitionCache) get(key definitionKey) *pipeline.Pipeline {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.young[key]; p != nil {
		return p
	}
	p := c.old[key]
	if p != nil {
		c.put(key, p)
	}
	return p
}

func (c *definitionCache) add(key definitionKey, p *pipeline.Pipeline) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(key, p)
}

func (c *definitionCache) put(key definitionKey, p *pipeline.Pipeline) {
	if len(c.young) >= maxDefinitions {
		c.old, c.young = c.young, nil
	}
	if c.young == nil {
		c.young = map[definitionKey]*pipeline.Pipeline{}
	}
	c.young[key] = p
}
