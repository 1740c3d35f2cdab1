package resident

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// undoPrefix begins the type of a change that takes another one back: undo-register-death.
const undoPrefix = "undo-"

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

func undo(ctx context.Context, tx pgx.Tx, c Change, of Cause) (map[string]any, error) {
	m, err := changeOf(ctx, tx, of)
	if errors.Is(err, pgx.ErrNoRows) {
		return map[string]any{"made": false}, nil
	}
	if err != nil {
		return nil, err
	}
	if makers[m.kind] == nil {
		return nil, fmt.Errorf("%w: a change %s cannot be taken back", ErrUnknownChange, m.kind)
	}
	c.Type = undoPrefix + m.kind
	return once(ctx, tx, c, func(a *applier, _ []byte) (map[string]any, error) {
		if m.kind == RegisterBirth {
			return a.annul(ctx, m)
		}
		return a.putBack(ctx, m)
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

// putBack makes everybody whom a change concerned be what they were before it.
//
// Source: Law on Residence 68/2020/QH14, Art. 35, and Law on Civil Status
// 60/2014/QH13, Art. 70, on annulling and revoking what was registered wrongly.
func (a *applier) putBack(ctx context.Context, m *made) (map[string]any, error) {
	if m.touchesKin() {
		if err := a.lockKinship(ctx); err != nil {
			return nil, err
		}
	}
	former, err := m.households()
	if err != nil {
		return nil, err
	}
	l, err := lock(ctx, a.tx, m.people, former...)
	if err != nil {
		return nil, err
	}
	if err := a.untouched(ctx, m); err != nil {
		return nil, err
	}
	var moved []string
	for _, n := range m.people {
		if l.people[n] == nil {
			return nil, unknownPerson(n)
		}
		if m.before[n].Household != m.after[n].Household {
			moved = append(moved, n)
		}
	}
	into, staying := l.left(moved) // where they moved to, and who has joined them there
	concerned := slices.Concat(m.people, slices.DeleteFunc(staying, func(n string) bool { return slices.Contains(m.people, n) }))
	if err := a.picture(ctx, a.before, concerned); err != nil {
		return nil, err
	}
	if err := a.leave(ctx, moved); err != nil {
		return nil, err
	}
	for _, id := range into {
		if _, err := a.settle(ctx, l, id, movedAway(moved)); err != nil {
			return nil, err
		}
	}
	if err := a.rejoin(ctx, l, m, moved); err != nil {
		return nil, err
	}
	for _, n := range m.people {
		if err := a.restore(ctx, n, m.before[n], m.after[n]); err != nil {
			return nil, err
		}
	}
	if err := a.rewed(ctx, m); err != nil {
		return nil, err
	}
	if err := a.stillFits(ctx, l, m); err != nil {
		return nil, err
	}
	if err := a.touch(ctx, concerned); err != nil {
		return nil, err
	}
	if err := a.picture(ctx, a.after, concerned); err != nil {
		return nil, err
	}
	return map[string]any{"made": true}, nil
}

// touchesKin tells whether the change is of marriages, parents, or what they are
// held against.
func (m *made) touchesKin() bool {
	return slices.ContainsFunc(m.people, func(n string) bool {
		was, became := m.before[n], m.after[n]
		return was.Spouse != became.Spouse || was.Father != became.Father || was.Mother != became.Mother || was.BirthDate != became.BirthDate || was.Sex != became.Sex
	})
}

// households are those that people belonged to before the change.
func (m *made) households() ([]int64, error) {
	var ids []int64
	for _, n := range m.people {
		if of := m.before[n].Household; of != "" {
			id, err := strconv.ParseInt(of, 10, 64)
			if err != nil {
				return nil, err
			}
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// stillFits refuses to take back what children or marriages of others, which came
// later and are no changes of these people, rest upon.
func (a *applier) stillFits(ctx context.Context, l *locked, m *made) error {
	for _, n := range m.people {
		was, became, p := m.before[n], m.after[n], l.people[n]
		if was.Father != became.Father || was.Mother != became.Mother {
			if err := a.noKinMarried(ctx, n); err != nil {
				return err
			}
		}
		if was.BirthDate == became.BirthDate && was.Sex == became.Sex || was.BirthDate == "" {
			continue
		}
		born, err := day("birthDate", was.BirthDate)
		if err != nil {
			return err
		}
		p.Spouse, p.Father, p.Mother = was.Spouse, was.Father, was.Mother
		if err := a.fitsFamily(ctx, p, Sex(was.Sex), born); err != nil {
			return err
		}
	}
	return nil
}

// rejoin makes people members of their former households again, with the heads
// and relations that those had; who has joined meanwhile stands to the former head anew.
func (a *applier) rejoin(ctx context.Context, l *locked, m *made, moved []string) error {
	for _, n := range m.people {
		was := m.before[n]
		if was.Household == "" {
			continue
		}
		household, err := strconv.ParseInt(was.Household, 10, 64)
		if err != nil {
			return err
		}
		if slices.Contains(moved, n) {
			_, err = a.tx.Exec(ctx, `
				INSERT INTO household_members (household, resident, relation, valid)
				VALUES (@household, @resident, nullif(@relation, ''), daterange(@today, NULL))`, pgx.StrictNamedArgs{"household": household, "resident": n, "relation": was.Relation, "today": a.today})
		} else {
			_, err = a.tx.Exec(ctx, `
				UPDATE household_members SET relation = nullif(@relation, '')
				WHERE resident = @resident AND household = @household AND upper_inf(valid)`, pgx.StrictNamedArgs{"household": household, "resident": n, "relation": was.Relation})
		}
		if err != nil {
			return err
		}
		if was.Relation == HeadRelation { // an empty household was closed: it is open again
			if err := a.joinedMeanwhile(ctx, l, m, household, l.people[n]); err != nil {
				return err
			}
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

// joinedMeanwhile tells how members whom the change did not concern stand to head.
func (a *applier) joinedMeanwhile(ctx context.Context, l *locked, m *made, household int64, head *person) error {
	if h := l.households[household]; h == nil || h.head == head.Number {
		return nil
	}
	kin, err := l.kin(ctx, a.tx)
	if err != nil {
		return err
	}
	for _, p := range l.members(household, m.people) {
		if _, err := a.tx.Exec(ctx, `
			UPDATE household_members
			SET relation = nullif(@relation, '')
			WHERE resident = @resident AND upper_inf(valid)`, pgx.StrictNamedArgs{"resident": p.Number, "relation": RelationTo(head.Kin, p.Kin, kin)}); err != nil {
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
