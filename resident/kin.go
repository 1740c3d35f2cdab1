package resident

import "time"

// Kin is what kinship is told from: a person's own links.
type Kin struct {
	Number                 string
	Sex                    Sex
	BirthDate              time.Time
	Father, Mother, Spouse string // personal numbers; empty: not known
}

// HeadRelation is the relation of the household head to themself.
const HeadRelation = "head"

// RelationTo says how p stands to the head of a household, in the words of
// Circular 116/2026/TT-BCA, Art. 6.1; empty when the registry's links do not tell.
// People are those whose links may be followed, by number.
func RelationTo(head, p Kin, people map[string]Kin) string {
	is := func(a string, b Kin) bool { return a != "" && a == b.Number }
	childOf := func(c, parent Kin) bool { return is(c.Father, parent) || is(c.Mother, parent) }
	bySex := func(male, female string) string {
		if p.Sex == Male {
			return male
		}
		return female
	}
	spouse, father, mother := people[head.Spouse], people[head.Father], people[head.Mother]
	switch {
	case p.Number == head.Number:
		return HeadRelation
	case is(head.Spouse, p):
		return bySex("husband", "wife")
	case childOf(p, head):
		return "child"
	case is(head.Father, p):
		return "father"
	case is(head.Mother, p):
		return "mother"
	case spouse.Number != "" && childOf(spouse, p):
		if head.Sex == Male {
			return bySex("wife-father", "wife-mother")
		}
		return bySex("husband-father", "husband-mother")
	case spouse.Number != "" && childOf(p, spouse):
		return "stepchild"
	case p.Spouse != "" && childOf(people[p.Spouse], head):
		return bySex("son-in-law", "daughter-in-law")
	case father.Number != "" && childOf(father, p):
		return bySex("paternal-grandfather", "paternal-grandmother")
	case mother.Number != "" && childOf(mother, p):
		return bySex("maternal-grandfather", "maternal-grandmother")
	}
	if r := siblingOf(head, p); r != "" {
		return r
	}
	for _, parent := range []string{p.Father, p.Mother} {
		between, ok := people[parent]
		switch {
		case !ok:
		case childOf(between, head) && between.Sex == Male:
			return "sons-grandchild"
		case childOf(between, head):
			return "daughters-grandchild"
		case siblingOf(head, between) != "":
			return "nephew-niece"
		}
	}
	return ""
}

// siblingOf says which sibling of head p is; empty: none.
func siblingOf(head, p Kin) string {
	father := head.Father != "" && head.Father == p.Father
	mother := head.Mother != "" && head.Mother == p.Mother
	switch {
	case father && head.Mother != "" && p.Mother != "" && !mother:
		return "paternal-half-sibling"
	case mother && head.Father != "" && p.Father != "" && !father:
		return "maternal-half-sibling"
	case !father && !mother:
		return ""
	case p.BirthDate.After(head.BirthDate):
		return "younger-sibling"
	case p.Sex == Male:
		return "elder-brother"
	}
	return "elder-sister"
}
