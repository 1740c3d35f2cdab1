package resident

import (
	"context"
	"strconv"
)

// headValues are the values of a name-head.
type headValues struct {
	Household string `json:"household"` // id
	Head      string `json:"head"`      // personal number of a member
}

// nameHead makes another member the head of a household.
//
// Source: Law on Residence 68/2020/QH14, Art. 10(2) and 26(1)(a).
func (a *applier) nameHead(ctx context.Context, v headValues) (map[string]any, error) {
	l, err := lock(ctx, a.tx, []string{v.Head})
	if err != nil {
		return nil, err
	}
	if err := l.living([]string{v.Head}); err != nil {
		return nil, err
	}
	head := l.people[v.Head]
	h := l.households[head.household]
	switch {
	case h == nil || strconv.FormatInt(h.id, 10) != v.Household:
		return nil, refuse("not-a-member", "%s không phải là thành viên của hộ %s", "%s is not a member of the household %s", head.name, v.Household)
	case h.head == v.Head:
		return nil, refuse("head-already", "%s đã là chủ hộ", "%s is the head already", head.name)
	}
	members := l.members(h.id, nil)
	if err := a.mayHead(head, members); err != nil {
		return nil, err
	}
	var numbers []string
	for _, p := range members {
		numbers = append(numbers, p.Number)
	}
	if err := a.picture(ctx, a.before, numbers); err != nil {
		return nil, err
	}
	if err := a.headed(ctx, l, h.id, head, members); err != nil {
		return nil, err
	}
	if err := a.picture(ctx, a.after, numbers); err != nil {
		return nil, err
	}
	return map[string]any{"householdId": v.Household, "headNumber": v.Head}, nil
}

// mayHead refuses a minor as head where an adult lives in the household.
//
// Source: Law on Residence 68/2020/QH14, Art. 10(2): a head has full legal capacity; without such a member they choose one.
func (a *applier) mayHead(head *person, members []*person) error {
	if head.adult(a.today) {
		return nil
	}
	for _, p := range members {
		if p.alive && p.adult(a.today) {
			return refuse("minor-head", "%s chưa đủ 18 tuổi, trong khi hộ có người đã thành niên", "%s is under 18, and an adult belongs to the household", head.name)
		}
	}
	return nil
}
