package bot

import (
	"errors"
	"sync"
)

// atOnce is how many questions about one thing are asked of GitHub at once.
const atOnce = 8

// sideBySide calls do for 0 to n-1, several at once, and joins their errors. After
// one, no other is begun.
func sideBySide(n int, do func(i int) error) error {
	var mu sync.Mutex
	var all error
	next := 0
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1, next <= n && all == nil
	}
	var hands sync.WaitGroup
	for range min(n, atOnce) {
		hands.Go(func() {
			for i, ok := take(); ok; i, ok = take() {
				if err := do(i); err != nil {
					mu.Lock()
					all = errors.Join(all, err)
					mu.Unlock()
				}
			}
		})
	}
	hands.Wait()
	return all
}
