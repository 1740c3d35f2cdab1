package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// The effects by which cases talk to each other. A definition cannot name them.
const (
	EffectOpen   = "open-child"
	EffectReport = "report-outcome"
	EffectCancel = "cancel-child"
	EffectRemind = "remind-child"
)

// JoinWindow is the timer of a join's window.
const JoinWindow = "join-window"

// Opening is what a parent tells a new sub-case.
type Opening struct {
	Parent    ID             `json:"parent"`
	Child     ID             `json:"child"`
	Slot      string         `json:"slot"`
	Gen       int            `json:"gen"`
	Procedure procedures.ID  `json:"procedure"`
	Addressed string         `json:"addressed"` // personal number
	Variant   string         `json:"variant,omitempty"`
	Kind      string         `json:"kind,omitempty"`    // agency kind; empty: the procedure's own rule
	Commune   string         `json:"commune,omitempty"` // of the agency
	Agency    agency.ID      `json:"agency,omitempty"`  // fallback when no rule applies: the parent's
	Share     []string       `json:"share,omitempty"`   // sections of the form
	Given     map[string]any `json:"given,omitempty"`
	Depth     int            `json:"depth,omitempty"` // 1: a sub-case, 2: a sub-case of one; 0: written before it was counted
}

// Report is what a sub-case tells its parent when it ends.
type Report struct {
	Parent  ID               `json:"parent"`
	Slot    string           `json:"slot"`
	Gen     int              `json:"gen"`
	Outcome workflow.Outcome `json:"outcome"`
	Output  map[string]any   `json:"output,omitempty"`
}

// children reads the sub-cases of a case, in the order of their opening.
func (s *Service) children(ctx context.Context, id ID) ([]childState, error) {
	rows, err := s.cfg.DB.Query(ctx, `
		SELECT slot, gen, child_id, addressed, coalesce(outcome, ''), output, cancelled, detached
		FROM case_children
		WHERE case_id = $1
		ORDER BY gen, slot`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var kids []childState
	for rows.Next() {
		var (
			k      childState
			output []byte
		)
		if err := rows.Scan(&k.Slot, &k.Gen, &k.ID, &k.Addressed, &k.Outcome, &output, &k.Cancelled, &k.Detached); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(output, &k.Output); err != nil {
			return nil, fmt.Errorf("output of sub-case %s: %w", k.Slot, err)
		}
		kids = append(kids, k)
	}
	return kids, rows.Err()
}

// openChildren schedules the sub-cases that the decision opens.
func (s *Service) openChildren(st *step, open []*workflow.Child, v variables) error {
	c := st.c
	v.c = c
	vars := v.vars()
	if len(open) > 0 && c.Memory.Depth >= deepest {
		return fmt.Errorf("sub-case %s: it would stand %d deep, and %d is the most", open[0].Name, c.Memory.Depth+1, deepest)
	}
	for _, k := range open {
		o := Opening{Parent: c.ID, Depth: c.Memory.Depth + 1, Child: uuid.Must(uuid.NewV7()), Slot: k.Name, Gen: c.Memory.Gen,
			Procedure: procedures.ID(k.Procedure), Variant: k.Variant, Agency: c.Competent, Share: k.Share, Given: map[string]any{}}
		o.Addressed = c.Applicant
		if name, ok := strings.CutPrefix(k.Of, "subjects."); ok {
			r, ok := v.b.Records[name]
			if !ok || r.Key == "" {
				return fmt.Errorf("sub-case %s: the key of subject %s is not known", k.Name, name)
			}
			o.Addressed = r.Key
		}
		if k.Agency != nil {
			commune, err := k.Agency.Commune.String(vars)
			if err != nil {
				return fmt.Errorf("sub-case %s: %w", k.Name, err)
			}
			o.Kind, o.Commune = k.Agency.Kind, commune
		}
		for name, p := range k.Give {
			val, err := p.Eval(vars)
			if err != nil {
				return fmt.Errorf("sub-case %s, give %s: %w", k.Name, name, err)
			}
			o.Given[name] = val
		}
		st.children = append(st.children, childRow{Slot: k.Name, Procedure: o.Procedure, ID: o.Child, Addressed: o.Addressed})
		if err := st.follow(EffectOpen, k.Name, o, v.now); err != nil {
			return err
		}
	}
	c.Memory.Children = c.Memory.Children || len(open) > 0
	return nil
}

// leaveChildren sees to the sub-cases that are still open when their state is
// left: the join may let them go on, otherwise they are cancelled.
func (s *Service) leaveChildren(st *step, v variables, left *workflow.StateDef, how workflow.TriggerKind, now time.Time) error {
	leave := how == workflow.ByJoin && left != nil && left.Join != nil && left.Join.Rest == workflow.RestLeave
	for _, k := range v.kids {
		switch {
		case k.Outcome != "" || k.Cancelled || k.Detached || k.Gen == st.c.Memory.Gen:
		case leave:
			st.detached = append(st.detached, k.ID)
		default:
			st.cancelled = append(st.cancelled, k)
			if err := st.follow(EffectCancel, k.Slot, about{Child: k.ID, Slot: k.Slot, Gen: k.Gen}, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// reported delivers the outcome of a sub-case to its parent, which leaves its
// state when the join's rule is met. A late outcome is kept and changes nothing.
func (s *Service) reported(ctx context.Context, r Report, command uuid.UUID, d *delivery) error {
	return s.system(ctx, r.Parent, order{Command: command, Report: &r, in: d,
		Trigger: workflow.Trigger{Kind: workflow.ByJoin, Event: workflow.Event(r.Slot)},
		Actor:   agency.Actor{Kind: agency.System, ID: "sub-case " + r.Slot}, Input: Input{Data: map[string]any{"outcome": string(r.Outcome)}}})
}

// report decides on a sub-case's outcome: d is nil when the parent stays where it is.
func (s *Service) report(c *snapshot, o order, v variables) (*workflow.Decision, error) {
	for i, k := range v.kids {
		if k.Slot == o.Report.Slot && k.Gen == o.Report.Gen && k.Outcome == "" {
			v.kids[i].Outcome, v.kids[i].Output = o.Report.Outcome, o.Report.Output
		}
	}
	if o.Report.Gen != c.Memory.Gen || c.ClosedAt != nil {
		return nil, nil
	}
	return s.join(c, o, v, false)
}

// join evaluates the join of the case's state.
func (s *Service) join(c *snapshot, o order, v variables, over bool) (*workflow.Decision, error) {
	outcomes := map[string]workflow.Outcome{}
	for _, k := range v.kids {
		if k.Gen == c.Memory.Gen {
			outcomes[k.Slot] = k.Outcome
		}
	}
	target, fires := c.Procedure.Machine.Joined(c.State, outcomes, over)
	if !fires {
		return nil, nil
	}
	return c.Procedure.Machine.Decide(workflow.Input{State: c.State, Trigger: o.Trigger, Target: target, Vars: v.vars(),
		Visits: c.Memory.Visits, System: true})
}
