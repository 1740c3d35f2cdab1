package cases

import (
	"cmp"
	"context"
	"sync"
	"time"
)

// Limits say when the system is pressed. New filings then wait, so that those who
// are at work on cases do not. A zero field takes its default.
type Limits struct {
	PoolWait time.Duration // mean wait for a connection of this node; default 500 ms
	Write    time.Duration // mean time to write a step; default 1 s
	Arrears  int           // effects that should have been done a minute ago; default 20,000; negative: filings always wait, for a drill
}

const (
	lookEvery    = 2 * time.Second  // how often the pressure is judged
	enough       = 50               // waits or writes meanwhile: the mean of fewer says nothing
	arrearsEvery = 15 * time.Second // how often effects in arrears are counted
)

// pressure is what this node knows of how the system bears its load.
type pressure struct {
	mu      sync.Mutex
	looked  time.Time
	counted time.Time
	arrears int
	waits   int64         // of the pool, when it was looked at last
	waited  time.Duration // by all of them
	writes  int64         // since it was looked at last
	writing time.Duration
	pressed bool
	ofWhat  string
}

// wrote takes the time of a written step into account.
func (p *pressure) wrote(d time.Duration) {
	p.mu.Lock()
	p.writes++
	p.writing += d
	p.mu.Unlock()
}

// Pressed tells whether new filings have to wait, and what presses: connections,
// writing or arrears.
func (s *Service) Pressed(ctx context.Context) (bool, string) {
	limits, now := s.cfg.Limits, time.Now()
	p := &s.pressure
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.looked) < lookEvery {
		return p.pressed, p.ofWhat
	}
	p.looked = now
	stat := s.cfg.DB.Stat()
	waits, waited := stat.EmptyAcquireCount()-p.waits, stat.EmptyAcquireWaitTime()-p.waited
	p.waits, p.waited = stat.EmptyAcquireCount(), stat.EmptyAcquireWaitTime()
	writes, writing := p.writes, p.writing
	p.writes, p.writing = 0, 0
	if now.Sub(p.counted) >= arrearsEvery {
		p.counted = now
		p.arrears = s.inArrears(ctx, limits.arrears())
	}
	before := p.pressed
	switch {
	case waits >= enough && waited/time.Duration(waits) > limits.poolWait():
		p.pressed, p.ofWhat = true, "connections"
	case writes >= enough && writing/time.Duration(writes) > limits.write():
		p.pressed, p.ofWhat = true, "writing"
	case p.arrears > limits.arrears():
		p.pressed, p.ofWhat = true, "arrears"
	default:
		p.pressed, p.ofWhat = false, ""
	}
	if p.pressed != before {
		s.cfg.Log.WarnContext(ctx, "the pressure changed", "pressed", p.pressed, "by", p.ofWhat)
	}
	return p.pressed, p.ofWhat
}

// inArrears counts effects that should have been done a minute ago, up to a
// bound. Who cannot even ask is pressed enough.
func (s *Service) inArrears(ctx context.Context, bound int) int {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	n, err := s.countLate(ctx, s.now().Add(-time.Minute), bound+1)
	if err != nil {
		return bound + 1
	}
	return n
}

func (l Limits) poolWait() time.Duration { return cmp.Or(l.PoolWait, 500*time.Millisecond) }
func (l Limits) write() time.Duration    { return cmp.Or(l.Write, time.Second) }
func (l Limits) arrears() int            { return cmp.Or(l.Arrears, 20_000) }
