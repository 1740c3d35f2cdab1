package cases

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/internal/pgtest"
)

// place is an agency of a random world, as its maker knows it.
type place struct {
	parent, heir agency.ID // empty: none
	ended        bool      // today; the heir of one that ends later has nothing yet
}

// seen is a case of a random world.
type seen struct {
	code                 Code
	applicant, subject   string
	receiving, competent agency.ID
	family               string // of the applicant's name
	document, file       uuid.UUID
}

// realm is a country at random: agencies at three levels, of which some have
// ended and some of those were taken over, and cases among them.
type realm struct {
	*office
	r      *rand.Rand
	ids    []agency.ID
	places map[agency.ID]*place
	cases  []*seen
}

var families = []string{"Lê", "Phạm", "Hoàng"}

// newRealm makes a world of agencies and cases. An eighth of the cases are
// opinions asked for by another case; some have ended.
func newRealm(o *office, seed uint64, agencies, cases int) *realm {
	o.t.Helper()
	w := &realm{office: o, r: rand.New(rand.NewPCG(seed, seed)), places: map[agency.ID]*place{}}
	owner := pgtest.Owner(o.t, o.db)
	all := o.cfg.Agencies.Agencies("")
	for _, i := range w.r.Perm(len(all))[:agencies] {
		w.ids = append(w.ids, all[i].ID)
	}
	for i, id := range w.ids {
		p := &place{}
		if i > 3 { // a parent stands earlier in the list, an heir later: neither runs in a circle
			p.parent = w.ids[w.r.IntN(min(i, 12))]
		}
		if w.r.IntN(4) == 0 {
			p.ended = w.r.IntN(4) > 0
			if i+1 < len(w.ids) && w.r.IntN(5) > 0 {
				p.heir = w.ids[i+1+w.r.IntN(len(w.ids)-i-1)]
			}
		}
		w.places[id] = p
		end := any(nil)
		if p.ended {
			end = o.time.AddDate(0, 0, -w.r.IntN(30)).Format(time.DateOnly)
		} else if p.heir != "" {
			end = o.time.AddDate(0, 0, 1+w.r.IntN(30)).Format(time.DateOnly)
		}
		_, err := owner.Exec(o.t.Context(), `
			UPDATE agencies SET parent_id = nullif($2, ''), succeeded_by = nullif($3, ''), valid_to = $4::text::date WHERE id = $1`, id, p.parent, p.heir, end)
		o.ok(err)
	}
	o.ok(o.cfg.Agencies.Refresh(o.t.Context()))
	var last *Case
	for i := range cases {
		in := received{Applicant: number(w.r.IntN(cases / 6)), Name: families[i%len(families)] + " Văn Nam", Receiving: w.any(), Competent: w.any(), Fee: int64(w.r.IntN(2))}
		if w.r.IntN(2) == 0 {
			in.Competent = in.Receiving
		}
		if w.r.IntN(3) == 0 {
			in.Subject, in.SubjectName = number(w.r.IntN(cases/6)), "Trần Thị Hai"
		}
		if last != nil && w.r.IntN(8) == 0 {
			in.Procedure, in.Parent = "opinion", last
		}
		c := o.receive(in)
		if in.Procedure == "" {
			last = c
			if in.Fee > 0 && w.r.IntN(3) == 0 {
				o.signal(c, "paid")
			}
		}
		if w.r.IntN(6) == 0 {
			_, err := o.db.Exec(o.t.Context(), `
				WITH task AS (DELETE FROM case_tasks WHERE case_id = $1), wait AS (DELETE FROM case_waits WHERE case_id = $1)
				UPDATE cases SET state = CASE procedure_id WHEN 'stall' THEN 'granted' ELSE 'agreed' END, outcome = 'granted', closed_at = $2 WHERE id = $1`, c.ID, o.time)
			o.ok(err)
		}
		s := &seen{code: c.Code, applicant: c.Applicant, subject: c.Subject, receiving: c.Receiving, competent: c.Competent, family: families[i%len(families)],
			document: uuid.New(), file: uuid.New()}
		_, err := o.db.Exec(o.t.Context(), `
			WITH paper AS (
				INSERT INTO case_files (id, owner_id, attachment, name, type, size, sha256, content, uploaded_by, uploaded_at)
				VALUES ($6, $2, 'plan', 'a.pdf', 'application/pdf', 4, 'sum', '%PDF', $5, $3))
			INSERT INTO case_documents (id, case_id, kind, title, number, sha256, content, issued_at, agency)
			VALUES ($1, $2, 'receipt', '{"vi": "Phiếu hẹn", "en": "Receipt"}', '1/PH', 'sum', '%PDF', $3, $4)`, s.document, c.ID, o.time.Add(-time.Minute), string(c.Receiving), c.Applicant, s.file)
		o.ok(err)
		w.cases = append(w.cases, s)
	}
	o.recount()
	return w
}

func (w *realm) any() agency.ID { return w.ids[w.r.IntN(len(w.ids))] }

// officers are officers of one to three seats. Every fourth leads one of the
// agencies that have others below them.
func (w *realm) officers(n int) []agency.Actor {
	out := make([]agency.Actor, n)
	for i := range out {
		var seats []agency.Seat
		for range 1 + w.r.IntN(3) {
			seat := agency.Seat{Agency: w.any(), Role: []string{"reception", "handler", "approver", "operator"}[w.r.IntN(4)]}
			if w.r.IntN(4) == 0 {
				seat = agency.Seat{Agency: w.ids[w.r.IntN(12)], Role: agency.Leader}
			}
			if !slices.Contains(seats, seat) {
				seats = append(seats, seat)
			}
		}
		out[i] = officer(fmt.Sprintf("officer-%d", i), seats...)
	}
	return out
}

// rule is what of the rule a reference knows; its mutants lack a part.
type rule struct{ receiving, succession, below bool }

var wholeRule = rule{receiving: true, succession: true, below: true}

// doing is who does an agency's work, from the maker's own knowledge.
func (w *realm) doing(rule rule, id agency.ID) agency.ID {
	if p := w.places[id]; rule.succession && p.ended && p.heir != "" {
		return w.doing(rule, p.heir)
	}
	return id
}

// expected is the set of cases that the rule gives an actor, going from each case
// up to the seats; the program goes from the seats down.
func (w *realm) expected(rule rule, a agency.Actor) map[Code]bool {
	out := map[Code]bool{}
	for _, c := range w.cases {
		at := []agency.ID{c.competent}
		if rule.receiving {
			at = append(at, c.receiving)
		}
		switch {
		case a.Kind == agency.Citizen:
			if a.ID == c.applicant || a.ID == c.subject {
				out[c.code] = true
			}
		case slices.ContainsFunc(at, func(id agency.ID) bool { return w.reaches(rule, a, id) }):
			out[c.code] = true
		}
	}
	return out
}

func (w *realm) reaches(rule rule, a agency.Actor, id agency.ID) bool {
	at := w.doing(rule, id)
	if a.At(at) {
		return true
	}
	passed := map[agency.ID]bool{} // who took over from an agency may stand below it
	for up := w.places[at].parent; rule.below && up != ""; up = w.places[up].parent {
		if up = w.doing(rule, up); passed[up] {
			break
		}
		if passed[up] = true; a.Has(agency.Leader, up) {
			return true
		}
	}
	return false
}

func codesOf(set map[Code]bool) []Code { return slices.Sorted(maps.Keys(set)) }
