package doctor

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/cases"
)

// checkJournal is invariants 5, 6, 7, 32 to 35 and the reads of 30, for which
// somebody outside has to say what was asked and answered.
func checkJournal(ctx context.Context, x *examiner) error {
	j := x.opts.Journal
	if j == nil {
		for _, n := range []int{5, 6, 7, 32, 33, 34} {
			x.unable(n, "no journal is given (--journal)")
		}
		x.unable(30, "which reads were made is not given (--journal)")
		x.unable(35, "how the system recovered is not given (--journal)")
		return nil
	}
	carried, err := x.carriedOut(ctx, j)
	if err != nil {
		return err
	}
	x.answers(j, carried)
	x.repeats(j, carried)
	if err := x.halves(ctx); err != nil {
		return err
	}
	x.linear(j, carried)
	x.releases(j)
	x.restored(j)
	x.recovered(j)
	x.behind(j)
	return x.looks(ctx, j)
}

// done is what the database knows of a command.
type done struct {
	code  cases.Code
	seq   int // of its first event
	times int // how often it was carried out
}

// carriedOut finds what the database knows of the journal's commands. A filing
// is known by its applicant and key.
func (x *examiner) carriedOut(ctx context.Context, j *Journal) (map[uuid.UUID]done, error) {
	out := map[uuid.UUID]done{}
	var acts, filings []uuid.UUID
	for _, c := range j.Commands {
		if c.filing() {
			filings = append(filings, c.ID)
		} else {
			acts = append(acts, c.ID)
		}
	}
	for part := range slices.Chunk(acts, 5000) {
		rows, err := x.db.Query(ctx, `
			SELECT e.command_id, c.code, min(e.seq), count(*)
			FROM case_events e
			JOIN cases c ON c.id = e.case_id
			WHERE e.command_id = ANY ($1) AND e.hop = 0
			GROUP BY e.command_id, c.code`, part)
		if err != nil {
			return nil, err
		}
		var id uuid.UUID
		var d done
		if _, err := pgx.ForEachRow(rows, []any{&id, &d.code, &d.seq, &d.times}, func() error {
			d.times += out[id].times // in another case too
			out[id] = d
			return nil
		}); err != nil {
			return nil, err
		}
	}
	for part := range slices.Chunk(filings, 5000) {
		rows, err := x.db.Query(ctx, `
			SELECT k.key, c.code, 1, (SELECT count(*) FROM case_events e WHERE e.case_id = k.case_id AND e.kind = 'file' AND e.hop = 0)
			FROM filing_keys k
			LEFT JOIN cases c ON c.id = k.case_id
			WHERE k.key = ANY ($1)`, part)
		if err != nil {
			return nil, err
		}
		var id uuid.UUID
		var code *cases.Code
		var d done
		if _, err := pgx.ForEachRow(rows, []any{&id, &code, &d.seq, &d.times}, func() error {
			if code == nil {
				x.bad(7, "", "the key of a filing is used, and there is no case")
				return nil
			}
			d.code = *code
			d.times += out[id].times
			out[id] = d
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// answers is invariant 5, and the part of 7 about errors.
func (x *examiner) answers(j *Journal, carried map[uuid.UUID]done) {
	open := map[uuid.UUID]bool{} // an attempt was not answered, or answered by a fault
	yes := map[uuid.UUID]bool{}
	for _, c := range j.Commands {
		open[c.ID] = open[c.ID] || !c.accepted() && !c.refused()
		yes[c.ID] = yes[c.ID] || c.accepted()
	}
	for _, c := range j.Commands {
		d, there := carried[c.ID]
		switch {
		case c.accepted():
			x.saw(5, 1)
			switch code := c.Case; {
			case !there:
				x.bad(5, c.Case, "%s was accepted, and nothing of it is there", c.Event)
			case d.times != 1:
				x.bad(5, d.code, "%s was accepted, and carried out %d times", c.Event, d.times)
			case c.filing() && c.Got != d.code, !c.filing() && code != d.code:
				x.bad(5, d.code, "%s was accepted for another case", c.Event)
			}
		case c.refused() && !open[c.ID] && !yes[c.ID]:
			x.saw(7, 1)
			if there {
				x.bad(7, d.code, "%s was answered with %d, and is in the events", c.Event, c.Status)
			}
		default:
			x.saw(7, 1)
		}
	}
}

// repeats is invariant 6.
func (x *examiner) repeats(j *Journal, carried map[uuid.UUID]done) {
	first := map[uuid.UUID]Command{}
	won := map[string]Command{}
	for _, c := range j.Commands {
		if c.accepted() {
			if c.Expected > 0 && !c.filing() {
				x.saw(6, 1)
				at := fmt.Sprintf("%s %d", c.Case, c.Expected)
				if w, twice := won[at]; twice && w.ID != c.ID {
					x.bad(6, c.Case, "%s and %s were both accepted for revision %d", w.Event, c.Event, c.Expected)
				}
				won[at] = c
				if d, ok := carried[c.ID]; ok && d.seq != c.Expected+1 {
					x.bad(6, c.Case, "%s was accepted for revision %d, and became event %d", c.Event, c.Expected, d.seq)
				}
			}
		}
		was, again := first[c.ID]
		if !again {
			if c.accepted() {
				first[c.ID] = c
			}
			continue
		}
		x.saw(6, 1)
		switch same := was.Body == c.Body && was.Event == c.Event && was.Case == c.Case; {
		case !same && c.accepted():
			x.bad(6, was.Case, "the id of %s was used again with another content, and that was accepted", was.Event)
		case same && c.refused():
			x.bad(6, was.Case, "%s was accepted, and sent again it was answered with %d", was.Event, c.Status)
		case same && c.accepted() && c.filing() && c.Got != was.Got:
			x.bad(6, was.Got, "the filing was answered with this case, and sent again with another")
		}
	}
}

// halves is the part of invariant 7 that the database tells: every step is there
// with all that belongs to it.
func (x *examiner) halves(ctx context.Context) error {
	return x.faults(ctx, []fault{
		{7, `SELECT c.code, 'event ' || min(e.seq) || ' is the middle of a step whose beginning is not there'
			FROM case_events e
			JOIN cases c ON c.id = e.case_id
			GROUP BY c.code, e.case_id, e.command_id
			HAVING min(e.hop) <> 0 OR max(e.hop) + 1 <> count(*) OR max(e.seq) - min(e.seq) + 1 <> count(*)`},
		{7, `SELECT c.code, 'it was filed, and what was filed is not there'
			FROM cases c
			WHERE NOT EXISTS (SELECT FROM case_bodies b WHERE b.case_id = c.id)`},
		{7, `SELECT k.applicant_case, 'the key of a filing leads to no case'
			FROM (SELECT k.case_id::text AS applicant_case, k.case_id FROM filing_keys k) AS k
			WHERE NOT EXISTS (SELECT FROM cases c WHERE c.id = k.case_id) AND NOT case_detached(k.case_id)`},
		{7, `SELECT d.filed, 'the draft was filed as a case that is not there'
			FROM drafts d
			WHERE d.filed IS NOT NULL AND NOT EXISTS (SELECT FROM case_codes k WHERE k.code = d.filed)`},
	})
}
