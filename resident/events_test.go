package resident_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/resident"
)

const (
	thang, uyen = "001085000112", "001187000113" // both single, each heads a household of one
	hien, kiet  = "001163000205", "001089000206" // wife and son of Khang
	linh        = "001195000207"                 // daughter of Khang
	hung, nga   = "001059000203", "001161000204" // Chí's and Dung's parents; he is dead
	quyen       = "079195000110"
)

var (
	tanDinh = agency.Address{Province: "79", Commune: "26737", Line: "90 đường Trần Quang Khải"}
	spots   = []string{"fullName", "birthDate", "sex", "ethnicity", "religion", "nationality", "homePlace", "birthPlace", "phone", "email", "maritalStatus", "spouseNumber",
		"fatherNumber", "motherNumber", "alive", "deathDate", "permanentAddress", "temporaryAddress", "temporaryUntil", "presentAddress", "absence", "householdId",
		"householdRelation", "identityCard"}
)

// an event is a change of the demo population, with what it gives and makes so.
type event struct {
	kind   string
	values map[string]any
	output map[string]any            // without notes
	then   map[string]map[string]any // number → value → what it is afterwards; nil: none
}

var events = []event{
	{resident.ClosePermanent, map[string]any{"people": []string{khang}, "because": "settled abroad"}, map[string]any{"permanentEndedOn": "2026-11-24"},
		map[string]map[string]any{khang: {"permanentAddress": nil, "presentAddress": nil, "householdId": nil}, hien: {"householdRelation": "head"}, kiet: {"householdRelation": "child"}}},
	{resident.NameHead, map[string]any{"household": "106", "head": hien}, map[string]any{"householdId": "106", "headNumber": hien},
		map[string]map[string]any{khang: {"householdRelation": "husband"}, hien: {"householdRelation": "head"}}},
	{resident.RegisterTemporary, map[string]any{"people": []string{an, binh}, "to": tanDinh.Map(), "until": "2028-11-24"},
		map[string]any{"temporaryAddress": tanDinh.Map(), "temporaryUntil": "2028-11-24"},
		map[string]map[string]any{an: {"temporaryAddress": tanDinh.Map(), "presentAddress": tanDinh.Map(), "temporaryUntil": "2028-11-24", "householdId": "101"}, binh: {"temporaryUntil": "2028-11-24"}}},
	{resident.RegisterAbsence, map[string]any{"people": []string{an}, "from": "2026-12-01", "until": "2026-12-31", "reason": "thăm thân", "to": map[string]any{"province": "79", "commune": "26737"}},
		map[string]any{"absentFrom": "2026-12-01", "absentUntil": "2026-12-31"}, map[string]map[string]any{an: {"absence": map[string]any{"from": "2026-12-01", "until": "2026-12-31"}}}},
	{resident.RegisterAbsence, map[string]any{"people": []string{an}, "from": "2026-11-24"}, map[string]any{"absentFrom": "2026-11-24"},
		map[string]map[string]any{an: {"absence": map[string]any{"from": "2026-11-24"}}}},
	{resident.RecordStay, map[string]any{"people": []string{an, binh}, "at": tanDinh.Map(), "from": "2026-11-23", "until": "2026-11-26"},
		map[string]any{"stayPeople": []any{an, binh}, "stayFrom": "2026-11-23", "stayUntil": "2026-11-26"}, map[string]map[string]any{an: {"presentAddress": agency.Address{Province: "01", Commune: "00070", Line: "25 phố Hàng Bông"}.Map()}}},
	{resident.RegisterDeath, map[string]any{"person": khang, "on": "2026-11-20", "newHead": kiet}, map[string]any{"diedOn": "2026-11-20", "householdId": "106", "headNumber": kiet, "widowed": hien},
		map[string]map[string]any{khang: {"alive": false, "deathDate": "2026-11-20", "permanentAddress": nil, "presentAddress": nil, "householdId": nil, "spouseNumber": nil, "identityCard": nil},
			hien: {"maritalStatus": "widowed", "spouseNumber": nil, "householdRelation": "mother"}, kiet: {"householdRelation": "head"}}},
	{resident.RegisterDeath, map[string]any{"person": khang, "on": "2026-11-20"}, map[string]any{"diedOn": "2026-11-20", "householdId": "106", "headNumber": hien, "widowed": hien},
		map[string]map[string]any{hien: {"householdRelation": "head"}, kiet: {"householdRelation": "child"}}},
	{resident.RegisterDeath, map[string]any{"person": huy, "on": "2026-11-24"}, map[string]any{"diedOn": "2026-11-24", "householdId": "105"}, map[string]map[string]any{huy: {"alive": false}}},
	{resident.RegisterMarriage, map[string]any{"husband": thang, "wife": uyen, "on": "2026-11-24"}, map[string]any{"marriedOn": "2026-11-24"},
		map[string]map[string]any{thang: {"maritalStatus": "married", "spouseNumber": uyen}, uyen: {"maritalStatus": "married", "spouseNumber": thang, "householdId": "113"}}},
	{resident.EndMarriage, map[string]any{"husband": khang, "wife": hien, "on": "2026-11-01"}, map[string]any{"marriageEndedOn": "2026-11-01"},
		map[string]map[string]any{khang: {"maritalStatus": "divorced", "spouseNumber": nil}, hien: {"maritalStatus": "divorced", "householdRelation": nil}}},
	{resident.SetParents, map[string]any{"child": chau, "father": thang}, map[string]any{"fatherNumber": thang}, map[string]map[string]any{chau: {"fatherNumber": thang, "motherNumber": yen}}},
	{resident.IssueCard, map[string]any{"person": yen, "until": "2034-12-09"}, map[string]any{"cardNumber": yen, "issuedOn": "2026-11-24", "expiresOn": "2034-12-09"},
		map[string]map[string]any{yen: {"identityCard": map[string]any{"number": yen, "issuedOn": "2026-11-24", "expiresOn": "2034-12-09"}}}},
	{resident.IssueCard, map[string]any{"person": khang}, map[string]any{"cardNumber": khang, "issuedOn": "2026-11-24"},
		map[string]map[string]any{khang: {"identityCard": map[string]any{"number": khang, "issuedOn": "2026-11-24"}}}},
	{resident.CorrectPerson, map[string]any{"person": yen, "values": map[string]any{"fullName": "Vũ  Hải Yên", "birthDate": "1994-12-19", "religion": "Phật giáo", "birthPlace": tanDinh.Map(), "sex": "female"}},
		map[string]any{"corrected": []any{"birthDate", "birthPlace", "fullName", "religion"}},
		map[string]map[string]any{yen: {"fullName": "Vũ Hải Yên", "birthDate": "1994-12-19", "religion": "Phật giáo", "birthPlace": tanDinh.Map(), "ethnicity": "Kinh"}}},
	{resident.SetContact, map[string]any{"person": yen, "phone": "+84 912 345 678"}, map[string]any{"phone": "0912345678"},
		map[string]map[string]any{yen: {"phone": "0912345678", "email": "yen116@example.vn"}}},
	{resident.RegisterBirth, map[string]any{"fullName": "Ngô An Nhiên", "birthDate": "2026-11-20", "sex": "female", "mother": uyen}, nil, nil},
	{resident.RegisterBirth, map[string]any{"fullName": "Bùi Đức An", "birthDate": "2026-11-20", "sex": "male", "father": thang}, nil, nil},
	{resident.RegisterBirth, map[string]any{"fullName": "Nguyễn Văn Mùa", "birthDate": "2026-11-20", "sex": "male", "birthPlace": map[string]any{"province": "01", "commune": "00070"}}, nil, nil},
}

// everybody is all that the registry says of the people of the tests.
func everybody(t testing.TB, db *pgxpool.Pool) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for _, n := range append([]string{thang, uyen, hien, kiet, linh, hung, nga, quyen}, movers...) {
		v := fetch(t, db, "person", n).Values
		all[n] = map[string]any{}
		for _, name := range spots {
			all[n][name] = v[name]
		}
	}
	return all
}

// Each type of change gives what it says, makes it so, and taken back leaves
// everybody as they were; a second time it makes and takes back nothing more.
func TestEachChangeAndItsUndo(t *testing.T) {
	t.Parallel()
	db := demoDB(t)
	tried := map[string]bool{}
	for i, e := range events {
		tried[e.kind] = true
		id := fmt.Sprintf("%s-%d", e.kind, i)
		before := everybody(t, db)
		out := mustApply(t, db, id, e.kind, e.values)
		if again := mustApply(t, db, id, e.kind, e.values); cmp.Diff(out, again) != "" {
			t.Errorf("%s: the second time gives %v, the first %v", id, again, out)
		}
		delete(out, "notes")
		if diff := cmp.Diff(e.output, out); diff != "" && e.output != nil {
			t.Errorf("%s: output (-want +got):\n%s", id, diff)
		}
		after := everybody(t, db)
		for n, values := range e.then {
			for name, want := range values {
				if diff := cmp.Diff(want, after[n][name]); diff != "" {
					t.Errorf("%s: %s of %s (-want +got):\n%s", id, name, n, diff)
				}
			}
		}
		checkSound(t.Context(), t, db)
		for range 2 {
			if out, err := undo(t, db, id); err != nil || out["made"] != true {
				t.Fatalf("%s: undo: %v, %v", id, out, err)
			}
		}
		if diff := cmp.Diff(before, everybody(t, db)); diff != "" {
			t.Errorf("%s: taken back (-before +after):\n%s", id, diff)
		}
		checkSound(t.Context(), t, db)
	}
	for _, kind := range resident.Types() {
		if !tried[kind] && kind != resident.MovePermanent && kind != resident.ExtendTemporary && kind != resident.EndTemporary {
			t.Errorf("%s is not tried", kind)
		}
	}
}

// The registration of a dead person ended with the death: to close it is no fault,
// says so, and taken back changes nothing.
func TestCloseAfterDeath(t *testing.T) {
	t.Parallel()
	db := demoDB(t)
	mustApply(t, db, "d1", resident.RegisterDeath, map[string]any{"person": khang, "on": "2026-11-20"})
	before := everybody(t, db)
	out := mustApply(t, db, "d2", resident.ClosePermanent, map[string]any{"people": []string{khang}, "because": "death"})
	if notes, _ := out["notes"].([]any); len(notes) != 1 {
		t.Errorf("notes %v", out["notes"])
	}
	if out, err := undo(t, db, "d2"); err != nil || out["made"] != true {
		t.Errorf("undo: %v, %v", out, err)
	}
	if diff := cmp.Diff(before, everybody(t, db)); diff != "" {
		t.Error(diff)
	}
	checkSound(t.Context(), t, db)
}

// A temporary registration is extended, ended, and each is taken back with its
// last day and the present address.
func TestTemporary(t *testing.T) {
	t.Parallel()
	db := demoDB(t)
	mustApply(t, db, "t1", resident.RegisterTemporary, map[string]any{"people": []string{an}, "to": tanDinh.Map(), "until": "2027-11-23"})
	registered := everybody(t, db)
	mustApply(t, db, "t2", resident.ExtendTemporary, map[string]any{"people": []string{an}, "until": "2029-11-23"})
	extended := everybody(t, db)
	if extended[an]["temporaryUntil"] != "2029-11-23" {
		t.Errorf("extended until %v", extended[an]["temporaryUntil"])
	}
	mustApply(t, db, "t3", resident.EndTemporary, map[string]any{"people": []string{an}})
	if p := everybody(t, db)[an]; p["temporaryAddress"] != nil || cmp.Diff(p["permanentAddress"], p["presentAddress"]) != "" {
		t.Errorf("ended: %v", p)
	}
	checkSound(t.Context(), t, db)
	for id, want := range map[string]map[string]map[string]any{"t3": extended} {
		if _, err := undo(t, db, id); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, everybody(t, db)); diff != "" {
			t.Errorf("%s taken back (-want +got):\n%s", id, diff)
		}
	}
	if _, err := undo(t, db, "t2"); err == nil { // t3 and its undo have come since
		t.Error("an extension was taken back over what came after it")
	}
	_ = registered
	checkSound(t.Context(), t, db)
}

// Each rule of the events refuses, and leaves everything as it was.
func TestEventsRefused(t *testing.T) {
	t.Parallel()
	db := demoDB(t)
	mustApply(t, db, "m1", resident.RegisterTemporary, map[string]any{"people": []string{dung}, "to": tanDinh.Map(), "until": "2027-06-01"})
	mustApply(t, db, "m2", resident.RegisterAbsence, map[string]any{"people": []string{dung}, "from": "2026-12-01", "until": "2026-12-10"})
	mustApply(t, db, "m3", resident.RecordStay, map[string]any{"people": []string{dung}, "at": hangMa.Map(), "from": "2026-11-20", "until": "2026-11-25"})
	mustApply(t, db, "m4", resident.RegisterMarriage, map[string]any{"husband": thang, "wife": uyen, "on": "2026-10-01"})
	mustApply(t, db, "m5", resident.IssueCard, map[string]any{"person": mai, "until": "2036-08-19"})
	before := everybody(t, db)
	people := func(n ...string) map[string]any { return map[string]any{"people": n} }
	with := func(m map[string]any, more ...any) map[string]any {
		for i := 0; i < len(more); i += 2 {
			m[more[i].(string)] = more[i+1]
		}
		return m
	}
	correct := func(n string, values ...any) map[string]any {
		return map[string]any{"person": n, "values": with(map[string]any{}, values...)}
	}
	for _, c := range []struct {
		rule, kind string
		values     map[string]any
	}{
		{"nobody", resident.EndTemporary, people()},
		{"unknown-person", resident.EndTemporary, people("001099999999")},
		{"dead-person", resident.EndTemporary, people(hung)},
		{"named-twice", resident.EndTemporary, people(dung, dung)},
		{"no-temporary", resident.EndTemporary, people(an)},
		{"no-temporary", resident.ExtendTemporary, with(people(an), "until", "2027-01-01")},
		{"not-longer", resident.ExtendTemporary, with(people(dung), "until", "2027-06-01")},
		{"too-long", resident.ExtendTemporary, with(people(dung), "until", "2029-06-02")},
		{"already-there", resident.RegisterTemporary, with(people(dung), "to", tanDinh.Map(), "until", "2027-06-01")},
		{"same-commune", resident.RegisterTemporary, with(people(an), "to", hangMa.Map(), "until", "2027-06-01")},
		{"too-long", resident.RegisterTemporary, with(people(an), "to", tanDinh.Map(), "until", "2028-11-25")},
		{"ends-before-it-begins", resident.RegisterTemporary, with(people(an), "to", tanDinh.Map(), "until", "2026-11-23")},
		{"address-incomplete", resident.RegisterTemporary, with(people(an), "to", map[string]any{"province": "79"}, "until", "2027-06-01")},
		{"absent-already", resident.RegisterAbsence, with(people(dung), "from", "2026-12-10", "until", "2026-12-11")},
		{"absent-already", resident.RegisterAbsence, with(people(dung), "from", "2026-11-25")},
		{"ends-before-it-begins", resident.RegisterAbsence, with(people(an), "from", "2026-12-10", "until", "2026-12-09")},
		{"long-past", resident.RegisterAbsence, with(people(an), "from", "2025-11-23")},
		{"stays-already", resident.RecordStay, with(people(dung), "at", kimMa.Map(), "from", "2026-11-24", "until", "2026-11-30")},
		{"lives-there", resident.RecordStay, with(people(binh), "at", leLoi.Map(), "from", "2026-11-24", "until", "2026-11-30")},
		{"lives-there", resident.RecordStay, with(people(dung), "at", tanDinh.Map(), "from", "2026-11-26", "until", "2026-11-30")},
		{"too-long", resident.RecordStay, with(people(an), "at", kimMa.Map(), "from", "2026-11-24", "until", "2026-12-24")},
		{"no-reason", resident.ClosePermanent, with(people(an), "because", " ")},
		{"not-registered", resident.ClosePermanent, with(people(chau), "because", "x")},
		{"not-a-member", resident.NameHead, map[string]any{"household": "106", "head": an}},
		{"head-already", resident.NameHead, map[string]any{"household": "106", "head": khang}},
		{"unknown-person", resident.RegisterDeath, map[string]any{"person": "001099999999", "on": "2026-11-20"}},
		{"dead-person", resident.RegisterDeath, map[string]any{"person": hung, "on": "2026-11-20"}},
		{"in-the-future", resident.RegisterDeath, map[string]any{"person": an, "on": "2026-11-25"}},
		{"died-before-born", resident.RegisterDeath, map[string]any{"person": an, "on": "1996-04-11"}},
		{"died-before-child", resident.RegisterDeath, map[string]any{"person": yen, "on": "2026-05-01"}},
		{"died-before-married", resident.RegisterDeath, map[string]any{"person": uyen, "on": "2026-09-30"}},
		{"not-head", resident.RegisterDeath, map[string]any{"person": hien, "on": "2026-11-20", "newHead": kiet}},
		{"not-a-member", resident.RegisterDeath, map[string]any{"person": khang, "on": "2026-11-20", "newHead": an}},
		{"unknown-person", resident.RegisterMarriage, map[string]any{"husband": "001099999999", "wife": linh, "on": "2026-11-20"}},
		{"in-the-future", resident.RegisterMarriage, map[string]any{"husband": huy, "wife": linh, "on": "2026-11-25"}},
		{"husband-not-male", resident.RegisterMarriage, map[string]any{"husband": dung, "wife": linh, "on": "2026-11-20"}},
		{"wife-not-female", resident.RegisterMarriage, map[string]any{"husband": huy, "wife": kiet, "on": "2026-11-20"}},
		{"married-already", resident.RegisterMarriage, map[string]any{"husband": thang, "wife": linh, "on": "2026-11-20"}},
		{"under-age", resident.RegisterMarriage, map[string]any{"husband": huy, "wife": chau, "on": "2026-11-20"}},
		{"near-kin", resident.RegisterMarriage, map[string]any{"husband": kiet, "wife": linh, "on": "2026-11-20"}},
		{"near-kin", resident.RegisterMarriage, map[string]any{"husband": chi, "wife": nga, "on": "2026-11-20"}},
		{"not-married", resident.EndMarriage, map[string]any{"husband": thang, "wife": hien, "on": "2026-11-20"}},
		{"in-the-future", resident.EndMarriage, map[string]any{"husband": thang, "wife": uyen, "on": "2026-11-25"}},
		{"ends-before-it-begins", resident.EndMarriage, map[string]any{"husband": thang, "wife": uyen, "on": "2026-09-30"}},
		{"no-parent", resident.SetParents, map[string]any{"child": chau}},
		{"unknown-person", resident.SetParents, map[string]any{"child": "001099999999", "father": thang}},
		{"unknown-father", resident.SetParents, map[string]any{"child": chau, "father": "001099999999"}},
		{"unknown-mother", resident.SetParents, map[string]any{"child": chau, "mother": "001199999999"}},
		{"father-not-male", resident.SetParents, map[string]any{"child": chau, "father": uyen}},
		{"mother-not-female", resident.SetParents, map[string]any{"child": chau, "mother": thang}},
		{"parent-age", resident.SetParents, map[string]any{"child": an, "father": chi}},
		{"died-before-child", resident.RegisterBirth, map[string]any{"fullName": "Lê Bé", "birthDate": "2026-11-20", "sex": "male", "mother": uyen, "father": "001066000999"}},
		{"place-unknown", resident.RegisterBirth, map[string]any{"fullName": "Lê Bé", "birthDate": "2026-11-20", "sex": "male"}},
		{"wrong-expiry", resident.IssueCard, map[string]any{"person": yen, "until": "2034-12-10"}},
		{"wrong-expiry", resident.IssueCard, map[string]any{"person": yen}},
		{"wrong-expiry", resident.IssueCard, map[string]any{"person": khang, "until": "2036-01-30"}},
		{"issued-already", resident.IssueCard, map[string]any{"person": mai, "until": "2036-08-19"}},
		{"nothing-to-correct", resident.CorrectPerson, correct(yen, "fullName", "Vũ Hải Yến")},
		{"number-says-otherwise", resident.CorrectPerson, correct(yen, "sex", "male")},
		{"number-says-otherwise", resident.CorrectPerson, correct(yen, "birthDate", "1993-12-09")},
		{"sex-unknown", resident.CorrectPerson, correct(yen, "sex", "nữ")},
		{"not-born-yet", resident.CorrectPerson, correct(chau, "birthDate", "2026-12-01")},
		{"no-contact", resident.SetContact, map[string]any{"person": yen}},
		{"phone-invalid", resident.SetContact, map[string]any{"person": yen, "phone": "113"}},
		{"email-invalid", resident.SetContact, map[string]any{"person": yen, "email": "Yến <yen@example.vn>"}},
	} {
		if c.rule == "died-before-child" && c.kind == resident.RegisterBirth {
			if _, err := db.Exec(t.Context(), `INSERT INTO residents (number, full_name, name_folded, birth_date, sex, alive, died_on)
				VALUES ('001066000999', 'Lê Cũ', 'le cu', '1966-01-01', 'male', false, '2026-01-23')`); err != nil {
				t.Fatal(err)
			}
		}
		_, err := apply(t, db, "r1", c.kind, c.values)
		r, ok := errors.AsType[*resident.RefusedError](err)
		if !ok || r.Rule != c.rule || r.VI == "" || r.EN == "" {
			t.Errorf("%s %v: got %v, want %s", c.kind, c.values, err, c.rule)
		}
	}
	if diff := cmp.Diff(before, everybody(t, db)); diff != "" {
		t.Errorf("refusals left a trace (-before +after):\n%s", diff)
	}
	for kind, values := range map[string]map[string]any{
		resident.RegisterDeath: {"person": an, "on": "hôm qua"}, resident.RegisterTemporary: {"people": []string{an}, "to": tanDinh.Map(), "until": "24/11/2028"},
		resident.CorrectPerson: {"person": yen, "values": map[string]any{"spouse": an}},
	} {
		if _, err := apply(t, db, "r1", kind, values); !errors.Is(err, resident.ErrUnknownChange) {
			t.Errorf("%s: got %v, want ErrUnknownChange", kind, err)
		}
	}
}
