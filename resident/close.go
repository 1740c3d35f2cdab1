package resident

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// closeValues are the values of a close-permanent.
type closeValues struct {
	People  []string `json:"people"`
	Because string   `json:"because"` // in words or as a code; kept with the address
}

// closePermanent deletes people's permanent registration: the address ends, and
// so does the present one at the same place; they leave their households. The
// registration of a dead person ended with the death: that is said, not refused.
//
// Source: Law on Residence 68/2020/QH14, Art. 24.
func (a *applier) closePermanent(ctx context.Context, v closeValues) (map[string]any, error) {
	l, err := lock(ctx, a.tx, v.People)
	if err != nil {
		return nil, err
	}
	people, err := a.mayClose(ctx, l, v)
	if err != nil {
		return nil, err
	}
	if len(people) == 0 { // the history names them all the same
		err = a.pictured(ctx, v.People, func() error { return nil })
	} else {
		err = a.depart(ctx, l, people, v.Because)
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{"permanentEndedOn": a.today.Format(iso)}, nil
}

// mayClose checks the rules, and returns those who are registered: the living.
func (a *applier) mayClose(ctx context.Context, l *locked, v closeValues) (people []string, err error) {
	if strings.TrimSpace(v.Because) == "" {
		return nil, refuse("no-reason", "Chưa nêu lý do xóa đăng ký thường trú", "no reason is given for deleting the registration")
	}
	for _, n := range v.People {
		if p := l.people[n]; p != nil && !p.alive {
			a.notes = append(a.notes, note{Rule: "ended-by-death",
				VI: "Đăng ký thường trú của " + p.name + " đã chấm dứt khi ghi nhận việc chết.",
				EN: "The permanent registration of " + p.name + " ended when the death was recorded."})
			continue
		}
		people = append(people, n)
	}
	if len(people) == 0 && len(v.People) > 0 {
		return nil, nil
	}
	if err := l.living(people); err != nil {
		return nil, err
	}
	rows, _ := a.tx.Query(ctx, `
		SELECT n
		FROM unnest(@people::bpchar[]) AS u (n)
		WHERE NOT EXISTS (SELECT FROM residences r WHERE r.resident = n AND r.kind = 'permanent' AND upper_inf(r.valid))`,
		pgx.StrictNamedArgs{"people": people})
	none, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	if len(none) > 0 {
		return nil, refuse("not-registered", "%s không có đăng ký thường trú", "%s has no permanent registration", l.people[none[0]].name)
	}
	return people, nil
}

// depart takes people out of their households and ends their permanent address.
func (a *applier) depart(ctx context.Context, l *locked, people []string, because string) error {
	left, staying := l.left(people)
	concerned := append(staying, people...)
	if err := a.picture(ctx, a.before, concerned); err != nil {
		return err
	}
	if err := a.leave(ctx, people); err != nil {
		return err
	}
	for _, id := range left {
		out := leaving{people: people, vi: "Đăng ký thường trú của chủ hộ đã bị xóa", en: "The head's registration was deleted"}
		if _, err := a.settle(ctx, l, id, out); err != nil {
			return err
		}
	}
	_, err := a.tx.Exec(ctx, `
		UPDATE residences r
		SET valid = daterange(lower(valid), greatest(lower(valid), @today)), because = @because
		WHERE resident = ANY(@people) AND upper_inf(valid)
			AND (kind = 'permanent' OR kind = 'present' AND EXISTS (SELECT FROM residences p
				WHERE p.resident = r.resident AND p.kind = 'permanent' AND p.address_key = r.address_key AND upper_inf(p.valid)))`,
		pgx.StrictNamedArgs{"people": people, "today": a.today, "because": because})
	if err != nil {
		return err
	}
	if err := a.touch(ctx, people); err != nil {
		return err
	}
	return a.picture(ctx, a.after, concerned)
}
