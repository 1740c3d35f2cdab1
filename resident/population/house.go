package population

import (
	"slices"
	"time"

	"github.com/hoso-gov/hoso/agency"
)

// house settles the living: couples with their children in households of their
// own or with the husband's parents, the unmarried with their parents, and
// everybody left over alone.
func (m *maker) house(people []*human) []*household {
	var list []*household
	settle := func(head *human, members ...*human) {
		if h := m.open(head, members); h != nil {
			list = append(list, h)
		}
	}
	for _, p := range people { // founders come first: parents stand before their children
		if !p.alive || p.household != nil || p.father != nil && p.marital == "single" && p.age(m.today) < 26 {
			continue
		}
		switch {
		case p.spouse != nil && p.father != nil && !p.male:
			// with her husband, when he is met
		case p.father == nil && p.mother == nil:
			head, members := p, []*human{}
			if p.spouse != nil {
				members = append(members, p.spouse)
			}
			settle(head, append(members, m.stay(p)...)...)
		case p.father != nil && p.spouse == nil && m.chance(50) && p.father.household != nil:
			m.enter(p.father.household, p) // unmarried and grown, still at home
		case p.spouse != nil:
			settle(p, append([]*human{p.spouse}, young(p.children)...)...)
		default:
			settle(p)
		}
	}
	for _, p := range people {
		if p.alive && p.household == nil {
			if p.spouse != nil {
				settle(p, append([]*human{p.spouse}, young(p.children)...)...)
			} else {
				settle(p)
			}
		}
	}
	return list
}

// stay are the children who live with a founder: the unmarried young ones, and
// sometimes the family of the eldest son. A household of three generations.
func (m *maker) stay(p *human) []*human {
	list := young(p.children)
	if !m.chance(35) {
		return list
	}
	for _, c := range p.children {
		if c.male && c.alive && c.household == nil && c.spouse != nil && c.spouse.household == nil {
			return append(append(list, c, c.spouse), young(c.children)...)
		}
	}
	return list
}

// young are those who still live with their parents.
func young(children []*human) []*human {
	var list []*human
	for _, c := range children {
		if c.alive && c.household == nil && c.marital == "single" && c.born.Year() >= 2001 {
			list = append(list, c)
		}
	}
	return list
}

// open opens a household; nil when the head lives in one already.
func (m *maker) open(head *human, members []*human) *household {
	if head.household != nil {
		return nil
	}
	home := head.home
	if head.father != nil && m.chance(30) {
		home = m.anyCommune() // moved away, mostly for work
	}
	m.household++
	h := &household{id: m.household, head: head, home: home,
		address: agency.Address{Province: home.province, Commune: home.code, Line: home.dwelling(m.r)}}
	h.key = h.address.Key()
	h.since = m.between(head.born, 20, 15)
	if latest := m.today.AddDate(0, -1, 0); h.since.After(latest) {
		h.since = latest
	}
	m.enter(h, head)
	for _, p := range members {
		if p.alive && p.household == nil {
			m.enter(h, p)
		}
	}
	return h
}

func (m *maker) enter(h *household, p *human) {
	p.household = h
	h.members = append(h.members, p)
}

// since is the day from which a member belongs to the household.
func (h *household) sinceFor(p *human) time.Time {
	if p.born.After(h.since) {
		return p.born
	}
	return h.since
}

// related are those whose links tell how the members stand to the head.
func (h *household) related() []*human {
	list := slices.Clone(h.members)
	for _, p := range h.members {
		for _, q := range []*human{p.father, p.mother, p.spouse} {
			if q != nil {
				list = append(list, q)
			}
		}
	}
	return list
}
