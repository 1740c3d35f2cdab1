package population

import (
	"math/rand/v2"
	"slices"
	"time"
)

// batch makes up at most n people: founders, their children, marriages between
// the families, grandchildren, and the households they live in. It returns the
// people, parents before children, and the households.
func (m *maker) batch(n int) ([]*human, []*household, error) {
	m.batchNo++
	m.r = rand.New(rand.NewPCG(m.seed, m.batchNo))
	var people []*human
	if n < founding {
		for range n { // too few for a family: people who live alone
			people = append(people, m.loner())
		}
	} else {
		people = m.families(n)
	}
	for _, h := range people {
		if err := m.number(h); err != nil {
			return nil, nil, err
		}
	}
	return people, m.house(people), nil
}

// founding is how many people there must be room for to begin a family.
const founding = 10

func (m *maker) loner() *human {
	return m.person(m.chance(50), m.between(m.today, -60, 38), m.anyCommune(), "")
}

func (m *maker) anyCommune() *commune { return m.communes[m.r.IntN(len(m.communes))] }

// families fill at most n places: a good third with founders and their children,
// the rest generation by generation with the children of those who married.
func (m *maker) families(n int) []*human {
	var people, grown []*human
	for len(people) == 0 || len(people) < n*2/5-8 { // one family at least: a small rest must get done
		couple, children := m.founders()
		people = append(append(people, couple...), children...)
		grown = append(grown, children...)
	}
	for len(grown) > 0 {
		var next []*human
		for _, c := range m.marry(grown) {
			children := m.children(c[0], c[1], 20, 1.9)
			if len(people)+len(children) > n {
				return people
			}
			for _, child := range children {
				child.father, child.mother = c[0], c[1]
			}
			c[0].children, c[1].children = children, slices.Clone(children)
			people, next = append(people, children...), append(next, children...)
		}
		grown = next
	}
	return people
}

// founders are a couple born between 1940 and 1968 with their grown children.
func (m *maker) founders() (couple, children []*human) {
	home := m.anyCommune()
	wife := m.person(false, m.between(time.Date(1945, 1, 1, 0, 0, 0, 0, time.UTC), 0, 23), home, "")
	husband := m.person(true, m.between(wife.born, -7, 9), home, "")
	m.wed(husband, wife)
	if m.chance(7) {
		husband.religion = []string{"Công giáo", "Phật giáo", "Cao Đài", "Phật giáo Hòa Hảo", "Tin Lành"}[m.r.IntN(5)]
		wife.religion = husband.religion
	}
	children = m.children(husband, wife, 19, 3.1)
	for _, c := range children {
		c.father, c.mother = husband, wife
	}
	husband.children, wife.children = children, slices.Clone(children)
	for _, p := range []*human{husband, wife} { // the older, the likelier dead
		if age := p.age(m.today); age > 60 && m.chance(min(90, (age-60)*(age-55)/10)) {
			m.bury(p)
		}
	}
	return []*human{husband, wife}, children
}

func (m *maker) wed(a, b *human) {
	a.spouse, b.spouse, a.marital, b.marital = b, a, "married", "married"
}

// bury ends a life and with it a marriage.
func (m *maker) bury(p *human) {
	p.alive = false
	if s := p.spouse; s != nil {
		s.spouse, p.spouse, s.marital, p.marital = nil, nil, "widowed", "widowed"
	}
}

// children are the children of a couple, about mean of them: the first when the
// mother is earliest years old or up to nine years later, the last before she is
// 42, at least 14 months apart, none born in the future.
func (m *maker) children(father, mother *human, earliest, mean float64) []*human {
	var list []*human
	count := 0
	for left := mean; left > 0; left-- { // mean 1.9: one for sure, another with 0.9; then one more or less
		if m.r.Float64() < left {
			count++
		}
	}
	switch {
	case m.chance(14):
		count++
	case m.chance(12):
		count--
	}
	start := mother.born
	if father.born.After(start) {
		start = father.born
	}
	born := m.between(start, earliest, 9)
	for range count {
		if born.After(m.today) || born.After(mother.born.AddDate(42, 0, 0)) {
			break
		}
		c := m.person(m.r.IntN(1000) < 527, born, mother.home, father.surname) // 111 boys to 100 girls
		c.religion = father.religion
		list = append(list, c)
		born = m.between(born, 1.2, 4.5)
	}
	return list
}

// marry marries sons of one family to daughters of another, the husband one to
// six years older as a rule; who is young often has not married yet.
func (m *maker) marry(people []*human) (couples [][2]*human) {
	var men, women []*human
	for _, p := range people {
		switch age := p.age(m.today); {
		case age < 20, age < 24 && !m.chance(20), age < 30 && !m.chance(60), !m.chance(90):
		case p.male:
			men = append(men, p)
		default:
			women = append(women, p)
		}
	}
	byBirth := func(a, b *human) int { return a.born.Compare(b.born) }
	slices.SortStableFunc(men, byBirth)
	slices.SortStableFunc(women, byBirth)
	w := 0
	for _, man := range men {
		for w < len(women) && women[w].born.Before(man.born.AddDate(-2, 0, 0)) {
			w++ // nobody left for her in this batch
		}
		if w == len(women) {
			break
		}
		woman := women[w]
		if woman.born.After(man.born.AddDate(9, 0, 0)) || closeKin(man, woman) {
			continue // he stays single
		}
		w++
		m.wed(man, woman)
		if man.religion != "" {
			woman.religion = man.religion
		}
		couples = append(couples, [2]*human{man, woman})
	}
	m.r.Shuffle(len(couples), func(i, j int) { couples[i], couples[j] = couples[j], couples[i] })
	return couples
}

// closeKin tells whether two people are siblings or cousins, who may not marry:
// Law on Marriage and Family 52/2014/QH13, Art. 5(2)(d), within three generations.
func closeKin(a, b *human) bool {
	if a.father == nil || b.father == nil {
		return false
	}
	if a.father == b.father {
		return true
	}
	for _, p := range []*human{a.father, a.mother} {
		for _, q := range []*human{b.father, b.mother} {
			if p.father != nil && p.father == q.father {
				return true
			}
		}
	}
	return false
}
