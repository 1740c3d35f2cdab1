package resident

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
)

// absenceValues are the values of a register-absence.
type absenceValues struct {
	People []string        `json:"people"`
	From   string          `json:"from"`   // first day, ISO
	Until  string          `json:"until"`  // last day; empty: no day of return is known
	Reason string          `json:"reason"` // may be empty
	To     *agency.Address `json:"to"`     // nil: not stated; the line may be empty
}

// stayValues are the values of a record-stay.
type stayValues struct {
	People []string       `json:"people"`
	At     agency.Address `json:"at"`
	From   string         `json:"from"`  // first night, ISO
	Until  string         `json:"until"` // day of leaving; the same as from: gone before the night
	Reason string         `json:"reason"`
}

// longestStay is how many days a stay has at most; who stays longer registers temporarily.
//
// Source: Law on Residence 68/2020/QH14, Art. 2(6).
const longestStay = 29

// registerAbsence writes down a declared absence. Addresses and household stay.
//
// Source: Law on Residence 68/2020/QH14, Art. 31.
func (a *applier) registerAbsence(ctx context.Context, v absenceValues) (map[string]any, error) {
	from, err := day("from", v.From)
	if err != nil {
		return nil, err
	}
	var until *time.Time
	if v.Until != "" {
		d, err := day("until", v.Until)
		if err != nil {
			return nil, err
		}
		if err := notBefore(d, from); err != nil {
			return nil, err
		}
		d = d.AddDate(0, 0, 1)
		until = &d
	}
	if err := a.recent(from); err != nil {
		return nil, err
	}
	l, err := lock(ctx, a.tx, v.People)
	if err != nil {
		return nil, err
	}
	if err := l.living(v.People); err != nil {
		return nil, err
	}
	if err := a.notAwayThen(ctx, l, v.People, from, until); err != nil {
		return nil, err
	}
	place := struct{ province, commune, line *string }{}
	if v.To != nil {
		place.province, place.commune, place.line = &v.To.Province, &v.To.Commune, &v.To.Line
	}
	out := map[string]any{"absentFrom": v.From}
	if v.Until != "" {
		out["absentUntil"] = v.Until
	}
	return out, a.pictured(ctx, v.People, func() error {
		_, err := a.tx.Exec(ctx, `
			INSERT INTO absences (resident, valid, reason, province, commune, line)
			SELECT n, daterange(@from, @until), nullif(@reason, ''), @province, @commune, nullif(@line, '')
			FROM unnest(@people::bpchar[]) AS p (n)`, pgx.StrictNamedArgs{"people": v.People, "from": from, "until": until, "reason": v.Reason,
			"province": place.province, "commune": place.commune, "line": place.line})
		return err
	})
}

// notAwayThen refuses who has declared an absence for that time.
func (a *applier) notAwayThen(ctx context.Context, l *locked, people []string, from time.Time, until *time.Time) error {
	n, err := a.meets(ctx, "absences", people, from, until)
	if err == nil && n != "" {
		err = refuse("absent-already", "%s đã khai báo tạm vắng trong thời gian này", "%s has declared an absence for that time already", l.people[n].name)
	}
	return err
}

// recordStay writes down that people stay somewhere for a short time. Addresses
// and household stay, the present address too.
//
// Source: Law on Residence 68/2020/QH14, Art. 2(6) and 30.
func (a *applier) recordStay(ctx context.Context, v stayValues) (map[string]any, error) {
	from, err := day("from", v.From)
	if err != nil {
		return nil, err
	}
	until, err := day("until", v.Until)
	if err != nil {
		return nil, err
	}
	l, err := lock(ctx, a.tx, v.People)
	if err != nil {
		return nil, err
	}
	if err := l.living(v.People); err != nil {
		return nil, err
	}
	if err := whole(v.At); err != nil {
		return nil, err
	}
	if err := notBefore(until, from); err != nil {
		return nil, err
	}
	if err := a.recent(from); err != nil {
		return nil, err
	}
	if until.Equal(from) {
		until = from.AddDate(0, 0, 1)
	}
	if err := a.mayStay(ctx, l, v, from, until); err != nil {
		return nil, err
	}
	return map[string]any{"stayPeople": v.People, "stayFrom": v.From, "stayUntil": v.Until}, a.pictured(ctx, v.People, func() error {
		_, err := a.tx.Exec(ctx, `
			INSERT INTO stays (resident, province, commune, line, address_key, valid, reason)
			SELECT n, @province, @commune, @line, @key, daterange(@from, @until), nullif(@reason, '')
			FROM unnest(@people::bpchar[]) AS p (n)`, pgx.StrictNamedArgs{"people": v.People, "province": v.At.Province, "commune": v.At.Commune,
			"line": v.At.Line, "key": v.At.Key(), "from": from, "until": until, "reason": v.Reason})
		return err
	})
}

// mayStay refuses a stay that is none, who lives there, and who stays elsewhere
// on one of the nights.
func (a *applier) mayStay(ctx context.Context, l *locked, v stayValues, from, until time.Time) error {
	if until.After(from.AddDate(0, 0, longestStay)) {
		return refuse("too-long", "Lưu trú dưới %d ngày; ở lâu hơn phải đăng ký tạm trú", "a stay is shorter than %d days; who stays longer registers temporarily", longestStay+1)
	}
	rows, _ := a.tx.Query(ctx, `
		SELECT resident
		FROM residences
		WHERE resident = ANY(@people) AND kind IN ('permanent', 'temporary') AND address_key = @key AND valid @> @from::date`,
		pgx.StrictNamedArgs{"people": v.People, "key": v.At.Key(), "from": from})
	home, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	if len(home) > 0 {
		return refuse("lives-there", "%s đã đăng ký thường trú hoặc tạm trú tại địa chỉ này", "%s is registered at this address", l.people[home[0]].name)
	}
	n, err := a.meets(ctx, "stays", v.People, from, &until)
	if err == nil && n != "" {
		err = refuse("stays-already", "%s đã được thông báo lưu trú trong thời gian này", "a stay of %s is recorded for that time already", l.people[n].name)
	}
	return err
}

// recent refuses what began more than a year ago.
func (a *applier) recent(from time.Time) error {
	if from.Before(a.today.AddDate(-1, 0, 0)) {
		return refuse("long-past", "Ngày %s đã qua hơn một năm", "the day %s is more than a year ago", vn(from))
	}
	return nil
}

// meets is somebody whose period in a table meets the days from from up to
// before until; nil: without end. Empty: nobody.
func (a *applier) meets(ctx context.Context, table string, people []string, from time.Time, until *time.Time) (number string, err error) {
	err = a.tx.QueryRow(ctx, `
		SELECT coalesce(min(resident), '')
		FROM `+table+`
		WHERE resident = ANY(@people) AND valid && daterange(@from, @until)`, pgx.StrictNamedArgs{"people": people, "from": from, "until": until}).Scan(&number)
	return number, err
}
