package procedures

import "fmt"

// beginAs makes a story begin as one of those above it: what n does not say is
// as there, and the first steps are those of that story.
func (s *Scenario) beginAs(above []*Scenario, id string, n *node) {
	for _, base := range above {
		if base.ID != id {
			continue
		}
		said := func(key string) bool { return n.get(key) != nil }
		if !said("at") {
			s.At = base.At
		}
		if !said("applicant") {
			s.Applicant = base.Applicant
		}
		if !said("for") {
			s.For = base.For
		}
		if !said("given") {
			s.Given = base.Given
		}
		if !said("answers") {
			s.Answers = base.Answers
		}
		if !said("contests") {
			s.Contests = base.Contests
		}
		if !said("attachments") {
			s.Attachments = base.Attachments
		}
		if !said("expect") {
			s.Expect = base.Expect
		}
		first := min(n.get("first").int(), len(base.Steps))
		s.Steps = append(append([]*Step{}, base.Steps[:first]...), s.Steps...)
		return
	}
}

// likes: a story begins as one that stands above it, with steps that it has.
func (x *crosser) likes(list []*node) {
	steps := map[string]int{}
	var known []string
	for _, s := range list {
		own := len(s.get("steps").list())
		like, first := s.get("like"), s.get("first")
		if like == nil && first != nil {
			x.report("TESTS", first, "first steps of no story", "write like: the id of a story above")
		}
		if like != nil {
			n, ok := steps[like.str()]
			switch {
			case !ok:
				x.report("TESTS", like, fmt.Sprintf("there is no story %q above this one", like.str()), didYouMean(like.str(), known))
			case first != nil && first.int() > n:
				x.report("TESTS", first, fmt.Sprintf("%s has no more than %d steps", like.str(), n), fmt.Sprintf("write a number up to %d", n))
			}
			own += min(first.int(), n)
		}
		steps[s.get("id").str()], known = own, append(known, s.get("id").str())
	}
}
