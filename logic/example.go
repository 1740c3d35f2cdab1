package logic

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Example says of the terms that keep takes how they stand in one case in which
// the formula is true, in the order of their names: "form.household.mode ==
// 'join'". A term that may have any value then is left out. It is nil for an
// impossible formula.
func Example(f *Formula, keep func(term string) bool) []string {
	s, possible := solve(f)
	if !possible {
		return nil
	}
	var out []string
	for _, term := range slices.Sorted(maps.Keys(s.found)) {
		if d, open := s.domains[term], s.found[term]; open != d.whole && keep(term) {
			out = append(out, term+d.inWords(open))
		}
	}
	return out
}

// inWords says which values are open: one of those that have a name, if there is
// one, or what they are not.
func (d *domain) inWords(open uint64) string {
	absent := false
	for i, v := range d.values {
		if open&(1<<i) == 0 {
			continue
		}
		switch v := v.(type) {
		case nil:
			absent = true
		case string:
			return " == '" + v + "'"
		case bool, float64:
			return fmt.Sprintf(" == %v", v)
		case between:
			return between.inWords(v)
		}
	}
	if absent {
		return " == null"
	}
	return " != null"
}

func (b between) inWords() string {
	side := func(v any) string {
		if n, ok := v.(float64); ok {
			return strconv.FormatFloat(n, 'f', -1, 64)
		}
		return fmt.Sprintf("'%v'", v)
	}
	switch {
	case b.low == nil:
		return " < " + side(b.high)
	case b.high == nil:
		return " > " + side(b.low)
	}
	return " > " + side(b.low) + " && < " + side(b.high)
}
