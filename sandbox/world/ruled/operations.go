package ruled

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/registry"
)

// An operation is refused for the first reason that holds, or writes records and answers.
type operation struct {
	place   place
	refuse  []refusal
	set     []write
	receipt *expr.Program // nil: the registry's name and the number
	reply   map[string]*value
	fields  []string // of the body, that it reads
}

type refusal struct {
	when   *expr.Program
	reason string
	vi, en string
}

// A write merges values into a record, or removes it; once for each item of a list where there is one.
type write struct {
	kind   string
	key    *expr.Program
	when   *expr.Program
	each   *expr.Program
	values map[string]*value
	remove bool
}

func (l *loader) operation(by *registryDef, n *node, at place) *operation {
	l.only(n, "refuse", "set", "receipt", "reply")
	text := &expr.Type{Kind: expr.String}
	o := &operation{place: at, receipt: l.expression(l.does, n.get("receipt"), text)}
	var read []string
	note := func(p *expr.Program) {
		if p != nil {
			read = append(read, p.Refs...)
		}
	}
	note(o.receipt)
	for _, r := range l.list(n.get("refuse")) {
		l.only(r, "when", "reason", "vi", "en")
		one := refusal{when: l.condition(l.does, r.get("when")), reason: l.text(r.get("reason"), "reason", r.place),
			vi: l.text(r.get("vi"), "vi", r.place), en: l.text(r.get("en"), "en", r.place)}
		if r.get("when") == nil {
			l.fail(r.place, "when is missing")
		}
		note(one.when)
		o.refuse = append(o.refuse, one)
	}
	for _, s := range l.list(n.get("set")) {
		l.only(s, "kind", "key", "when", "each", "values", "remove")
		w := write{kind: l.writtenBy(by, s.get("kind"), s.place), key: l.expression(l.does, s.get("key"), text), when: l.condition(l.does, s.get("when")),
			each: l.expression(l.does, s.get("each"), &expr.Type{Kind: expr.List}), remove: l.flag(s.get("remove"))}
		if s.get("key") == nil {
			l.fail(s.place, "key is missing")
		}
		if w.remove == (s.get("values") != nil) {
			l.fail(s.place, "write values, or remove: true")
		} else if !w.remove {
			w.values = l.values(l.does, s.get("values"), s.place)
		}
		note(w.key)
		note(w.when)
		note(w.each)
		for _, v := range w.values {
			v.read(&read)
		}
		o.set = append(o.set, w)
	}
	if n.get("reply") != nil {
		o.reply = l.values(l.does, n.get("reply"), n.place)
	}
	for _, v := range o.reply {
		v.read(&read)
	}
	o.fields = bodyFields(read)
	return o
}

// ErrOperation reports an operation that no registry of the set offers.
var ErrOperation = errors.New("no such operation")

// Do carries an operation out as of today. An error says that its rules could not
// be worked out; then nothing has changed.
func (r *Registers) Do(name, op string, body map[string]any, today string) (registry.Reply, error) {
	def := r.set.registries[name]
	if def == nil || def.operations[op] == nil {
		return registry.Reply{}, fmt.Errorf("registry %s, %q: %w", name, op, ErrOperation)
	}
	o := def.operations[op]
	number := r.changes.Numbers[name] + 1
	reply, made, err := o.eval(r, name, map[string]any{"body": body, "today": today, "number": number, "records": r.now})
	if err != nil {
		return registry.Reply{}, o.place.error("%s: %v", op, err)
	}
	if reply.Outcome != registry.Done {
		return reply, nil
	}
	r.changes.Numbers[name] = number
	for _, m := range made {
		if r.changes.Records[m.kind] == nil {
			r.changes.Records[m.kind] = map[string]map[string]any{}
		}
		r.changes.Records[m.kind][m.key] = m.values
		r.put(m.kind, m.key, m.values)
	}
	return reply, nil
}

// made is a record as it is to be; nil values: removed.
type made struct {
	kind, key string
	values    map[string]any
}

func (o *operation) eval(r *Registers, name string, vars map[string]any) (registry.Reply, []made, error) {
	for _, no := range o.refuse {
		ok, err := no.when.Bool(vars)
		if err != nil {
			return registry.Reply{}, nil, err
		}
		if ok {
			return registry.Reply{Outcome: registry.Refused, Body: map[string]any{"reason": no.reason, "text": no.vi, "textEn": no.en}}, nil, nil
		}
	}
	var all []made
	for _, w := range o.set {
		list, err := w.eval(r, vars, all)
		if err != nil {
			return registry.Reply{}, nil, err
		}
		all = append(all, list...)
	}
	reply := registry.Reply{Outcome: registry.Done, Receipt: fmt.Sprintf("%s-%d", strings.ToUpper(name), vars["number"])}
	var err error
	if o.receipt != nil {
		if reply.Receipt, err = o.receipt.String(vars); err != nil {
			return reply, nil, err
		}
	}
	if o.reply != nil {
		reply.Body, err = evalAll(o.reply, after(vars, r, all))
	}
	return reply, all, err
}

// after is what the reply reads: the records as they have become.
func after(vars map[string]any, r *Registers, all []made) map[string]any {
	if len(all) == 0 {
		return vars
	}
	then := maps.Clone(r.now)
	touched := map[string]bool{}
	for _, m := range all {
		if !touched[m.kind] {
			then[m.kind], touched[m.kind] = maps.Clone(then[m.kind].(map[string]any)), true
		}
		if m.values == nil {
			delete(then[m.kind].(map[string]any), m.key)
		} else {
			then[m.kind].(map[string]any)[m.key] = m.values
		}
	}
	vars = maps.Clone(vars)
	vars["records"] = then
	return vars
}

// eval works out what a write makes. All expressions read the records as they were
// before the operation; what an earlier write of it has made is merged into.
func (w write) eval(r *Registers, vars map[string]any, before []made) ([]made, error) {
	if w.each == nil {
		return w.one(r, vars, before)
	}
	list, err := w.each.Eval(vars)
	if err != nil {
		return nil, err
	}
	items, _ := list.([]any)
	var out []made
	for _, item := range items {
		with := maps.Clone(vars)
		with["item"] = item
		more, err := w.one(r, with, slices.Concat(before, out))
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

func (w write) one(r *Registers, vars map[string]any, before []made) ([]made, error) {
	if w.when != nil {
		if ok, err := w.when.Bool(vars); err != nil || !ok {
			return nil, err
		}
	}
	key, err := w.key.String(vars)
	if err != nil {
		return nil, err
	}
	if key == "" {
		return nil, fmt.Errorf("the key of a %s is empty", w.kind)
	}
	key = r.spelt(w.kind, key)
	if w.remove {
		return []made{{w.kind, key, nil}}, nil
	}
	values, err := evalAll(w.values, vars)
	if err != nil {
		return nil, err
	}
	was := r.record(w.kind, key)
	if was == nil && r.Under != nil {
		was = r.Under(w.kind, key)
	}
	for _, m := range before {
		if m.kind == w.kind && m.key == key {
			was = m.values
		}
	}
	out := maps.Clone(was)
	if out == nil {
		out = map[string]any{}
	}
	for name, v := range values {
		if out[name] = v; v == nil {
			delete(out, name)
		}
	}
	return []made{{w.kind, key, out}}, nil
}
