package resident

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
)

// moveValues are the values of a move-permanent.
type moveValues struct {
	People    []string       `json:"people"`
	To        agency.Address `json:"to"`
	Household string         `json:"household"` // id; empty: the one that head heads
	Head      string         `json:"head"`      // empty: a new household, headed by the first
	Relation  string         `json:"relation"`  // of the first to the head
}

// asIf are relations that everybody who moves along has too.
var asIf = []string{"tenant", "borrower", "lodger", "co-tenant", "co-borrower", "co-lodger"}

// move registers people at a new permanent address. Their old registrations end,
// a temporary one at the same place is deleted, the place becomes the present
// address, and they leave their old households for the new one.
//
// Source: Law on Residence 68/2020/QH14, Art. 3, 20, 22 and 24.
func (a *applier) move(ctx context.Context, v moveValues) (map[string]any, error) {
	locks := slices.Clone(v.People)
	if v.Head != "" {
		locks = append(locks, v.Head)
	}
	l, err := lock(ctx, a.tx, locks)
	if err != nil {
		return nil, err
	}
	into, err := l.mayMove(v)
	if err != nil {
		return nil, err
	}
	left, staying := l.left(v.People)
	if err := a.picture(ctx, a.before, append(staying, v.People...)); err != nil {
		return nil, err
	}
	if err := a.leave(ctx, v.People); err != nil {
		return nil, err
	}
	for _, id := range left {
		if _, err := a.settle(ctx, l, id, movedAway(v.People)); err != nil {
			return nil, err
		}
	}
	if into, err = a.join(ctx, l, v, into); err != nil {
		return nil, err
	}
	if err := a.register(ctx, v.People, v.To); err != nil {
		return nil, err
	}
	if err := a.touch(ctx, v.People); err != nil {
		return nil, err
	}
	if err := a.picture(ctx, a.after, append(staying, v.People...)); err != nil {
		return nil, err
	}
	return map[string]any{"householdId": strconv.FormatInt(into, 10), "permanentAddress": v.To.Map()}, nil
}

// mayMove checks the rules of the registry and returns the household to join, 0
// for a new one.
func (l *locked) mayMove(v moveValues) (into int64, err error) {
	if err := l.living(v.People); err != nil {
		return 0, err
	}
	if err := whole(v.To); err != nil {
		return 0, err
	}
	if v.Head == "" {
		return 0, nil
	}
	head := l.people[v.Head]
	switch {
	case head == nil:
		return 0, unknownPerson(v.Head)
	case !head.alive:
		return 0, refuse("dead-head", "Chủ hộ %s đã được ghi nhận là đã chết", "the household head %s is recorded as dead", head.name)
	case v.Relation == HeadRelation:
		return 0, refuse("two-heads", "Hộ của %s đã có chủ hộ", "the household of %s has a head", head.name)
	case slices.Contains(v.People, v.Head):
		return 0, refuse("head-moves", "Chủ hộ %s không thể nhập vào hộ của chính mình", "the head %s cannot join their own household", head.name)
	}
	h := l.households[head.household]
	switch {
	case h == nil || h.head != v.Head:
		return 0, refuse("not-head", "%s không phải là chủ hộ", "%s is not the head of a household", head.name)
	case v.Household != "" && v.Household != strconv.FormatInt(h.id, 10):
		return 0, refuse("other-household", "%s là chủ của một hộ khác", "%s heads another household", head.name)
	case h.address.Key() != v.To.Key():
		return 0, refuse("head-elsewhere", "Hộ của %s không đăng ký tại địa chỉ mới", "the household of %s is not registered at the new address", head.name)
	}
	for _, n := range v.People {
		if p := l.people[n]; p.household == h.id {
			return 0, refuse("already-there", "%s đã là thành viên của hộ này", "%s is a member of this household already", p.name)
		}
	}
	return h.id, nil
}

// join makes people members of a household, of a new one when into is 0.
func (a *applier) join(ctx context.Context, l *locked, v moveValues, into int64) (int64, error) {
	kin, err := l.kin(ctx, a.tx)
	if err != nil {
		return 0, err
	}
	head := l.people[v.People[0]]
	if into != 0 {
		head = l.people[v.Head]
		_, err = a.tx.Exec(ctx, "UPDATE households SET updated_at = @at WHERE id = @id", pgx.StrictNamedArgs{"id": into, "at": a.at})
	} else {
		err = a.tx.QueryRow(ctx, `
			INSERT INTO households (head, province, commune, line, address_key, updated_at)
			VALUES (@head, @province, @commune, @line, @key, @at)
			RETURNING id`, pgx.StrictNamedArgs{"head": head.Number, "province": v.To.Province, "commune": v.To.Commune, "line": v.To.Line,
			"key": v.To.Key(), "at": a.at}).Scan(&into)
	}
	if err != nil {
		return 0, err
	}
	for i, n := range v.People {
		relation := RelationTo(head.Kin, l.people[n].Kin, kin)
		if v.Head != "" && (i == 0 && v.Relation != "" || slices.Contains(asIf, v.Relation)) {
			relation = v.Relation
		}
		_, err := a.tx.Exec(ctx, `
			INSERT INTO household_members (household, resident, relation, valid)
			VALUES (@household, @resident, nullif(@relation, ''), daterange(@today, NULL))`,
			pgx.StrictNamedArgs{"household": into, "resident": n, "relation": relation, "today": a.today})
		if err != nil {
			return 0, err
		}
	}
	return into, nil
}

// register makes an address the permanent and present one of people, and deletes
// a temporary registration there.
func (a *applier) register(ctx context.Context, people []string, to agency.Address) error {
	_, err := a.tx.Exec(ctx, `
		UPDATE residences
		SET valid = daterange(lower(valid), greatest(lower(valid), @today))
		WHERE resident = ANY(@people)
			AND (upper_inf(valid) OR upper(valid) > @today)
			AND (kind IN ('permanent', 'present') OR address_key = @key)`, pgx.StrictNamedArgs{"people": people, "key": to.Key(), "today": a.today})
	if err != nil {
		return err
	}
	return a.reside(ctx, people, to, map[string]*time.Time{"permanent": nil, "present": nil})
}
