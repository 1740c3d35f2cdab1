// Package drill lets each part of the sandbox fail on purpose: slow, out of
// reach, answering wrongly, sending things twice, or doing the work and then
// reporting an error. Hoso must come through all of them.
package drill

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// A Switch says how a part misbehaves. The zero Switch is good behaviour.
type Switch struct {
	Slow         int  `json:"slow"`         // milliseconds before anything happens
	Down         bool `json:"down"`         // answers 503 and does nothing
	Wrong        bool `json:"wrong"`        // answers with a body its signature does not cover
	Repeat       bool `json:"repeat"`       // things happen or are sent twice
	DoneButError bool `json:"doneButError"` // does the work and answers 500
	Times        int  `json:"times"`        // requests until the switch goes off; 0: it stays
}

// On tells whether anything is switched on.
func (s Switch) On() bool { return s.Slow > 0 || s.Down || s.Wrong || s.Repeat || s.DoneButError }

// Wait sleeps as long as Slow says, or until ctx ends.
func (s Switch) Wait(ctx context.Context) {
	if s.Slow <= 0 {
		return
	}
	select {
	case <-time.After(time.Duration(s.Slow) * time.Millisecond):
	case <-ctx.Done():
	}
}

// A Part of the sandbox with its name on the board and what can be switched.
type Part struct {
	ID    string   `json:"id"`
	VI    string   `json:"vi"`
	EN    string   `json:"en"`
	Can   []string `json:"can"` // slow, down, wrong, repeat, doneButError
	State Switch   `json:"state"`
}

// Offers tells whether the part has a switch of that name.
func (p Part) Offers(name string) bool { return slices.Contains(p.Can, name) }

// ErrNoPart reports a switch for a part that does not exist, or that it lacks.
var ErrNoPart = errors.New("no such switch")

// A Board holds the switches of all parts.
type Board struct {
	mu    sync.Mutex
	parts []*Part
}

// New makes a board for parts, all behaving.
func New(parts ...Part) *Board {
	b := &Board{}
	for _, p := range parts {
		b.parts = append(b.parts, &p)
	}
	return b
}

// Parts lists the parts and their switches.
func (b *Board) Parts() []Part {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Part, len(b.parts))
	for i, p := range b.parts {
		out[i] = *p
	}
	return out
}

// Set changes the switches of a part.
func (b *Board) Set(id string, s Switch) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.parts {
		if p.ID != id {
			continue
		}
		for name, on := range map[string]bool{"slow": s.Slow > 0, "down": s.Down, "wrong": s.Wrong, "repeat": s.Repeat, "doneButError": s.DoneButError} {
			if on && !p.Offers(name) {
				return fmt.Errorf("%s of %s: %w", name, id, ErrNoPart)
			}
		}
		if s.Slow < 0 || s.Slow > 120_000 || s.Times < 0 {
			return fmt.Errorf("slow is 0 to 120000 ms, times 0 or more: %w", ErrNoPart)
		}
		p.State = s
		return nil
	}
	return fmt.Errorf("%q: %w", id, ErrNoPart)
}

// Clear lets all parts behave.
func (b *Board) Clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.parts {
		p.State = Switch{}
	}
}

// Take tells how the part treats the request at hand, and counts it.
func (b *Board) Take(id string) Switch {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.parts {
		if p.ID == id {
			s := p.State
			if s.On() && p.State.Times > 0 {
				if p.State.Times--; p.State.Times == 0 {
					p.State = Switch{}
				}
			}
			return s
		}
	}
	return Switch{}
}
