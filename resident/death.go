package resident

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// deathValues are the values of a register-death.
type deathValues struct {
	Person  string `json:"person"`
	On      string `json:"on"`      // day of death, ISO
	NewHead string `json:"newHead"` // of the household that the person headed; empty: the eldest adult, for the time being
}

// death writes down that a person died: registrations, the membership of a
// household, the marriage and the papers end. The number stays theirs for ever.
//
// Source: Law on Civil Status 60/2014/QH13, Art. 32 to 34; Law on Residence
// 68/2020/QH14, Art. 24(1)(a) and 29(1)(a); Law on Marriage and Family
// 52/2014/QH13, Art. 65.
func (a *applier) death(ctx context.Context, v deathValues) (map[string]any, error) {
	on, err := day("on", v.On)
	if err != nil {
		return nil, err
	}
	l, err := a.lockCouple(ctx, v.Person)
	if err != nil {
		return nil, err
	}
	if err := a.mayDie(ctx, l, v, on); err != nil {
		return nil, err
	}
	p := l.people[v.Person]
	gone := []string{v.Person}
	households, staying := l.left(gone)
	concerned := append(slices.Clone(staying), v.Person)
	if p.Spouse != "" && !slices.Contains(concerned, p.Spouse) {
		concerned = append(concerned, p.Spouse)
	}
	if err := a.picture(ctx, a.before, concerned); err != nil {
		return nil, err
	}
	out := map[string]any{"diedOn": v.On}
	if err := a.leave(ctx, gone); err != nil {
		return nil, err
	}
	for _, id := range households {
		head, err := a.settle(ctx, l, id, leaving{people: gone, named: v.NewHead, vi: "Chủ hộ đã chết", en: "The head has died"})
		if err != nil {
			return nil, err
		}
		out["householdId"] = strconv.FormatInt(id, 10)
		if head != nil {
			out["headNumber"] = head.Number
		}
	}
	if err := a.endLife(ctx, p, on); err != nil {
		return nil, err
	}
	if p.Spouse != "" {
		out["widowed"] = p.Spouse
	}
	return out, a.picture(ctx, a.after, concerned)
}

// lockCouple locks a person and who they are married to.
func (a *applier) lockCouple(ctx context.Context, number string) (*locked, error) {
	for range 10 {
		var spouse string
		err := a.tx.QueryRow(ctx, "SELECT coalesce(spouse_number, '') FROM residents WHERE number = $1", number).Scan(&spouse)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return nil, err
		}
		l, err := lock(ctx, a.tx, []string{number, spouse})
		if err != nil {
			return nil, err
		}
		if p := l.people[number]; p == nil || p.Spouse == "" || l.people[p.Spouse] != nil {
			return l, nil
		}
	}
	return nil, errRestless
}

func (a *applier) mayDie(ctx context.Context, l *locked, v deathValues, on time.Time) error {
	p := l.people[v.Person]
	switch {
	case p == nil:
		return unknownPerson(v.Person)
	case !p.alive:
		return refuse("dead-person", "%s đã được ghi nhận là đã chết", "%s is recorded as dead", p.name)
	}
	if err := a.notYet(on); err != nil {
		return err
	}
	if on.Before(p.BirthDate) {
		return refuse("died-before-born", "Ngày chết %s trước ngày sinh %s", "the day of death %s is before the birth on %s", vn(on), vn(p.BirthDate))
	}
	if err := a.livedFor(ctx, p, on); err != nil {
		return err
	}
	if v.NewHead == "" {
		return nil
	}
	h, head := l.households[p.household], l.people[v.NewHead]
	switch {
	case h == nil || h.head != v.Person:
		return refuse("not-head", "%s không phải là chủ hộ", "%s is not the head of a household", p.name)
	case head == nil || head.household != h.id || v.NewHead == v.Person:
		return refuse("not-a-member", "Chủ hộ mới phải là thành viên còn lại của hộ", "the new head must be a member who remains in the household")
	case !head.alive:
		return refuse("dead-head", "Chủ hộ %s đã được ghi nhận là đã chết", "the household head %s is recorded as dead", head.name)
	}
	return a.mayHead(head, l.members(h.id, []string{v.Person}))
}

// livedFor refuses a day of death before what needed the person alive: a
// marriage, the birth of a child of hers, the begetting of a child of his.
func (a *applier) livedFor(ctx context.Context, p *person, on time.Time) error {
	var married, born *time.Time
	err := a.tx.QueryRow(ctx, `
		SELECT (SELECT max(lower(valid)) FROM marriages WHERE @number IN (husband, wife) AND NOT isempty(valid)),
			(SELECT max(birth_date) FROM residents WHERE @number IN (father_number, mother_number))`,
		pgx.StrictNamedArgs{"number": p.Number}).Scan(&married, &born)
	if err != nil {
		return err
	}
	if married != nil && on.Before(*married) {
		return refuse("died-before-married", "Ngày chết %s trước ngày đăng ký kết hôn %s", "the day of death %s is before the marriage on %s", vn(on), vn(*married))
	}
	if born != nil && on.Before(lastParent(p.Sex, *born)) {
		return refuse("died-before-child", "Ngày chết %s trước ngày sinh %s của con", "the day of death %s is before the birth of a child on %s", vn(on), vn(*born))
	}
	return nil
}

// lastParent is the first day on which a parent may have died: the mother the
// day of the birth, the father 300 days before it.
//
// Source: Law on Marriage and Family 52/2014/QH13, Art. 88(1), for the 300 days.
func lastParent(s Sex, born time.Time) time.Time {
	if s == Male {
		return born.AddDate(0, 0, -300)
	}
	return born
}

// endLife writes what ends with a life.
func (a *applier) endLife(ctx context.Context, p *person, on time.Time) error {
	if err := a.endKinds(ctx, []string{p.Number}, []string{"permanent", "temporary", "present"}, "death"); err != nil {
		return err
	}
	if _, err := a.tx.Exec(ctx, `
		WITH away AS (
			UPDATE absences
			SET valid = daterange(lower(valid), greatest(lower(valid), @today))
			WHERE resident = @number AND NOT isempty(valid) AND (upper_inf(valid) OR upper(valid) > @today)),
		guests AS (
			UPDATE stays
			SET valid = daterange(lower(valid), greatest(lower(valid), @today))
			WHERE resident = @number AND NOT isempty(valid) AND upper(valid) > @today),
		wed AS (
			UPDATE marriages
			SET valid = daterange(lower(valid), greatest(@on::date, lower(valid) + 1)), ended = 'death'
			WHERE @number IN (husband, wife) AND upper_inf(valid))
		UPDATE identity_documents
		SET revoked_on = greatest(@today, issued_on)
		WHERE resident = @number AND revoked_on IS NULL`, pgx.StrictNamedArgs{"number": p.Number, "today": a.today, "on": on}); err != nil {
		return err
	}
	_, err := a.tx.Exec(ctx, `
		UPDATE residents
		SET alive = alive AND number <> @number,
			died_on = CASE WHEN number = @number THEN @on::date ELSE died_on END,
			marital_status = CASE WHEN spouse_number IS NOT NULL THEN 'widowed' ELSE marital_status END,
			spouse_number = NULL, version = version + 1, updated_at = @at
		WHERE number = @number OR number = @spouse`, pgx.StrictNamedArgs{"number": p.Number, "spouse": p.Spouse, "on": on, "at": a.at})
	return err
}
