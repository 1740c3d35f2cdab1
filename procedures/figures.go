package procedures

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/workflow"
)

// Table is dated figures of the law: `tables.NAME` reads the value in force on
// one day.
type Table struct {
	Name  string
	Title workflow.Text
	Day   *expr.Program // the day, as a date; nil: the day of filing
	Ends  bool          // no row follows the last, and none is meant to
	Rows  []*TableRow   // in any order; no two hold on one day
	Type  *expr.Type    // of each value

	faulty bool // its rows are not in order: nothing is concluded from them
}

// TableRow is what a table says on the days from From until Until, both inclusive.
type TableRow struct {
	From, Until string // Until empty: open
	Value       any    // int64, float64, string, bool, []any or map[string]any
	Law         string
}

// At returns the row in force on a day (2026-11-24); nil when none is.
func (t *Table) At(day string) *TableRow {
	for _, r := range t.Rows {
		if day != "" && within(day, r.From, r.Until) {
			return r
		}
	}
	return nil
}

// Value is a named result of answers and records: `values.NAME`.
type Value struct {
	Name  string
	Title workflow.Text
	Is    *expr.Program
	As    ValueKind
	Show  bool // on the check page and the page of the case
}

// ValueKind is what a value is, and how it is written for people.
type ValueKind string

// The kinds of values.
const (
	MoneyValue  ValueKind = "money" // đồng, whole
	NumberValue ValueKind = "number"
	DateValue   ValueKind = "date"
	TextValue   ValueKind = "text"
	YesNoValue  ValueKind = "yes-no"
)

// Compute adds the variables `tables` and `values` to those that are there. What
// they hold is found when an expression reads it, and once: vars must be complete
// but for answers that nothing read so far rests on.
func (p *Procedure) Compute(vars map[string]any) {
	if p == nil {
		return
	}
	vars["tables"] = &computed{vars: vars, find: p.figure}
	vars["values"] = &computed{vars: vars, find: p.value}
}

// computed is an object whose fields are found when they are read.
type computed struct {
	vars map[string]any
	find func(name string, vars map[string]any) (any, error)
	is   map[string]any
}

// Get implements expr.Computed.
func (c *computed) Get(name string) (any, error) {
	if v, known := c.is[name]; known {
		return v, nil
	}
	v, err := c.find(name, c.vars)
	if err != nil {
		return nil, err
	}
	if c.is == nil {
		c.is = map[string]any{}
	}
	c.is[name] = v
	return v, nil
}

// figure reads a table on its day; nil on a day that no row holds for.
func (p *Procedure) figure(name string, vars map[string]any) (any, error) {
	t := p.Table(name)
	if t == nil {
		return nil, fmt.Errorf("there is no table %s", name)
	}
	day := filingDay(vars)
	if t.Day != nil {
		var err error
		if day, err = t.Day.String(vars); err != nil {
			return nil, fmt.Errorf("tables.%s: %w", name, err)
		}
	}
	r := t.At(day)
	if r == nil {
		return nil, nil
	}
	p.observe(r)
	return r.Value, nil
}

// filingDay is the day of filing; before it, today.
func filingDay(vars map[string]any) string {
	c, _ := vars["case"].(map[string]any)
	if day, _ := c["filedOn"].(string); day != "" {
		return day
	}
	day, _ := vars["today"].(string)
	return day
}

// value computes a value.
func (p *Procedure) value(name string, vars map[string]any) (any, error) {
	v := p.Value(name)
	if v == nil {
		return nil, fmt.Errorf("there is no value %s", name)
	}
	is, err := v.Is.Eval(vars)
	if err == nil {
		is, err = v.As.checked(is)
	}
	if err != nil {
		return nil, fmt.Errorf("values.%s: %w", name, err)
	}
	p.observe(v)
	return is, nil
}

// checked holds a result against the kind that was declared; an absent one fits.
func (k ValueKind) checked(v any) (any, error) {
	fits := v == nil || v == ""
	switch x := v.(type) {
	case int64:
		fits = k == MoneyValue || k == NumberValue
	case float64:
		fits = k == NumberValue
	case bool:
		fits = k == YesNoValue
	case string:
		if k == DateValue && x != "" {
			_, err := time.Parse(time.DateOnly, x)
			fits = err == nil
		} else if x != "" {
			fits = k == TextValue
		}
	}
	if !fits {
		return nil, fmt.Errorf("the result %v is not of the kind %s", v, k)
	}
	return v, nil
}

// Table returns the table of that name, nil when there is none.
func (p *Procedure) Table(name string) *Table {
	for _, t := range p.Tables {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// Value returns the value of that name, nil when there is none.
func (p *Procedure) Value(name string) *Value {
	for _, v := range p.Values {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// Result is a value as it came out for a case.
type Result struct {
	*Value
	Is any // nil: absent
}

// Results computes the values that are shown to people, or all of them. vars
// are the variables of the definition language. The error is of the first that
// cannot be computed.
func (p *Procedure) Results(vars map[string]any, all bool) ([]Result, error) {
	var out []Result
	seen := maps.Clone(vars)
	p.Compute(seen)
	for _, v := range p.Values {
		if !v.Show && !all {
			continue
		}
		is, err := seen["values"].(*computed).Get(v.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, Result{v, is})
	}
	return out, nil
}

// Print writes the result for people; "" when it is absent.
func (r Result) Print(lang string) string {
	if n, ok := r.Is.(int64); ok && r.As == MoneyValue {
		return groupedFrom(n, 1000, "vi") + "\u00a0đ"
	}
	return inWords(r.Is, lang)
}

// typeOf is the type of a written figure; nil for what no table holds. A map
// whose entries are of one type can be read by any key.
func typeOf(v any) *expr.Type {
	switch x := v.(type) {
	case int64:
		return intType
	case float64:
		return numberType
	case string:
		return stringType
	case bool:
		return boolType
	case []any:
		if t := commonType(x); t != nil {
			return &expr.Type{Kind: expr.List, Elem: t}
		}
	case map[string]any:
		var entries []any
		for _, name := range keysOf(x) {
			entries = append(entries, x[name])
		}
		if t := commonType(entries); t != nil {
			return &expr.Type{Kind: expr.Map, Elem: t}
		}
		t := &expr.Type{Kind: expr.Object, Fields: map[string]*expr.Type{}}
		for name, e := range x {
			if t.Fields[name] = typeOf(e); t.Fields[name] == nil {
				return nil
			}
		}
		if len(t.Fields) > 0 {
			return t
		}
	}
	return nil
}

var numberType = &expr.Type{Kind: expr.Number}

// commonType is the type that all values share; nil when there is none.
func commonType(values []any) *expr.Type {
	var t *expr.Type
	for i, v := range values {
		if i == 0 {
			t = typeOf(v)
		} else {
			t = joined(t, typeOf(v))
		}
		if t == nil {
			return nil
		}
	}
	return t
}

// joined is the type of values of both types: broken numbers stand for whole
// ones among them. Nil when the shapes differ.
func joined(a, b *expr.Type) *expr.Type {
	if a == nil || b == nil {
		return nil
	}
	switch {
	case a.Kind == expr.Int && b.Kind == expr.Number, a.Kind == expr.Number && b.Kind == expr.Int:
		return numberType
	case a.Kind != b.Kind:
		return nil
	case a.Kind == expr.List || a.Kind == expr.Map:
		if elem := joined(a.Elem, b.Elem); elem != nil {
			return &expr.Type{Kind: a.Kind, Elem: elem}
		}
		return nil
	case a.Kind == expr.Object:
		out := &expr.Type{Kind: expr.Object, Fields: map[string]*expr.Type{}}
		if len(a.Fields) != len(b.Fields) {
			return nil
		}
		for name, t := range a.Fields {
			if out.Fields[name] = joined(t, b.Fields[name]); out.Fields[name] == nil {
				return nil
			}
		}
		return out
	}
	return a
}

// has tells whether a path below a table leads to something that all its rows
// have: `I` of `tables.minimumWage.I`, `4` of the fifth item of a list, `[].to`
// of each of its items.
func (t *Table) has(path string) bool {
	steps := strings.Split(strings.ReplaceAll(path, "[]", ".[]"), ".")
	if steps[0] == "" {
		steps = steps[1:]
	}
	for _, r := range t.Rows {
		if !leads(r.Value, steps) {
			return false
		}
	}
	return true
}

func leads(v any, steps []string) bool {
	if len(steps) == 0 {
		return v != nil
	}
	switch x := v.(type) {
	case map[string]any:
		return leads(x[steps[0]], steps[1:])
	case []any:
		if steps[0] == "[]" {
			return !slices.ContainsFunc(x, func(item any) bool { return !leads(item, steps[1:]) })
		}
		i, err := strconv.Atoi(steps[0])
		return err == nil && i >= 0 && i < len(x) && leads(x[i], steps[1:])
	}
	return false
}
