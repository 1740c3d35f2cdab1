package resident

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/vietnamese"
)

// restore makes of one person what a change touched be as before it.
func (a *applier) restore(ctx context.Context, number string, was, became picture) error {
	if !sameAddress(was.Permanent, became.Permanent) || !sameAddress(was.Temporary, became.Temporary) ||
		!sameAddress(was.Present, became.Present) || was.Until != became.Until {
		if err := a.resideAgain(ctx, number, was, became); err != nil {
			return err
		}
	}
	if own(was) != own(became) || !sameAddress(was.HomePlace, became.HomePlace) || !sameAddress(was.BirthPlace, became.BirthPlace) {
		if err := a.beAgain(ctx, number, was); err != nil {
			return err
		}
	}
	if err := a.cardAgain(ctx, number, was.Card, became.Card); err != nil {
		return err
	}
	for table, list := range map[string][2][]period{"absences": {was.Absences, became.Absences}, "stays": {was.Stays, became.Stays}} {
		if err := a.periodsAgain(ctx, table, number, list[0], list[1]); err != nil {
			return err
		}
	}
	return nil
}

// own are a person's own values but for places: what beAgain writes.
func own(p picture) [14]string {
	alive := ""
	if p.Alive {
		alive = "alive"
	}
	return [...]string{p.FullName, p.BirthDate, p.Sex, p.Ethnicity, p.Religion, p.Nationality, p.Phone, p.Email, p.MaritalStatus, p.Spouse, p.Father, p.Mother, alive, p.DeathDate}
}

// beAgain writes the row of a person. The other side of a marriage is written by
// the same undo: the database looks at both when it commits.
func (a *applier) beAgain(ctx context.Context, number string, was picture) error {
	_, err := a.tx.Exec(ctx, `
		UPDATE residents
		SET full_name = @name, name_folded = @folded, birth_date = @born::text::date, sex = @sex, ethnicity = @ethnicity,
			religion = nullif(@religion, ''), nationality = @nationality, home_place = @home, birth_place = @place,
			phone = nullif(@phone, ''), email = nullif(@email, ''), marital_status = @marital, spouse_number = nullif(@spouse, ''),
			father_number = nullif(@father, ''), mother_number = nullif(@mother, ''), alive = @alive, died_on = nullif(@died::text, '')::date
		WHERE number = @number`, pgx.StrictNamedArgs{"number": number, "name": was.FullName, "folded": vietnamese.Fold(was.FullName), "born": was.BirthDate,
		"sex": was.Sex, "ethnicity": was.Ethnicity, "religion": was.Religion, "nationality": was.Nationality, "home": was.HomePlace, "place": was.BirthPlace,
		"phone": was.Phone, "email": was.Email, "marital": was.MaritalStatus, "spouse": was.Spouse, "father": was.Father, "mother": was.Mother,
		"alive": was.Alive, "died": was.DeathDate})
	return err
}

// resideAgain ends the addresses that a change gave and registers the former ones
// from today on, a temporary one to its old end.
func (a *applier) resideAgain(ctx context.Context, number string, was, became picture) error {
	until := func(p picture) *time.Time {
		if d, err := time.Parse(iso, p.Until); err == nil {
			return &d
		}
		return nil
	}
	for kind, places := range map[string][2]*agency.Address{"permanent": {was.Permanent, became.Permanent}, "temporary": {was.Temporary, became.Temporary},
		"present": {was.Present, became.Present}} {
		if sameAddress(places[0], places[1]) && (kind != "temporary" || was.Until == became.Until) {
			continue
		}
		if err := a.endKinds(ctx, []string{number}, []string{kind}, ""); err != nil {
			return err
		}
		if places[0] == nil {
			continue
		}
		last := map[string]*time.Time{kind: nil}
		if kind == "temporary" {
			last[kind] = until(was)
		}
		if err := a.reside(ctx, []string{number}, *places[0], last); err != nil {
			return err
		}
	}
	return nil
}

// cardAgain takes a card back, and makes the one before it valid again.
func (a *applier) cardAgain(ctx context.Context, number string, was, became *card) error {
	if was == became || was != nil && became != nil && *was == *became {
		return nil
	}
	if became != nil {
		if _, err := a.tx.Exec(ctx, `
			DELETE FROM identity_documents
			WHERE resident = @resident AND kind = 'identity-card' AND issued_on = @issued::text::date`, pgx.StrictNamedArgs{"resident": number, "issued": became.IssuedOn}); err != nil {
			return err
		}
	}
	if was == nil {
		return nil
	}
	_, err := a.tx.Exec(ctx, `
		UPDATE identity_documents
		SET revoked_on = NULL
		WHERE resident = @resident AND kind = 'identity-card' AND issued_on = @issued::text::date`, pgx.StrictNamedArgs{"resident": number, "issued": was.IssuedOn})
	return err
}

// periodsAgain takes back the absences or stays that a change entered, and enters
// those again that it cut short.
func (a *applier) periodsAgain(ctx context.Context, table, number string, was, became []period) error {
	for _, p := range became {
		if slices.ContainsFunc(was, p.same) {
			continue
		}
		if _, err := a.tx.Exec(ctx, `UPDATE `+table+` SET valid = 'empty' WHERE resident = $1 AND valid = $2::text::daterange`, number, p.Valid); err != nil {
			return err
		}
	}
	for _, p := range was {
		if slices.ContainsFunc(became, p.same) {
			continue
		}
		place := agency.Address{}
		if p.Place != nil {
			place = *p.Place
		}
		args := pgx.StrictNamedArgs{"resident": number, "valid": p.Valid, "reason": p.Reason, "province": place.Province, "commune": place.Commune, "line": place.Line}
		insert := `
			INSERT INTO absences (resident, valid, reason, province, commune, line)
			VALUES (@resident, @valid::text::daterange, nullif(@reason, ''), nullif(@province, ''), nullif(@commune, ''), nullif(@line, ''))`
		if table == "stays" {
			args["key"] = place.Key()
			insert = `
			INSERT INTO stays (resident, province, commune, line, address_key, valid, reason)
			VALUES (@resident, @province, @commune, @line, @key, @valid::text::daterange, nullif(@reason, ''))`
		}
		if _, err := a.tx.Exec(ctx, insert, args); err != nil {
			return err
		}
	}
	return nil
}

func (p period) same(q period) bool {
	return p.Valid == q.Valid && p.Reason == q.Reason && sameAddress(p.Place, q.Place)
}

// rewed makes the periods of marriages agree with who is married again: one that
// a change began is empty, one that it ended goes on.
func (a *applier) rewed(ctx context.Context, m *made) error {
	for _, n := range m.people {
		was, became := m.before[n], m.after[n]
		if was.Spouse == became.Spouse {
			continue
		}
		for spouse, set := range map[string]string{
			became.Spouse: "valid = 'empty', ended = 'annulled'",
			was.Spouse:    "valid = daterange(lower(valid), NULL), ended = NULL",
		} {
			if spouse == "" {
				continue
			}
			// The latest of the couple; where both of them are seen to, the second finds nothing to do.
			if _, err := a.tx.Exec(ctx, `
				UPDATE marriages
				SET `+set+`
				WHERE @one IN (husband, wife) AND @other IN (husband, wife) AND NOT isempty(valid) AND upper_inf(valid) = @running
					AND lower(valid) = (SELECT max(lower(valid)) FROM marriages WHERE @one IN (husband, wife) AND @other IN (husband, wife) AND NOT isempty(valid))`,
				pgx.StrictNamedArgs{"one": n, "other": spouse, "running": spouse == became.Spouse}); err != nil {
				return err
			}
		}
	}
	return nil
}
