package bot

import (
	"context"
	"sync"

	"github.com/penstock-cd/penstock/bot/githubapp"
	"github.com/penstock-cd/penstock/pipeline"
)

// comparisons remembers what lies between commits, which never changes. Its zero
// value is ready; it may be used at once from many goroutines.
type comparisons struct {
	mu    sync.Mutex
	known map[comparedKey]githubapp.Comparison
	order []comparedKey // oldest first
}

type comparedKey struct {
	repository int64
	base, head string
}

const maxComparisons = 64

func (c *comparisons) between(ctx context.Context, forge *githubapp.App, r pipeline.Repository, base, head string) (githubapp.Comparison, error) {
	key := comparedKey{r.ID, base, head}
	c.mu.Lock()
	known, ok := c.known[key]
	c.mu.Unlock()
	if ok {
		return known, nil
	}
	read, err := forge.Compare(ctx, r, base, head)
	if err != nil {
		return read, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[comparedKey]githubapp.Comparison{}
	}
	if _, twice := c.known[key]; !twice {
		c.known[key], c.order = read, append(c.order, key)
		if len(c.order) > maxComparisons {
			delete(c.known, c.order[0])
			c.order = c.order[1:]
		}
	}
	return read, nil
}
