package bench

import (
	"fmt"
	"sync"
	"time"
)

// teller says how far filling is, every few seconds.
type teller struct {
	tell func(line string) // nil: nobody listens

	mu     sync.Mutex
	what   string
	total  int
	done   int
	start  time.Time
	spoken time.Time
}

// tellEvery is how often the teller speaks.
const tellEvery = 5 * time.Second

func (t *teller) begin(what string, total int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.what, t.total, t.done, t.start, t.spoken = what, total, 0, time.Now(), time.Now()
}

// add tells of n more.
func (t *teller) add(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now(t.done + n)
}

// at tells of n in all.
func (t *teller) at(done int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now(max(t.done, done))
}

func (t *teller) now(done int) {
	t.done = done
	if t.tell == nil || done == 0 || time.Since(t.spoken) < tellEvery {
		return
	}
	t.spoken = time.Now()
	passed := time.Since(t.start)
	left := time.Duration(float64(passed) * float64(t.total-done) / float64(done)).Round(time.Second)
	t.tell(fmt.Sprintf("%s: %d of %d, %.0f a second, %s left", t.what, done, t.total, float64(done)/passed.Seconds(), left))
}

func (t *teller) say(format string, args ...any) {
	if t.tell != nil {
		t.tell(fmt.Sprintf(format, args...))
	}
}

// size tells what was measured at a size.
func (t *teller) size(s Size) {
	t.say("at %d cases and %d residents, %.1f GB:", s.Cases, s.Residents, float64(s.Bytes)/1e9)
	for _, name := range Pages {
		l, ok := s.Measured[name]
		if !ok {
			continue
		}
		floor := ""
		if l.Floor != nil {
			floor = fmt.Sprintf(", floor %.2f / %.2f / %.2f", l.Floor.P50, l.Floor.P95, l.Floor.P99)
		}
		t.say("  %-14s %7.2f / %7.2f / %7.2f ms%s", name, l.P50, l.P95, l.P99, floor)
	}
}
