package doctor

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
)

// call is a command or a look with the place in its case's history that it took.
type call struct {
	what           string
	seq            int // the event that it became, or the revision that it saw
	wrote          bool
	sent, answered time.Time // answered zero: nobody knows when it took effect
}

// linear is invariant 32. A case is one register that every command replaces,
// and its events say in which order they took effect. So the history is
// linearizable exactly when that order agrees with real time: what was answered
// before another was sent has the lower place, and a look shows no less than
// what was answered before it, and nothing that was sent after it.
func (x *examiner) linear(j *Journal, carried map[uuid.UUID]done) {
	of := map[cases.Code][]call{}
	first := map[uuid.UUID]call{}
	for _, c := range j.Commands {
		d, ok := carried[c.ID]
		if !ok {
			continue
		}
		// Sent again it is one call: from the first sending to the first answer.
		one, again := first[c.ID]
		if !again {
			one = call{what: string(c.Event), seq: d.seq, wrote: true, sent: c.Sent}
		}
		if c.Sent.Before(one.sent) {
			one.sent = c.Sent
		}
		if c.accepted() && (one.answered.IsZero() || c.Answered.Before(one.answered)) {
			one.answered = c.Answered
		}
		first[c.ID] = one
	}
	for id, one := range first {
		of[carried[id].code] = append(of[carried[id].code], one)
	}
	for _, r := range j.Reads {
		if r.Status == 200 && r.Revision > 0 {
			of[r.Case] = append(of[r.Case], call{what: "a look", seq: r.Revision, sent: r.Sent, answered: r.Answered})
		}
	}
	for code, calls := range of {
		x.saw(32, len(calls))
		if a, b, ok := disorder(calls); !ok {
			x.bad(32, code, "%s (place %d) was answered before %s (place %d) was sent", a.what, a.seq, b.what, b.seq)
		}
	}
}

// disorder finds a call that ended before another began and yet comes after it;
// ok when there is none. It goes through the calls by their beginning, with the
// highest place among those that had ended.
func disorder(calls []call) (a, b call, ok bool) {
	begin := slices.SortedFunc(slices.Values(calls), func(a, b call) int { return a.sent.Compare(b.sent) })
	var end []call
	for _, c := range calls {
		if !c.answered.IsZero() {
			end = append(end, c)
		}
	}
	slices.SortFunc(end, func(a, b call) int { return a.answered.Compare(b.answered) })
	var high call
	i := 0
	for _, c := range begin {
		for ; i < len(end) && end[i].answered.Before(c.sent); i++ {
			if end[i].seq > high.seq {
				high = end[i]
			}
		}
		// A command becomes a place of its own; a look shares the place of the last one.
		if high.seq > c.seq || c.wrote && high.seq == c.seq {
			return high, c, false
		}
	}
	return call{}, call{}, true
}

// looks is the part of invariant 30 about reads: an officer's look at a case left
// as many entries as there were answers.
func (x *examiner) looks(ctx context.Context, j *Journal) error {
	type pair struct {
		reader string
		code   cases.Code
	}
	made := map[pair]int{}
	for _, r := range j.Reads {
		if r.Kind == agency.Officer && r.Status == 200 {
			made[pair{r.Reader, r.Case}]++
		}
	}
	logged := map[pair]int{}
	rows, err := x.db.Query(ctx, `
		SELECT reader, case_code, subject_number, count(*)
		FROM access_log
		WHERE reader_kind = 'officer' AND case_code IS NOT NULL
		GROUP BY reader, case_code, subject_number`)
	if err != nil {
		return err
	}
	var p pair
	var subject string
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&p.reader, &p.code, &subject, &n}, func() error {
		logged[p] = max(logged[p], n)
		return nil
	}); err != nil {
		return err
	}
	x.saw(30, len(made))
	for p, n := range made {
		if logged[p] < n {
			x.bad(30, p.code, "an officer looked at it %d times, and the log has %d entries", n, logged[p])
		}
	}
	return nil
}

// releases is invariant 33.
func (x *examiner) releases(j *Journal) {
	old, now := 0, 0
	for _, b := range j.Builds {
		if b.Old {
			old += b.Runs
		} else {
			now += b.Runs
		}
	}
	if old == 0 || now == 0 {
		x.unable(33, "only one release worked on this database")
		return
	}
	x.saw(33, old+now)
	for _, f := range x.found {
		if f.N < 33 && f.Broken > 0 {
			x.bad(33, "", "with two releases at work, invariant %d does not hold", f.N)
		}
	}
}

// restored is invariant 34.
func (x *examiner) restored(j *Journal) {
	r := j.Restored
	if r == nil {
		x.unable(34, "no restore was played")
		return
	}
	x.saw(34, int(r.Cases))
	for _, key := range r.Again {
		x.bad(34, "", "after the restore to %s a peer executed key %s a second time", r.At.Format(time.RFC3339), key)
	}
	if len(r.Broken) > 0 {
		x.bad(34, "", "on the restored system: %s", strings.Join(r.Broken, "; "))
	}
}

// behind is the part of invariant 17 about every instant before this one.
func (x *examiner) behind(j *Journal) {
	if j.Behind == nil {
		return
	}
	x.saw(17, j.Behind.Asked)
	for _, code := range j.Behind.Found {
		x.bad(17, code, "at an instant of the journal it waited for nothing that would come")
	}
}

// The bounds of invariant 35.
const (
	movingWithin = 60 * time.Second
	normalWithin = 10 * time.Minute
)

// recovered is invariant 35.
func (x *examiner) recovered(j *Journal) {
	r := j.Recovery
	if r == nil {
		x.unable(35, "nobody watched a recovery")
		return
	}
	x.saw(35, r.Stuck)
	if r.Moving.IsZero() || r.Moving.Sub(r.Ended) > movingWithin {
		x.bad(35, "", "of %d effects and timers past their time when the faults ended, not all had moved within %s", r.Stuck, movingWithin)
	}
	if r.Normal.IsZero() || r.Normal.Sub(r.Ended) > normalWithin {
		x.bad(35, "", "%d effects and timers were past their time when %s had gone by", r.Left, normalWithin)
	}
}
