package ruled

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/vietnamese"
)

// A loader puts the files together: names first, then what refers to them.
type loader struct {
	set   *Set
	wrong []error
	spelt map[string]place // kind and folded key: where the record stands
	reads *expr.Env        // of views, answers and computed values
	does  *expr.Env        // of operations
}

// file is one file with the registry that it is about.
type file struct {
	root     *node
	registry *registryDef
}

func (l *loader) fail(at place, format string, args ...any) {
	l.wrong = append(l.wrong, at.error(format, args...))
}

// open parses a file; nil: it is of another shape, or cannot be read.
func (l *loader) open(name string, text []byte) *file {
	root := l.parse(name, text)
	if root.entry("registry") == nil {
		return nil
	}
	l.only(root, "registry", "records", "views", "answers", "computed", "operations")
	id := l.text(root.get("registry"), "registry", root.place)
	r := l.set.registries[id]
	if r == nil {
		r = &registryDef{name: id, operations: map[string]*operation{}}
		l.set.registries[id] = r
	}
	return &file{root, r}
}

// declare names the kinds of a file.
func (l *loader) declare(f *file) {
	l.each(f.root.get("records"), func(k key) {
		kind := l.set.kinds[k.name]
		if kind == nil || kind.records == nil || kind.registry != f.registry.name { // else another file has records of it too
			if kind = l.kind(f, k); kind == nil {
				return
			}
			kind.records = map[string]any{}
		}
		l.each(k.node, func(rec key) {
			spelt := k.name + " " + vietnamese.FoldWords(rec.name, "")
			if first, taken := l.spelt[spelt]; taken {
				l.fail(place{k.node.file, rec.line}, "key %q reads as that in %s:%d", rec.name, first.file, first.line)
			}
			l.spelt[spelt] = place{k.node.file, rec.line}
			switch rec.node.shape {
			case mapping:
				kind.records[rec.name] = rec.node.plain()
			case sequence:
				kind.records[rec.name] = map[string]any{"list": rec.node.plain()}
			default:
				l.fail(rec.node.place, "a record has values by name, or is a list of such")
			}
		})
	})
	for _, part := range []string{"views", "answers"} {
		l.each(f.root.get(part), func(k key) { l.kind(f, k) })
	}
}

// declareWritten names the kinds that operations of a file make though no record of them is there yet.
func (l *loader) declareWritten(f *file) {
	l.each(f.root.get("operations"), func(op key) {
		set := op.node.get("set")
		if set == nil || set.shape != sequence {
			return // compile tells
		}
		for _, w := range set.items {
			name, _ := w.get("kind").plain().(string)
			if name != "" && l.set.kinds[name] == nil {
				l.set.kinds[name] = &kindDef{name: name, registry: f.registry.name, place: w.place, records: map[string]any{}}
			}
		}
	})
}

// kind makes a kind of a file; nil when another has its name.
func (l *loader) kind(f *file, k key) *kindDef {
	at := place{f.root.file, k.line}
	if other := l.set.kinds[k.name]; other != nil {
		l.fail(at, "kind %q stands in %s:%d already", k.name, other.place.file, other.place.line)
		return nil
	}
	kind := &kindDef{name: k.name, registry: f.registry.name, place: at}
	l.set.kinds[k.name] = kind
	return kind
}

// costLimit is what an expression over the records may cost: registries of the demonstration have some hundred.
const costLimit = 1_000_000

// environments declares what expressions may read: the records of every registry, by kind.
func (l *loader) environments() (err error) {
	records := &expr.Type{Kind: expr.Object, Name: "records", Fields: map[string]*expr.Type{}}
	for name, k := range l.set.kinds {
		if k.records != nil {
			records.Fields[name] = &expr.Type{Kind: expr.Map, Elem: anything}
		}
	}
	text := &expr.Type{Kind: expr.String}
	shared := func(more map[string]*expr.Type) map[string]*expr.Type {
		more["records"], more["today"] = records, text
		return more
	}
	if l.reads, err = expr.NewEnv(shared(map[string]*expr.Type{"key": text, "part": {Kind: expr.List, Elem: text}, "row": anything})); err != nil {
		return err
	}
	l.reads.Allow(costLimit)
	if l.does, err = expr.NewEnv(shared(map[string]*expr.Type{"body": anything, "number": {Kind: expr.Int}, "item": anything})); err != nil {
		return err
	}
	l.does.Allow(costLimit)
	return nil
}

// compile reads what a file says about the kinds and operations.
func (l *loader) compile(f *file) {
	l.each(f.root.get("views"), func(k key) {
		if kind := l.set.kinds[k.name]; kind != nil && kind.place.line == k.line && kind.place.file == f.root.file {
			kind.view = l.view(k.node)
		}
	})
	l.each(f.root.get("answers"), func(k key) {
		if kind := l.set.kinds[k.name]; kind != nil && kind.place.line == k.line && kind.place.file == f.root.file {
			l.only(k.node, "when", "values")
			kind.answer = &answer{when: l.condition(l.reads, k.node.get("when")), values: l.values(l.reads, k.node.get("values"), k.node.place)}
		}
	})
	l.each(f.root.get("computed"), func(k key) {
		kind := l.set.kinds[k.name]
		if kind == nil || kind.records == nil || kind.registry != f.registry.name {
			l.fail(place{f.root.file, k.line}, "%s has no records of a kind %q", f.registry.name, k.name)
			return
		}
		kind.computed = l.values(l.reads, k.node, k.node.place)
	})
	l.each(f.root.get("operations"), func(k key) {
		at := place{f.root.file, k.line}
		if other := f.registry.operations[k.name]; other != nil {
			l.fail(at, "operation %q stands in %s:%d already", k.name, other.place.file, other.place.line)
			return
		}
		f.registry.operations[k.name] = l.operation(f.registry, k.node, at)
	})
}

// recordsOf is the name of a kind that has records.
func (l *loader) recordsOf(n *node, at place) string {
	name := l.text(n, "the kind", at)
	if k := l.set.kinds[name]; name != "" && (k == nil || k.records == nil) {
		l.fail(n.place, "no file has records of a kind %q", name)
	}
	return name
}

// writtenBy is the name of a kind that an operation of a registry may write: one of its own.
func (l *loader) writtenBy(r *registryDef, n *node, at place) string {
	name := l.recordsOf(n, at)
	if k := l.set.kinds[name]; k != nil && k.registry != r.name {
		l.fail(n.place, "%s is held by %s (%s:%d): an operation writes its own registry", name, k.registry, k.place.file, k.place.line)
	}
	return name
}

// expression compiles what stands at a node.
func (l *loader) expression(env *expr.Env, n *node, want *expr.Type) *expr.Program {
	if env == nil || n == nil {
		return nil
	}
	source := l.text(n, "the expression", n.place)
	if source == "" {
		return nil
	}
	p, err := env.Compile(source, want)
	if err != nil {
		l.fail(n.place, "%v", err)
	}
	return p
}

// condition compiles one; an absent node is none.
func (l *loader) condition(env *expr.Env, n *node) *expr.Program {
	return l.expression(env, n, &expr.Type{Kind: expr.Bool})
}

// A value is worked out: a text is an expression, mappings and lists hold values,
// and all else is itself.
type value struct {
	program *expr.Program
	fields  map[string]*value
	items   []*value
	list    bool
	is      any
}

func (l *loader) value(env *expr.Env, n *node) *value {
	switch {
	case n.shape == mapping:
		return &value{fields: l.values(env, n, n.place)}
	case n.shape == sequence:
		v := &value{list: true}
		for _, item := range n.items {
			v.items = append(v.items, l.value(env, item))
		}
		return v
	}
	if _, text := n.value.(string); !text {
		return &value{is: n.value}
	}
	return &value{program: l.expression(env, n, nil)}
}

func (l *loader) values(env *expr.Env, n *node, at place) map[string]*value {
	if n == nil {
		l.fail(at, "values is missing")
	}
	out := map[string]*value{}
	l.each(n, func(k key) { out[k.name] = l.value(env, k.node) })
	return out
}

// eval works a value out.
func (v *value) eval(vars map[string]any) (any, error) {
	switch {
	case v.program != nil:
		return v.program.Eval(vars)
	case v.list:
		out := make([]any, len(v.items))
		for i, item := range v.items {
			var err error
			if out[i], err = item.eval(vars); err != nil {
				return nil, err
			}
		}
		return out, nil
	case v.fields != nil:
		return evalAll(v.fields, vars)
	}
	return v.is, nil
}

// evalAll works out values by name.
func evalAll(values map[string]*value, vars map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(values))
	var wrong []error
	for name, v := range values {
		got, err := v.eval(vars)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
		}
		out[name] = got
	}
	return out, errors.Join(wrong...)
}

// read adds the paths that values read.
func (v *value) read(into *[]string) {
	if v == nil {
		return
	}
	if v.program != nil {
		*into = append(*into, v.program.Refs...)
	}
	for _, f := range v.fields {
		f.read(into)
	}
	for _, i := range v.items {
		i.read(into)
	}
}

// bodyFields are the first names after body in paths, each once.
func bodyFields(paths []string) []string {
	var out []string
	for _, p := range paths {
		if rest, ok := strings.CutPrefix(p, "body."); ok {
			name, _, _ := strings.Cut(rest, ".")
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
