package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	selectDefinition = `SELECT doc FROM definitions WHERE repository_id = ? AND digest = ?`
	insertDefinition = `INSERT INTO definitions (repository_id, digest, doc, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`
)

// Definition returns a resolved pipeline of a repository by its digest. It is
// shared: read-only. Kind NotFound.
func (db *DB) Definition(ctx context.Context, repositoryID int64, digest string) (*pipeline.Pipeline, error) {
	if p, ok := db.definitions.get(definitionKey{repositoryID, digest}); ok {
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
	if p, ok := db.definitions.get(key); ok {
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

// maxDefinitions bounds each generation of the cache of decoded definitions, which
// never change. What is in it is stored.
const maxDefinitions = 256

type definitionKey struct {
	repositoryID int64
	digest       string
}
