package emulator

import (
	"container/heap"
	"context"
	"strings"
	"time"
)

// between lists the commits reachable from tip and from none of the excluded,
// newest first: git rev-list tip ^excluded.... At most limit are returned; 0 is
// no limit.
func (o *objects) between(excluded []string, tip string, limit int) ([]*commit, error) {
	w := walk{objects: o, seen: map[string]*step{}}
	for _, sha := range excluded {
		if sha == "" || sha == zeroSHA {
			continue
		}
		if err := w.push(sha, true); err != nil && err != errMissing {
			return nil, err
		}
	}
	if err := w.push(tip, false); err != nil {
		return nil, err
	}
	found, err := w.run()
	if err != nil {
		return nil, err
	}
	var list []*commit
	for _, s := range found {
		if !s.excluded && (limit == 0 || len(list) < limit) {
			list = append(list, s.commit)
		}
	}
	return list, nil
}

// isAncestor says whether old is tip or one of its ancestors.
func (o *objects) isAncestor(old, tip string) bool {
	if old == tip {
		return true
	}
	missing, err := o.between([]string{tip}, old, 1)
	return err == nil && len(missing) == 0
}

// mergeBase answers the best common ancestor, or "".
func (r *repository) mergeBase(ctx context.Context, git gitTool, a, b string) string {
	out, err := git.run(ctx, r.dir, nil, "merge-base", a, b)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

type step struct {
	commit           *commit
	excluded, walked bool
	order            int
}

// walk visits commits newest first and carries the mark of the excluded down,
// also to what it has passed already: clocks may run backwards and seconds are
// shared.
type walk struct {
	objects *objects
	seen    map[string]*step
	queue   stepHeap
	wanted  int // steps in the queue that are not excluded
	oldest  time.Time
}

func (w *walk) push(sha string, excluded bool) error {
	if s := w.seen[sha]; s != nil {
		if excluded && !s.excluded {
			w.exclude(s)
		}
		return nil
	}
	c, err := w.objects.commit(sha)
	if err != nil {
		return err
	}
	s := &step{commit: c, excluded: excluded, order: len(w.seen)}
	w.seen[sha] = s
	if c.sha != sha {
		w.seen[c.sha] = s
	}
	heap.Push(&w.queue, s)
	if !excluded {
		w.wanted++
	}
	return nil
}

func (w *walk) exclude(s *step) {
	todo := []*step{s}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if s.excluded {
			continue
		}
		s.excluded = true
		if !s.walked {
			w.wanted--
			continue
		}
		for _, p := range s.commit.parents {
			if parent := w.seen[p]; parent != nil {
				todo = append(todo, parent)
			}
		}
	}
}

func (w *walk) run() ([]*step, error) {
	var found []*step
	for w.queue.Len() > 0 {
		if w.wanted == 0 && (len(found) == 0 || w.queue[0].commit.committer.when.Before(w.oldest)) {
			break
		}
		s := heap.Pop(&w.queue).(*step)
		s.walked = true
		if !s.excluded {
			w.wanted--
			found = append(found, s)
			if when := s.commit.committer.when; w.oldest.IsZero() || when.Before(w.oldest) {
				w.oldest = when
			}
		}
		for _, p := range s.commit.parents {
			if err := w.push(p, s.excluded); err != nil && err != errMissing {
				return nil, err
			}
		}
	}
	return found, nil
}

// stepHeap pops the newest commit first; children come before parents of the
// same second.
type stepHeap []*step

func (h stepHeap) Len() int { return len(h) }
func (h stepHeap) Less(i, j int) bool {
	a, b := h[i].commit.committer.when, h[j].commit.committer.when
	if a.Equal(b) {
		return h[i].order < h[j].order
	}
	return a.After(b)
}
func (h stepHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *stepHeap) Push(x any)   { *h = append(*h, x.(*step)) }
func (h *stepHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
