package studio

import (
	"context"
	"slices"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/workflow"
)

// moment is what a step has led to.
type moment struct {
	At    time.Time
	What  workflow.Text // what was done
	Who   string        // by whom; empty: by time, or from outside
	Cases []standing    // the case, then those it has opened that moved with it
}

// standing is where one case stands after a step, and what has come of it.
type standing struct {
	Case      cases.ID
	Name      workflow.Text // of the procedure
	Code      cases.Code
	Path      string // of a sub-case; empty: the case itself
	State     workflow.State
	Title     workflow.Text // of the state
	Status    workflow.Text // who has it, until when
	Outcome   workflow.Outcome
	Due       time.Time
	Because   []calendar.Line
	Fee       int64
	Events    []cases.Event
	Effects   []stage.Effect
	Notices   []cases.Notice
	Documents []cases.Document
}

// note writes down what a step has led to, in the case and in all those that it
// has opened.
func (w *walk) note(ctx context.Context, what workflow.Text, who string) error {
	m := moment{At: w.stage.Now(), What: what, Who: who}
	if w.filed() {
		if w.seen == nil {
			w.seen = map[cases.ID]int{}
		}
		if err := w.stand(ctx, &m, w.id0, ""); err != nil {
			return err
		}
	}
	w.moments = append(w.moments, m)
	return nil
}

func (w *walk) stand(ctx context.Context, m *moment, id cases.ID, path string) error {
	c, err := w.stage.Case(ctx, id)
	if err != nil {
		return err
	}
	before := w.seen[id]
	s := standing{Case: id, Name: c.Procedure.Name, Code: c.Code, Path: path, State: c.State, Title: c.StateTitle, Status: c.Status, Outcome: c.Outcome, Due: c.DueAt, Because: c.DueBecause, Fee: c.Fee}
	for _, e := range c.Events {
		if e.Seq > before {
			s.Events = append(s.Events, e)
		}
		w.seen[id] = max(w.seen[id], e.Seq)
	}
	all, err := w.stage.Effects(ctx, id)
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.Seq > before {
			s.Effects = append(s.Effects, e)
		}
	}
	if s.Notices, err = w.told(ctx, c); err != nil {
		return err
	}
	for _, d := range c.Documents {
		if !w.knew(d) {
			s.Documents = append(s.Documents, d)
		}
	}
	if path == "" || len(s.Events) > 0 {
		m.Cases = append(m.Cases, s)
	}
	for _, k := range c.Children {
		if k.Link.ID == (cases.ID{}) {
			continue
		}
		below := slot(c.Procedure.Machine, k.Slot)
		if path != "" {
			below = path + "." + below
		}
		if err := w.stand(ctx, m, k.Link.ID, below); err != nil {
			return err
		}
	}
	return nil
}

// told are the messages about a case that its applicant has got since the last
// moment, oldest first.
func (w *walk) told(ctx context.Context, c *cases.Case) ([]cases.Notice, error) {
	all, _, err := w.stage.Cases().Notices(ctx, agency.Actor{Kind: agency.Citizen, ID: c.Applicant, Level: 2}, "", 50)
	if err != nil {
		return nil, err
	}
	var out []cases.Notice
	for _, n := range slices.Backward(all) {
		if n.Case == c.Code && !w.heard(n) {
			out = append(out, n)
		}
	}
	return out, nil
}

func (w *walk) heard(n cases.Notice) bool {
	return w.ever(func(s standing) bool {
		return slices.ContainsFunc(s.Notices, func(o cases.Notice) bool { return o.ID == n.ID })
	})
}

func (w *walk) knew(d cases.Document) bool {
	return w.ever(func(s standing) bool {
		return slices.ContainsFunc(s.Documents, func(o cases.Document) bool { return o.ID == d.ID })
	})
}

func (w *walk) ever(is func(standing) bool) bool {
	return slices.ContainsFunc(w.moments, func(m moment) bool { return slices.ContainsFunc(m.Cases, is) })
}

// catchUp looks which of the effects that the moments tell of are done by now.
func (w *walk) catchUp(ctx context.Context) error {
	done := map[cases.ID][]stage.Effect{}
	for id := range w.seen {
		all, err := w.stage.Effects(ctx, id)
		if err != nil {
			return err
		}
		done[id] = slices.DeleteFunc(all, func(e stage.Effect) bool { return !e.Done })
	}
	for _, m := range w.moments {
		for _, s := range m.Cases {
			for i, e := range s.Effects {
				s.Effects[i].Done = slices.ContainsFunc(done[s.Case], func(d stage.Effect) bool { return d.Seq == e.Seq && d.Type == e.Type && d.Name == e.Name })
			}
		}
	}
	return nil
}
