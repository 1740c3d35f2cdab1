package resident

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
)

// The types of changes that take another change back.
const (
	UndoMove  = "undo-move"
	UndoBirth = "undo-birth"
)

// Undo takes back the change that a cause made, as a change of its own: what was
// so before is so again from now on, and the history keeps both. A cause that
// made no change leaves nothing to take back; the output then has made: false.
//
// Errors: [RefusedError] when the registry has gone on since, so that a person
// has to look; any other is a fault that a later attempt may not meet.
func Undo(ctx context.Context, tx pgx.Tx, c Change, of Cause) (map[string]any, error) {
	c.Values = map[string]any{"case": of.CaseID, "seq": of.Seq, "idx": of.Idx}
	out, err := undo(ctx, tx, c, of)
	if err != nil {
		return nil, fmt.Errorf("undo event %d effect %d of case %s: %w", of.Seq, of.Idx, of.CaseID, err)
	}
	return out, nil
}

// made is a change as it was written down.
type made struct {
	id            int64
	kind          string
	people        []string
	before, after map[string]picture
}

// picture is what a change concerns of one person.
type picture struct {
	Permanent *agency.Address `json:"permanentAddress"`
	Temporary *agency.Address `json:"temporaryAddress"`
	Present   *agency.Address `json:"presentAddress"`
	Household string          `json:"householdId"`
	Relation  string          `json:"householdRelation"`
}

func sameAddress(a, b *agency.Address) bool {
	return a == b || a != nil && b != nil && a.Key() == b.Key()
}

func undo(ctx context.Context, tx pgx.Tx, c Change, of Cause) (map[string]any, error) {
	m, err := changeOf(ctx, tx, of)
	if errors.Is(err, pgx.ErrNoRows) {
		return map[string]any{"made": false}, nil
	}
	if err != nil {
		return nil, err
	}
	switch m.kind {
	case MovePermanent:
		c.Type = UndoMove
	case RegisterBirth:
		c.Type = UndoBirth
	default:
		return nil, fmt.Errorf("%w: a change %s cannot be taken back", ErrUnknownChange, m.kind)
	}
	return once(ctx, tx, c, func(a *applier, _ []byte) (map[string]any, error) {
		if m.kind == RegisterBirth {
			return a.annul(ctx, m)
		}
		return a.moveBack(ctx, m)
	})
}

func changeOf(ctx context.Context, tx pgx.Tx, of Cause) (*made, error) {
	var (
		m             made
		before, after []byte
	)
	err := tx.QueryRow(ctx, `
		SELECT id, type, people, before, after
		FROM resident_changes
		WHERE case_id = @case AND seq = @seq AND idx = @idx`, pgx.StrictNamedArgs{"case": of.CaseID, "seq": of.Seq, "idx": of.Idx}).
		Scan(&m.id, &m.kind, &m.people, &before, &after)
	if err != nil {
		return nil, err
	}
	return &m, errors.Join(json.Unmarshal(before, &m.before), json.Unmarshal(after, &m.after))
}

// untouched makes sure that no later change concerns the same people.
func (a *applier) untouched(ctx context.Context, m *made) error {
	var later bool
	if err := a.tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM resident_changes WHERE id > $1 AND people && $2::char(12)[])`, m.id, m.people).Scan(&later); err != nil {
		return err
	}
	if later {
		return refuse("changed-since", "Dữ liệu của những người này đã thay đổi tiếp sau đó; cần xem xét và xử lý thủ công",
			"the records of these people have changed again since; a person has to see to it")
	}
	return nil
}

// moveBack registers people where they were before a move.
//
// Source: Law on Residence 68/2020/QH14, Art. 35, on annulling a registration.
func (a *applier) moveBack(ctx context.Context, m *made) (map[string]any, error) {
	l, err := lock(ctx, a.tx, m.people)
	if err != nil {
		return nil, err
	}
	if err := a.untouched(ctx, m); err != nil {
		return nil, err
	}
	var moved []string
	for _, n := range m.people {
		if l.people[n] == nil {
			return nil, refuse("unknown-person", "Không có công dân mang số %s", "no resident has the number %s", n)
		}
		if m.before[n].Household != m.after[n].Household || !sameAddress(m.before[n].Permanent, m.after[n].Permanent) {
			moved = append(moved, n)
		}
	}
	if err := a.picture(ctx, a.before, m.people); err != nil {
		return nil, err
	}
	into, _ := l.left(moved) // where they moved to
	if err := a.leave(ctx, moved); err != nil {
		return nil, err
	}
	for _, id := range into {
		if err := a.settle(ctx, l, id, moved); err != nil {
			return nil, err
		}
	}
	if err := a.rejoin(ctx, m, moved); err != nil {
		return nil, err
	}
	for _, n := range moved {
		if err := a.reside(ctx, n, m.before[n]); err != nil {
			return nil, err
		}
	}
	if err := a.touch(ctx, m.people); err != nil {
		return nil, err
	}
	if err := a.picture(ctx, a.after, m.people); err != nil {
		return nil, err
	}
	return map[string]any{"made": true}, nil
}

// rejoin makes people members of their former households again, with the heads
// and relations that those had.
func (a *applier) rejoin(ctx context.Context, m *made, moved []string) error {
	for _, n := range m.people {
		was := m.before[n]
		if was.Household == "" {
			continue
		}
		household, err := strconv.ParseInt(was.Household, 10, 64)
		if err != nil {
			return err
		}
		args := pgx.StrictNamedArgs{"household": household, "resident": n, "relation": was.Relation, "today": a.today, "at": a.at}
		if slices.Contains(moved, n) {
			_, err = a.tx.Exec(ctx, `
				INSERT INTO household_members (household, resident, relation, valid)
				VALUES (@household, @resident, nullif(@relation, ''), daterange(@today, NULL))`, withoutAt(args))
		} else {
			_, err = a.tx.Exec(ctx, `
				UPDATE household_members SET relation = nullif(@relation, '')
				WHERE resident = @resident AND household = @household AND upper_inf(valid)`, pgx.StrictNamedArgs{"household": household, "resident": n, "relation": was.Relation})
		}
		if err != nil {
			return err
		}
		if was.Relation == HeadRelation { // an empty household was closed: it is open again
			_, err = a.tx.Exec(ctx, `UPDATE households SET head = @resident, closed_at = NULL, updated_at = @at WHERE id = @household`,
				pgx.StrictNamedArgs{"household": household, "resident": n, "at": a.at})
		} else {
			_, err = a.tx.Exec(ctx, `UPDATE households SET updated_at = @at WHERE id = @household`, pgx.StrictNamedArgs{"household": household, "at": a.at})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func withoutAt(args pgx.StrictNamedArgs) pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{"household": args["household"], "resident": args["resident"], "relation": args["relation"], "today": args["today"]}
}

// reside ends the addresses of a person that are in force and registers the former ones.
func (a *applier) reside(ctx context.Context, number string, was picture) error {
	if _, err := a.tx.Exec(ctx, `
		UPDATE residences
		SET valid = daterange(lower(valid), greatest(lower(valid), @today))
		WHERE resident = @resident AND (upper_inf(valid) OR upper(valid) > @today)`, pgx.StrictNamedArgs{"resident": number, "today": a.today}); err != nil {
		return err
	}
	for kind, place := range map[string]*agency.Address{"permanent": was.Permanent, "temporary": was.Temporary, "present": was.Present} {
		if place == nil {
			continue
		}
		if _, err := a.tx.Exec(ctx, `
			INSERT INTO residences (resident, kind, province, commune, line, address_key, valid)
			SELECT @resident, @kind, @province, @commune, @line, @key,
				daterange(greatest(@today, (SELECT max(upper(r.valid)) FROM residences r WHERE r.resident = @resident AND r.kind = @kind)), NULL)`,
			pgx.StrictNamedArgs{"resident": number, "kind": kind, "province": place.Province, "commune": place.Commune, "line": place.Line,
				"key": place.Key(), "today": a.today}); err != nil {
			return err
		}
	}
	return nil
}

// annul removes a newborn who was entered and whom nothing else concerns yet.
// The personal number is not given out again.
//
// Source: Law on Civil Status 60/2014/QH13, Art. 70, on revoking what was
// registered against the law.
func (a *applier) annul(ctx context.Context, m *made) (map[string]any, error) {
	number := m.people[0]
	if _, err := lock(ctx, a.tx, m.people); err != nil {
		return nil, err
	}
	if err := a.untouched(ctx, m); err != nil {
		return nil, err
	}
	if err := a.picture(ctx, a.before, m.people); err != nil {
		return nil, err
	}
	var papers bool
	if err := a.tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM household_members WHERE resident = $1) OR EXISTS (SELECT FROM residences WHERE resident = $1)
			OR EXISTS (SELECT FROM identity_documents WHERE resident = $1)`, number).Scan(&papers); err != nil {
		return nil, err
	}
	if papers {
		return nil, refuse("changed-since", "Trẻ đã có đăng ký cư trú hoặc giấy tờ; cần xem xét và xử lý thủ công",
			"the child has a residence or papers by now; a person has to see to it")
	}
	if _, err := a.tx.Exec(ctx, `DELETE FROM residents WHERE number = $1`, number); err != nil {
		return nil, err
	}
	a.after[number] = map[string]any{}
	return map[string]any{"made": true}, nil
}
