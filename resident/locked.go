package resident

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
)

// locked is what a change holds locked: households in the order of their ids,
// then people in the order of their numbers, so that two changes never wait for
// each other in a ring.
type locked struct {
	households map[int64]*household
	people     map[string]*person
}

type household struct {
	id      int64
	head    string
	address agency.Address
}

type person struct {
	Kin
	name      string
	alive     bool
	died      *time.Time // nil: alive, or not known
	marital   string     // single, married, divorced, widowed
	household int64      // 0: none
	relation  *string    // to the head
}

// errRestless reports that memberships changed on every attempt to lock them.
var errRestless = errors.New("the households change faster than they can be locked")

// lock locks people with the households they belong to and all members of those.
// An attempt that meets a membership which changed meanwhile gives its locks
// back, so that locks are never taken out of order. Also are households to lock
// besides, closed ones too.
func lock(ctx context.Context, tx pgx.Tx, people []string, also ...int64) (*locked, error) {
	for range 10 {
		attempt, err := tx.Begin(ctx)
		if err != nil {
			return nil, err
		}
		l, err := tryLock(ctx, attempt, people, also)
		if err != nil {
			return nil, err
		}
		if l != nil {
			return l, attempt.Commit(ctx)
		}
		if err := attempt.Rollback(ctx); err != nil {
			return nil, err
		}
	}
	return nil, errRestless
}

// tryLock returns nil when somebody joined another household before their lock
// was ours.
func tryLock(ctx context.Context, tx pgx.Tx, people []string, also []int64) (*locked, error) {
	l := &locked{households: map[int64]*household{}}
	ids, err := memberships(ctx, tx, people)
	if err != nil {
		return nil, err
	}
	if err := l.lockHouseholds(ctx, tx, ids, also); err != nil {
		return nil, err
	}
	if err := l.lockPeople(ctx, tx, people); err != nil {
		return nil, err
	}
	for _, n := range people {
		if p, ok := l.people[n]; ok && p.household != 0 && l.households[p.household] == nil {
			return nil, nil
		}
	}
	return l, nil
}

func memberships(ctx context.Context, tx pgx.Tx, people []string) ([]int64, error) {
	rows, _ := tx.Query(ctx, `
		SELECT DISTINCT household
		FROM household_members
		WHERE resident = ANY(@people) AND upper_inf(valid)`, pgx.StrictNamedArgs{"people": people})
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

func (l *locked) lockHouseholds(ctx context.Context, tx pgx.Tx, ids, also []int64) error {
	rows, _ := tx.Query(ctx, `
		SELECT id, head, province, commune, line
		FROM households
		WHERE id = ANY(@ids) AND closed_at IS NULL OR id = ANY(@also)
		ORDER BY id
		FOR UPDATE`, pgx.StrictNamedArgs{"ids": ids, "also": also})
	var h household
	_, err := pgx.ForEachRow(rows, []any{&h.id, &h.head, &h.address.Province, &h.address.Commune, &h.address.Line}, func() error {
		copied := h
		l.households[h.id] = &copied
		return nil
	})
	return err
}

// lockPeople locks people and the members of the locked households, and reads
// them and their memberships as they are once locked. One array of numbers goes
// through the index; a condition with OR would read everybody.
func (l *locked) lockPeople(ctx context.Context, tx pgx.Tx, people []string) error {
	rows, _ := tx.Query(ctx, `
		SELECT number
		FROM residents
		WHERE number = ANY(@people::bpchar[] || ARRAY(SELECT resident FROM household_members WHERE household = ANY(@households) AND upper_inf(valid)))
		ORDER BY number
		FOR UPDATE`, pgx.StrictNamedArgs{"people": people, "households": slices.Collect(maps.Keys(l.households))})
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	l.people, err = load(ctx, tx, numbers)
	return err
}

// load reads people as they are, without a lock.
func load(ctx context.Context, tx pgx.Tx, numbers []string) (map[string]*person, error) {
	rows, _ := tx.Query(ctx, `
		SELECT r.number, r.full_name, r.sex, r.birth_date, r.alive, r.died_on, r.marital_status,
			coalesce(r.father_number, ''), coalesce(r.mother_number, ''), coalesce(r.spouse_number, ''),
			coalesce(m.household, 0), m.relation
		FROM residents r
		LEFT JOIN household_members m ON m.resident = r.number AND upper_inf(m.valid)
		WHERE r.number = ANY(@numbers)`, pgx.StrictNamedArgs{"numbers": numbers})
	people := map[string]*person{}
	var p person
	_, err := pgx.ForEachRow(rows, []any{&p.Number, &p.name, &p.Sex, &p.BirthDate, &p.alive, &p.died, &p.marital, &p.Father, &p.Mother, &p.Spouse, &p.household, &p.relation}, func() error {
		copied := p
		people[p.Number] = &copied
		return nil
	})
	return people, err
}

// kin are the locked people and those their links lead to, for [RelationTo].
func (l *locked) kin(ctx context.Context, tx pgx.Tx) (map[string]Kin, error) {
	all := map[string]Kin{}
	var links []string
	for _, p := range l.people {
		all[p.Number] = p.Kin
		links = append(links, p.Father, p.Mother, p.Spouse)
	}
	further, err := load(ctx, tx, links)
	if err != nil {
		return nil, err
	}
	for _, p := range further {
		all[p.Number] = p.Kin
	}
	return all, nil
}

// members are the living members of a household who are not among gone, eldest
// first.
func (l *locked) members(id int64, gone []string) []*person {
	var list []*person
	for _, p := range l.people {
		if p.household == id && !slices.Contains(gone, p.Number) {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *person) int {
		if c := a.BirthDate.Compare(b.BirthDate); c != 0 {
			return c
		}
		return compare(a.Number, b.Number)
	})
	return list
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// adult tells whether p is of full age on a day. Civil Code 91/2015/QH13, Art. 20.
func (p *person) adult(on time.Time) bool { return fullYears(p.BirthDate, on) >= 18 }
