package emulation

import "time"

// Injected is trouble switched on. All methods but Take are safe for concurrent use.
type Injected struct {
	guard   *Guard
	left    int       // requests still to come, -1 is no end
	until   time.Time // zero is no end
	hits    int
	release chan struct{}
	removed bool
}

// Inject switches trouble on: for so many requests and for a while of real time, 0 is no
// end of either. Call it under the guard's lock.
func Inject(guard *Guard, count int, while time.Duration) *Injected {
	i := &Injected{guard: guard, left: -1, release: make(chan struct{})}
	if count > 0 {
		i.left = count
	}
	if while > 0 {
		i.until = time.Now().Add(while)
	}
	guard.Touch()
	return i
}

// Take counts a request that gets the trouble, and answers what is closed when it may go
// on if it hangs. It is false when the trouble has ended. Call it under the guard's lock.
func (i *Injected) Take() (release <-chan struct{}, ok bool) {
	if i.left == 0 || !i.until.IsZero() && time.Now().After(i.until) {
		return nil, false
	}
	if i.left > 0 {
		i.left--
	}
	i.hits++
	i.guard.Touch()
	return i.release, true
}

// Hits says how many requests got the trouble.
func (i *Injected) Hits() int {
	i.guard.Lock()
	defer i.guard.Unlock()
	return i.hits
}

// Release lets what hangs or waits go on; later requests still hang.
func (i *Injected) Release() {
	i.guard.Lock()
	defer i.guard.Unlock()
	if !i.removed {
		close(i.release)
		i.release = make(chan struct{})
	}
}

// Remove ends the trouble and lets what hangs go on. Safe twice.
func (i *Injected) Remove() {
	i.guard.Lock()
	defer i.guard.Unlock()
	if i.removed {
		return
	}
	i.removed, i.left = true, 0
	close(i.release)
	i.guard.Touch()
}
