package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/workflow"
)

const (
	offersWithin = time.Second   // the home page waits no longer for registries
	offersKept   = 6 * time.Hour // what was found is not asked again
)

// Offer is something that a citizen can do now, as their own records tell.
type Offer struct {
	Procedure *procedures.Procedure
	ID        string // of the procedure's offer
	Text      workflow.Text
}

// found is what came of an offer, as it is kept.
type found struct {
	Definition procedures.Hash `json:"definition"`
	Offer      string          `json:"offer"`
	Level      int             `json:"level"` // of the sign-in
	At         time.Time       `json:"at"`
	Text       *workflow.Text  `json:"text,omitempty"` // nil: it is not made
}

// offering is one citizen's offers at one moment.
type offering struct {
	actor   agency.Actor
	now     time.Time
	kept    []found  // that still count
	busy    []string // procedures of open cases and drafts
	records Records
}

// Offers returns what the services in force offer the citizen to do now, for
// themself, by procedure. Registries are asked for at most a second, and for
// each record once; what they said counts for six hours of the same day, unless
// a case of the citizen ends. What a registry did not say offers nothing. A
// procedure that the citizen has an open case or a draft of offers nothing
// either. Errors to act upon: ErrForbidden for who is no citizen.
func (s *Service) Offers(ctx context.Context, a agency.Actor) ([]Offer, error) {
	if a.Kind != agency.Citizen {
		return nil, ErrForbidden
	}
	w, err := s.offering(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("offers: %w", err)
	}
	offered := s.offered(w)
	fresh := s.askOffers(ctx, w, offered)
	if len(fresh) > 0 {
		w.kept = append(w.kept, fresh...)
		if err := s.keepOffers(ctx, w); err != nil {
			return nil, fmt.Errorf("offers: %w", err)
		}
	}
	var out []Offer
	for _, p := range offered {
		for _, o := range p.Offers {
			if f := w.find(p, o); f != nil && f.Text != nil {
				out = append(out, Offer{Procedure: p, ID: o.ID, Text: *f.Text})
			}
		}
	}
	return out, nil
}

// offered are the services whose offers can be made to the citizen.
func (s *Service) offered(w *offering) []*procedures.Procedure {
	return slices.DeleteFunc(s.cfg.Procedures.Services(), func(p *procedures.Procedure) bool {
		return len(p.Offers) == 0 || w.actor.Level < p.Level || !slices.Contains(p.For, "self") || slices.Contains(w.busy, string(p.ID))
	})
}

func (w *offering) find(p *procedures.Procedure, o *procedures.Offer) *found {
	for i, f := range w.kept {
		if f.Definition == p.Hash && f.Offer == o.ID {
			return &w.kept[i]
		}
	}
	return nil
}

// offering reads what is known of the citizen without asking a registry.
func (s *Service) offering(ctx context.Context, a agency.Actor) (*offering, error) {
	w := &offering{actor: a, now: s.now(), records: &once{from: s.cfg.Records, own: a.ID}}
	var (
		kept  []byte
		ended *time.Time // when a case of the citizen ended last
	)
	_, err := behind(ctx, s.cfg.DB, s.reach(a), func(rows pgx.Rows) (struct{}, error) {
		_, err := pgx.ForEachRow(rows, []any{&kept, &ended, &w.busy}, func() error { return nil })
		return struct{}{}, err
	}, `
		WITH own AS (
			SELECT procedure_id, closed_at FROM cases WHERE applicant = @me
			UNION ALL
			SELECT procedure_id, closed_at FROM cases WHERE subject = @me AND subject <> applicant)
		SELECT (SELECT o.found FROM offers o WHERE o.citizen = @me),
			(SELECT max(closed_at) FROM own),
			ARRAY(
				SELECT procedure_id FROM own WHERE closed_at IS NULL
				UNION
				SELECT procedure_id FROM drafts WHERE owner = @me AND filed IS NULL AND expires_at > @now)`,
		pgx.StrictNamedArgs{"me": a.ID, "now": w.now})
	if err != nil {
		return nil, err
	}
	if kept != nil {
		if err := json.Unmarshal(kept, &w.kept); err != nil {
			return nil, err
		}
	}
	w.kept = slices.DeleteFunc(w.kept, func(f found) bool {
		return f.Level != a.Level || w.now.Sub(f.At) >= offersKept || dayOf(f.At) != dayOf(w.now) || ended != nil && !f.At.After(*ended)
	})
	return w, nil
}

// askOffers finds out about the offers that nothing is kept of, all at once.
func (s *Service) askOffers(ctx context.Context, w *offering, offered []*procedures.Procedure) []found {
	ctx, cancel := context.WithTimeout(ctx, offersWithin)
	defer cancel()
	var (
		mu  sync.Mutex
		all sync.WaitGroup
		out []found
	)
	for _, p := range offered {
		unknown := slices.DeleteFunc(slices.Clone(p.Offers), func(o *procedures.Offer) bool { return w.find(p, o) != nil })
		if len(unknown) == 0 {
			continue
		}
		all.Go(func() {
			fresh, err := s.decideOffers(ctx, w, p, unknown)
			if err != nil {
				s.cfg.Log.ErrorContext(ctx, "offers could not be evaluated", "procedure", p.ID, "error", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			out = append(out, fresh...)
		})
	}
	all.Wait()
	return out
}

// decideOffers reads what some offers of a procedure rest on, and decides those of which
// all of it could be asked.
func (s *Service) decideOffers(ctx context.Context, w *offering, p *procedures.Procedure, offers []*procedures.Offer) ([]found, error) {
	var needs []*procedures.Subject
	for _, o := range offers {
		for _, n := range o.Needs {
			if !slices.Contains(needs, n) {
				needs = append(needs, n)
			}
		}
	}
	set, err := s.settle(ctx, p, readSubjects{Subjects: needs, Source: w.records, Session: sessionVars(w.actor.ID, w.actor.Level, w.actor.ID), Now: w.now, Today: dayOf(w.now),
		Purpose: registry.Purpose{Reader: w.actor.ID, ReaderKind: string(agency.Citizen), Text: "Gợi ý việc Ông/Bà có thể làm ngay trên trang đầu"}})
	if err != nil {
		return nil, err
	}
	var out []found
	for _, o := range offers {
		if slices.ContainsFunc(o.Needs, func(n *procedures.Subject) bool {
			r, asked := set.Records[n.Name]
			return !asked || r.Silent || r.State == string(registry.Unavailable)
		}) {
			continue
		}
		f := found{Definition: p.Hash, Offer: o.ID, Level: w.actor.Level, At: w.now}
		if text, made := o.Made(set.Vars); made {
			f.Text = &text
		}
		out = append(out, f)
	}
	return out, nil
}

func (s *Service) keepOffers(ctx context.Context, w *offering) error {
	kept, err := json.Marshal(w.kept)
	if err != nil {
		return err
	}
	_, err = s.cfg.DB.Exec(ctx, `
		INSERT INTO offers (citizen, found, expires_at)
		VALUES ($1, $2, $3)
		ON CONFLICT (citizen) DO UPDATE SET found = excluded.found, expires_at = excluded.expires_at`, w.actor.ID, kept, w.now.Add(offersKept))
	return err
}

// once reads each record once, however many ask for it, and lets nobody wait
// longer than their context.
type once struct {
	from Records
	own  string // personal number of who reads

	mu    sync.Mutex
	asked map[string]*reading
}

// reading is a record that was asked for.
type reading struct {
	done chan struct{}
	rec  registry.Record
	err  error
}

// Fetch implements [Records].
func (o *once) Fetch(ctx context.Context, r registry.Request) (registry.Record, error) {
	one := o.reading(ctx, r)
	select {
	case <-one.done:
		if one.err == nil || ctx.Err() == nil {
			return one.rec, one.err
		}
	case <-ctx.Done():
	}
	return registry.Record{Kind: r.Kind, Key: r.Key, State: registry.Unavailable}, nil // late is as good as silent
}

func (o *once) reading(ctx context.Context, r registry.Request) *reading {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := r.Kind + " " + r.Key
	if one := o.asked[key]; one != nil {
		return one
	}
	if r.Key == o.own { // a procedure says guardian where it may be for a child
		r.Purpose.Basis = "self"
	}
	one := &reading{done: make(chan struct{})}
	if o.asked == nil {
		o.asked = map[string]*reading{}
	}
	o.asked[key] = one
	go func() {
		defer close(one.done)
		one.rec, one.err = o.from.Fetch(ctx, r)
	}()
	return one
}
