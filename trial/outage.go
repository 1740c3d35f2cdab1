package trial

import (
	"context"
	"fmt"
	"slices"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/workflow"
)

// Outage is a journey while one registry does not answer.
type Outage struct {
	Procedure  procedures.ID `json:"procedure"`
	Registry   string        `json:"registry"`
	Scenario   string        `json:"scenario,omitempty"` // that was played
	Typed      int           `json:"typed"`              // questions asked in place of the registry
	Papers     []string      `json:"papers"`             // asked for besides
	Unverified []string      `json:"unverified"`         // answers of which the case says so
	Held       bool          `json:"held"`               // nobody could file before the registry was back, by a rule of the form
	Back       bool          `json:"back"`               // the registry had to come back to take a message
	State      string        `json:"state,omitempty"`
	Outcome    string        `json:"outcome,omitempty"`
	Problem    string        `json:"problem,omitempty"` // why the journey did not end as it should
}

// Outages lets each registry that a procedure reads or writes be out of reach, one
// after the other, and plays the procedure's first granted scenario. want names the
// procedures; told is called after each journey, by one goroutine at a time.
func (t *Trial) Outages(ctx context.Context, want func(procedures.ID) bool) ([]*Outage, error) {
	type journey struct {
		procedure procedures.ID
		registry  string
	}
	var all []journey
	c := t.workers[0].catalogue
	for _, p := range c.Services() {
		if !want(p.ID) {
			continue
		}
		for _, name := range stage.Sources(c, p, resident.Registry) {
			all = append(all, journey{p.ID, name})
		}
	}
	out := make([]*Outage, len(all))
	err := t.share(ctx, len(all), func(ctx context.Context, w *worker, i int) (err error) {
		if out[i], err = w.outage(ctx, all[i].procedure, all[i].registry); err != nil {
			return fmt.Errorf("play %s without %s: %w", all[i].procedure, all[i].registry, err)
		}
		return nil
	})
	return out, err
}

// outage plays one journey: the form is filled once while all registries answer, to
// know what they would have said.
func (w *worker) outage(ctx context.Context, id procedures.ID, name string) (*Outage, error) {
	p, _ := w.catalogue.Get(id)
	out := &Outage{Procedure: id, Registry: name, Papers: []string{}, Unverified: []string{}}
	s := granted(p)
	if s == nil {
		out.Problem = "no scenario without given records ends as granted"
		return out, nil
	}
	out.Scenario = s.ID
	on, err := w.set(ctx, w.catalogue, s.At)
	if err != nil {
		return nil, err
	}
	known, err := on.Know(ctx, p, s)
	if err != nil {
		out.Problem = "while all registries answer: " + err.Error()
		return out, ctx.Err()
	}
	if on, err = w.set(ctx, w.catalogue, s.At); err != nil {
		return nil, err
	}
	o, err := on.Outage(ctx, p, s, known, name)
	if err != nil {
		return nil, err
	}
	out.Typed, out.Held, out.Back, out.State, out.Outcome, out.Problem = len(o.Typed), o.Held, o.Back, o.State, o.Outcome, o.Problem
	out.Papers = append(out.Papers, o.Papers...)
	for _, at := range o.Unverified {
		out.Unverified = append(out.Unverified, string(at))
	}
	return out, nil
}

// granted is the first scenario that ends well and rests on the demonstration alone; nil: there is none.
func granted(p *procedures.Procedure) *procedures.Scenario {
	good := map[workflow.Outcome]bool{}
	for _, name := range p.Machine.Order {
		if s := p.Machine.States[name]; s.Kind == workflow.Final && !s.Negative {
			good[s.Outcome] = true
		}
	}
	i := slices.IndexFunc(p.Scenarios, func(s *procedures.Scenario) bool {
		return len(s.Given) == 0 && len(s.Expect.Problems) == 0 && good[s.Ends.Outcome] && len(s.Steps) > 0
	})
	if i < 0 {
		return nil
	}
	return p.Scenarios[i]
}
