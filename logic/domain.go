package logic

import (
	"cmp"
	"math"
	"slices"
)

// A domain is the values of a term that literals tell apart: those that they
// name, one between each two that an order separates, and one for all others.
// A set of them is a mask.
type domain struct {
	values []any
	whole  uint64
}

type (
	between struct{ low, high any } // nil: open
	other   struct{}
)

// largest is how many values fit a mask. A term with more is not looked at.
const largest = 64

func domains(f *Formula) map[string]*domain {
	type seen struct {
		values  []any
		ordered bool
	}
	terms := map[string]*seen{}
	f.Each(func(l Literal) {
		t := terms[l.Term]
		if t == nil {
			t = &seen{values: []any{nil}}
			terms[l.Term] = t
		}
		t.ordered = t.ordered || l.Op != In
		for _, v := range l.Values {
			if b, ok := v.(bool); ok && !slices.Contains(t.values, any(!b)) {
				t.values = append(t.values, !b)
			}
			if !slices.Contains(t.values, v) {
				t.values = append(t.values, v)
			}
		}
	})
	out := map[string]*domain{}
	for name, t := range terms {
		d := &domain{values: append(slices.Clone(t.values), other{})}
		if t.ordered {
			d.values = append(d.values, gaps(t.values)...)
		}
		if len(d.values) > largest {
			continue
		}
		d.whole = math.MaxUint64 >> (largest - len(d.values))
		out[name] = d
	}
	return out
}

// gaps are the values below, between and above those that have an order.
func gaps(values []any) []any {
	var out []any
	for _, kind := range []func(any) bool{isText, isNumber} {
		of := slices.DeleteFunc(slices.Clone(values), func(v any) bool { return !kind(v) })
		slices.SortFunc(of, func(a, b any) int { sign, _ := compare(a, b); return sign })
		var low any
		for _, high := range of {
			out = append(out, between{low, high})
			low = high
		}
		if len(of) > 0 {
			out = append(out, between{low, nil})
		}
	}
	return out
}

func isText(v any) bool   { _, ok := v.(string); return ok }
func isNumber(v any) bool { _, ok := v.(float64); return ok }

// compare orders two texts or two numbers. A value in a gap stands where its
// gap does.
func compare(v, with any) (sign int, ok bool) {
	if gap, isGap := v.(between); isGap {
		if gap.high != nil {
			if sign, ok = compare(gap.high, with); ok && sign <= 0 {
				return -1, true
			}
		}
		if gap.low != nil {
			if sign, ok = compare(gap.low, with); ok && sign >= 0 {
				return 1, true
			}
		}
		return 0, false
	}
	switch v := v.(type) {
	case string:
		if w, isText := with.(string); isText {
			return cmp.Compare(v, w), true
		}
	case float64:
		if w, isNumber := with.(float64); isNumber {
			return cmp.Compare(v, w), true
		}
	}
	return 0, false
}

func (d *domain) mask(l Literal) uint64 {
	var out uint64
	for i, v := range d.values {
		if l.Takes(v) {
			out |= 1 << i
		}
	}
	return out
}
