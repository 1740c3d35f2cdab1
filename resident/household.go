package resident

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// left are the households that people leave, in order, and their other members.
func (l *locked) left(people []string) (ids []int64, staying []string) {
	for _, n := range people {
		if id := l.people[n].household; id != 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		for _, p := range l.members(id, people) {
			staying = append(staying, p.Number)
		}
	}
	return ids, staying
}

// leave ends the memberships of people.
func (a *applier) leave(ctx context.Context, people []string) error {
	_, err := a.tx.Exec(ctx, `
		UPDATE household_members
		SET valid = daterange(lower(valid), greatest(lower(valid), @today))
		WHERE resident = ANY(@people) AND upper_inf(valid)`, pgx.StrictNamedArgs{"people": people, "today": a.today})
	return err
}

// A leaving says who leaves a household and how the officers are told of it.
type leaving struct {
	people []string
	named  string // whom the case names as the new head; empty: nobody
	vi, en string // how the head left
}

func movedAway(people []string) leaving {
	return leaving{people: people, vi: "Chủ hộ đã chuyển đi", en: "The head has moved away"}
}

// settle sees to a household that people left: an empty one is closed; one whose
// head left is headed by whom the case names, or else by its eldest adult from
// now on, until the members declare otherwise. It returns the new head, nil when
// the old one stays or nobody does.
//
// Source: Law on Residence 68/2020/QH14, Art. 10(2), on who may be head.
func (a *applier) settle(ctx context.Context, l *locked, id int64, out leaving) (head *person, err error) {
	h := l.households[id]
	remaining := l.members(id, out.people)
	if h == nil {
		return nil, nil
	}
	if !slices.ContainsFunc(remaining, func(p *person) bool { return p.alive }) {
		_, err := a.tx.Exec(ctx, "UPDATE households SET closed_at = @at, updated_at = @at WHERE id = @id", pgx.StrictNamedArgs{"id": id, "at": a.at})
		return nil, err
	}
	if slices.Contains(out.people, h.head) {
		if head = l.people[out.named]; head == nil {
			head = actingHead(remaining, a.today)
			a.notes = append(a.notes, note{Rule: "acting-head",
				VI: out.vi + "; " + head.name + " là người cao tuổi nhất còn lại, tạm ghi là chủ hộ cho đến khi hộ đề nghị thay đổi.",
				EN: out.en + "; " + head.name + ", the eldest who remains, is recorded as acting head until the household asks for a change."})
		}
		if err := a.headed(ctx, l, id, head, remaining); err != nil {
			return nil, err
		}
	}
	_, err = a.tx.Exec(ctx, "UPDATE households SET updated_at = @at WHERE id = @id", pgx.StrictNamedArgs{"id": id, "at": a.at})
	return head, err
}

// actingHead is the eldest living adult of members, who are ordered by age; the
// eldest alive where no adult remains.
func actingHead(members []*person, today time.Time) *person {
	var head *person
	for _, p := range members {
		if p.alive && p.adult(today) {
			return p
		}
		if p.alive && head == nil {
			head = p
		}
	}
	return head
}

// headed makes head the head of a household and tells the other members'
// relations anew, as far as the registry knows them.
func (a *applier) headed(ctx context.Context, l *locked, id int64, head *person, members []*person) error {
	kin, err := l.kin(ctx, a.tx)
	if err != nil {
		return err
	}
	if _, err := a.tx.Exec(ctx, "UPDATE households SET head = @head WHERE id = @id", pgx.StrictNamedArgs{"id": id, "head": head.Number}); err != nil {
		return err
	}
	var numbers []string
	for _, p := range members {
		numbers = append(numbers, p.Number)
		_, err := a.tx.Exec(ctx, `
			UPDATE household_members
			SET relation = nullif(@relation, '')
			WHERE resident = @resident AND upper_inf(valid)`, pgx.StrictNamedArgs{"resident": p.Number, "relation": RelationTo(head.Kin, p.Kin, kin)})
		if err != nil {
			return err
		}
	}
	return a.touch(ctx, numbers)
}

// touch gives people a new version.
func (a *applier) touch(ctx context.Context, people []string) error {
	_, err := a.tx.Exec(ctx, `
		UPDATE residents
		SET version = version + 1, updated_at = @at
		WHERE number = ANY(@people)`, pgx.StrictNamedArgs{"people": people, "at": a.at})
	return err
}
