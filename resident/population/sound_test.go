package population_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/vietnamese"
)

// today is the day on which generated people have their ages.
const today = "date '2026-11-01'"

// unsound are queries that return whoever breaks a rule, as text; no row when
// the population is sound. The demonstration's people are under the same rules.
var unsound = map[string]string{
	"a parent is between 18 and 65 years older than the child": `
		SELECT c.number || ' child of ' || p.number FROM residents c
		JOIN residents p ON p.number IN (c.father_number, c.mother_number)
		WHERE NOT extract(year FROM age(c.birth_date, p.birth_date)) BETWEEN 18 AND 65`,
	"a mother gives birth before she is 50": `
		SELECT c.number FROM residents c JOIN residents p ON p.number = c.mother_number
		WHERE age(c.birth_date, p.birth_date) > interval '50 years'`,
	"father is male and mother is female": `
		SELECT c.number FROM residents c JOIN residents p ON p.number = c.father_number AND p.sex <> 'male' OR p.number = c.mother_number AND p.sex <> 'female'`,
	"siblings of a mother are born nine months apart": `
		SELECT a.number || ' and ' || b.number FROM residents a JOIN residents b ON b.mother_number = a.mother_number AND b.number <> a.number
		WHERE b.birth_date >= a.birth_date AND b.birth_date < a.birth_date + interval '9 months'`,
	"a child has the father's family name": `
		SELECT c.number FROM residents c JOIN residents p ON p.number = c.father_number
		WHERE split_part(c.full_name, ' ', 1) <> split_part(p.full_name, ' ', 1)`,
	"a marriage is of two who name each other, a man and a woman, of age": `
		SELECT a.number FROM residents a LEFT JOIN residents b ON b.number = a.spouse_number
		WHERE a.spouse_number IS NOT NULL AND (b.spouse_number IS DISTINCT FROM a.number OR a.sex = b.sex
			OR age(` + today + `, a.birth_date) < CASE a.sex WHEN 'male' THEN interval '20 years' ELSE interval '18 years' END)`,
	"siblings and cousins do not marry": `
		SELECT a.number FROM residents a JOIN residents b ON b.number = a.spouse_number
		JOIN residents pa ON pa.number IN (a.father_number, a.mother_number)
		JOIN residents pb ON pb.number IN (b.father_number, b.mother_number)
		WHERE pa.number = pb.number OR pa.father_number = pb.father_number`,
	"nobody is married to somebody dead": `
		SELECT a.number FROM residents a JOIN residents b ON b.number = a.spouse_number WHERE NOT a.alive OR NOT b.alive`,
	"nobody is born in the future": `SELECT number FROM residents WHERE birth_date > ` + today + ` + 30`,
	"the number says sex, year and, for those born here, the province": `
		SELECT number FROM residents
		WHERE (substr(number, 4, 1)::int % 2 = 1) <> (sex = 'female')
			OR 1900 + substr(number, 4, 1)::int / 2 * 100 + substr(number, 5, 2)::int <> extract(year FROM birth_date)`,
	"no two have the same name and birth date": `
		SELECT min(number) FROM residents GROUP BY full_name, birth_date HAVING count(*) > 1`,
	"the name can be found as it is folded": `
		SELECT number FROM residents WHERE name_folded = '' OR name_folded <> lower(name_folded) OR array_length(string_to_array(name_folded, ' '), 1) < 2`,
	"the living have one household and one permanent address": `
		SELECT r.number FROM residents r WHERE r.alive AND r.number NOT IN (SELECT m.resident FROM household_members m
			JOIN residences a ON a.resident = m.resident AND a.kind = 'permanent' AND upper_inf(a.valid)
			WHERE upper_inf(m.valid) GROUP BY 1 HAVING count(*) = 1)
			AND r.number IN (SELECT number FROM generated)`,
	"the dead have none": `
		SELECT r.number FROM residents r JOIN household_members m ON m.resident = r.number AND upper_inf(m.valid) WHERE NOT r.alive`,
	"a household has one head, who is alive, grown up and a member": `
		SELECT h.id::text FROM households h
		LEFT JOIN residents r ON r.number = h.head AND r.alive AND (h.id < 1000000 OR age(` + today + `, r.birth_date) >= interval '18 years') -- a minor of the demonstration lives alone
		WHERE h.closed_at IS NULL AND (r.number IS NULL OR 1 <> (SELECT count(*) FROM household_members m
			WHERE m.household = h.id AND upper_inf(m.valid) AND m.relation = 'head') OR NOT EXISTS (SELECT FROM household_members m
			WHERE m.household = h.id AND upper_inf(m.valid) AND m.resident = h.head AND m.relation = 'head'))`,
	"members are registered where their household is": `
		SELECT m.resident FROM household_members m JOIN households h ON h.id = m.household
		LEFT JOIN residences a ON a.resident = m.resident AND a.kind = 'permanent' AND upper_inf(a.valid)
		WHERE upper_inf(m.valid) AND (a.province, a.commune, a.line, a.address_key) IS DISTINCT FROM (h.province, h.commune, h.line, h.address_key)`,
	"nobody lives anywhere before birth": `
		SELECT r.number FROM residents r JOIN residences a ON a.resident = r.number WHERE lower(a.valid) < r.birth_date`,
	"a child of less than 14 has no card, a grown person has one": `
		SELECT r.number FROM residents r LEFT JOIN identity_documents d ON d.resident = r.number
		WHERE r.number IN (SELECT number FROM generated)
			AND (d.resident IS NULL) <> (age(` + today + `, r.birth_date) < interval '14 years')`,
	"no two generated households share a dwelling": `
		SELECT address_key FROM households WHERE closed_at IS NULL AND id > 1000000 GROUP BY 1 HAVING count(*) > 1`,
}

// generated are those who are not of the demonstration.
const generated = `
	CREATE TABLE IF NOT EXISTS demo (number text);
	DROP VIEW IF EXISTS generated;
	CREATE VIEW generated AS SELECT number FROM residents WHERE number NOT IN (SELECT number FROM demo)`

type failer interface {
	Errorf(format string, args ...any)
	Helper()
}

func checkSound(ctx context.Context, t failer, db *pgxpool.Pool) {
	t.Helper()
	if _, err := db.Exec(ctx, generated); err != nil {
		t.Errorf("mark who was generated: %v", err)
		return
	}
	for rule, query := range unsound {
		broken, err := rowsOf(ctx, db, query)
		if err != nil || len(broken) > 0 {
			t.Errorf("%s: broken by %d, first %v, %v", rule, len(broken), broken[:min(3, len(broken))], err)
		}
	}
}

// A generated population is sound in all that a registry and a statistician
// would ask of it, beside the people of the demonstration.
func TestGenerateIsSound(t *testing.T) {
	t.Parallel()
	db := inhabited(t)
	generate(t, db, 6000, 11)
	checkSound(t.Context(), t, db)
	// The rules say nothing unless there is somebody to break them.
	for what, query := range map[string]string{
		"couples":                         "SELECT count(*) FROM residents WHERE spouse_number IS NOT NULL",
		"widows":                          "SELECT count(*) FROM residents WHERE marital_status = 'widowed'",
		"dead":                            "SELECT count(*) FROM residents WHERE NOT alive",
		"grandchildren":                   "SELECT count(*) FROM residents c JOIN residents p ON p.number = c.father_number WHERE p.father_number IS NOT NULL",
		"households of three generations": "SELECT count(*) FROM household_members WHERE relation LIKE '%grandchild'",
	} {
		if n := one[int](t, db, query); n < 20 {
			t.Errorf("only %d %s: the population shows little", n, what)
		}
	}
}

// Every unit that an address names is of the list, the number's first digits are
// a code that belongs to the province of birth, and the name folds to what
// search looks for.
func TestGenerateFitsUnitsAndNumbers(t *testing.T) {
	t.Parallel()
	db := inhabited(t)
	generate(t, db, 2000, 12)
	provinceOf := map[string]string{}
	for _, u := range communes(t) {
		provinceOf[u.Code] = u.ProvinceCode
	}
	rows, err := db.Query(t.Context(), `
		SELECT r.number, r.full_name, r.name_folded, r.sex, r.birth_date, r.birth_place, coalesce(a.province, ''), coalesce(a.commune, ''), coalesce(a.address_key, '')
		FROM residents r
		LEFT JOIN residences a ON a.resident = r.number AND a.kind = 'permanent'`)
	if err != nil {
		t.Fatal(err)
	}
	type person struct {
		Number, FullName, Folded string
		Sex                      resident.Sex
		Born                     time.Time
		BirthPlace               agency.Address
		Province, Commune, Key   string
	}
	people, err := pgx.CollectRows(rows, pgx.RowToStructByPos[person])
	if err != nil || len(people) < 2000 {
		t.Fatalf("%d people, %v", len(people), err)
	}
	for _, p := range people {
		number, err := resident.ParseNumber(p.Number)
		if err != nil || !number.Fits(p.Sex, p.Born) {
			t.Errorf("%s does not fit a %s person born on %s: %v", p.Number, p.Sex, p.Born.Format("2006-01-02"), err)
			continue
		}
		if place, here := number.Place(); here && place.Now != p.BirthPlace.Province {
			t.Errorf("%s was registered in %s, and the birth place is in %s", p.Number, place.Now, p.BirthPlace.Province)
		}
		if p.Folded != vietnamese.Fold(p.FullName) {
			t.Errorf("%s is found as %q, want %q", p.FullName, p.Folded, vietnamese.Fold(p.FullName))
		}
		if p.Commune != "" && (provinceOf[p.Commune] != p.Province || !strings.HasPrefix(p.Key, p.Province+"/"+p.Commune+"/")) {
			t.Errorf("%s lives in %s/%s with the key %q, which is no address", p.Number, p.Province, p.Commune, p.Key)
		}
	}
}

// A generated person is found by name and by number, and read like anybody: with
// household, parents and children, and each read in the log.
func TestGeneratedPeopleAreFoundAndRead(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), inhabited(t)
	generate(t, db, 1000, 13)
	why := registry.Purpose{Reader: "cb-01", ReaderKind: "officer", Agency: "CA-00004", Text: "Giải quyết hồ sơ", Basis: "law: Luật Cư trú"}
	var number, name, father string
	var household int64
	if err := db.QueryRow(ctx, `
		SELECT r.number, r.full_name, r.father_number, m.household
		FROM residents r JOIN household_members m ON m.resident = r.number JOIN residents p ON p.number = r.father_number AND p.alive
		WHERE m.household > 1000000 AND r.birth_date > '2010-01-01' ORDER BY r.number LIMIT 1`).Scan(&number, &name, &father, &household); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{number, name, vietnamese.Fold(name)} {
		found, err := resident.Search(ctx, db, why, text, 20)
		ok := false
		for _, m := range found {
			ok = ok || m.Number == number && m.FullName == name && m.Permanent != nil
		}
		if err != nil || !ok {
			t.Errorf("search for %q does not find %s %s: %v, %v", text, number, name, found, err)
		}
	}
	source := &resident.Source{DB: db}
	fetch := func(kind, key string) registry.Record {
		t.Helper()
		rec, err := source.Fetch(ctx, registry.Request{Kind: kind, Key: key, Purpose: why})
		if err != nil || rec.State != registry.Fetched {
			t.Fatalf("read %s %s: %v, %v", kind, key, rec.State, err)
		}
		return rec
	}
	person := fetch("person", number).Values
	if diff := cmp.Diff([]any{name, father}, []any{person["fullName"], person["fatherNumber"]}); diff != "" {
		t.Errorf("the record of %s: %s", number, diff)
	}
	home := fetch("household", person["householdId"].(string)).Values
	if diff := cmp.Diff(person["permanentAddress"], home["address"]); diff != "" {
		t.Errorf("the member lives elsewhere than the household: %s", diff)
	}
	listed := false
	for _, c := range fetch("children", father).Values["list"].([]any) {
		listed = listed || c.(map[string]any)["number"] == number
	}
	if !listed {
		t.Errorf("%s is not among the children of %s", number, father)
	}
	reads, _, err := audit.Reads(ctx, db, number, "", 50)
	if err != nil || len(reads) < 5 { // three searches, the person, the household, the child
		t.Errorf("%d reads in the log, want at least 5: %v", len(reads), err)
	}
}
