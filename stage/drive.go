package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// What a drill does after the filing: the story's steps where they are possible, else the usual way on.

// turns bounds a journey; patience is how long a case may wait before the registry comes back.
const (
	turns    = 60
	patience = 3
)

// walk goes on until the case has ended.
func (d *drill) walk(ctx context.Context) error {
	steps := slices.Clone(d.story.Steps)
	waited := 0
	for range turns {
		c, err := d.load(ctx, d.id)
		if err != nil {
			return err
		}
		d.out.State, d.out.Outcome = string(c.State), string(c.Outcome)
		if c.Outcome != "" {
			if c.Negative && d.out.Problem == "" {
				d.out.Problem = "it ended against the citizen: " + string(c.State)
			}
			return nil
		}
		done, err := d.turn(ctx, c, &steps)
		if err != nil {
			return err
		}
		if done {
			waited = 0
			continue
		}
		// Nobody can do anything: time passes. What the case waits for then is the registry itself.
		if waited++; waited > patience && !d.out.Back {
			d.out.Back = true
			delete(d.down, d.out.Registry)
		}
		until := d.now.AddDate(0, 0, 1)
		if waited > 2*patience { // months of a benefit, a day of an examination
			next, err := d.NextTimeout(ctx, d.id)
			if err != nil {
				return err
			}
			if next.After(until) {
				until = next
			}
		}
		if err := d.pass(ctx, until); err != nil {
			return err
		}
	}
	return fmt.Errorf("the journey does not end: it stands in %s", d.out.State)
}

// turn does one thing; false: there is nothing to do.
func (d *drill) turn(ctx context.Context, c *cases.Case, steps *[]*procedures.Step) (bool, error) {
	state := d.p.Machine.States[c.State]
	if paid, err := d.tellPayment(ctx, d.id, true, nil); err != nil || paid {
		return paid, errors.Join(err, d.settle(ctx))
	}
	for i, st := range *steps {
		if st.Do == "" || st.Expect.Refused != "" {
			continue
		}
		done, err := d.try(ctx, st.Case, st.By, st.Do, st)
		if err != nil {
			return false, err
		}
		if done {
			*steps = slices.Delete(slices.Clone(*steps), i, i+1)
			return true, nil
		}
		if st.Case == "" && state.Actions[st.Do] != nil {
			break // it is this step's turn, and something holds it up: see below
		}
	}
	if state.Kind == workflow.Subcases {
		return d.children(ctx, c)
	}
	by := string(state.Owner)
	if by == "" && state.For == "applicant" {
		by = "applicant"
	}
	if by == "" {
		return false, nil
	}
	return d.forward(ctx, "", by)
}

// try does an action if its actor may now; false: they may not.
func (d *drill) try(ctx context.Context, path, by string, do workflow.Event, st *procedures.Step) (bool, error) {
	id, err := d.find(ctx, path)
	if err != nil {
		return false, nil // there is no such sub-case here
	}
	c, who, err := d.as(ctx, id, by)
	if err != nil || c == nil {
		return false, err
	}
	i := slices.IndexFunc(c.Allowed, func(a cases.Allowed) bool { return a.Event == do })
	if i < 0 {
		return false, nil
	}
	return possible(d.act(ctx, c, who, c.Allowed[i], st))
}

// possible tells whether an action was done: what a condition does not permit is
// not, and whether it would shows only with what the action brings.
func possible(err error) (bool, error) {
	if _, barred := errors.AsType[*workflow.NotAllowedError](err); barred {
		return false, nil
	}
	return err == nil, err
}

// as is a case as somebody sees it; nil: they do not.
func (d *drill) as(ctx context.Context, id cases.ID, by string) (*cases.Case, agency.Actor, error) {
	standing, err := d.standing(ctx, id)
	if err != nil {
		return nil, agency.Actor{}, err
	}
	p, err := d.procedure(standing)
	if err != nil {
		return nil, agency.Actor{}, err
	}
	who, err := d.actor(ctx, p, standing, by)
	if err != nil {
		return nil, who, nil // nobody has that role in this case
	}
	c, err := d.cases.Get(ctx, who, standing.Code)
	if err != nil {
		return nil, who, nil
	}
	return c, who, nil
}

// forward takes the first action that leads on and neither refuses nor asks for more.
func (d *drill) forward(ctx context.Context, path, by string) (bool, error) {
	id, err := d.find(ctx, path)
	if err != nil {
		return false, err
	}
	c, who, err := d.as(ctx, id, by)
	if err != nil || c == nil {
		return false, err
	}
	for _, a := range c.Allowed {
		if a.Event == "withdraw" || a.Event == "extend" || a.Style == "danger" || slices.Contains(a.Needs, "grounds") || slices.Contains(a.Needs, "items") {
			continue
		}
		if to := c.Procedure.Machine.States[a.To]; to != nil && to.Negative {
			continue
		}
		if here := c.Procedure.Machine.States[c.State]; here.Kind == workflow.Wait && len(here.After) > 0 && a.Style != "primary" {
			continue // time leads on by itself: what may be told meanwhile has not happened
		}
		tried := fmt.Sprint(c.ID, c.State, a.Event)
		if d.tried[tried] && !d.out.Back {
			continue // it did not help the first time: they wait until the registry is back
		}
		d.tried[tried] = true
		if done, err := possible(d.act(ctx, c, who, a, nil)); err != nil || done {
			return done, err
		}
	}
	return false, nil
}

// act does an action with the story's input, where the story has it, and with what
// the case needs besides: a judgement of everything on its checklist.
func (d *drill) act(ctx context.Context, c *cases.Case, who agency.Actor, a cases.Allowed, st *procedures.Step) error {
	in := cases.Input{}
	if st != nil {
		raw, err := json.Marshal(st.Input)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &in); err != nil {
			return fmt.Errorf("input: %w", err)
		}
		if st.Answers != nil {
			in.Answers = Plain(st.Answers)
		}
		for _, name := range st.Attachments {
			f, err := d.cases.AddCaseFile(ctx, who, c.Code, name, name+".pdf", paper)
			if err != nil {
				return err
			}
			in.Files = append(in.Files, f.ID)
		}
	}
	const words = "Cơ sở dữ liệu không trả lời; đã đối chiếu giấy tờ."
	if slices.Contains(a.Needs, "note") && in.Note == "" {
		in.Note = words
	}
	if slices.Contains(a.Needs, "findings") && in.Findings == "" {
		in.Findings = words
	}
	if slices.Contains(a.Needs, "judgements") {
		in.Judgements = nil
		for _, item := range c.Checklist {
			in.Judgements = append(in.Judgements, cases.Judgement{Item: item.Item.ID, Verdict: cases.Satisfied})
		}
	}
	if st != nil && !st.At.IsZero() && st.At.After(d.now) {
		if err := d.pass(ctx, st.At); err != nil {
			return err
		}
	}
	if err := d.cases.Do(ctx, who, cases.Command{Code: c.Code, ID: uuid.New(), Revision: c.Revision, Event: a.Event, Input: in}); err != nil {
		return fmt.Errorf("%s by %s in %s: %w", a.Event, who.ID, c.State, err)
	}
	return d.settle(ctx)
}

// children lets whoever is asked in an open sub-case answer the first way that leads on.
func (d *drill) children(ctx context.Context, c *cases.Case) (bool, error) {
	rows, err := d.db.Query(ctx, `
		SELECT k.slot
		FROM case_children k
		JOIN cases s ON s.id = k.child_id
		WHERE k.case_id = $1 AND s.closed_at IS NULL
		ORDER BY k.slot`, c.ID)
	if err != nil {
		return false, err
	}
	slots, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return false, err
	}
	for _, slot := range slots {
		path := string(c.State) + "." + slot
		id, err := d.find(ctx, path)
		if err != nil {
			return false, err
		}
		standing, err := d.standing(ctx, id)
		if err != nil {
			return false, err
		}
		p, err := d.procedure(standing)
		if err != nil {
			return false, err
		}
		if paid, err := d.tellPayment(ctx, id, true, nil); err != nil || paid {
			return paid, errors.Join(err, d.settle(ctx))
		}
		by := string(p.Machine.States[workflow.State(standing.State)].Owner)
		if by == "" || p.Machine.Roles[workflow.Role(by)].Kind == "citizen" {
			by = "applicant"
		}
		if done, err := d.forward(ctx, path, by); err != nil || done {
			return done, err
		}
	}
	return false, nil
}
