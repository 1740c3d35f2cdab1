package studio

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/stage"
)

// Bounds of previews. Each has a database of its own while it lasts.
const (
	mostPreviews = 6                // at the same time
	mostOfAuthor = 2                // of one author; a further one ends the oldest
	idleAfter    = 30 * time.Minute // a preview that nobody touched for so long has ended
	displaceable = 5 * time.Minute  // when all are taken, one that rested for so long makes room
)

// errFull reports that all previews are taken.
var errFull = errors.New("all previews are taken")

// previews are the walks that are under way, and the databases they are in. A
// database is used again: it is cleared before the next walk begins.
type previews struct {
	open func(context.Context) (*stage.Database, error) // makes one more
	now  func() time.Time

	mu    sync.Mutex
	made  int
	free  []*stage.Database
	walks map[string]*walk
}

func newPreviews(open func(context.Context) (*stage.Database, error), now func() time.Time) *previews {
	return &previews{open: open, now: now, walks: map[string]*walk{}}
}

// find is a walk of the author's that is still open, for one request: release
// it afterwards.
func (p *previews) find(id, author string) (*walk, bool) {
	p.sweep()
	p.mu.Lock()
	w := p.walks[id]
	p.mu.Unlock()
	if w == nil || w.author != author {
		return nil, false
	}
	w.mu.Lock()
	if w.ended {
		w.mu.Unlock()
		return nil, false
	}
	w.used = p.now()
	return w, true
}

// begin opens a walk of a procedure at an instant, in a database that holds
// nothing but the demonstration's people and agencies.
func (p *previews) begin(ctx context.Context, author string, catalogue *procedures.Catalogue, id procedures.ID, at time.Time) (*walk, error) {
	p.sweep()
	db, err := p.take(ctx, author)
	if err != nil {
		return nil, err
	}
	procedure, ok := catalogue.Get(id)
	if !ok {
		p.give(db)
		return nil, errNotFound
	}
	set, err := db.SetForWalk(ctx, catalogue, at)
	if err != nil {
		p.give(db)
		return nil, fmt.Errorf("set the stage of a preview: %w", err)
	}
	w := &walk{id: rand.Text(), author: author, db: db, stage: set, catalogue: catalogue, procedure: procedure, used: p.now(), begun: p.now()}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.walks[w.id] = w
	return w, nil
}

// take is a database that nobody uses, for a walk of the author's or, without
// one, for a short while. It makes room by the bounds above.
func (p *previews) take(ctx context.Context, author string) (*stage.Database, error) {
	if author != "" {
		if w := p.oldest(author, time.Time{}, mostOfAuthor); w != nil {
			p.end(w)
		}
	}
	p.mu.Lock()
	if n := len(p.free); n > 0 {
		db := p.free[n-1]
		p.free = p.free[:n-1]
		p.mu.Unlock()
		return db, nil
	}
	if p.made < mostPreviews {
		p.made++
		p.mu.Unlock()
		db, err := p.open(ctx)
		if err != nil {
			p.mu.Lock()
			p.made--
			p.mu.Unlock()
			return nil, fmt.Errorf("make the database of a preview: %w", err)
		}
		return db, nil
	}
	p.mu.Unlock()
	w := p.oldest("", p.now().Add(-displaceable), 1)
	if w == nil {
		return nil, errFull
	}
	p.end(w)
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.free)
	if n == 0 {
		return nil, errFull // somebody was faster
	}
	db := p.free[n-1]
	p.free = p.free[:n-1]
	return db, nil
}

// oldest is the walk that rested longest among those of an author (empty: of
// all) that nobody has touched since before (zero: at all), when there are at
// least so many; else nil. One that is in use this moment is none that rested.
func (p *previews) oldest(author string, before time.Time, most int) *walk {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found *walk
	n := 0
	for _, w := range p.walks {
		if author != "" && w.author != author {
			continue
		}
		if !w.mu.TryLock() {
			n++
			continue
		}
		if before.IsZero() || w.used.Before(before) {
			n++
			if found == nil || w.used.Before(found.used) {
				found = w
			}
		}
		w.mu.Unlock()
	}
	if n < most {
		return nil
	}
	return found
}

// end ends a walk; its database is free for the next one.
func (p *previews) end(w *walk) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p.close(w)
}

// close is end for who holds the walk.
func (p *previews) close(w *walk) {
	if w.ended {
		return
	}
	w.ended = true
	p.mu.Lock()
	delete(p.walks, w.id)
	p.mu.Unlock()
	p.give(w.db)
}

func (p *previews) give(db *stage.Database) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, db)
}

// sweep ends the walks that nobody touched for long.
func (p *previews) sweep() {
	for {
		w := p.oldest("", p.now().Add(-idleAfter), 1)
		if w == nil {
			return
		}
		p.end(w)
	}
}
