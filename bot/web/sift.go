package web

import (
	"errors"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/penstock-cd/penstock/pipeline"
)

const (
	// siftPages is how many pages of a list are read at most to find what somebody
	// may see.
	siftPages = 10
	// siftPage is how long such a page is.
	siftPage = 100
	// siftAtOnce is how many repositories are asked about at once.
	siftAtOnce = 8
)

// place is the repository that an entry of a list belongs to.
type place struct {
	host       string
	repository int64
}

// sift picks from a list what who asks may see, at most limit entries. GitHub is
// asked once for each repository, and not at all within a minute. page reads the
// entries after the one given, or the first ones for nil; a page that is not full
// is the last. dark tells why some repositories could not be asked about: their
// entries are left out.
func sift[T any](h *Handler, c echo.Context, limit int, least pipeline.Permission, where func(T) place, page func(after *T, n int) ([]T, error)) (seen []T, dark error, err error) {
	if h.Login == nil {
		seen, err = page(nil, limit)
		return seen, nil, err
	}
	known := map[place]error{}
	var after *T
	for range siftPages {
		list, err := page(after, siftPage)
		if err != nil {
			return nil, nil, err
		}
		h.look(c, placesOf(list, where), least, known)
		for _, entry := range list {
			err := known[where(entry)]
			if err == nil {
				seen = append(seen, entry)
			} else if errors.As(err, new(unknownRights)) {
				dark = err
			}
			if len(seen) == limit {
				return seen, dark, nil
			}
		}
		if len(list) < siftPage {
			break
		}
		after = &list[len(list)-1]
	}
	return seen, dark, nil
}

func placesOf[T any](list []T, where func(T) place) []place {
	places := make([]place, len(list))
	for i, entry := range list {
		places[i] = where(entry)
	}
	return places
}

// look finds out about the places that are not known yet.
func (h *Handler) look(c echo.Context, places []place, least pipeline.Permission, known map[place]error) {
	var mu sync.Mutex
	var wait sync.WaitGroup
	slots := make(chan struct{}, siftAtOnce)
	unknown := map[place]bool{}
	for _, p := range places {
		if _, ok := known[p]; !ok {
			unknown[p] = true
		}
	}
	for p := range unknown {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			err := h.may(c, p.host, p.repository, least)
			mu.Lock()
			defer mu.Unlock()
			known[p] = err
		})
	}
	wait.Wait()
}
