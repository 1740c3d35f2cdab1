package trial

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/stage"
)

// Story is one scenario of a procedure.
type Story struct {
	Procedure procedures.ID
	ID        string
}

func (s Story) String() string { return string(s.Procedure) + "/" + s.ID }

// Result is what came of playing a story.
type Result struct {
	Story
	File     string // of its folder
	Line     int
	Title    string
	Steps    int
	Failures []Failure
	Took     time.Duration

	seen  map[point]bool
	stood [][]stage.Standing // by the number of steps done: where its cases stood
}

// Failure is where the engine and a story differ.
type Failure struct {
	Line  int    `json:"line"`
	Place string `json:"place"` // filing, step 3, the end
	What  string `json:"what"`
	Want  string `json:"want,omitempty"`
	Got   string `json:"got"`
}

// Worker plays one story at a time, in a database of its own.
type worker struct {
	db        *stage.Database
	catalogue *procedures.Catalogue
	seen      *seen
}

// play plays one story from the beginning.
func (w *worker) play(ctx context.Context, c *procedures.Catalogue, st Story) (*Result, error) {
	p, ok := c.Get(st.Procedure)
	if !ok {
		return nil, fmt.Errorf("there is no procedure %s", st.Procedure)
	}
	i := slices.IndexFunc(p.Scenarios, func(s *procedures.Scenario) bool { return s.ID == st.ID })
	if i < 0 {
		return nil, fmt.Errorf("procedure %s has no scenario %s", st.Procedure, st.ID)
	}
	s := p.Scenarios[i]
	start := time.Now()
	on, err := w.set(ctx, c, s.At)
	if err != nil {
		return nil, err
	}
	r := &Result{Story: st, File: path.Join(string(p.ID), "scenarios.yaml"), Line: s.Line, Title: s.Title.EN, Steps: len(s.Steps)}
	differences, err := on.Play(ctx, p, s)
	for _, d := range differences {
		r.Failures = append(r.Failures, Failure{d.Line, d.Place, d.What, d.Want, d.Got})
	}
	if failed, ok := errors.AsType[*stage.StepError](err); ok {
		if ctx.Err() != nil {
			return nil, err
		}
		r.Failures = append(r.Failures, Failure{failed.Line, failed.Place, "the step", "done", failed.Err.Error()})
	} else if err != nil {
		return nil, err
	}
	r.seen, r.stood, r.Took = w.seen.points, w.seen.stood, time.Since(start)
	return r, nil
}

// set clears the stage, and begins to watch anew.
func (w *worker) set(ctx context.Context, c *procedures.Catalogue, at time.Time) (*stage.Stage, error) {
	on, err := w.db.Set(ctx, c, at)
	if err != nil {
		return nil, err
	}
	*w.seen = seen{points: map[point]bool{}, where: on.Where}
	on.Watch(w.seen)
	return on, nil
}

// Trial plays stories. It is made by New and closed by its user.
type Trial struct {
	load    func() (*procedures.Catalogue, error)
	workers []*worker
}

// New makes ready: n workers, each with a database of its own and with its own
// copy of the definitions, for decisions are watched in it.
func New(ctx context.Context, server *stage.Server, n int, load func() (*procedures.Catalogue, error)) (*Trial, error) {
	t := &Trial{load: load}
	var loading errgroup.Group
	var err error
	for range n {
		w := &worker{seen: &seen{}}
		t.workers = append(t.workers, w)
		loading.Go(func() (err error) {
			w.catalogue, err = load()
			return err
		})
	}
	for _, w := range t.workers {
		if w.db, err = server.Database(ctx); err != nil {
			break
		}
	}
	if err := errors.Join(loading.Wait(), err); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	for _, w := range t.workers {
		w.seen.watch(w.catalogue)
	}
	return t, nil
}

// Close gives the databases back.
func (t *Trial) Close() error {
	for _, w := range t.workers {
		if w.db != nil {
			w.db.Close()
		}
	}
	return nil
}

// Stories are all of the catalogue that want takes, those with most steps first, so that
// the workers end at the same time.
func (t *Trial) Stories(want func(Story) bool) []Story {
	type one struct {
		Story
		steps int
	}
	var all []one
	for _, p := range t.workers[0].catalogue.All() {
		for _, s := range p.Scenarios {
			if st := (Story{p.ID, s.ID}); want(st) {
				all = append(all, one{st, len(s.Steps)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b one) int { return b.steps - a.steps })
	out := make([]Story, len(all))
	for i, s := range all {
		out[i] = s.Story
	}
	return out
}

// Play plays stories, several at a time; told is called after each, by one
// goroutine at a time. The results have the order of the stories.
func (t *Trial) Play(ctx context.Context, stories []Story, told func(*Result)) ([]*Result, error) {
	out := make([]*Result, len(stories))
	var mu sync.Mutex
	err := t.share(ctx, len(stories), func(ctx context.Context, w *worker, i int) error {
		r, err := w.play(ctx, w.catalogue, stories[i])
		if err != nil {
			return fmt.Errorf("play %s: %w", stories[i], err)
		}
		mu.Lock()
		defer mu.Unlock()
		if out[i] = r; told != nil {
			told(r)
		}
		return nil
	})
	return out, err
}

// share lets the workers do n things, each the next when it is free.
func (t *Trial) share(ctx context.Context, n int, do func(context.Context, *worker, int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	var mu sync.Mutex
	next := 0
	for _, w := range t.workers {
		group.Go(func() error {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n || ctx.Err() != nil {
					return ctx.Err()
				}
				if err := do(ctx, w, i); err != nil {
					return err
				}
			}
		})
	}
	return group.Wait()
}
