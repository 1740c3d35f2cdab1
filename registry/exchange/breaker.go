package exchange

import (
	"sync"
	"time"
)

// A breaker stops reading from a registry that fails all the time. After limit
// failures in a row it is open and nothing passes; after rest one request may
// try, and its outcome closes or opens the breaker again.
type breaker struct {
	limit int
	rest  time.Duration
	now   func() time.Time

	mu     sync.Mutex
	failed int       // in a row
	opened time.Time // of the last failure that opened it
	trying bool      // one request is trying whether it works again
}

func (b *breaker) closed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failed < b.limit
}

// allow tells whether a request may pass; each one that does must be reported.
func (b *breaker) allow() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed < b.limit {
		return true
	}
	if b.trying || b.now().Sub(b.opened) < b.rest {
		return false
	}
	b.trying = true
	return true
}

// report tells how a request went; one that its caller gave up counts neither way.
func (b *breaker) report(ok, givenUp bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trying = false
	switch {
	case ok:
		b.failed = 0
	case givenUp:
	default:
		b.failed++
		if b.failed >= b.limit {
			b.opened = b.now()
		}
	}
}
