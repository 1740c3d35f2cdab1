package resident

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// marriageValues are the values of a register-marriage and of an end-marriage.
type marriageValues struct {
	Husband string `json:"husband"`
	Wife    string `json:"wife"`
	On      string `json:"on"` // day of registration, or on which the judgment took effect; ISO
}

// Ages from which a man and a woman may marry.
//
// Source: Law on Marriage and Family 52/2014/QH13, Art. 8(1)(a).
const (
	youngestHusband = 20
	youngestWife    = 18
)

// marry links two people. Where they live does not change.
//
// Source: Law on Marriage and Family 52/2014/QH13, Art. 5(2) and 8; Law on Civil
// Status 60/2014/QH13, Art. 18.
func (a *applier) marry(ctx context.Context, v marriageValues) (map[string]any, error) {
	on, err := day("on", v.On)
	if err != nil {
		return nil, err
	}
	if err := a.lockKinship(ctx); err != nil {
		return nil, err
	}
	couple := []string{v.Husband, v.Wife}
	l, err := lock(ctx, a.tx, couple)
	if err != nil {
		return nil, err
	}
	if err := a.mayMarry(ctx, l, v, on); err != nil {
		return nil, err
	}
	return map[string]any{"marriedOn": v.On}, a.pictured(ctx, couple, func() error {
		if _, err := a.tx.Exec(ctx, `
			INSERT INTO marriages (husband, wife, valid)
			VALUES (@husband, @wife, daterange(@on, NULL))`, pgx.StrictNamedArgs{"husband": v.Husband, "wife": v.Wife, "on": on}); err != nil {
			return err
		}
		if err := a.wed(ctx, v.Husband, v.Wife, "married"); err != nil {
			return err
		}
		return a.retell(ctx, l, l.people[v.Husband], l.people[v.Wife], true)
	})
}

func (a *applier) mayMarry(ctx context.Context, l *locked, v marriageValues, on time.Time) error {
	if err := l.living([]string{v.Husband, v.Wife}); err != nil {
		return err
	}
	if err := a.notYet(on); err != nil {
		return err
	}
	husband, wife := l.people[v.Husband], l.people[v.Wife]
	switch {
	case husband.Sex != Male:
		return refuse("husband-not-male", "%s không phải là nam", "%s is not male", husband.name)
	case wife.Sex != Female:
		return refuse("wife-not-female", "%s không phải là nữ", "%s is not female", wife.name)
	}
	for _, p := range []*person{husband, wife} {
		if p.marital == "married" {
			return refuse("married-already", "%s đang có vợ hoặc chồng", "%s is married", p.name)
		}
		if need := marriageable(p.Sex); fullYears(p.BirthDate, on) < need {
			return refuse("under-age", "%s chưa đủ %d tuổi vào ngày kết hôn", "%s is not %d years old on the day of the marriage", p.name, need)
		}
		var last *time.Time
		if err := a.tx.QueryRow(ctx, "SELECT max(upper(valid)) FROM marriages WHERE $1 IN (husband, wife)", p.Number).Scan(&last); err != nil {
			return err
		}
		if last != nil && on.Before(*last) {
			return refuse("married-then", "Vào ngày %s, %s đang có vợ hoặc chồng khác", "on %s, %s was married to somebody else", vn(on), p.name)
		}
	}
	near, err := nearKin(ctx, a.tx, v.Husband, v.Wife)
	if err == nil && near {
		err = refuse("near-kin", "%s và %s cùng dòng máu về trực hệ hoặc có họ trong phạm vi ba đời", "%s and %s are of one direct line or kin within three generations", husband.name, wife.name)
	}
	return err
}

func marriageable(s Sex) int {
	if s == Male {
		return youngestHusband
	}
	return youngestWife
}

// divorce ends the marriage of two people who both live on.
//
// Source: Law on Marriage and Family 52/2014/QH13, Art. 57.
func (a *applier) divorce(ctx context.Context, v marriageValues) (map[string]any, error) {
	on, err := day("on", v.On)
	if err != nil {
		return nil, err
	}
	couple := []string{v.Husband, v.Wife}
	l, err := lock(ctx, a.tx, couple)
	if err != nil {
		return nil, err
	}
	if err := l.living(couple); err != nil {
		return nil, err
	}
	if err := a.notYet(on); err != nil {
		return nil, err
	}
	husband, wife := l.people[v.Husband], l.people[v.Wife]
	if husband.Spouse != v.Wife || wife.Spouse != v.Husband {
		return nil, refuse("not-married", "%s và %s không phải là vợ chồng", "%s and %s are not married to each other", husband.name, wife.name)
	}
	var since *time.Time
	if err := a.tx.QueryRow(ctx, `
		SELECT max(lower(valid)) FROM marriages
		WHERE husband = @husband AND wife = @wife AND upper_inf(valid)`, pgx.StrictNamedArgs{"husband": v.Husband, "wife": v.Wife}).Scan(&since); err != nil {
		return nil, err
	}
	if since != nil {
		if err := notBefore(on, *since); err != nil {
			return nil, err
		}
	}
	return map[string]any{"marriageEndedOn": v.On}, a.pictured(ctx, couple, func() error {
		if _, err := a.tx.Exec(ctx, `
			UPDATE marriages
			SET valid = daterange(lower(valid), greatest(@on::date, lower(valid) + 1)), ended = 'divorce'
			WHERE husband = @husband AND wife = @wife AND upper_inf(valid)`, pgx.StrictNamedArgs{"husband": v.Husband, "wife": v.Wife, "on": on}); err != nil {
			return err
		}
		if err := a.wed(ctx, v.Husband, v.Wife, "divorced"); err != nil {
			return err
		}
		return a.retell(ctx, l, husband, wife, false)
	})
}

// wed gives two people a marital status, and each other or nobody as spouse.
func (a *applier) wed(ctx context.Context, husband, wife, status string) error {
	_, err := a.tx.Exec(ctx, `
		UPDATE residents
		SET marital_status = @status,
			spouse_number = CASE WHEN @status <> 'married' THEN NULL WHEN number = @husband THEN @wife ELSE @husband END
		WHERE number IN (@husband, @wife)`, pgx.StrictNamedArgs{"husband": husband, "wife": wife, "status": status})
	return err
}

// retell says anew how one of two stands to the other where that one heads the
// household of both. After a divorce the relation is to be declared.
func (a *applier) retell(ctx context.Context, l *locked, husband, wife *person, married bool) error {
	for _, pair := range [][2]*person{{husband, wife}, {wife, husband}} {
		head, other := pair[0], pair[1]
		h := l.households[other.household]
		if h == nil || h.head != head.Number {
			continue
		}
		relation := "wife"
		if other.Sex == Male {
			relation = "husband"
		}
		if !married {
			relation = ""
		}
		if _, err := a.tx.Exec(ctx, `
			UPDATE household_members
			SET relation = nullif(@relation, '')
			WHERE resident = @resident AND upper_inf(valid)`, pgx.StrictNamedArgs{"resident": other.Number, "relation": relation}); err != nil {
			return err
		}
	}
	return nil
}

// kinship is the key of the lock that marriages and new parents take in turn, so
// that no two of them together make kin of a couple. There is about one a second
// in the whole country. It is taken before any row is locked.
const kinship = 0x6b696e73 // "kins"

func (a *applier) lockKinship(ctx context.Context) error {
	_, err := a.tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", kinship)
	return err
}

// nearKin tells whether two people may not marry: one descends from the other, or
// they have an ancestor in common within three generations (parents, siblings,
// children of siblings).
//
// Source: Law on Marriage and Family 52/2014/QH13, Art. 3(17), 3(18) and 5(2)(d).
func nearKin(ctx context.Context, tx pgx.Tx, one, other string) (near bool, err error) {
	err = tx.QueryRow(ctx, `
		WITH RECURSIVE up (who, number, steps) AS (
			SELECT n, n, 0 FROM unnest(@both::bpchar[]) AS b (n)
			UNION
			SELECT u.who, p.number, u.steps + 1
			FROM up u
			JOIN residents r ON r.number = u.number
			CROSS JOIN LATERAL (VALUES (r.father_number), (r.mother_number)) AS p (number)
			WHERE p.number IS NOT NULL AND u.steps < 5)
		SELECT EXISTS (
			SELECT
			FROM up a
			JOIN up b ON b.number = a.number AND b.who <> a.who
			WHERE a.steps <= 2 AND b.steps <= 2 OR a.steps = 0 OR b.steps = 0)`,
		pgx.StrictNamedArgs{"both": slices.Compact([]string{one, other})}).Scan(&near)
	return near, err
}
