package resident_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/resident"
)

// A wife joins her husband: new address, new household, out of the parents' one,
// which keeps its head.
func TestWifeJoinsHusband(t *testing.T) {
	t.Parallel()
	db := demoDB(t)
	before := fetch(t, db, "person", an)
	out := mustApply(t, db, "c1", resident.MovePermanent, map[string]any{"people": []any{an}, "to": leLoi.Map(), "household": nil, "head": binh, "relation": "wife"})
	if out["householdId"] != "102" {
		t.Errorf("output %v", out)
	}
	p := fetch(t, db, "person", an)
	for name, want := range map[string]any{"permanentAddress": leLoi.Map(), "presentAddress": leLoi.Map(), "householdId": "102", "householdRelation": "wife"} {
		if diff := cmp.Diff(want, p.Values[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if p.Version == before.Version || !p.AsOf.Equal(noon) {
		t.Errorf("version %s → %s as of %s", before.Version, p.Version, p.AsOf)
	}
	old := fetch(t, db, "household", "101").Values
	if old["headNumber"] != lam || old["count"] != int64(2) {
		t.Errorf("the parents' household is %v", old)
	}
	checkSound(t.Context(), t, db)
}

// The same cause takes effect once, at once or one after the other; another
// change under it is an error.
func TestApplyTwice(t *testing.T) {
	t.Parallel()
	db := demoDB(t)
	birth := map[string]any{"fullName": "Võ Minh Khôi", "birthDate": "2026-11-20", "sex": "male", "ethnicity": "Kinh", "nationality": "Việt Nam",
		"homePlace": map[string]any{"province": "79", "commune": "26737"}, "birthPlace": map[string]any{"province": "79", "commune": "26737", "line": "Bệnh viện"},
		"mother": mai, "father": nam}
	var mu sync.Mutex
	var outs []map[string]any
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			out, err := apply(t, db, "c9", resident.RegisterBirth, birth)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			outs = append(outs, out)
			mu.Unlock()
		})
	}
	workers.Wait()
	for _, out := range outs {
		if diff := cmp.Diff(outs[0], out); diff != "" {
			t.Error(diff)
		}
	}
	list := fetch(t, db, "children", nam).Values["list"].([]any)
	number := outs[0]["personalNumber"].(string)
	if len(list) != 1 || list[0].(map[string]any)["number"] != number {
		t.Fatalf("children %v, output %v", list, outs[0])
	}
	n, err := resident.ParseNumber(number)
	if err != nil || number[:6] != "079226" || n.Sex() != resident.Male || n.BirthYear() != 2026 {
		t.Errorf("number %s, %v", number, err)
	}
	if a := fetch(t, db, "person", number).Values["permanentAddress"]; a != nil {
		t.Errorf("a newborn has the permanent address %v", a)
	}
	birth["fullName"] = "Võ Minh Khang"
	if _, err := apply(t, db, "c9", resident.RegisterBirth, birth); !errors.Is(err, resident.ErrOtherChange) {
		t.Errorf("another change under the same cause: %v", err)
	}
	// Then the child under 6 joins the parents' household.
	home := fetch(t, db, "household", "107").Values["address"]
	mustApply(t, db, "c10", resident.MovePermanent, map[string]any{"people": []string{number}, "to": home, "head": nam, "relation": "child"})
	checkSound(t.Context(), t, db)
}

// Each rule refuses, and leaves everything as it was.
func TestRefusals(t *testing.T) {
	t.Parallel()
	db := demoDB(t)
	move := func(people []string, to agency.Address, head string) map[string]any {
		return map[string]any{"people": people, "to": to.Map(), "head": head, "relation": "child"}
	}
	birth := func(change map[string]any) map[string]any {
		v := map[string]any{"fullName": "Phan Bảo Châu", "birthDate": "2026-05-03", "sex": "female", "mother": yen, "father": tuan}
		for k, c := range change {
			v[k] = c
		}
		return v
	}
	for _, c := range []struct {
		rule, kind string
		values     map[string]any
	}{
		{"nobody", resident.MovePermanent, move(nil, leLoi, "")},
		{"address-incomplete", resident.MovePermanent, move([]string{an}, agency.Address{Province: "01", Commune: "00004"}, "")},
		{"unknown-person", resident.MovePermanent, move([]string{"001099999999"}, leLoi, "")},
		{"unknown-person", resident.MovePermanent, move([]string{an}, leLoi, "001099999999")},
		{"dead-person", resident.MovePermanent, move([]string{"001059000203"}, leLoi, "")},
		{"dead-head", resident.MovePermanent, move([]string{an}, leLoi, "001059000203")},
		{"named-twice", resident.MovePermanent, move([]string{an, an}, leLoi, "")},
		{"head-moves", resident.MovePermanent, move([]string{an, binh}, leLoi, binh)},
		{"not-head", resident.MovePermanent, move([]string{huy}, leLoi, an)},
		{"head-elsewhere", resident.MovePermanent, move([]string{an}, kimMa, binh)},
		{"already-there", resident.MovePermanent, move([]string{an}, agency.Address{Province: "01", Commune: "00070", Line: "25 phố Hàng Bông"}, lam)},
		{"other-household", resident.MovePermanent, map[string]any{"people": []string{an}, "to": leLoi.Map(), "head": binh, "household": "106"}},
		{"two-heads", resident.MovePermanent, map[string]any{"people": []string{an}, "to": leLoi.Map(), "head": binh, "relation": "head"}},
		{"not-born-yet", resident.RegisterBirth, birth(map[string]any{"birthDate": "2027-01-01"})},
		{"unknown-mother", resident.RegisterBirth, birth(map[string]any{"mother": "001199999999"})},
		{"unknown-father", resident.RegisterBirth, birth(map[string]any{"father": "001099999999"})},
		{"mother-not-female", resident.RegisterBirth, birth(map[string]any{"mother": huy})},
		{"father-not-male", resident.RegisterBirth, birth(map[string]any{"father": an})},
		{"parent-age", resident.RegisterBirth, birth(map[string]any{"mother": "079160000209"})},
		{"parent-age", resident.RegisterBirth, birth(map[string]any{"mother": chau})},
		{"registered-already", resident.RegisterBirth, birth(map[string]any{"fullName": " phan  bảo CHÂU", "birthDate": "2026-05-02"})},
	} {
		_, err := apply(t, db, "c1", c.kind, c.values)
		r, ok := errors.AsType[*resident.RefusedError](err)
		if !ok || r.Rule != c.rule || r.VI == "" || r.EN == "" {
			t.Errorf("%s %v: got %v, want %s", c.kind, c.values, err, c.rule)
		}
	}
	var changes int
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM resident_changes").Scan(&changes); err != nil || changes != 0 {
		t.Errorf("%d changes, %v", changes, err)
	}
	for _, c := range []resident.Change{{Type: "divorce"}, {Type: resident.MovePermanent, Values: map[string]any{"person": an}}, {Type: resident.RegisterBirth}} {
		if _, err := apply(t, db, "c1", c.Type, c.Values); !errors.Is(err, resident.ErrUnknownChange) {
			t.Errorf("%+v: got %v, want ErrUnknownChange", c, err)
		}
	}
}

// When the head leaves, the eldest adult who stays becomes acting head, with the
// relations told anew; the last one out closes the household.
func TestHeadLeaves(t *testing.T) {
	t.Parallel()
	db := demoDB(t)
	out := mustApply(t, db, "c1", resident.MovePermanent, map[string]any{"people": []string{lam}, "to": hangMa.Map(), "head": "", "relation": "head"})
	if notes, _ := out["notes"].([]any); len(notes) != 1 {
		t.Errorf("notes %v", out["notes"])
	}
	h := fetch(t, db, "household", "101").Values
	relations := map[string]any{}
	for _, m := range h["members"].([]any) {
		relations[m.(map[string]any)["number"].(string)] = m.(map[string]any)["relation"]
	}
	if diff := cmp.Diff(map[string]any{men: "head", an: "child"}, relations); diff != "" || h["headNumber"] != men {
		t.Errorf("household %v: %s", h, diff)
	}
	id := out["householdId"].(string)
	if fetch(t, db, "household", id).Values["headNumber"] != lam {
		t.Errorf("the new household is %v", fetch(t, db, "household", id).Values)
	}
	mustApply(t, db, "c2", resident.MovePermanent, map[string]any{"people": []string{an, men}, "to": hangMa.Map(), "head": lam, "relation": "child"})
	if rec := fetch(t, db, "household", "101"); rec.Values != nil {
		t.Errorf("the empty household is still open: %v", rec.Values)
	}
	if r := fetch(t, db, "person", men).Values["householdRelation"]; r != "wife" {
		t.Errorf("the wife who moved along is %v", r)
	}
	checkSound(t.Context(), t, db)
}

// A temporary registration at the new permanent address is deleted; one elsewhere stays.
func TestTemporaryAtTheSamePlace(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), demoDB(t)
	for number, line := range map[string]string{huy: "40 phố Kim Mã", chi: "1 phố Khác"} {
		a := agency.Address{Province: "01", Commune: "00004", Line: line}
		if _, err := db.Exec(ctx, `
			INSERT INTO residences (resident, kind, province, commune, line, address_key, valid)
			VALUES ($1, 'temporary', '01', '00004', $2, $3, '[2026-01-01,2028-01-01)')`, number, line, a.Key()); err != nil {
			t.Fatal(err)
		}
	}
	mustApply(t, db, "c1", resident.MovePermanent, map[string]any{"people": []string{huy, chi}, "to": kimMa.Map(), "head": khang, "relation": "tenant"})
	if p := fetch(t, db, "person", huy).Values; p["temporaryAddress"] != nil || p["householdRelation"] != "tenant" {
		t.Errorf("got %v", p)
	}
	if p := fetch(t, db, "person", chi).Values; p["temporaryAddress"] == nil || p["householdRelation"] != "tenant" {
		t.Errorf("got %v", p)
	}
}

// The database itself refuses a second permanent address, a one-sided marriage
// and a rewritten history.
func TestConstraints(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), demoDB(t)
	mustApply(t, db, "c1", resident.MovePermanent, map[string]any{"people": []string{an}, "to": leLoi.Map(), "head": binh, "relation": "wife"})
	for _, sql := range []string{
		`INSERT INTO residences SELECT resident, kind, province, commune, line, address_key, '[2026-12-01,)' FROM residences WHERE resident = '001196000101' AND kind = 'permanent'`,
		`UPDATE residents SET spouse_number = '001191000104', marital_status = 'married' WHERE number = '001088000103'`,
		`UPDATE residents SET spouse_number = NULL, marital_status = 'divorced' WHERE number = '001196000101'`,
		`INSERT INTO household_members VALUES (106, '001196000101', 'child', '[2026-11-01,)')`,
		`UPDATE households SET head = '001060000106' WHERE id = 102`,
		`UPDATE resident_changes SET case_id = 'x'`,
		`DELETE FROM resident_changes`,
	} {
		if _, err := db.Exec(ctx, sql); err == nil {
			t.Errorf("the database took: %s", sql)
		}
	}
}

// Numbers of one prefix are all different, and those taken already are skipped.
func TestAllocate(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), demoDB(t)
	first := resident.Nth("001295", 0)
	if _, err := db.Exec(ctx, `INSERT INTO residents (number, full_name, name_folded, birth_date, sex) VALUES ($1, 'Lê Ba', 'le ba', '2095-01-01', 'male')`, string(first)); err != nil {
		t.Fatal(err)
	}
	seen := map[resident.Number]bool{first: true}
	err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		for range 300 {
			n, err := resident.Allocate(ctx, tx, "01", resident.Male, noon.AddDate(69, 0, 0))
			if err != nil {
				return err
			}
			if seen[n] {
				return fmt.Errorf("%s twice", n)
			}
			seen[n] = true
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	all := map[resident.Number]bool{}
	for i := range 1_000_000 {
		all[resident.Nth("079196", i)] = true
	}
	if len(all) != 1_000_000 {
		t.Errorf("a prefix has %d numbers", len(all))
	}
	if _, err := db.Exec(ctx, "INSERT INTO number_prefixes VALUES ('001396', 1000000)"); err != nil {
		t.Fatal(err)
	}
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		_, err := resident.Allocate(ctx, tx, "01", resident.Female, noon.AddDate(70, 0, 0))
		return err
	})
	if !errors.Is(err, resident.ErrNoNumberLeft) {
		t.Errorf("a full prefix: %v", err)
	}
}
