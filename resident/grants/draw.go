package grants

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/resident"
)

// A drawer draws changes. Half of its people come from a few who are drawn again
// and again, with their relatives: what never meets cannot quarrel.
type drawer struct {
	rand  *rand.Rand
	all   *people
	today time.Time
	types []string // empty: all
	born  []string // newborns of this drawer
}

// few is how many are drawn again and again.
const few = 400

// weights say how often each type is drawn.
var weights = []struct {
	kind string
	n    int
}{
	{resident.MovePermanent, 20}, {resident.ClosePermanent, 4}, {resident.NameHead, 4}, {resident.RegisterTemporary, 9}, {resident.ExtendTemporary, 5},
	{resident.EndTemporary, 4}, {resident.RegisterAbsence, 5}, {resident.RecordStay, 5}, {resident.RegisterBirth, 9}, {resident.RegisterDeath, 5},
	{resident.RegisterMarriage, 10}, {resident.EndMarriage, 4}, {resident.SetParents, 5}, {resident.IssueCard, 4}, {resident.CorrectPerson, 5}, {resident.SetContact, 2},
}

func (d *drawer) kind() string {
	sum := 0
	if len(d.types) > 0 {
		return d.types[d.rand.IntN(len(d.types))]
	}
	for _, w := range weights {
		sum += w.n
	}
	at := d.rand.IntN(sum)
	for _, w := range weights {
		if at -= w.n; at < 0 {
			return w.kind
		}
	}
	return resident.MovePermanent
}

// learn keeps what later draws can use.
func (d *drawer) learn(out map[string]any) {
	if n, ok := out["personalNumber"].(string); ok {
		d.born = append(d.born, n)
	}
}

// one draws somebody of a list, half of the time one of the first few.
func one[T any](d *drawer, list []T) (v T) {
	if len(list) == 0 {
		return v
	}
	n := len(list)
	if d.chance(50) {
		n = min(n, few)
	}
	return list[d.rand.IntN(n)]
}

// of draws a person of a list; of everybody where there is nobody in it.
func (d *drawer) of(list []*someone) *someone {
	if len(list) == 0 {
		list = d.all.everybody
	}
	return one(d, list)
}

func (d *drawer) chance(percent int) bool { return d.rand.IntN(100) < percent }

// somebody draws a person, now and then a newborn of the run or a number that nobody has.
func (d *drawer) somebody() string {
	switch {
	case d.chance(4) && len(d.born) > 0:
		return d.born[d.rand.IntN(len(d.born))]
	case d.chance(1):
		return "001099999999"
	}
	return d.of(d.all.everybody).Number
}

// some draws one to three people, often of one household.
func (d *drawer) some() []string {
	first := d.somebody()
	list := []string{first}
	if s := d.all.by[first]; s != nil && d.chance(40) {
		for _, m := range d.all.households[s.Household] {
			if m.Number != first && len(list) < 3 && d.chance(60) {
				list = append(list, m.Number)
			}
		}
	}
	if d.chance(3) {
		list = append(list, first)
	}
	return list
}

// place draws a dwelling: of a household, or a new one.
func (d *drawer) place() agency.Address {
	a := d.of(d.all.heads).Home
	if d.chance(50) {
		a.Line = fmt.Sprintf("%d đường Mới", 1+d.rand.IntN(500))
	}
	return a
}

// date is a day some days from today.
func (d *drawer) date(days int) string { return d.today.AddDate(0, 0, days).Format(time.DateOnly) }

// values draws the values of a change.
func (d *drawer) values(kind string) map[string]any {
	switch kind {
	case resident.MovePermanent:
		return d.move()
	case resident.ClosePermanent:
		return map[string]any{"people": d.some(), "because": "settled abroad"}
	case resident.NameHead:
		h := d.all.households[d.of(d.all.heads).Household]
		if len(h) == 0 {
			return map[string]any{"household": "0", "head": d.somebody()}
		}
		return map[string]any{"household": fmt.Sprint(h[0].Household), "head": h[d.rand.IntN(len(h))].Number}
	case resident.RegisterTemporary:
		return map[string]any{"people": d.some(), "to": d.place().Map(), "until": d.date(30 + d.rand.IntN(720))}
	case resident.ExtendTemporary:
		return map[string]any{"people": []string{d.somebody()}, "until": d.date(300 + d.rand.IntN(800))}
	case resident.EndTemporary:
		return map[string]any{"people": []string{d.somebody()}}
	case resident.RegisterAbsence:
		from := d.rand.IntN(60) - 10
		return map[string]any{"people": d.some(), "from": d.date(from), "until": d.date(from + d.rand.IntN(90) - 1), "reason": "công tác"}
	case resident.RecordStay:
		from := d.rand.IntN(30) - 10
		return map[string]any{"people": d.some(), "at": d.place().Map(), "from": d.date(from), "until": d.date(from + d.rand.IntN(32) - 1)}
	case resident.IssueCard:
		return d.card()
	case resident.CorrectPerson:
		s := d.of(d.all.everybody)
		return map[string]any{"person": s.Number, "values": d.correction(s)}
	case resident.SetContact:
		return map[string]any{"person": d.somebody(), "phone": fmt.Sprintf("09%08d", d.rand.IntN(100_000_000))}
	}
	return d.family(kind)
}

func (d *drawer) move() map[string]any {
	v := map[string]any{"people": d.some(), "relation": []string{"child", "tenant", "lodger"}[d.rand.IntN(3)]}
	if d.chance(50) {
		v["to"], v["head"] = d.place().Map(), ""
		return v
	}
	head := d.of(d.all.heads)
	v["to"], v["head"] = head.Home.Map(), head.Number
	return v
}

func (d *drawer) card() map[string]any {
	s := d.of(d.all.everybody)
	v := map[string]any{"person": s.Number}
	if until := resident.CardExpiry(s.Born, d.today); !until.IsZero() && !d.chance(3) {
		v["until"] = until.Format(time.DateOnly)
	}
	return v
}

// correction is of one value; a date of birth is mostly of the year that the number says.
func (d *drawer) correction(s *someone) map[string]any {
	switch d.rand.IntN(4) {
	case 0:
		year := s.Born.Year()
		if d.chance(10) {
			year++
		}
		return map[string]any{"birthDate": time.Date(year, time.Month(1+d.rand.IntN(12)), 1+d.rand.IntN(28), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)}
	case 1:
		return map[string]any{"ethnicity": []string{"Tày", "Kinh", "Mường"}[d.rand.IntN(3)]}
	case 2:
		return map[string]any{"sex": []string{"male", "female"}[d.rand.IntN(2)]}
	}
	return map[string]any{"fullName": fmt.Sprintf("Nguyễn Văn %c", 'A'+rune(d.rand.IntN(26))), "homePlace": d.place().Map()}
}

// family draws births, deaths, marriages and parents, some of them among kin.
func (d *drawer) family(kind string) map[string]any {
	switch kind {
	case resident.RegisterBirth:
		mother := d.of(d.all.mothers)
		v := map[string]any{"fullName": fmt.Sprintf("Trần Bé %c%c", 'A'+rune(d.rand.IntN(26)), 'a'+rune(d.rand.IntN(26))), "birthDate": d.date(-d.rand.IntN(60)),
			"sex": []string{"male", "female"}[d.rand.IntN(2)], "mother": mother.Number, "birthPlace": d.place().Map()}
		switch {
		case d.chance(5):
			delete(v, "mother")
		case mother.Spouse != "" && !d.chance(10):
			v["father"] = mother.Spouse
		case d.chance(30):
			v["father"] = d.of(d.all.men).Number
		}
		return v
	case resident.RegisterDeath:
		return map[string]any{"person": d.somebody(), "on": d.date(-d.rand.IntN(20)), "newHead": d.heir()}
	case resident.RegisterMarriage:
		husband, wife := d.of(d.all.men), d.of(d.all.women)
		if d.chance(20) { // perhaps a sister or a cousin
			if h := d.all.households[husband.Household]; len(h) > 0 {
				wife = h[d.rand.IntN(len(h))]
			}
		}
		return map[string]any{"husband": husband.Number, "wife": wife.Number, "on": d.date(-d.rand.IntN(3))}
	case resident.EndMarriage:
		c := one(d, d.all.couples)
		if c[0] == nil || d.chance(5) {
			return map[string]any{"husband": d.somebody(), "wife": d.somebody(), "on": d.date(-1)}
		}
		return map[string]any{"husband": c[0].Number, "wife": c[1].Number, "on": d.date(-d.rand.IntN(3))}
	}
	v := map[string]any{"child": d.somebody()} // set-parents
	if d.chance(60) {
		v["father"] = d.somebody()
	}
	if d.chance(60) {
		v["mother"] = d.somebody()
	}
	return v
}

// heir is now and then a new head.
func (d *drawer) heir() string {
	if d.chance(80) {
		return ""
	}
	return d.somebody()
}
