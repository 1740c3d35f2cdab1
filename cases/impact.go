package cases

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Standing is what another version means to an open case.
type Standing string

// The standings.
const (
	Unchanged    Standing = "unchanged"     // nothing that is still to come differs
	Movable      Standing = "movable"       // it may go on there, and is judged the same
	NeedsCitizen Standing = "needs-citizen" // it lacks what only the citizen can give
	Blocked      Standing = "blocked"       // it would be judged otherwise, or has no place there
)

// Standings are how many open cases stand how.
type Standings struct {
	Unchanged    int `json:"unchanged"`
	Movable      int `json:"movable"`
	NeedsCitizen int `json:"needs_citizen"`
	Blocked      int `json:"blocked"`
}

func (n *Standings) add(s Standing) {
	switch s {
	case Unchanged:
		n.Unchanged++
	case Movable:
		n.Movable++
	case NeedsCitizen:
		n.NeedsCitizen++
	case Blocked:
		n.Blocked++
	}
}

// All is how many cases there are.
func (n Standings) All() int { return n.Unchanged + n.Movable + n.NeedsCitizen + n.Blocked }

// Reason is why cases stand as they do, and how many of them.
type Reason struct {
	Standing Standing      `json:"standing"`
	State    string        `json:"state"`
	Text     workflow.Text `json:"text"`
	Cases    int           `json:"cases"`
	Some     []Code        `json:"some"` // the first few
}

// Impact is what a version would do to the open cases of older ones.
type Impact struct {
	Procedure procedures.ID           `json:"procedure"`
	Version   int                     `json:"version"`
	Hash      procedures.Hash         `json:"hash"`
	Counts    Standings               `json:"counts"`
	Versions  []OlderCases            `json:"versions"`
	Reasons   []Reason                `json:"reasons"`
	Changes   []procedures.Difference `json:"changes"`  // against the version in force; if that is none or this one, against the newest of which there are open cases
	Findings  []workflow.Finding      `json:"findings"` // of the plan
}

// OlderCases are the open cases of one older version.
type OlderCases struct {
	Version int             `json:"version"`
	Hash    procedures.Hash `json:"hash"`
	Counts  Standings       `json:"counts"`
}

// someCodes is how many cases a reason names.
const someCodes = 5

// Impact holds every open case of older versions against a new one, with its
// plan, and writes nothing. A plan that is wrong for a version of which there are
// open cases has findings.
func (s *Service) Impact(ctx context.Context, new *procedures.Procedure) (*Impact, error) {
	out := &Impact{Procedure: new.ID, Version: new.Version, Hash: new.Hash}
	old, ok := s.cfg.Procedures.On(new.ID, dayOf(s.now()))
	if !ok || old.Hash == new.Hash {
		old = nil
	}
	inForce := old != nil
	reasons := map[string]*Reason{}
	of := map[procedures.Hash]*OlderCases{}
	err := s.eachOpen(ctx, new, func(c *snapshot) error {
		older := of[c.Procedure.Hash]
		if older == nil {
			older = &OlderCases{Version: c.Procedure.Version, Hash: c.Procedure.Hash}
			of[c.Procedure.Hash] = older
			if !inForce && (old == nil || c.Procedure.Version > old.Version) {
				old = c.Procedure
			}
			if new.Plan.For(older.Version) != nil {
				out.Findings = append(out.Findings, procedures.CheckMove(c.Procedure, new, new.Plan.For(older.Version))...)
			}
		}
		p, err := s.prospect(ctx, c, new)
		if err != nil {
			return fmt.Errorf("case %s: %w", c.Code, err)
		}
		older.Counts.add(p.standing)
		out.Counts.add(p.standing)
		for _, why := range p.because {
			key := string(p.standing) + string(c.State) + why.EN
			r := reasons[key]
			if r == nil {
				r = &Reason{Standing: p.standing, State: string(c.State), Text: why}
				reasons[key] = r
			}
			r.Cases++
			if len(r.Some) < someCodes {
				r.Some = append(r.Some, c.Code)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("impact of version %.12s of %s: %w", new.Hash, new.ID, err)
	}
	if old != nil {
		out.Changes = procedures.Compare(old, new)
	}
	for _, o := range of {
		out.Versions = append(out.Versions, *o)
	}
	slices.SortFunc(out.Versions, func(a, b OlderCases) int {
		return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(a.Hash, b.Hash))
	})
	for _, r := range reasons {
		out.Reasons = append(out.Reasons, *r)
	}
	slices.SortFunc(out.Reasons, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Cases, a.Cases), cmp.Compare(a.State, b.State), cmp.Compare(a.Text.EN, b.Text.EN))
	})
	return out, nil
}

// openPage is how many cases are read at once.
const openPage = 200

// eachOpen visits the open cases of a procedure that rest on other versions than
// that one, page by page in the order of their ids.
func (s *Service) eachOpen(ctx context.Context, not *procedures.Procedure, visit func(*snapshot) error) error {
	var after ID
	for {
		rows, err := s.cfg.DB.Query(ctx, `
			SELECT id
			FROM cases
			WHERE procedure_id = $1 AND closed_at IS NULL AND definition <> $2 AND id > $3
			ORDER BY id
			LIMIT $4`, not.ID, not.Hash, after, openPage)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[ID])
		if err != nil {
			return err
		}
		for _, id := range ids {
			c, err := s.snapshot(ctx, id, ID{})
			if err != nil {
				return err
			}
			if c.ClosedAt != nil || c.Procedure.Hash == not.Hash {
				continue // it went on meanwhile
			}
			if err := visit(c); err != nil {
				return err
			}
		}
		if len(ids) < openPage {
			return nil
		}
		after = ids[len(ids)-1]
	}
}
