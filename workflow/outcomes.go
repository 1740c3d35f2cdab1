package workflow

import "fmt"

// Outcomes whose word says whether the citizen got it. Others are free.
var outcomeIsNegative = map[Outcome]bool{
	"granted": false, "partly-granted": false, "agreed": false,
	"refused": true, "declined": true, "lapsed": true, "withdrawn": true, "cancelled": true,
}

// outcomes: an outcome means the same at every end. Statistics, joins and what
// is taken back rest on it.
func (c *checker) outcomes() {
	first := map[Outcome]*StateDef{}
	for _, name := range c.m.Order {
		s := c.m.States[name]
		if s.Kind != Final {
			continue
		}
		if negative, known := outcomeIsNegative[s.Outcome]; known && negative != s.Negative {
			remedy := "remove negative: true, or name the outcome otherwise"
			if negative {
				remedy = "write negative: true"
			}
			c.atState("OUTCOME", s, nil, fmt.Sprintf("%s ends as %s and says negative: %t", name, s.Outcome, s.Negative), remedy)
			continue
		}
		if before := first[s.Outcome]; before != nil && before.Negative != s.Negative {
			c.atState("OUTCOME", s, nil, fmt.Sprintf("%s and %s end as %s, one with success and one without", before.Name, name, s.Outcome), "name the outcome of one of them otherwise")
		}
		if first[s.Outcome] == nil {
			first[s.Outcome] = s
		}
	}
}

// doubles: what is done outside is done once. The same effect named twice in one
// transition has two keys, and would be done twice.
func (c *checker) doubles() {
	for _, b := range c.m.branches() {
		for _, t := range b.ts {
			seen := map[Effect]bool{}
			for _, e := range t.Effects {
				if seen[e] {
					c.at("IDEMPOTENCY", t, fmt.Sprintf("%s does %s twice", t.Event, e), "name it once")
					break
				}
				seen[e] = true
			}
		}
	}
}
