package cases

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/internal/pgtest"
)

const realmCases = 120

// An officer's set of cases is the same through list, count, search, export,
// item, papers and feed, and behind the wall without any condition, for 1,000
// random officers in a country of three levels with mergers; and so is a
// citizen's. A rule without the receiving agency, without succession or without
// the agencies below is found out, and so is a wall that was built without one.
func TestOneSetOfCases(t *testing.T) {
	t.Parallel()
	w := newRealm(newOffice(t), 7, 60, realmCases)
	many := 1_000
	if raced { // `make test` runs it whole without the detector
		many = 200
	}
	officers := w.officers(many)
	mutants := map[string]rule{"receiving": {succession: true, below: true}, "succession": {receiving: true, below: true}, "below": {receiving: true, succession: true}}
	caught := map[string]int{}
	for _, a := range officers {
		for lacks, m := range mutants {
			if !cmp.Equal(codesOf(w.expected(m, a)), codesOf(w.expected(wholeRule, a))) {
				caught[lacks]++
			}
		}
	}
	for lacks := range mutants {
		if caught[lacks] < many/50 {
			t.Errorf("a rule without %s differs for %d officers alone: the world is too tame", lacks, caught[lacks])
		}
	}
	actors := slices.Clone(officers)
	for i := range realmCases / 6 {
		actors = append(actors, citizen(number(i), "Công Dân"))
	}
	actors = append(actors, officer("nobody"), citizen(number(999), "Người Lạ"))
	w.same(t, actors)
	t.Logf("%d officers, %d citizens, %d cases; mutants differ for %v officers", len(officers), len(actors)-len(officers)-1, realmCases, caught)

	// The walls are two: with the policy of a mutant nothing that its rule lacks is shown, whatever the statements ask for.
	owner := pgtest.Owner(t, w.db)
	var policy string
	w.ok(owner.QueryRow(t.Context(), `SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = 'cases'::regclass AND polname = 'seen'`).Scan(&policy))
	for _, table := range []string{"cases", "case_counts", "case_count_deltas", "case_totals", "case_total_deltas"} {
		_, err := owner.Exec(t.Context(), `ALTER POLICY seen ON `+table+` USING (competent = ANY ((SELECT reader_agencies())::text[]))`)
		w.ok(err)
	}
	found := 0
	for _, a := range officers[:40] {
		got, err := w.seenThrough(t.Context(), a, rand.New(rand.NewPCG(1, 1)))
		w.ok(err)
		want := codesOf(w.expected(wholeRule, a))
		if !cmp.Equal(codesOf(w.expected(mutants["receiving"], a)), want) {
			for way, set := range got {
				if cmp.Equal(codesOf(set), want) {
					t.Errorf("%s: the wall without the receiving agency changes nothing through %s", a.ID, way)
				}
			}
			found++
		}
	}
	if found == 0 {
		t.Error("no officer sees a case by its receiving agency alone")
	}
}

// same fails the test for every way in which an actor's set is another than the rule's.
func (w *realm) same(t *testing.T, actors []agency.Actor) {
	t.Helper()
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(4)
	for i, a := range actors {
		group.Go(func() error {
			got, err := w.seenThrough(ctx, a, rand.New(rand.NewPCG(uint64(i), 3)))
			if err != nil {
				return fmt.Errorf("%s %s with seats %v: %w", a.Kind, a.ID, a.Seats, err)
			}
			want := codesOf(w.expected(wholeRule, a))
			for way, set := range got {
				if d := cmp.Diff(want, codesOf(set)); d != "" {
					t.Errorf("%s %s with seats %v, %s (-want +got):\n%s", a.Kind, a.ID, a.Seats, way, d)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

// seenThrough is what an actor sees of the world, by way. Items and papers are
// opened one by one, so a random few of the cases stand for all there: the
// others are taken from the list.
func (w *realm) seenThrough(ctx context.Context, a agency.Actor, r *rand.Rand) (map[string]map[Code]bool, error) {
	got := map[string]map[Code]bool{}
	for way, look := range map[string]func(context.Context, agency.Actor) (map[Code]bool, error){
		"list": w.byList, "search": w.bySearch, "feed": w.byFeed, "behind the wall": w.byWall, "codes": w.byCodes} {
		set, err := look(ctx, a)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", way, err)
		}
		got[way] = set
	}
	if a.Kind == agency.Officer {
		set := map[Code]bool{}
		e, err := w.Export(ctx, a, WorklistQuery{Tab: TabAll})
		if err != nil {
			return nil, err
		}
		_, err = e.Each(ctx, func(rows []WorkRow) error {
			for _, row := range rows {
				if set[row.Code] {
					return fmt.Errorf("%s is exported twice", row.Code)
				}
				set[row.Code] = true
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		got["export"] = set
	}
	items := map[Code]bool{}
	for code := range got["list"] {
		items[code] = true
	}
	for range 3 {
		c := w.cases[r.IntN(len(w.cases))]
		opened, err := w.opens(ctx, a, c)
		if err != nil {
			return nil, err
		}
		delete(items, c.code)
		if opened {
			items[c.code] = true
		}
	}
	got["item and papers"] = items
	return got, nil
}

// opens tells whether the actor can open a case; its papers must say the same.
func (w *realm) opens(ctx context.Context, a agency.Actor, c *seen) (bool, error) {
	_, err := w.Get(ctx, a, c.code)
	_, _, issued := w.Document(ctx, a, c.code, c.document)
	_, _, handed := w.FileContent(ctx, a, c.code, c.file)
	for _, err := range []error{err, issued, handed} {
		if err != nil && !errors.Is(err, ErrNotFound) {
			return false, err
		}
	}
	if (err == nil) != (issued == nil) || (err == nil) != (handed == nil) {
		return false, fmt.Errorf("%s opens: %v, its document: %v, its file: %v", c.code, err, issued, handed)
	}
	return err == nil, nil
}

func (w *realm) byList(ctx context.Context, a agency.Actor) (map[Code]bool, error) {
	got, after := map[Code]bool{}, ""
	for {
		if a.Kind == agency.Citizen {
			page, next, err := w.Mine(ctx, a, "", after, 7)
			if err != nil {
				return nil, err
			}
			for _, c := range page {
				got[c.Code] = true
			}
			if after = next; next == "" {
				return w.withParts(ctx, a, got)
			}
			continue
		}
		page, err := w.Worklist(ctx, a, WorklistQuery{Tab: TabAll, Limit: 50, Cursor: after})
		if err != nil {
			return nil, err
		}
		for _, c := range page.Rows {
			got[c.Code] = true
		}
		if after = page.Next; after == "" {
			if n := page.Counts[TabAll]; n.N != len(got) || n.More {
				return nil, fmt.Errorf("%d are counted, %d listed", n.N, len(got))
			}
			return got, nil
		}
	}
}

// withParts adds the sub-cases that stand on the pages of a citizen's cases
// instead of in the list.
func (w *realm) withParts(ctx context.Context, a agency.Actor, got map[Code]bool) (map[Code]bool, error) {
	rows, err := w.db.Query(ctx, `
		SELECT c.code FROM cases c JOIN cases p ON p.id = c.parent_id
		WHERE p.code = ANY ($1) AND $2 IN (c.applicant, c.subject)`, codesOf(got), a.ID)
	if err != nil {
		return nil, err
	}
	parts, err := pgx.CollectRows(rows, pgx.RowTo[Code])
	for _, code := range parts {
		got[code] = true
	}
	return got, err
}

func (w *realm) bySearch(ctx context.Context, a agency.Actor) (map[Code]bool, error) {
	got := map[Code]bool{}
	for _, family := range families { // each has fewer cases than a search shows
		found, err := w.Search(ctx, a, "nam "+family)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			got[f.Code] = true
		}
	}
	return got, nil
}

func (w *realm) byFeed(ctx context.Context, a agency.Actor) (map[Code]bool, error) {
	got, last := map[Code]bool{}, map[Code]int{}
	for after, more := "", true; more; {
		f, err := w.Events(ctx, a, after, 60)
		if err != nil {
			return nil, err
		}
		for _, e := range f.Events {
			if e.Seq != last[e.Case]+1 {
				return nil, fmt.Errorf("%s: event %d after %d", e.Case, e.Seq, last[e.Case])
			}
			got[e.Case], last[e.Case] = true, e.Seq
		}
		after, more = f.Next, f.More
	}
	return got, nil
}

// byWall asks for everything, as a statement would that forgot its condition.
func (w *realm) byWall(ctx context.Context, a agency.Actor) (map[Code]bool, error) {
	got := map[Code]bool{}
	for _, table := range []string{"cases", "case_bodies b JOIN cases ON cases.id = b.case_id", "case_documents d JOIN cases ON cases.id = d.case_id",
		"(SELECT DISTINCT case_id FROM case_events) e JOIN cases ON cases.id = e.case_id"} {
		codes, err := behind(ctx, w.db, w.reach(a), func(rows pgx.Rows) ([]Code, error) { return pgx.CollectRows(rows, pgx.RowTo[Code]) }, `SELECT code FROM `+table)
		if err != nil {
			return nil, err
		}
		set := map[Code]bool{}
		for _, code := range codes {
			set[code] = true
		}
		if len(got) > 0 && !cmp.Equal(got, set) {
			return set, nil // the difference is what the caller reports
		}
		got = set
	}
	return got, nil
}

func (w *realm) byCodes(ctx context.Context, a agency.Actor) (map[Code]bool, error) {
	var all []Code
	for _, c := range w.cases {
		all = append(all, c.code)
	}
	return w.Own(ctx, a, all)
}
