package stage

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Standing is where a case of a story stands.
type Standing struct {
	Path      string // as a step names the case: state.name of a sub-case; empty: the case itself
	Procedure procedures.ID
	State     workflow.State
}

// Where tells where all cases of the stage stand: those that were filed, and
// below each its sub-cases.
func (s *Stage) Where(ctx context.Context) ([]Standing, error) {
	type row struct {
		ID        uuid.UUID
		Procedure procedures.ID
		State     workflow.State
		Parent    *uuid.UUID
		Slot      string
	}
	rows, _ := s.db.Query(ctx, `
		SELECT c.id, c.procedure_id, c.state, k.case_id, coalesce(k.slot, '')
		FROM cases c
		LEFT JOIN case_children k ON k.child_id = c.id
		ORDER BY c.id, k.gen DESC`)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil {
		return nil, err
	}
	var out []Standing
	var below func(parent *row, path string)
	below = func(parent *row, path string) {
		for i := range all {
			r := &all[i]
			at := path
			switch {
			case parent == nil && r.Parent == nil:
			case parent != nil && r.Parent != nil && *r.Parent == parent.ID:
				if at != "" {
					at += "."
				}
				at += string(s.opener(parent.Procedure, r.Slot)) + "." + r.Slot
			default:
				continue
			}
			out = append(out, Standing{at, r.Procedure, r.State})
			below(r, at)
		}
	}
	below(nil, "")
	return out, nil
}

// opener is the state that opens sub-cases of a name.
func (s *Stage) opener(id procedures.ID, slot string) workflow.State {
	p, ok := s.catalogue.Get(id)
	if !ok || p.Machine == nil {
		return ""
	}
	for _, name := range p.Machine.Order {
		for _, k := range p.Machine.States[name].Open {
			if k.Name == slot {
				return name
			}
		}
	}
	return ""
}
