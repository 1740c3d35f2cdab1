package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// leg is the part of a case's way that it went under one version: the events
// before seq.
type leg struct {
	seq int // of the event by which it left
	p   *procedures.Procedure
}

// migration is what such an event says.
type migration struct {
	From   procedures.Hash                   `json:"from"`
	To     procedures.Hash                   `json:"to"`
	States map[workflow.State]workflow.State `json:"states"`
	Keeps  bool                              `json:"keeps"`
}

// migrationOf reads an event; false: it says nothing of a move.
func migrationOf(e event) (migration, bool) {
	var in struct {
		Data struct {
			Migrated migration `json:"migrated"`
		} `json:"data"`
	}
	if e.Kind != cases.ByMigrate || json.Unmarshal(e.Input, &in) != nil || in.Data.Migrated.To == "" {
		return migration{}, false
	}
	return in.Data.Migrated, true
}

// legs finds the versions that a case was on before, and holds the chain of its
// moves: each leaves the version that the one before led to, and the last leads
// to the version that the case names.
func (x *examiner) legs(ctx context.Context, db *pgxpool.Pool, r *record) error {
	at := r.Definition
	for i := len(r.events) - 1; i >= 0; i-- {
		e := r.events[i]
		m, ok := migrationOf(e)
		if e.Kind == cases.ByMigrate && !ok && !e.Erased {
			x.bad(1, r.Code, "event %d does not say from which version to which the case moved", e.Seq)
		}
		if !ok {
			continue
		}
		x.saw(1, 1)
		if m.To != at {
			x.bad(1, r.Code, "event %d moved it to version %.12s, and it went on under %.12s", e.Seq, m.To, at)
		}
		p, err := x.defs.find(ctx, db, m.From)
		if errors.Is(err, errNoVersion) {
			x.bad(1, r.Code, "its version %.12s until event %d cannot be loaded", m.From, e.Seq)
			return nil
		}
		if err != nil {
			return err
		}
		r.legs = append(r.legs, leg{e.Seq, p})
		at = m.From
	}
	slices.Reverse(r.legs)
	return nil
}

// asOf is the version by which an event is read.
func (r *record) asOf(e event) *procedures.Procedure {
	for _, l := range r.legs {
		if e.Seq < l.seq {
			return l.p
		}
	}
	return r.p
}

// stays tells whether an event moved the case to another version and left its
// task and its time-outs as they were.
func stays(e event) bool {
	m, ok := migrationOf(e)
	return ok && m.Keeps
}

// renamedVisits carries counted visits into the names of another version.
func renamedVisits(visits map[string]int, m migration) map[string]int {
	out := make(map[string]int, len(visits))
	for key, n := range visits {
		for from, to := range m.States {
			if rest, ok := cutState(key, from); ok {
				key = workflow.Visit(to, workflow.Event(rest))
				break
			}
		}
		out[key] += n
	}
	return out
}

func cutState(key string, s workflow.State) (event string, ok bool) {
	if len(key) > len(s) && key[:len(s)] == string(s) && key[len(s)] == '.' {
		return key[len(s)+1:], true
	}
	return "", false
}

// migrate carries a move to another version out.
func (p *replay) migrate(e event) {
	m, ok := migrationOf(e)
	if !ok {
		return
	}
	p.visits = renamedVisits(p.visits, m)
	spent := map[workflow.State]budget{}
	for _, s := range slices.Sorted(maps.Keys(p.spent)) {
		name := s
		if to, ok := m.States[s]; ok {
			name = to
		}
		if _, there := spent[name]; !there || name == s {
			spent[name] = p.spent[s]
		}
	}
	p.spent, p.state = spent, e.To
	if m.Keeps {
		return
	}
	p.gen, p.at, p.extended = e.Seq, e.At, time.Time{}
	var also input
	_ = json.Unmarshal(e.Input, &also)
	p.counts = also.from()
	def := p.r.asOf(e).Machine.States[e.To]
	if def == nil || def.Kind != workflow.Task {
		return
	}
	if b, ok := p.spent[e.To]; ok {
		b.Pauses = append(slices.Clip(b.Pauses), calendar.Span{From: e.At, To: e.At})
		p.spent[e.To] = b
	} else if def.Within.N > 0 {
		p.spent[e.To] = budget{Start: e.At}
	}
}
