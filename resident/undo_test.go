package resident_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"github.com/hoso-gov/hoso/resident"
)

func undo(t testing.TB, db *pgxpool.Pool, caseID string) (out map[string]any, err error) {
	t.Helper()
	err = pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) (err error) {
		out, err = resident.Undo(t.Context(), tx, resident.Change{Cause: resident.Cause{CaseID: caseID, CaseCode: "H29-" + caseID, Seq: 9}, At: noon},
			resident.Cause{CaseID: caseID, Seq: 5})
		return err
	})
	return out, err
}

// lives is what the registry says of everybody, as far as changes concern it.
func lives(t testing.TB, db *pgxpool.Pool) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for _, n := range movers {
		v := fetch(t, db, "person", n).Values
		all[n] = map[string]any{}
		for _, name := range []string{"permanentAddress", "temporaryAddress", "presentAddress", "householdId", "householdRelation"} {
			all[n][name] = v[name]
		}
	}
	return all
}

// A move that is taken back leaves everybody where they were, with the heads and
// relations of their households, and the registry sound; once, however often.
func TestUndoMove(t *testing.T) {
	db := demoDB(t)
	n, undone := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		for range rapid.IntRange(1, 3).Draw(rt, "changes") {
			n++
			before := lives(t, db)
			_, err := apply(t, db, fmt.Sprint(n), resident.MovePermanent, map[string]any{
				"people":   rapid.SliceOfN(rapid.SampledFrom(movers), 1, 3).Draw(rt, "people"),
				"to":       rapid.SampledFrom(places).Draw(rt, "to").Map(),
				"head":     rapid.SampledFrom(append([]string{"", "", ""}, movers...)).Draw(rt, "head"),
				"relation": rapid.SampledFrom([]string{"child", "tenant"}).Draw(rt, "relation"),
			})
			if err != nil || rapid.IntRange(0, 3).Draw(rt, "keep") == 0 {
				continue
			}
			for range 2 {
				if out, err := undo(t, db, fmt.Sprint(n)); err != nil || out["made"] != true {
					rt.Fatalf("undo: %v, %v", out, err)
				}
			}
			undone++
			if diff := cmp.Diff(before, lives(t, db)); diff != "" {
				rt.Fatal(diff)
			}
			checkSound(t.Context(), rt, db)
		}
	})
	if undone*10 < n {
		t.Errorf("only %d of %d moves were taken back: the test shows nothing", undone, n)
	}
}

// A birth that is taken back is gone, and its number is not given out again.
func TestUndoBirth(t *testing.T) {
	t.Parallel()
	db := demoDB(t)
	birth := map[string]any{"fullName": "Võ Minh Khôi", "birthDate": "2026-11-20", "sex": "male", "mother": mai, "father": nam,
		"birthPlace": map[string]any{"province": "79", "commune": "26737", "line": "Bệnh viện"}}
	number := mustApply(t, db, "b1", resident.RegisterBirth, birth)["personalNumber"]
	if out, err := undo(t, db, "b1"); err != nil || out["made"] != true {
		t.Fatalf("undo: %v, %v", out, err)
	}
	if list := fetch(t, db, "children", nam).Values["list"]; list != nil {
		t.Errorf("the child is still there: %v", list)
	}
	if again := mustApply(t, db, "b2", resident.RegisterBirth, birth)["personalNumber"]; again == number {
		t.Error("the number was given out twice")
	}
	mustApply(t, db, "b3", resident.MovePermanent, map[string]any{"people": []any{fetch(t, db, "children", nam).Values["list"].([]any)[0].(map[string]any)["number"]},
		"to": leLoi.Map(), "head": binh, "relation": "child"})
	_, err := undo(t, db, "b2")
	if r, ok := errors.AsType[*resident.RefusedError](err); !ok || r.Rule != "changed-since" {
		t.Errorf("a child who has moved since: %v", err)
	}
}

// What was never done leaves nothing to take back; what others built upon is for a person to see to.
func TestUndoOfWhatWasNotDone(t *testing.T) {
	t.Parallel()
	db := demoDB(t)
	if out, err := undo(t, db, "none"); err != nil || out["made"] != false {
		t.Errorf("got %v, %v", out, err)
	}
	move := map[string]any{"people": []any{an}, "to": leLoi.Map(), "head": binh, "relation": "wife"}
	mustApply(t, db, "m1", resident.MovePermanent, move)
	mustApply(t, db, "m2", resident.MovePermanent, map[string]any{"people": []any{an}, "to": kimMa.Map(), "head": ""})
	_, err := undo(t, db, "m1")
	if r, ok := errors.AsType[*resident.RefusedError](err); !ok || r.Rule != "changed-since" {
		t.Errorf("got %v", err)
	}
	checkSound(t.Context(), t, db)
}
