package resident_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident"
)

const (
	an, binh, chi, dung = "001196000101", "001090000102", "001088000103", "001191000104"
	huy, khang          = "001092000105", "001060000106"
	nam, mai            = "079094000107", "079196000108"
	tuan, yen, chau     = "001091000115", "001194000116", "001326000117"
	lam, men            = "001064000201", "001168000202" // An's parents
)

var (
	kimMa  = agency.Address{Province: "01", Commune: "00004", Line: "40 phố Kim Mã"}
	leLoi  = agency.Address{Province: "01", Commune: "00004", Line: "12 phố Lê Lợi"}
	hangMa = agency.Address{Province: "01", Commune: "00070", Line: "8 phố Hàng Mã"}
	noon   = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
)

// demoDB is a database with the demo population.
func demoDB(t testing.TB) *pgxpool.Pool {
	t.Helper()
	db := pgtest.New(t)
	if err := resident.LoadDemo(t.Context(), pgtest.Owner(t, db)); err != nil {
		t.Fatal(err)
	}
	return db
}

func officer(basis string) registry.Purpose {
	return registry.Purpose{Reader: "cb-01", ReaderKind: "officer", Agency: "CA-00004", Case: "H29-1", Text: "Giải quyết hồ sơ", Basis: basis}
}

func fetch(t testing.TB, db *pgxpool.Pool, kind, key string) registry.Record {
	t.Helper()
	s := &resident.Source{DB: db, Now: func() time.Time { return noon }}
	rec, err := s.Fetch(t.Context(), registry.Request{Kind: kind, Key: key, Purpose: officer("law: Luật Cư trú")})
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// Each kind has the shape of docs/definitions.md.
func TestRecords(t *testing.T) {
	t.Parallel()
	db := demoDB(t)
	address := map[string]any{"province": "01", "commune": "00004", "line": "9 phố Phan Đình Phùng"}
	home := map[string]any{"province": "01", "commune": "00004"}
	for _, c := range []struct {
		kind, key string
		want      map[string]any
	}{
		{"person", yen, map[string]any{"number": yen, "fullName": "Vũ Hải Yến", "birthDate": "1994-12-09", "sex": "female", "ethnicity": "Kinh",
			"nationality": "Việt Nam", "homePlace": home, "birthPlace": home, "phone": "0900000116", "email": "yen116@example.vn",
			"permanentAddress": address, "presentAddress": address, "maritalStatus": "married", "spouseNumber": tuan,
			"householdId": "115", "householdRelation": "wife", "alive": true, "restricted": false, "digitalCitizen": false,
			"identityCard": map[string]any{"number": yen, "issuedOn": "2024-07-15", "expiresOn": "2034-12-09"}}},
		{"person", chau, map[string]any{"number": chau, "fullName": "Phan Bảo Châu", "birthDate": "2026-05-02", "sex": "female", "ethnicity": "Kinh",
			"nationality": "Việt Nam", "homePlace": home, "birthPlace": home, "maritalStatus": "single", "fatherNumber": tuan, "motherNumber": yen,
			"alive": true, "restricted": false, "digitalCitizen": false}},
		{resident.CardKind, yen, map[string]any{"number": yen, "issuedOn": "2024-07-15", "expiresOn": "2034-12-09"}},
		{resident.CardKind, chau, nil},
		{resident.CardKind, "001099999999", nil},
		{"children", tuan, map[string]any{"list": []any{map[string]any{"number": chau, "fullName": "Phan Bảo Châu", "birthDate": "2026-05-02", "sex": "female"}}}},
		{"children", huy, nil},
		{"household", "115", map[string]any{"id": "115", "headNumber": tuan, "headName": "Phan Anh Tuấn", "address": address, "count": int64(2), "members": []any{
			map[string]any{"number": tuan, "fullName": "Phan Anh Tuấn", "birthDate": "1991-08-14", "sex": "male", "relation": "head"},
			map[string]any{"number": yen, "fullName": "Vũ Hải Yến", "birthDate": "1994-12-09", "sex": "female", "relation": "wife"}}}},
		{"household", "99999999", nil},
		{"household", "12a", nil},
		{"homeOf", kimMa.Key(), map[string]any{"permanentCount": int64(4), "households": []any{map[string]any{"id": "106", "headNumber": khang, "headName": "Đỗ Văn Khang"}}}},
		{"homeOf", "01/00004/40  PHỐ kim mã", map[string]any{"permanentCount": int64(4), "households": []any{map[string]any{"id": "106", "headNumber": khang, "headName": "Đỗ Văn Khang"}}}},
		{"homeOf", hangMa.Key(), nil},
		{"homeOf", "nowhere", nil},
		{"person", "001099999999", nil},
	} {
		rec := fetch(t, db, c.kind, c.key)
		if diff := cmp.Diff(c.want, rec.Values); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.kind, c.key, diff)
		}
		state := registry.Fetched
		if c.want == nil {
			state = registry.Empty
		}
		if rec.State != state || rec.Registry != "resident" || rec.Kind != c.kind || !rec.FetchedAt.Equal(noon) || (rec.Version == "") == (c.want != nil) || rec.AsOf.IsZero() == (c.want != nil) {
			t.Errorf("%s %s: got %+v", c.kind, c.key, rec)
		}
	}
}

// There is no read without an entry for each person whose data it gave out, and
// none without a purpose.
func TestEveryReadIsLogged(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), demoDB(t)
	fetch(t, db, "person", yen)
	fetch(t, db, "household", "115")
	fetch(t, db, "homeOf", "01/00004/9 phố Phan Đình Phùng")
	fetch(t, db, "children", yen)
	fetch(t, db, resident.CardKind, yen)
	fetch(t, db, resident.CardKind, chau)
	if _, err := resident.Search(ctx, db, officer("law: x"), "hai yen", 10); err != nil {
		t.Fatal(err)
	}
	for subject, want := range map[string]int{yen: 5, tuan: 2, chau: 2, huy: 0} {
		got, _, err := audit.Reads(ctx, db, subject, "", 100)
		if err != nil || len(got) != want {
			t.Errorf("reads of %s: got %d, %v; want %d", subject, len(got), err, want)
		}
	}
	s := &resident.Source{DB: db}
	for _, p := range []registry.Purpose{{}, {Reader: "cb-01", ReaderKind: "officer", Text: "x"}} {
		if rec, err := s.Fetch(ctx, registry.Request{Kind: "person", Key: yen, Purpose: p}); !errors.Is(err, audit.ErrIncomplete) {
			t.Errorf("a read for %+v gave %v, %v", p, rec.Values, err)
		}
	}
	self := registry.Purpose{Reader: yen, ReaderKind: "citizen", Text: "Điền sẵn tờ khai"}
	if _, err := s.Fetch(ctx, registry.Request{Kind: "person", Key: yen, Purpose: self}); err != nil {
		t.Fatal(err)
	}
	if got, _, _ := audit.Reads(ctx, db, yen, "", 1); len(got) != 1 || got[0].Basis != "self" || len(got[0].Fields) < 15 {
		t.Errorf("own read: got %+v", got)
	}
	if _, err := s.Fetch(ctx, registry.Request{Kind: "dwelling", Key: "x", Purpose: self}); !errors.Is(err, resident.ErrNotOurs) {
		t.Errorf("a foreign kind: %v", err)
	}
}

// Loading again changes nothing, not even what cases have changed meanwhile.
func TestLoadDemoAgain(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), demoDB(t)
	mustApply(t, db, "c1", resident.MovePermanent, map[string]any{"people": []string{an}, "to": leLoi.Map(), "head": binh, "relation": "wife"})
	before := fetch(t, db, "person", an)
	if err := resident.LoadDemo(ctx, pgtest.Owner(t, db)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, fetch(t, db, "person", an)); diff != "" {
		t.Error(diff)
	}
	people, err := resident.DemoPeople()
	if err != nil || len(people) < 18 {
		t.Fatalf("got %d people, %v; want at least the cast of 18", len(people), err)
	}
	for _, p := range people {
		if p.Note.VI == "" || p.Note.EN == "" {
			t.Errorf("%s has no note", p.Name)
		}
		n, err := resident.ParseNumber(p.Number)
		rec := fetch(t, db, "person", p.Number).Values
		born, _ := time.Parse(time.DateOnly, rec["birthDate"].(string))
		if err != nil || !n.Fits(resident.Sex(rec["sex"].(string)), born) {
			t.Errorf("%s: %v, number says %s %d", p.Number, err, n.Sex(), n.BirthYear())
		}
	}
	checkSound(ctx, t, db)
}

func apply(t testing.TB, db *pgxpool.Pool, caseID, kind string, values map[string]any) (out map[string]any, err error) {
	t.Helper()
	err = pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) (err error) {
		out, err = resident.Apply(t.Context(), tx, resident.Change{Type: kind, Values: values, Cause: resident.Cause{CaseID: caseID, CaseCode: "H29-" + caseID, Seq: 5}, At: noon})
		return err
	})
	return out, err
}

func mustApply(t testing.TB, db *pgxpool.Pool, caseID, kind string, values map[string]any) map[string]any {
	t.Helper()
	out, err := apply(t, db, caseID, kind, values)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
