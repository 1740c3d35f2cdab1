package resident

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// parentValues are the values of a set-parents. An empty one stays as it is.
type parentValues struct {
	Child  string `json:"child"`
	Father string `json:"father"`
	Mother string `json:"mother"`
}

// setParents links a child to a parent who was acknowledged, or who adopts.
//
// Source: Law on Civil Status 60/2014/QH13, Art. 24 and 25; Law on Marriage and
// Family 52/2014/QH13, Art. 88 to 91.
func (a *applier) setParents(ctx context.Context, v parentValues) (map[string]any, error) {
	if err := a.lockKinship(ctx); err != nil {
		return nil, err
	}
	l, err := lock(ctx, a.tx, []string{v.Child, v.Father, v.Mother})
	if err != nil {
		return nil, err
	}
	child := l.people[v.Child]
	if child == nil {
		return nil, unknownPerson(v.Child)
	}
	if v.Father == "" && v.Mother == "" {
		return nil, refuse("no-parent", "Chưa nêu cha hoặc mẹ", "neither father nor mother is named")
	}
	for _, of := range []struct {
		number string
		sex    Sex
	}{{v.Father, Male}, {v.Mother, Female}} {
		if of.number == "" {
			continue
		}
		if err := a.mayBeParent(ctx, child, of.number, l.people[of.number], of.sex); err != nil {
			return nil, err
		}
	}
	out := map[string]any{}
	err = a.pictured(ctx, []string{v.Child}, func() error {
		if _, err := a.tx.Exec(ctx, `
			UPDATE residents
			SET father_number = coalesce(nullif(@father, ''), father_number), mother_number = coalesce(nullif(@mother, ''), mother_number)
			WHERE number = @child`, pgx.StrictNamedArgs{"child": v.Child, "father": v.Father, "mother": v.Mother}); err != nil {
			return err
		}
		return a.noKinMarried(ctx, v.Child)
	})
	for name, n := range map[string]string{"fatherNumber": v.Father, "motherNumber": v.Mother} {
		if n != "" {
			out[name] = n
		}
	}
	return out, err
}

// mayBeParent refuses a parent of the wrong sex, of an impossible age, who died
// too early, or who descends from the child.
func (a *applier) mayBeParent(ctx context.Context, child *person, number string, parent *person, s Sex) error {
	switch {
	case parent == nil && s == Male:
		return refuse("unknown-father", "Không có công dân mang số %s", "no resident has the number %s of the father", number)
	case parent == nil:
		return refuse("unknown-mother", "Không có công dân mang số %s", "no resident has the number %s of the mother", number)
	case parent.Sex != s && s == Male:
		return refuse("father-not-male", "%s không phải là nam", "%s is not male", parent.name)
	case parent.Sex != s:
		return refuse("mother-not-female", "%s không phải là nữ", "%s is not female", parent.name)
	}
	if age := fullYears(parent.BirthDate, child.BirthDate); age < youngestParent {
		return refuse("parent-age", "%s chỉ hơn con %d tuổi, phải từ %d tuổi", "%s is only %d years older than the child: it must be %d", parent.name, age, youngestParent)
	}
	if parent.died != nil && parent.died.Before(lastParent(s, child.BirthDate)) {
		return refuse("died-before-child", "%s đã chết ngày %s, trước khi có con", "%s died on %s, before there was the child", parent.name, vn(*parent.died))
	}
	if child.Number == "" { // a newborn has no descendants
		return nil
	}
	if slices.Contains([]string{child.Number, child.Spouse}, number) {
		return refuse("own-ancestor", "%s không thể là cha hoặc mẹ của %s", "%s cannot be a parent of %s", parent.name, child.name)
	}
	descends, err := descendsFrom(ctx, a.tx, number, child.Number)
	if err == nil && descends {
		err = refuse("own-ancestor", "%s là con, cháu của %s", "%s descends from %s", parent.name, child.name)
	}
	return err
}

// descendsFrom tells whether a person is among the descendants of another.
func descendsFrom(ctx context.Context, tx pgx.Tx, number, ancestor string) (yes bool, err error) {
	err = tx.QueryRow(ctx, `
		WITH RECURSIVE up (number) AS (
			SELECT @number::bpchar
			UNION
			SELECT p.number
			FROM up u
			JOIN residents r ON r.number = u.number
			CROSS JOIN LATERAL (VALUES (r.father_number), (r.mother_number)) AS p (number)
			WHERE p.number IS NOT NULL)
		SELECT EXISTS (SELECT FROM up WHERE number = @ancestor)`, pgx.StrictNamedArgs{"number": number, "ancestor": ancestor}).Scan(&yes)
	return yes, err
}

// noKinMarried refuses a new parent who makes near kin of a couple that is
// married: the child, children and grandchildren of whom are looked at.
func (a *applier) noKinMarried(ctx context.Context, child string) error {
	rows, _ := a.tx.Query(ctx, `
		WITH RECURSIVE down (number, steps) AS (
			SELECT @child::bpchar, 0
			UNION
			SELECT r.number, d.steps + 1
			FROM down d
			JOIN residents r ON d.number IN (r.father_number, r.mother_number)
			WHERE d.steps < 4)
		SELECT r.number, r.spouse_number
		FROM down d
		JOIN residents r ON r.number = d.number
		WHERE r.spouse_number IS NOT NULL`, pgx.StrictNamedArgs{"child": child})
	couples, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (c [2]string, err error) { return c, r.Scan(&c[0], &c[1]) })
	if err != nil {
		return err
	}
	for _, c := range couples {
		near, err := nearKin(ctx, a.tx, c[0], c[1])
		if err != nil {
			return err
		}
		if near {
			return refuse("spouses-near-kin", "Việc ghi nhận này làm cho %s và vợ hoặc chồng %s có họ trong phạm vi ba đời; cần Tòa án xem xét việc kết hôn trước",
				"this would make %s and the spouse %s near kin; a court has to judge the marriage first", c[0], c[1])
		}
	}
	return nil
}
