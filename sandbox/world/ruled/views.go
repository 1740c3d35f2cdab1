package ruled

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/vietnamese"
)

// A view is the rows of another kind in which one value is the key: a list of
// them, or the first.
type view struct {
	of     string
	by     []string // path of that value; lists on the way are gone through
	when   *expr.Program
	fields []string // of a row; nil: all
	one    bool
	values map[string]*value // worked out of a row, beside the fields
}

// An answer is worked out of the key alone; without `when`, for every key.
type answer struct {
	when   *expr.Program
	values map[string]*value
}

func (l *loader) view(n *node) *view {
	l.only(n, "of", "by", "when", "fields", "one", "values")
	v := &view{of: l.recordsOf(n.get("of"), n.place), when: l.condition(l.reads, n.get("when")), one: l.flag(n.get("one"))}
	if by := l.text(n.get("by"), "by", n.place); by != "" {
		v.by = strings.Split(by, ".")
	}
	for _, f := range l.list(n.get("fields")) {
		v.fields = append(v.fields, l.text(f, "a field", n.place))
	}
	if n.get("values") != nil {
		v.values = l.values(l.reads, n.get("values"), n.place)
	}
	return v
}

// ErrKind reports a kind that no registry of the set answers.
var ErrKind = errors.New("no such kind of record")

// Read answers a kind and key as of today (an ISO date); nil: there is no such record.
func (r *Registers) Read(kind, key, today string) (map[string]any, error) {
	k := r.set.kinds[kind]
	if k == nil {
		return nil, fmt.Errorf("%q: %w", kind, ErrKind)
	}
	vars := map[string]any{"records": r.now, "today": today, "key": key, "part": parts(key)}
	var out map[string]any
	var err error
	switch {
	case k.view != nil:
		out, err = r.view(k.view, key, vars)
	case k.answer != nil:
		out, err = k.answer.eval(vars)
	default:
		out, err = r.row(kind, r.record(kind, key), vars)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: read %s %q: %w", k.place.file, kind, key, err)
	}
	return out, nil
}

// parts are what stands between the colons of a key.
func parts(key string) []any {
	var out []any
	for p := range strings.SplitSeq(key, ":") {
		out = append(out, p)
	}
	return out
}

// row is a record with what is computed of it.
func (r *Registers) row(kind string, record map[string]any, vars map[string]any) (map[string]any, error) {
	computed := r.set.kinds[kind].computed
	if record == nil || computed == nil {
		return record, nil
	}
	vars = maps.Clone(vars)
	vars["row"] = record
	more, err := evalAll(computed, vars)
	if err != nil {
		return nil, err
	}
	out := maps.Clone(record)
	maps.Copy(out, more)
	return out, nil
}

func (r *Registers) view(v *view, key string, vars map[string]any) (map[string]any, error) {
	records := r.now[v.of].(map[string]any)
	list := []any{}
	for _, name := range slices.Sorted(maps.Keys(records)) {
		record, _ := records[name].(map[string]any)
		if !holds(record, v.by, key) {
			continue
		}
		row, err := r.row(v.of, record, vars)
		if err != nil {
			return nil, err
		}
		if row, err = v.cut(row, vars); err != nil {
			return nil, err
		}
		if row == nil {
			continue
		}
		if v.one {
			return row, nil
		}
		list = append(list, row)
	}
	if len(list) == 0 {
		return nil, nil
	}
	return map[string]any{"list": list}, nil
}

// cut is what a view shows of a row; nil: it does not show it.
func (v *view) cut(row map[string]any, vars map[string]any) (map[string]any, error) {
	vars = maps.Clone(vars)
	vars["row"] = row
	if v.when != nil {
		if ok, err := v.when.Bool(vars); err != nil || !ok {
			return nil, err
		}
	}
	out := row
	if v.fields != nil {
		out = make(map[string]any, len(v.fields))
		for _, f := range v.fields {
			out[f] = row[f]
		}
	}
	if v.values == nil {
		return out, nil
	}
	more, err := evalAll(v.values, vars)
	if err != nil {
		return nil, err
	}
	out = maps.Clone(out)
	maps.Copy(out, more)
	return out, nil
}

// holds tells whether the value at a path is the key, or one of a list is.
func holds(v any, path []string, key string) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return holds(item, path, key) })
	case map[string]any:
		return len(path) > 0 && holds(v[path[0]], path[1:], key)
	case string:
		return len(path) == 0 && (v == key || vietnamese.FoldWords(v, "") == vietnamese.FoldWords(key, ""))
	case nil:
		return false
	}
	return len(path) == 0 && fmt.Sprint(v) == key
}

func (a *answer) eval(vars map[string]any) (map[string]any, error) {
	if a.when != nil {
		if ok, err := a.when.Bool(vars); err != nil || !ok {
			return nil, err
		}
	}
	return evalAll(a.values, vars)
}
