package quality_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/resident/quality"
)

const (
	huy, khang, chau, an = "001092000105", "001060000106", "001326000117", "001196000101"
)

var now = time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC)

func demo(t *testing.T) *pgxpool.Pool {
	t.Helper()
	db := pgtest.NewAsOwner(t)
	if err := errors.Join(agency.LoadDemo(t.Context(), db), resident.LoadDemo(t.Context(), db)); err != nil {
		t.Fatal(err)
	}
	return db
}

func counts(t *testing.T, db *pgxpool.Pool, communes []string) map[string]int64 {
	t.Helper()
	rows, err := quality.Measure(t.Context(), db, communes, now, "")
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]int64{}
	for _, r := range rows {
		m[r.ID] = r.Count
	}
	return m
}

// seeded breaks each rule of records once, in the record of Huy or Khang.
var seeded = map[string]string{
	"home-place-missing":  `UPDATE residents SET home_place = NULL WHERE number = '` + huy + `'`,
	"birth-place-missing": `UPDATE residents SET birth_place = '{}' WHERE number = '` + huy + `'`,
	"ethnicity-missing":   `UPDATE residents SET ethnicity = '?' WHERE number = '` + huy + `'`,
	"address-missing":     `UPDATE residences SET valid = daterange(lower(valid), '2026-01-01') WHERE resident = '` + huy + `' AND kind = 'permanent'`,
	"parents-missing":     `UPDATE residents SET father_number = NULL, mother_number = NULL WHERE number = '` + chau + `'`,
	"relation-missing":    `UPDATE household_members SET relation = NULL WHERE resident = '` + an + `'`,
	"card-missing":        `UPDATE identity_documents SET revoked_on = '2026-01-01' WHERE resident = '` + huy + `'`,
	"contact-missing":     `UPDATE residents SET phone = NULL, email = NULL WHERE number = '` + huy + `'`,
	"death-day-missing":   `UPDATE residents SET alive = false WHERE number = '` + chau + `'`,
	"phone-invalid":       `UPDATE residents SET phone = '113' WHERE number = '` + huy + `'`,
	"phone-shared":        `UPDATE residents SET phone = '0912345678' WHERE number IN (SELECT number FROM residents WHERE alive AND birth_date < '1990-01-01' AND phone IS NOT NULL ORDER BY number LIMIT 4)`,
	"email-invalid":       `UPDATE residents SET email = 'huy' WHERE number = '` + huy + `'`,
	"name-odd":            `UPDATE residents SET full_name = 'Phạm  Quốc Huy' WHERE number = '` + huy + `'`,
	"twice": `INSERT INTO residents (number, full_name, name_folded, birth_date, sex, father_number, mother_number)
		SELECT '001326999117', full_name, name_folded, birth_date, sex, father_number, mother_number FROM residents WHERE number = '` + chau + `'`,
	"address-dissolved":  `UPDATE units SET valid_to = '2026-11-01' WHERE code = '00070'`,
	"spouse-not-married": `UPDATE household_members SET relation = 'wife' WHERE resident = '` + an + `'`,
	"minor-heads":        `UPDATE residents SET birth_date = '2015-01-30' WHERE number = '` + khang + `'`,
	"card-expired":       `UPDATE identity_documents SET expires_on = '2026-11-26' WHERE resident = '` + huy + `'`,
	"temporary-expired": `INSERT INTO residences (resident, kind, province, commune, line, address_key, valid)
		SELECT resident, 'temporary', '79', '26737', 'x', '79/26737/x', '[2024-01-01,2026-01-01)' FROM residences WHERE resident = '` + huy + `' AND kind = 'permanent';
		UPDATE residences SET province = '79', commune = '26737', line = 'x', address_key = '79/26737/x' WHERE resident = '` + huy + `' AND kind = 'present'`,
	"absent-long":     `INSERT INTO absences (resident, valid) VALUES ('` + huy + `', '[2025-11-25,)')`,
	"very-old":        `UPDATE residents SET birth_date = '1916-01-30' WHERE number = '` + huy + `'`,
	"dead-registered": `UPDATE residents SET alive = false WHERE number = '` + huy + `'`,
}

// Each rule counts a record that breaks it and no other does: one more than
// before, and none in another commune.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, r := range quality.Rules() {
		sql, ok := seeded[r.ID]
		if !ok {
			if !strings.HasPrefix(r.EN, "Against the rule") {
				t.Errorf("nothing breaks the rule %s", r.ID)
			}
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			db := demo(t)
			before := counts(t, db, nil)[r.ID]
			if _, err := db.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
			after := counts(t, db, nil)[r.ID]
			if after <= before {
				t.Errorf("%d records before, %d after", before, after)
			}
			if elsewhere := counts(t, db, []string{"99999"})[r.ID]; elsewhere != 0 {
				t.Errorf("%d records in a commune where nobody lives", elsewhere)
			}
			if r.VI == "" || r.EN == "" || r.Aspect.In("vi") == "" || r.Aspect.In("en") == "" {
				t.Errorf("%s has no words", r.ID)
			}
		})
	}
}

// Who is shown as an example finds the read in their log; a reader who does not
// say why sees nobody.
func TestExamplesAreReads(t *testing.T) {
	t.Parallel()
	db := demo(t)
	if _, err := db.Exec(t.Context(), seeded["card-expired"]); err != nil {
		t.Fatal(err)
	}
	purpose := registry.Purpose{Reader: "cb-01", ReaderKind: "officer", Agency: "CA-00070", Text: "Nhắc đổi thẻ", Basis: "law: x"}
	got, err := quality.Examples(t.Context(), db, purpose, "card-expired", []string{"00070"}, 50, now)
	if err != nil || !slices.Contains(got, huy) || slices.Contains(got, khang) {
		t.Fatalf("got %v, %v", got, err)
	}
	reads, _, err := audit.Reads(t.Context(), db, huy, "", 10)
	if err != nil || len(reads) != 1 || reads[0].Purpose != "Nhắc đổi thẻ" {
		t.Errorf("the log has %v, %v", reads, err)
	}
	if got, err := quality.Examples(t.Context(), db, registry.Purpose{Reader: "x", ReaderKind: "officer"}, "card-expired", nil, 5, now); !errors.Is(err, audit.ErrIncomplete) {
		t.Errorf("without a purpose: got %v, %v", got, err)
	}
	if _, err := quality.Examples(t.Context(), db, purpose, "nothing", nil, 5, now); !errors.Is(err, quality.ErrUnknownRule) {
		t.Errorf("an unknown rule: got %v", err)
	}
}
