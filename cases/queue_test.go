package cases

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/workflow"
)

// However a case moves, it stands in exactly one queue: as a task, as a wait
// with whom it waits for, or among the ended ones; and each row says the state
// and the date that the case has.
func TestEveryCaseStandsInOneQueue(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	places := []agency.ID{"UB-00070", "UB-00004"}
	rapid.Check(t, func(t *rapid.T) {
		c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: rapid.SampledFrom(places).Draw(t, "receiving"),
			Competent: rapid.SampledFrom(places).Draw(t, "competent"), Fee: int64(rapid.IntRange(0, 1).Draw(t, "fee"))})
		if rapid.Bool().Draw(t, "skip to the examination") {
			o.ok(o.Signal(o.t.Context(), c.ID, uuid.New(), "paid", "test", nil))
			o.setState(c, "examine", c.Competent, "handler")
		}
		all := officer("everybody", agency.Seat{Agency: c.Receiving, Role: "reception"}, agency.Seat{Agency: c.Competent, Role: "handler"})
		for range rapid.IntRange(0, 6).Draw(t, "steps") {
			o.step(t, c, all)
			o.pass(time.Hour)
			o.oneQueue(t, c)
		}
	})
}

// step tries one thing that may happen to a case.
func (o *office) step(t *rapid.T, c *Case, all agency.Actor) {
	judged := []Judgement{{Item: "who", Verdict: Satisfied}, {Item: "stall", Verdict: NotSatisfied, Reason: "mờ"}}
	action := func(a agency.Actor, e workflow.Event, in Input) error {
		_, err := o.Act(o.t.Context(), a, Command{Code: c.Code, Event: e, Input: in})
		return err
	}
	var err error
	switch what := rapid.SampledFrom([]string{"paid", "decline", "ask", "supply", "refuse", "grant", "entered", "registry-updated", "not-entered", "time", "withdraw", "cancel", "take"}).Draw(t, "event"); what {
	case "decline", "refuse":
		err = action(all, workflow.Event(what), Input{Grounds: []string{"no-place"}})
	case "ask":
		err = action(all, "ask", Input{Items: []AskedItem{{Item: "stall", Reason: "mờ"}}, Judgements: judged})
	case "grant":
		err = action(all, "grant", Input{Judgements: []Judgement{{Item: "who", Verdict: Satisfied}, {Item: "stall", Verdict: Satisfied}}})
	case "supply":
		err = action(lan, "supply", Input{Answers: map[string]any{"stall": map[string]any{"size": int64(rapid.IntRange(1, 4).Draw(t, "size"))}}})
	case "withdraw":
		err = action(lan, "withdraw", Input{})
	case "take":
		err = o.Take(o.t.Context(), all, c.Code)
	case "cancel":
		err = o.Cancel(o.t.Context(), c.ID, uuid.New())
	case "time":
		for _, name := range []string{"3d", "30d", "4h"} {
			err = errors.Join(err, o.Timeout(o.t.Context(), c.ID, name, o.generation(c)))
		}
	default:
		err = o.Signal(o.t.Context(), c.ID, uuid.New(), workflow.Event(what), "test", nil)
	}
	if _, refused := errors.AsType[*workflow.NotAllowedError](err); err != nil && !refused {
		t.Fatal(err)
	}
}

func (o *office) oneQueue(t *rapid.T, c *Case) {
	var (
		state              workflow.State
		kind               workflow.Kind
		task, wait, closed bool
		waits, waitState   string
		sameDue            bool
	)
	err := o.db.QueryRow(o.t.Context(), `
		SELECT c.state, c.closed_at IS NOT NULL, t.case_id IS NOT NULL, w.case_id IS NOT NULL, coalesce(w.waits_for, ''), coalesce(w.state, t.state, ''),
			w.case_id IS NULL OR w.due_at = coalesce(c.due_at, '9999-12-31 00:00Z')
		FROM cases c
		LEFT JOIN case_tasks t ON t.case_id = c.id
		LEFT JOIN case_waits w ON w.case_id = c.id
		WHERE c.id = $1`, c.ID).Scan(&state, &closed, &task, &wait, &waits, &waitState, &sameDue)
	if err != nil {
		t.Fatal(err)
	}
	def := c.Procedure.Machine.States[state]
	kind = def.Kind
	if task != (kind == workflow.Task) || wait != (kind == workflow.Wait) || closed != (kind == workflow.Final) || waits != waitsFor(def) {
		t.Fatalf("in state %s: task %t, wait %t for %q, closed %t", state, task, wait, waits, closed)
	}
	if !closed && workflow.State(waitState) != state || !sameDue {
		t.Fatalf("in state %s: the queue says %s, and the same date: %t", state, waitState, sameDue)
	}
}
