package population

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/vietnamese"
)

// rows are a batch as the tables hold it.
type rows struct {
	residents, documents, residences, households, members [][]any
	prefixes                                              []string // sorted, so that two batches never wait in a ring
	used                                                  []int
}

// rows turns people into rows. Nobody has a phone: any number could be somebody's.
func (m *maker) rows(people []*human, households []*household) *rows {
	b := &rows{residents: make([][]any, 0, len(people)), documents: make([][]any, 0, len(people)), residences: make([][]any, 0, len(people)),
		households: make([][]any, 0, len(households)), members: make([][]any, 0, len(people))}
	for _, p := range people {
		var email any
		age := p.age(m.today)
		if p.alive && age >= 15 && m.chance(40) {
			email = p.number + "@example.vn"
		}
		sex := "female"
		if p.male {
			sex = "male"
		}
		b.residents = append(b.residents, []any{p.number, p.name, vietnamese.Fold(p.name), p.born, sex, orNil(p.religion), p.home.home, p.home.home,
			p.marital, numberOf(p.father), numberOf(p.mother), numberOf(p.spouse), email, p.alive, p.alive && age >= 15 && m.chance(70)})
		if age >= 14 {
			issued := m.between(time.Date(2021, 3, 1, 0, 0, 0, 0, time.UTC), 0, 5)
			if of := p.born.AddDate(14, 0, 1); issued.Before(of) {
				issued = of
			}
			var expires any
			if e := resident.CardExpiry(p.born, issued); !e.IsZero() {
				expires = e
			}
			var revoked any
			if !p.alive {
				revoked = m.today
			}
			b.documents = append(b.documents, []any{p.number, "identity-card", p.number, issued, expires, revoked})
		}
	}
	for _, h := range households {
		a := h.address
		b.households = append(b.households, []any{h.id, h.head.number, a.Province, a.Commune, a.Line, h.key})
		kin := map[string]resident.Kin{}
		for _, p := range h.related() {
			kin[p.number] = p.kin()
		}
		for _, p := range h.members {
			valid := from(h.sinceFor(p))
			b.members = append(b.members, []any{h.id, p.number, orNil(resident.RelationTo(kin[h.head.number], kin[p.number], kin)), valid})
			b.residences = append(b.residences, []any{p.number, "permanent", a.Province, a.Commune, a.Line, h.key, valid})
		}
	}
	return b
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func numberOf(p *human) any {
	if p == nil {
		return nil
	}
	return p.number
}

// from is the range of days that begins on a day and has no end.
func from(day time.Time) pgtype.Range[pgtype.Date] {
	y, mo, d := day.Date()
	return pgtype.Range[pgtype.Date]{Lower: pgtype.Date{Time: time.Date(y, mo, d, 0, 0, 0, 0, time.UTC), Valid: true}, LowerType: pgtype.Inclusive, UpperType: pgtype.Unbounded, Valid: true}
}

// store writes the batch in one transaction. Where the role may, foreign keys are
// not checked row by row: complete has proved them.
func (b *rows) store(ctx context.Context, db *pgxpool.Pool, super bool) error {
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0; SET LOCAL synchronous_commit = off"); err != nil {
			return err
		}
		if super {
			if _, err := tx.Exec(ctx, "SET LOCAL session_replication_role = replica"); err != nil {
				return err
			}
		}
		for _, t := range []struct {
			table   string
			columns []string
			rows    [][]any
		}{
			{"residents", []string{"number", "full_name", "name_folded", "birth_date", "sex", "religion", "home_place", "birth_place",
				"marital_status", "father_number", "mother_number", "spouse_number", "email", "alive", "digital_citizen"}, b.residents},
			{"identity_documents", []string{"resident", "kind", "number", "issued_on", "expires_on", "revoked_on"}, b.documents},
			{"residences", []string{"resident", "kind", "province", "commune", "line", "address_key", "valid"}, b.residences},
			{"households", []string{"id", "head", "province", "commune", "line", "address_key"}, b.households},
			{"household_members", []string{"household", "resident", "relation", "valid"}, b.members},
		} {
			if _, err := tx.CopyFrom(ctx, pgx.Identifier{t.table}, t.columns, pgx.CopyFromRows(t.rows)); err != nil {
				return fmt.Errorf("copy %s: %w", t.table, err)
			}
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO number_prefixes AS p (prefix, used)
			SELECT prefix, used FROM unnest(@prefixes::text[], @used::int[]) AS u (prefix, used)
			ON CONFLICT (prefix) DO UPDATE SET used = greatest(p.used, excluded.used)`, pgx.StrictNamedArgs{"prefixes": b.prefixes, "used": b.used})
		return err
	})
}
