package logic

import "maps"

// steps bounds the search. One that is not over by then counts as possible.
const steps = 200_000

// Possible tells whether some values of the terms make the formula true.
func Possible(f *Formula) bool {
	_, possible := solve(f)
	return possible
}

// solve searches; found stays nil when it was not over.
func solve(f *Formula) (*search, bool) {
	s := &search{domains: domains(f), masks: map[*Formula]uint64{}, left: steps}
	open := map[string]uint64{}
	for term, d := range s.domains {
		open[term] = d.whole
	}
	return s, s.possible(open, []*Formula{f})
}

type search struct {
	domains map[string]*domain
	masks   map[*Formula]uint64 // by literal
	left    int
	found   map[string]uint64 // what was open when all held
}

// possible tells whether all of the formulas can hold, while each term has one
// of the values that are open for it. Literals narrow the values first; then
// one of the disjunctions is tried branch by branch.
func (s *search) possible(open map[string]uint64, all []*Formula) bool {
	for {
		var rest []*Formula
		for len(all) > 0 {
			f := all[len(all)-1]
			all = all[:len(all)-1]
			if s.left--; s.left < 0 {
				return true
			}
			switch f.kind {
			case never:
				return false
			case and:
				all = append(all, f.of...)
			case or:
				rest = append(rest, f)
			case literal:
				d := s.domains[f.lit.Term]
				if d == nil {
					continue
				}
				if open[f.lit.Term] &= s.mask(d, f); open[f.lit.Term] == 0 {
					return false
				}
			}
		}
		if len(rest) == 0 {
			s.found = open
			return true
		}
		// Formulas are shared: the list is our own, what stands in it is not.
		all = make([]*Formula, len(rest))
		changed := false
		for i, f := range rest {
			all[i] = s.under(open, f)
			changed = changed || all[i] != f
		}
		if !changed {
			break
		}
	}
	least := 0
	for i, f := range all {
		if len(f.of) < len(all[least].of) {
			least = i
		}
	}
	for _, branch := range all[least].of {
		with := make([]*Formula, 0, len(all))
		with = append(append(append(with, all[:least]...), all[least+1:]...), branch)
		if s.possible(maps.Clone(open), with) {
			return true
		}
	}
	return false
}

// under is a formula under what is open: literals that are decided are gone. It
// is the same formula when none is.
func (s *search) under(open map[string]uint64, f *Formula) *Formula {
	switch f.kind {
	case literal:
		d := s.domains[f.lit.Term]
		if d == nil {
			return True
		}
		is, may := s.mask(d, f), open[f.lit.Term]
		switch {
		case is&may == 0:
			return False
		case may&^is == 0:
			return True
		}
	case and, or:
		s.left--
		for i, x := range f.of {
			if y := s.under(open, x); y != x {
				of := append(append(make([]*Formula, 0, len(f.of)), f.of[:i]...), y)
				for _, x := range f.of[i+1:] {
					of = append(of, s.under(open, x))
				}
				if f.kind == and {
					return And(of...)
				}
				return Or(of...)
			}
		}
	}
	return f
}

// mask is what a literal leaves open of its term.
func (s *search) mask(d *domain, f *Formula) uint64 {
	m, known := s.masks[f]
	if !known {
		m = d.mask(f.lit)
		s.masks[f] = m
	}
	return m
}
