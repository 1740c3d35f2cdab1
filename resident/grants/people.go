package grants

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
)

// someone is a person as they were when the run began: enough to draw changes
// that are mostly possible.
type someone struct {
	Number         string
	Male           bool
	Born           time.Time
	Spouse         string // empty: none
	Father, Mother string // empty: not known
	Household      int64  // 0: none
	Head           bool
	Home           agency.Address // of the household
}

// people are all of them, and by what they are drawn.
type people struct {
	everybody  []*someone
	by         map[string]*someone
	households map[int64][]*someone // the head first
	heads      []*someone
	men, women []*someone // of age and not married
	couples    [][2]*someone
	mothers    []*someone // 18 to 45 years old
}

// load reads the living. It is for made-up people only, and no read in the sense of the log.
func load(ctx context.Context, db *pgxpool.Pool) (*people, error) {
	rows, _ := db.Query(ctx, `
		SELECT r.number, r.sex = 'male' AS male, r.birth_date AS born, coalesce(r.spouse_number, '') AS spouse,
			coalesce(r.father_number, '') AS father, coalesce(r.mother_number, '') AS mother,
			coalesce(h.id, 0) AS household, coalesce(h.head = r.number, false) AS head, h.province, h.commune, h.line
		FROM residents r
		LEFT JOIN household_members m ON m.resident = r.number AND upper_inf(m.valid)
		LEFT JOIN households h ON h.id = m.household
		WHERE r.alive
		ORDER BY coalesce(h.head = r.number, false) DESC, r.number`)
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*someone, error) {
		s := &someone{}
		var province, commune, line *string
		err := row.Scan(&s.Number, &s.Male, &s.Born, &s.Spouse, &s.Father, &s.Mother, &s.Household, &s.Head, &province, &commune, &line)
		if province != nil {
			s.Home = agency.Address{Province: *province, Commune: *commune, Line: *line}
		}
		return s, err
	})
	if err != nil {
		return nil, err
	}
	all := &people{everybody: list, by: map[string]*someone{}, households: map[int64][]*someone{}}
	for _, s := range list {
		all.add(s)
	}
	for _, s := range list {
		if w := all.by[s.Spouse]; s.Male && w != nil {
			all.couples = append(all.couples, [2]*someone{s, w})
		}
	}
	return all, nil
}

// add sorts somebody in.
func (all *people) add(s *someone) {
	all.by[s.Number] = s
	if s.Household != 0 {
		all.households[s.Household] = append(all.households[s.Household], s)
	}
	if s.Head {
		all.heads = append(all.heads, s)
	}
	year := s.Born.Year()
	switch {
	case s.Spouse != "":
	case s.Male && year <= 2006:
		all.men = append(all.men, s)
	case !s.Male && year <= 2008:
		all.women = append(all.women, s)
	}
	if !s.Male && year <= 2008 && year >= 1981 {
		all.mothers = append(all.mothers, s)
	}
}
