package procedures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/expr"
)

// figures reads tables and values, each into the environment once it is
// compiled: a value may read what stands above it, and nothing else of its kind.
func (b *builder) figures() {
	n, p := b.f.procedure, b.p
	for _, e := range n.get("tables").entries() {
		t := &Table{Name: e.key, Title: e.value.get("title").localized(), Ends: e.value.get("ends").bool()}
		if day := e.value.get("day"); day != nil {
			t.Day = b.program(day, stringType)
			b.fixed(day, t.Day, "the day of a table")
		}
		for _, r := range e.value.get("rows").list() {
			t.Rows = append(t.Rows, &TableRow{From: r.get("from").str(), Until: r.get("until").str(), Value: figure(r.get("value")), Law: r.get("law").str()})
		}
		before := len(b.l.findings)
		b.shape(t, e)
		b.days(t, e.value)
		t.faulty = len(b.l.findings) > before
		p.Tables = append(p.Tables, t)
		b.define("tables", e, t.Type, t.Day)
	}
	for _, e := range n.get("values").entries() {
		is := e.value.get("is")
		v := &Value{Name: e.key, Title: e.value.get("title").localized(), As: ValueKind(e.value.get("as").str()), Show: e.value.get("show").bool()}
		t := v.As.typ()
		v.Is = b.program(is, t)
		if v.Is == nil {
			t = dynType // what reads it is not blamed for it
		} else {
			if v.As == NumberValue && v.Is.Kind() == expr.Int {
				t = intType
			}
			b.fixed(is, v.Is, "a value")
			p.Values = append(p.Values, v)
		}
		b.define("values", e, t, v.Is)
	}
}

func (b *builder) define(variable string, e *entry, t *expr.Type, by *expr.Program) {
	if err := b.env.Define(variable, e.key, t, by); err != nil {
		at := node{line: e.line, col: e.col}
		b.report("NAME", &at, err.Error(), "give it another name")
	}
}

// typ is the type of a value of that kind; whether a number is whole its
// expression tells.
func (k ValueKind) typ() *expr.Type {
	switch k {
	case MoneyValue:
		return intType
	case NumberValue:
		return numberType
	case YesNoValue:
		return boolType
	}
	return stringType
}

// figure is a written value: whole numbers are int64, as expressions have them.
func figure(n *node) any {
	var read func(v any) any
	read = func(v any) any {
		switch v := v.(type) {
		case int:
			return int64(v)
		case []any:
			out := make([]any, len(v))
			for i := range v {
				out[i] = read(v[i])
			}
			return out
		case map[string]any:
			out := make(map[string]any, len(v))
			for k, item := range v {
				out[k] = read(item)
			}
			return out
		}
		return v
	}
	return read(n.plain())
}

// fixed: what a value or the day of a table rests on is the same for whoever
// computes it, whenever: answers, records, the session and the day of filing.
func (b *builder) fixed(at *node, p *expr.Program, what string) {
	if p == nil {
		return
	}
	for _, ref := range p.Refs {
		root, rest, _ := strings.Cut(ref, ".")
		switch root {
		case "form", "subjects", "sources", "session", "variant", "tables", "values":
			continue
		case "case":
			if rest == "filedOn" || rest == "given" || strings.HasPrefix(rest, "given.") {
				continue
			}
		}
		remedy := "compute it from answers, records and tables, or write the expression where it is needed"
		if root == "today" {
			remedy = "write case.filedOn: the day of filing, and before it the day of the draft"
		}
		b.report("VALUE", at, fmt.Sprintf("%s reads %s, which changes after filing", what, ref), remedy)
		return
	}
}

// shape: all rows of a table hold values of one shape.
func (b *builder) shape(t *Table, e *entry) {
	rows := e.value.get("rows").list()
	for i, r := range t.Rows {
		own := typeOf(r.Value)
		switch {
		case own == nil:
			b.report("TABLE", rows[i].get("value"), fmt.Sprintf("a row of %s holds nothing that can be read", t.Name), "write a number, a text, a list of like items, or keys with values")
		case i == 0 || t.Type == nil:
			t.Type = own
		case joined(t.Type, own) == nil || !sameKeys(t.Rows[0].Value, r.Value):
			b.report("TABLE", rows[i].get("value"), fmt.Sprintf("this row of %s has another shape than the first", t.Name), "write the same keys and kinds of values in every row")
		default:
			t.Type = joined(t.Type, own)
		}
	}
	if t.Type == nil {
		t.Type = dynType
	}
}

// sameKeys tells whether two values that are maps have the same keys, all the way down.
func sameKeys(a, b any) bool {
	x, ok := a.(map[string]any)
	if !ok {
		return true
	}
	y, _ := b.(map[string]any)
	if !slices.Equal(keysOf(x), keysOf(y)) {
		return false
	}
	for name := range x {
		if !sameKeys(x[name], y[name]) {
			return false
		}
	}
	return true
}

// days: the rows of a table do not overlap, and hold for every day from today
// on, unless the table is said to end.
func (b *builder) days(t *Table, at *node) {
	rows := at.get("rows").list()
	for i, r := range t.Rows {
		for _, d := range []*node{rows[i].get("from"), rows[i].get("until")} {
			if d != nil && !validDate(d.str()) {
				b.report("DATES", d, fmt.Sprintf("there is no day %s", d.str()), "write a date as 2026-11-24")
			}
		}
		if r.Until != "" && r.From > r.Until {
			b.report("DATES", rows[i].get("until"), fmt.Sprintf("the row ends on %s, before it begins on %s", r.Until, r.From), "exchange from and until")
		}
		for _, other := range t.Rows[:i] {
			if within(r.From, other.From, other.Until) || within(other.From, r.From, r.Until) {
				b.report("TABLE", rows[i], fmt.Sprintf("two rows of %s hold on %s", t.Name, max(r.From, other.From)), "let the earlier row end on the day before")
			}
		}
	}
	day := firstUncovered(rows, b.l.today)
	if last := rows[len(rows)-1]; day != "" && !t.Ends {
		b.report("DATES", last, fmt.Sprintf("no row of %s holds on %s", t.Name, day), "leave until out of the last row, or write ends: true when no figure follows")
	} else if day == "" && t.Ends {
		b.report("DATES", at.get("ends"), fmt.Sprintf("the table %s is said to end, and its last row has no end", t.Name), "leave ends out, or write until")
	}
}
