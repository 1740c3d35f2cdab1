package resident

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
)

// A picture is all that changes can touch of one person, as it was before or
// after one of them. It stands in the history of changes, and is what an undo
// restores. A person who was not there has an empty one.
type picture struct {
	FullName    string          `json:"fullName,omitempty"`
	BirthDate   string          `json:"birthDate,omitempty"` // dates are ISO; empty: not known
	Sex         string          `json:"sex,omitempty"`
	Ethnicity   string          `json:"ethnicity,omitempty"`
	Religion    string          `json:"religion,omitempty"`
	Nationality string          `json:"nationality,omitempty"`
	HomePlace   *agency.Address `json:"homePlace,omitempty"`
	BirthPlace  *agency.Address `json:"birthPlace,omitempty"`
	Phone       string          `json:"phone,omitempty"`
	Email       string          `json:"email,omitempty"`

	MaritalStatus string `json:"maritalStatus,omitempty"`
	Spouse        string `json:"spouseNumber,omitempty"`
	Father        string `json:"fatherNumber,omitempty"`
	Mother        string `json:"motherNumber,omitempty"`
	Alive         bool   `json:"alive,omitempty"`
	DeathDate     string `json:"deathDate,omitempty"`

	Permanent *agency.Address `json:"permanentAddress,omitempty"`
	Temporary *agency.Address `json:"temporaryAddress,omitempty"`
	Until     string          `json:"temporaryUntil,omitempty"`
	Present   *agency.Address `json:"presentAddress,omitempty"`
	Household string          `json:"householdId,omitempty"`
	Relation  string          `json:"householdRelation,omitempty"`

	Card     *card    `json:"identityCard,omitempty"`
	Absences []period `json:"absences,omitempty"` // those that ended less than a year ago, and later ones
	Stays    []period `json:"stays,omitempty"`    // the same
}

type card struct {
	Number    string `json:"number"`
	IssuedOn  string `json:"issuedOn"`
	ExpiresOn string `json:"expiresOn,omitempty"` // empty: never
}

// period is an absence or a stay.
type period struct {
	Valid  string          `json:"valid"` // as PostgreSQL writes a daterange: [2026-12-01,2026-12-24)
	Reason string          `json:"reason,omitempty"`
	Place  *agency.Address `json:"place,omitempty"` // of a stay; where an absent person went
}

// picture takes people's values into m. It is part of the change and gives
// nothing out, so it is not a read in the sense of the log.
func (a *applier) picture(ctx context.Context, m map[string]any, people []string) error {
	for _, n := range people {
		values, _, _, err := personValues(ctx, a.tx, n, a.at)
		if err != nil {
			return err
		}
		if values == nil {
			m[n] = picture{}
			continue
		}
		text, err := json.Marshal(values)
		if err != nil {
			return err
		}
		var p picture
		if err := json.Unmarshal(text, &p); err != nil {
			return err
		}
		if p.Absences, err = a.periods(ctx, "absences", n); err != nil {
			return err
		}
		if p.Stays, err = a.periods(ctx, "stays", n); err != nil {
			return err
		}
		m[n] = p
	}
	return nil
}

// periods are a person's absences or stays since last year, by table.
func (a *applier) periods(ctx context.Context, table, number string) ([]period, error) {
	rows, err := a.tx.Query(ctx, `
		SELECT valid::text, coalesce(reason, ''), province, commune, line
		FROM `+table+`
		WHERE resident = @resident AND NOT isempty(valid) AND (upper_inf(valid) OR upper(valid) > @since)
		ORDER BY valid`, pgx.StrictNamedArgs{"resident": number, "since": a.today.AddDate(-1, 0, 0)})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (p period, err error) {
		var province, commune, line *string
		if err := r.Scan(&p.Valid, &p.Reason, &province, &commune, &line); err != nil {
			return p, err
		}
		if province != nil && commune != nil {
			p.Place = &agency.Address{Province: *province, Commune: *commune}
			if line != nil {
				p.Place.Line = *line
			}
		}
		return p, nil
	})
}

func sameAddress(a, b *agency.Address) bool {
	return a == b || a != nil && b != nil && a.Key() == b.Key()
}
