package resident

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/vietnamese"
)

// Match is a person that a search found.
type Match struct {
	Number    string
	FullName  string
	BirthDate time.Time
	Sex       Sex
	Permanent *agency.Address // nil: not registered anywhere
}

// searchDepth is how many people whose names agree without diacritics one search
// looks at.
const searchDepth = 2000

// Search finds people by their personal number or by parts of their name in any
// order, at most limit. A part typed with diacritics must agree in them, however
// they are encoded and wherever the tone stands; one typed without finds all.
// Whom the reader gets to see is logged as a read of that person.
func Search(ctx context.Context, db *pgxpool.Pool, p registry.Purpose, text string, limit int) ([]Match, error) {
	var found []Match
	err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) (err error) {
		if found, err = search(ctx, tx, text, limit); err != nil {
			return err
		}
		var entries []audit.Entry
		for _, m := range found {
			entries = append(entries, entry(p, m.Number, time.Now(), "number", "fullName", "birthDate", "sex", "permanentAddress"))
		}
		return audit.Read(ctx, tx, entries...)
	})
	if err != nil {
		return nil, fmt.Errorf("search residents: %w", err)
	}
	return found, nil
}

func search(ctx context.Context, tx pgx.Tx, text string, limit int) ([]Match, error) {
	parts := strings.Fields(vietnamese.Fold(text))
	if len(parts) == 0 || limit <= 0 {
		return nil, nil
	}
	number := ""
	if n, err := ParseNumber(strings.Join(parts, "")); err == nil {
		number = string(n)
	}
	condition, args := "string_to_array(r.name_folded, ' ') @> @parts", pgx.StrictNamedArgs{"parts": parts, "depth": searchDepth}
	if number != "" {
		condition, args = "r.number = @number", pgx.StrictNamedArgs{"number": number, "depth": searchDepth}
	}
	rows, err := tx.Query(ctx, `
		SELECT r.number, r.full_name, r.birth_date, r.sex, a.province, a.commune, a.line
		FROM residents r
		LEFT JOIN residences a ON a.resident = r.number AND a.kind = 'permanent' AND upper_inf(a.valid)
		WHERE `+condition+`
		LIMIT @depth`, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Match
	for rows.Next() && len(found) < limit {
		var m Match
		var province, commune, line *string
		if err := rows.Scan(&m.Number, &m.FullName, &m.BirthDate, &m.Sex, &province, &commune, &line); err != nil {
			return nil, err
		}
		if number == "" && !Agrees(m.FullName, text) {
			continue
		}
		if province != nil {
			m.Permanent = &agency.Address{Province: *province, Commune: *commune, Line: *line}
		}
		found = append(found, m)
	}
	return found, rows.Err()
}

// Agrees tells whether each word typed with diacritics stands in name with the
// same ones. A word typed twice must stand there twice, as in Nguyễn Thị Thị.
func Agrees(name, typed string) bool {
	have := map[string]int{}
	folded := map[string]int{}
	for _, w := range strings.Fields(vietnamese.Spell(name)) {
		have[w]++
		folded[vietnamese.Fold(w)]++
	}
	for _, w := range strings.Fields(vietnamese.Spell(typed)) {
		plain := vietnamese.Fold(w)
		if folded[plain]--; folded[plain] < 0 {
			return false
		}
		if w != plain {
			if have[w]--; have[w] < 0 {
				return false
			}
		}
	}
	return true
}
