package workflow

import "slices"

// Class is how the outcome of a sub-case counts in a join.
type Class string

// The classes of outcomes.
const (
	ClassOK   Class = "ok"   // what was wanted
	ClassGap  Class = "gap"  // no answer to build on: the officer sees who gave none
	ClassStop Class = "stop" // a no
)

// The outcomes that a sub-case may have without any of its final states saying so.
const (
	OutcomeCancelled Outcome = "cancelled" // it was ended because nobody needed it any more
	OutcomeTimedOut  Outcome = "timed-out" // it had not ended when the window was over
)

// The rules of joins. n is how many sub-cases were opened.
const (
	RuleAll           = "all"            // left to then when all n are ok, to refused at the first that is not
	RuleAny           = "any"            // to then at the first ok, to refused when all have ended without one
	RuleCount         = "count"          // to then at the k-th ok, to refused as soon as k cannot be reached
	RuleFirstNegative = "first-negative" // to refused at the first stop, to then when all have ended without one
	RuleSettled       = "settled"        // to then when all have ended
)

// Join tells when a subcases state is left.
type Join struct {
	Rule     string
	Count    int               // k of count; with fewer opened, all of them
	OK       []Outcome         // outcomes that count; any other is a stop
	Outcomes map[Outcome]Class // instead of OK: every outcome with its class
	Window   Duration
	Remind   Duration // how much longer it waits, once, after it has reminded the silent ones; 0: it does not
	Rest     string   // what becomes of those that are open when it is left: cancel (default), leave
	Then     State
	Refused  State
	Late     State // when the window is over
}

// RestLeave lets sub-cases go on that are open when their parent's join is left.
const RestLeave = "leave"

// Class is how an outcome counts.
func (j *Join) Class(o Outcome) Class {
	if j.Outcomes == nil {
		if slices.Contains(j.OK, o) {
			return ClassOK
		}
		return ClassStop
	}
	if c, ok := j.Outcomes[o]; ok {
		return c
	}
	return ClassGap // a version of the sub-case's procedure that has more outcomes: no answer to build on
}

// Joined tells whether a subcases state is left, and where to. outcomes are
// those of its children by name, empty while open; over means that the window
// has ended.
func (m *Machine) Joined(s State, outcomes map[string]Outcome, over bool) (State, bool) {
	def := m.States[s]
	if def == nil || def.Join == nil {
		return "", false
	}
	j := def.Join
	open, ok, gap, stop := 0, 0, 0, 0
	for _, o := range outcomes {
		switch {
		case o == "":
			open++
		case j.Class(o) == ClassOK:
			ok++
		case j.Class(o) == ClassGap:
			gap++
		default:
			stop++
		}
	}
	switch j.Rule {
	case RuleAll:
		if gap+stop > 0 {
			return j.Refused, true
		}
		if open == 0 {
			return j.Then, true
		}
	case RuleAny, RuleCount:
		k := 1
		if j.Rule == RuleCount {
			k = min(j.Count, len(outcomes))
		}
		if ok >= k {
			return j.Then, true
		}
		if ok+open < k {
			return j.Refused, true
		}
	case RuleFirstNegative:
		if stop > 0 {
			return j.Refused, true
		}
		if open == 0 {
			return j.Then, true
		}
	case RuleSettled:
		if open == 0 {
			return j.Then, true
		}
	}
	return j.Late, over
}
