package cases

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// planted is an effect of a case as some day left it.
type planted struct {
	seq, idx         int
	kind, name       string
	status, attempts int
}

// reversible tells by itself, not by the engine, what takes an effect back.
var reversible = map[string]string{"request-payment": "undo-payment", "update-resident": "undo-resident", "send": "undo-send", "issue-result": "undo-result"}

// owed is the law of compensation: of a case that ends without success each
// effect that is done, or may be done, is taken back once, the last first; what
// was refused, written off or never tried is not.
func owed(effects []planted) (out []string) {
	for _, e := range slices.Backward(effects) {
		undo := reversible[e.kind]
		may := e.status == 2 || e.status == 1 || e.status == 4 || e.status == 0 && e.attempts > 0
		if undo != "" && may {
			out = append(out, fmt.Sprintf("%s of %d.%d", undo, e.seq, e.idx))
		}
	}
	return out
}

// An undoer works undo effects off and keeps a book of what it took back.
type undoer func(o *office, r *rand.Rand, e *Effect) (did bool)

// careful waits when it is told to, fails now and then, and is cut off between
// the deed and its end; its book is the peer's: the same key is done once.
func careful(o *office, r *rand.Rand, e *Effect) bool {
	u, err := o.Undo(o.t.Context(), e)
	o.ok(err)
	switch {
	case !u.Wait.IsZero():
		o.ok(o.Wait(o.t.Context(), e, u.Wait))
		return false
	case r.IntN(4) == 0:
		_, err := o.Fail(o.t.Context(), e, Failure{Kind: Transient, Err: errors.New("the peer is down")})
		o.ok(err)
		return false
	case u.None:
		o.ok(o.Finish(o.t.Context(), e, Result{Receipt: "nothing"}))
		return false
	}
	o.ok(o.Finish(o.t.Context(), e, Result{Receipt: "undone"}))
	return true
}

// hasty takes back whatever it gets hold of.
func hasty(o *office, _ *rand.Rand, e *Effect) bool {
	o.ok(o.Finish(o.t.Context(), e, Result{Receipt: "undone"}))
	return true
}

// forgetful does what careful does, and drops what fails.
func forgetful(o *office, r *rand.Rand, e *Effect) bool {
	u, err := o.Undo(o.t.Context(), e)
	o.ok(err)
	if !u.Wait.IsZero() {
		o.ok(o.Wait(o.t.Context(), e, u.Wait))
		return false
	}
	o.ok(o.Finish(o.t.Context(), e, Result{Receipt: "given up quietly"}))
	return r.IntN(3) > 0
}

// plant leaves effects with a case, as steps and workers leave them.
func (o *office) plant(r *rand.Rand, c *Case) (out []planted) {
	kinds := [][2]string{{"request-payment", "fee"}, {"update-resident", "move"}, {"send", "enter"}, {"issue-result", ""}, {"notify", "done"}, {"issue-receipt", ""}}
	for i := range r.IntN(6) {
		k := kinds[r.IntN(len(kinds))]
		e := planted{seq: 1, idx: 10 + i, kind: k[0], name: k[1], status: r.IntN(6)}
		if e.status == 0 {
			e.attempts = r.IntN(2)
		} else if e.status != 5 {
			e.attempts = 1 + r.IntN(3)
		}
		var next, lease, until any
		switch e.status {
		case 0:
			next = o.time.Add(time.Hour)
		case 1:
			next, lease, until = o.time.Add(leaseTime), uuid.New(), o.time.Add(leaseTime)
		}
		_, err := o.db.Exec(o.t.Context(), `
			INSERT INTO case_effects (case_id, seq, idx, type, name, key, status, attempts, next_at, lease, lease_until, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, c.ID, e.seq, e.idx, e.kind, e.name, effectKey(c.ID, uuid.Nil, e.kind, e.name, e.idx), e.status, e.attempts, next, lease, until, o.time)
		o.ok(err)
		out = append(out, e)
	}
	return out
}

// takenBack withdraws a case with random effects and lets an undoer work; it
// returns what was owed and what the undoer's book says.
func (o *office) takenBack(r *rand.Rand, work undoer) (want, book []string, effects []planted) {
	c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	effects = o.plant(r, c)
	o.act(lan, c, "withdraw", Input{})
	for round := 0; round < 200; round++ {
		bells := o.openUndo(c.ID)
		if len(bells) == 0 {
			break
		}
		b := bells[r.IntN(len(bells))]
		e, err := o.Claim(o.t.Context(), b)
		if err != nil {
			o.pass(time.Minute)
			continue
		}
		if work(o, r, e) {
			var seq, idx int
			o.ok(o.db.QueryRow(o.t.Context(), `SELECT undoes_seq, undoes_idx FROM case_effects WHERE case_id = $1 AND seq = $2 AND idx = $3`, b.Case, b.Seq, b.Idx).Scan(&seq, &idx))
			book = append(book, fmt.Sprintf("%s of %d.%d", e.Type, seq, idx))
		}
		o.pass(30 * time.Second)
	}
	return owed(effects), book, effects
}

func (o *office) openUndo(id ID) (out []Bell) {
	rows, err := o.db.Query(o.t.Context(), `SELECT seq, idx FROM case_effects WHERE case_id = $1 AND undoes_seq IS NOT NULL AND status IN (0, 1) ORDER BY idx`, id)
	o.ok(err)
	defer rows.Close()
	for rows.Next() {
		b := Bell{Case: id, Queue: QueueCases}
		o.ok(rows.Scan(&b.Seq, &b.Idx))
		out = append(out, b)
	}
	o.ok(rows.Err())
	return out
}

// regretful is the office whose messages can be taken back.
func regretful(t *testing.T) *office {
	t.Helper()
	tree := withSupplement(t)
	text := string(tree["stall/procedure.yaml"].Data)
	tree["stall/procedure.yaml"].Data = []byte(strings.Replace(text, "refused: not-entered}", "refused: not-entered, undo: leave}\n  leave: {to: land, operation: leave-stall, body: {parcel: form.stall.parcel}}", 1))
	return officeOf(t, tree)
}

const regrets = 60

// Whatever had been done for a case by the time it was withdrawn, and however
// often the workers fail or get the undo effects out of turn: what may have
// happened is taken back once, the last first, and nothing else is.
func TestCompensationLaw(t *testing.T) {
	t.Parallel()
	o := regretful(t)
	r := rand.New(rand.NewPCG(7, 23))
	undone := 0
	for run := range regrets {
		want, book, effects := o.takenBack(r, careful)
		if !slices.Equal(want, book) {
			t.Fatalf("run %d: of %+v was taken back %v, want %v", run, effects, book, want)
		}
		undone += len(book)
	}
	if undone < regrets/2 {
		t.Errorf("only %d effects were taken back: the test shows nothing", undone)
	}
	if n := o.count(`SELECT count(*) FROM case_effects e JOIN cases c ON c.id = e.case_id WHERE e.undoes_seq IS NULL AND e.idx >= 10 AND e.status = 0 AND e.type IN ('request-payment', 'update-resident', 'send', 'issue-result')`); n != 0 {
		t.Errorf("%d effects of ended cases are still to be done", n)
	}
}

// The law finds workers that do not keep it, so it can fail.
func TestCompensationLawFindsMutants(t *testing.T) {
	t.Parallel()
	o := regretful(t)
	for name, mutant := range map[string]undoer{"takes back in any order": hasty, "drops what fails": forgetful} {
		r, found := rand.New(rand.NewPCG(7, 23)), false
		for range regrets {
			want, book, _ := o.takenBack(r, mutant)
			if found = !slices.Equal(want, book); found {
				break
			}
		}
		if !found {
			t.Errorf("nobody noticed a worker that %s", name)
		}
	}
}
