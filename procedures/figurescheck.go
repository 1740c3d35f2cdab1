package procedures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/expr"
)

// wherever are the paths that are there wherever the table or value is read:
// while a form is filled its answers may be missing, afterwards those that every
// case has are there.
func (x *crosser) wherever(figure string) func(string) bool {
	for _, p := range x.whileFilling() {
		if slices.Contains(p.Refs, figure) || slices.ContainsFunc(p.Refs, func(ref string) bool { return strings.HasPrefix(ref, figure+".") }) {
			return x.always
		}
	}
	return x.certain
}

// figuresUsed: a figure of the law that nothing reads is one that nobody sees
// wrong.
func (x *crosser) figuresUsed() {
	if len(x.p.Values) < len(x.f.procedure.get("values").entries()) {
		return // what a value reads that could not be compiled is not known
	}
	read := map[string]bool{}
	for _, p := range x.p.programs() {
		for _, ref := range p.Refs {
			parts := strings.SplitN(ref, ".", 3)
			if len(parts) > 1 {
				read[parts[0]+"."+parts[1]] = true
			}
			if len(parts) == 3 && parts[0] == "tables" {
				x.key(parts[1], parts[2], ref)
			}
		}
	}
	here := *x.builder
	here.file = x.f.file(procedureFile)
	for _, e := range x.f.procedure.get("tables").entries() {
		if !read["tables."+e.key] {
			at := node{line: e.line, col: e.col}
			here.report("UNUSED", &at, fmt.Sprintf("nothing reads tables.%s", e.key), "read it, or remove it")
		}
	}
	for _, e := range x.f.procedure.get("values").entries() {
		if v := x.p.Value(e.key); v != nil && !v.Show && !read["values."+e.key] {
			at := node{line: e.line, col: e.col}
			here.report("UNUSED", &at, fmt.Sprintf("nothing reads values.%s", e.key), "read it, write show: true, or remove it")
		}
	}
}

// whileFilling are the expressions that are evaluated while answers are missing.
func (x *crosser) whileFilling() []*expr.Program {
	var out []*expr.Program
	for _, s := range x.p.Subjects {
		out = append(out, s.Key)
	}
	if x.p.Form != nil {
		out = append(out, x.p.shownBy()...)
	}
	return slices.DeleteFunc(out, func(p *expr.Program) bool { return p == nil })
}

// key: a table of keys is read by keys that it has.
func (x *crosser) key(table, key, ref string) {
	t := x.p.Table(table)
	if t == nil || t.faulty || t.has(key) || len(t.Rows) == 0 {
		return
	}
	first, _ := t.Rows[0].Value.(map[string]any)
	name, _, _ := strings.Cut(key, ".")
	e := x.f.procedure.get("tables").entry(table)
	here := *x.builder
	here.file = x.f.file(procedureFile)
	here.report("FACT", &node{line: e.line, col: e.col}, fmt.Sprintf("%s is read, which the rows of %s do not have", ref, table), didYouMean(name, keysOf(first)))
}
