package procedures

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/workflow"
)

var durationText = regexp.MustCompile(`^([0-9]+)(h|d|wd)$`)

// duration reads 4h, 30d, 5wd; the shape of the file has been checked.
func duration(s string) workflow.Duration {
	m := durationText.FindStringSubmatch(s)
	if m == nil {
		return workflow.Duration{}
	}
	n, _ := strconv.Atoi(m[1])
	return workflow.Duration{N: n, Unit: workflow.Unit(m[2])}
}

// tables reads the variants, the competence, the fees, the terms and the grounds.
func (b *builder) tables() {
	n, p := b.f.procedure, b.p
	for _, v := range n.get("variants").list() {
		b.beforeVariant(v.get("when"))
		p.Variants = append(p.Variants, &Variant{ID: v.get("id").str(), Title: v.get("title").localized(), When: b.program(v.get("when"), boolType), Law: v.get("law").str()})
	}
	b.total("TOTAL", n.get("variants"), "variant")
	b.unique(n.get("variants"))
	competence := func(list *node, name string) []*Competence {
		var out []*Competence
		for _, r := range list.list() {
			out = append(out, &Competence{Kind: r.get("kind").str(), Commune: b.program(r.get("commune"), stringType),
				Agency: b.program(r.get("agency"), stringType), When: b.program(r.get("when"), boolType), Law: r.get("law").str()})
		}
		b.total("ROUTE", list, name)
		return out
	}
	p.Receiving = competence(n.get("competence").get("receiving"), "row of competence")
	p.Competent = competence(n.get("competence").get("competent"), "row of competence")
	for _, r := range n.get("fees").list() {
		f := &Fee{When: b.program(r.get("when"), boolType), Title: r.get("title").localized(), Law: r.get("law").str(), From: r.get("from").str(), Until: r.get("until").str()}
		f.Amount = b.program(r.get("amount"), intType)
		p.Fees = append(p.Fees, f)
	}
	b.dated(n.get("fees"), "fee")
	for _, r := range n.get("limits").list() {
		p.Limits = append(p.Limits, &Limit{When: b.program(r.get("when"), boolType), Limit: duration(r.get("limit").str()), Title: r.get("title").localized(),
			Law: r.get("law").str(), CutOff: r.get("cut-off").str(), From: r.get("from").str(), Until: r.get("until").str()})
	}
	b.dated(n.get("limits"), "term")
	for _, g := range n.get("grounds").list() {
		p.Grounds = append(p.Grounds, &Ground{ID: g.get("id").str(), Title: g.get("title").localized(), Law: g.get("law").str()})
	}
	b.unique(n.get("grounds"))
}

// beforeVariant: the conditions that choose the variant cannot read it.
func (b *builder) beforeVariant(when *node) {
	if p := b.quiet(when); p != nil && slices.Contains(p.Refs, "variant") {
		b.report("VARIANT", when, "the condition of a variant reads the variant", "choose it by answers and records")
	}
}

// quiet compiles without reporting.
func (b *builder) quiet(n *node) *expr.Program {
	if n == nil {
		return nil
	}
	p, err := b.env.Compile(n.str(), boolType)
	if err != nil {
		return nil
	}
	return p
}

// total: rows are tried in order, all but the last have a condition.
func (b *builder) total(code string, list *node, what string) {
	rows := list.list()
	for i, r := range rows {
		last := i == len(rows)-1
		switch when := r.get("when"); {
		case last && when != nil:
			b.report(code, when, "the last "+what+" has a condition: it is not certain that one applies", "leave when out of the last, or add one without it")
		case !last && when == nil:
			b.report(code, r, "a "+what+" without a condition hides those below it", "write when, or move it to the end")
		}
	}
}

// dated: the same, where rows hold for some days only. Some row must answer
// for every day from today on.
func (b *builder) dated(list *node, what string) {
	rows := list.list()
	if len(rows) == 0 {
		return
	}
	for i, r := range rows {
		from, until := r.get("from"), r.get("until")
		for _, d := range []*node{from, until} {
			if d != nil && !validDate(d.str()) {
				b.report("DATES", d, fmt.Sprintf("there is no day %s", d.str()), "write a date as 2026-11-24")
			}
		}
		if from != nil && until != nil && from.str() > until.str() {
			b.report("DATES", until, fmt.Sprintf("the %s ends on %s, before it begins on %s", what, until.str(), from.str()), "exchange from and until")
		}
		if r.get("when") == nil && from == nil && until == nil && i < len(rows)-1 {
			b.report("TOTAL", r, "a "+what+" without condition and dates hides those below it", "write when, or move it to the end")
		}
	}
	covered := firstUncovered(rows, b.l.today)
	if last := rows[len(rows)-1]; last.get("when") != nil {
		b.report("TOTAL", last.get("when"), "the last "+what+" has a condition: it is not certain that one applies", "leave when out of the last, or add one without it")
	} else if covered != "" {
		b.report("DATES", last, fmt.Sprintf("no %s without condition holds on %s", what, covered), "let a row without when begin on that day, or leave from and until out of the last")
	}
}

// firstUncovered is the first day from today on for which no row without a
// condition holds; "" when there is none.
func firstUncovered(rows []*node, today string) string {
	day := today
	for found := true; found && day != ""; {
		found = false
		for _, r := range rows {
			if r.get("when") == nil && within(day, r.get("from").str(), r.get("until").str()) {
				day, found = dayAfter(r.get("until").str()), true
				break
			}
		}
	}
	return day
}

// unique: ids of a list stand once.
func (b *builder) unique(list *node) {
	seen := map[string]int{}
	for _, r := range list.list() {
		id := r.get("id")
		if first, ok := seen[id.str()]; ok {
			b.report("NAME", id, fmt.Sprintf("the id %q stands twice, first in line %d", id.str(), first), "give it another name")
			continue
		}
		seen[id.str()] = id.line
	}
}
