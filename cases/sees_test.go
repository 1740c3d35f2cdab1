package cases

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
)

// Whoever asks, and in whatever way, the set of cases is the same: one by one,
// in the lists, by search, through a document, and by the predicate as SQL.
func TestReadersSeeTheSameEverywhere(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	r := rand.New(rand.NewPCG(1, 2))
	places := []agency.ID{"UB-00070", "UB-00004", "CA-00070", "UB-26737"}
	any4 := func() agency.ID { return places[r.IntN(len(places))] }
	var all []*Case
	documents := map[Code]uuid.UUID{}
	for i := range 40 {
		in := received{Applicant: number(r.IntN(6)), Name: fmt.Sprintf("Trần Văn Một%d", i), Receiving: any4(), Competent: any4(), Fee: int64(r.IntN(2))}
		if r.IntN(3) == 0 {
			in.Subject, in.SubjectName = number(r.IntN(6)), "Trần Thị Hai"
		}
		if r.IntN(4) == 0 {
			in.Procedure = "opinion"
		}
		c := o.receive(in)
		if r.IntN(4) == 0 && in.Procedure != "opinion" && in.Fee > 0 {
			o.signal(c, "paid")
		}
		if r.IntN(5) == 0 {
			_, err := o.db.Exec(t.Context(), `
				WITH task AS (DELETE FROM case_tasks WHERE case_id = $1), wait AS (DELETE FROM case_waits WHERE case_id = $1)
				UPDATE cases SET state = CASE procedure_id WHEN 'stall' THEN 'granted' ELSE 'agreed' END, outcome = 'granted', closed_at = $2 WHERE id = $1`, c.ID, o.time)
			o.ok(err)
		}
		id := uuid.New()
		_, err := o.db.Exec(t.Context(), `
			INSERT INTO case_documents (id, case_id, kind, title, number, sha256, content, issued_at, agency)
			VALUES ($1, $2, 'receipt', '{"vi": "Phiếu hẹn", "en": "Receipt"}', '1/PH', 'sum', '%PDF', $3, $4)`, id, c.ID, o.time, in.Receiving)
		o.ok(err)
		documents[c.Code] = id
		all = append(all, c)
	}
	o.recount()
	actors := []agency.Actor{officer("nobody"), citizen(number(99), "Người Lạ")}
	for i := range 6 {
		actors = append(actors, citizen(number(i), "Công Dân"))
	}
	for i := range 12 {
		var seats []agency.Seat
		for range 1 + r.IntN(3) {
			if seat := (agency.Seat{Agency: any4(), Role: []string{"reception", "handler", "leader"}[r.IntN(3)]}); !slices.Contains(seats, seat) {
				seats = append(seats, seat)
			}
		}
		actors = append(actors, officer(fmt.Sprintf("officer-%d", i), seats...))
	}
	for _, a := range actors {
		want := map[Code]bool{}
		for _, c := range all {
			if o.maySee(a, &snapshot{Applicant: c.Applicant, Subject: c.Subject, Receiving: c.Receiving, Competent: c.Competent}) {
				want[c.Code] = true
			}
		}
		for way, got := range map[string]map[Code]bool{
			"one by one": o.seenByGet(a, all), "list": o.seenInList(a), "tabs": o.seenInTabs(a, want), "search by code": o.seenBySearch(a, all),
			"search by name": o.seenByName(a), "document": o.seenByDocument(a, all, documents), "papers": o.seenInPapers(a, want), "SQL": o.seenBySQL(a),
		} {
			if d := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); d != "" {
				t.Errorf("%s %s with seats %v, %s (-want +got):\n%s", a.Kind, a.ID, a.Seats, way, d)
			}
		}
	}
}

func (o *office) seenByGet(a agency.Actor, all []*Case) map[Code]bool {
	o.t.Helper()
	got := map[Code]bool{}
	for _, c := range all {
		_, err := o.Get(o.t.Context(), a, c.Code)
		if err == nil {
			got[c.Code] = true
		} else if !errors.Is(err, ErrNotFound) {
			o.t.Fatal(err)
		}
	}
	return got
}

// seenInList walks the list in small pages; a case on two pages is a fault.
func (o *office) seenInList(a agency.Actor) map[Code]bool {
	o.t.Helper()
	if a.Kind == agency.Officer {
		return o.walk(a, WorklistQuery{Tab: TabAll, Limit: 3})
	}
	got, after := map[Code]bool{}, ""
	for {
		page, next, err := o.Mine(o.t.Context(), a, "", after, 3)
		o.ok(err)
		for _, c := range page {
			if got[c.Code] {
				o.t.Fatalf("%s is listed twice", c.Code)
			}
			got[c.Code] = true
		}
		if after = next; next == "" {
			return got
		}
	}
}

func (o *office) walk(a agency.Actor, q WorklistQuery) map[Code]bool {
	o.t.Helper()
	got := map[Code]bool{}
	for {
		w, err := o.Worklist(o.t.Context(), a, q)
		o.ok(err)
		for _, c := range w.Rows {
			if got[c.Code] {
				o.t.Fatalf("%s is listed twice in %s", c.Code, q.Tab)
			}
			got[c.Code] = true
		}
		if q.Cursor = w.Next; w.Next == "" {
			if n := w.Counts[w.Tab]; n.N != len(got) || n.More {
				o.t.Errorf("%s counts %+v, lists %d", q.Tab, n, len(got))
			}
			return got
		}
	}
}

// seenInTabs adds the waiting and decided tabs, and lets the tasks of others
// stand for themselves: every tab is within the set, and nothing is in two.
func (o *office) seenInTabs(a agency.Actor, want map[Code]bool) map[Code]bool {
	o.t.Helper()
	if a.Kind != agency.Officer {
		return want
	}
	got := map[Code]bool{}
	for _, tab := range Tabs[:5] {
		for code := range o.walk(a, WorklistQuery{Tab: tab, Limit: 2}) {
			if got[code] {
				o.t.Errorf("%s stands in two tabs", code)
			}
			got[code] = true
		}
	}
	for code := range want { // tasks of roles that the officer does not have
		if !got[code] {
			got[code] = o.get(a, code).Task != nil
		}
	}
	maps.DeleteFunc(got, func(_ Code, seen bool) bool { return !seen })
	return got
}

func (o *office) seenBySearch(a agency.Actor, all []*Case) map[Code]bool {
	o.t.Helper()
	got := map[Code]bool{}
	for _, c := range all {
		found, err := o.Search(o.t.Context(), a, " "+string(c.Code)+" ")
		o.ok(err)
		for _, f := range found {
			if f.Code != c.Code {
				o.t.Errorf("search for %s found %s", c.Code, f.Code)
			}
			got[f.Code] = true
		}
	}
	return got
}

func (o *office) seenByName(a agency.Actor) map[Code]bool {
	o.t.Helper()
	found, err := o.Search(o.t.Context(), a, "văn trần")
	o.ok(err)
	got := map[Code]bool{}
	for _, f := range found {
		got[f.Code] = true
	}
	return got
}

func (o *office) seenByDocument(a agency.Actor, all []*Case, documents map[Code]uuid.UUID) map[Code]bool {
	o.t.Helper()
	got := map[Code]bool{}
	for _, c := range all {
		_, content, err := o.Document(o.t.Context(), a, c.Code, documents[c.Code])
		if err == nil {
			got[c.Code] = string(content) == "%PDF"
		} else if !errors.Is(err, ErrNotFound) {
			o.t.Fatal(err)
		}
		if _, _, err := o.Document(o.t.Context(), a, c.Code, uuid.New()); !errors.Is(err, ErrNotFound) {
			o.t.Errorf("a document that is not there: %v", err)
		}
	}
	return got
}

// seenInPapers walks a citizen's papers in small pages; each case has one.
func (o *office) seenInPapers(a agency.Actor, want map[Code]bool) map[Code]bool {
	o.t.Helper()
	if a.Kind == agency.Officer {
		return want
	}
	got, after := map[Code]bool{}, ""
	for {
		page, next, err := o.Results(o.t.Context(), a, AllPapers, after, 3)
		o.ok(err)
		for _, r := range page {
			if got[r.Code] {
				o.t.Fatalf("the paper of %s is listed twice", r.Code)
			}
			got[r.Code] = true
		}
		if after = next; next == "" {
			return got
		}
	}
}

func (o *office) seenBySQL(a agency.Actor) map[Code]bool {
	o.t.Helper()
	rows, err := o.db.Query(o.t.Context(), `SELECT c.code FROM cases c WHERE `+seesSQL, o.reach(a).args())
	o.ok(err)
	defer rows.Close()
	got := map[Code]bool{}
	for rows.Next() {
		var code Code
		o.ok(rows.Scan(&code))
		got[code] = true
	}
	o.ok(rows.Err())
	return got
}
