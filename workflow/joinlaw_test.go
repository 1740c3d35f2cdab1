package workflow

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// joining is how a join is asked: the engine's way, and that of its mutants.
type joining func(j *Join, outcomes map[string]Outcome, over bool) (State, bool)

func joined(j *Join, outcomes map[string]Outcome, over bool) (State, bool) {
	m := &Machine{States: map[State]*StateDef{"s": {Name: "s", Kind: Subcases, Join: j}}}
	return m.Joined("s", outcomes, over)
}

// verdict is where a join leads when all have ended: the rule as the law has it.
func verdict(j *Join, ended []Class) State {
	n := map[Class]int{}
	for _, c := range ended {
		n[c]++
	}
	good := false
	switch j.Rule {
	case RuleAll:
		good = n[ClassOK] == len(ended)
	case RuleAny:
		good = n[ClassOK] > 0
	case RuleCount:
		good = n[ClassOK] >= j.Count || n[ClassOK] == len(ended)
	case RuleFirstNegative:
		good = n[ClassStop] == 0
	case RuleSettled:
		good = true
	}
	if good {
		return j.Then
	}
	return j.Refused
}

// lawful is the law of joins, written down from itself and not from the engine:
// a join is left as soon as no outcome that is still open can change its
// verdict; settled is left when all have ended; what is still undecided when the
// window is over goes to late.
func lawful(j *Join, known []Class, open int, over bool) (State, bool) {
	if j.Rule == RuleSettled && open > 0 {
		return j.Late, over
	}
	verdicts := map[State]bool{}
	var fill func(all []Class, left int)
	fill = func(all []Class, left int) {
		if left == 0 {
			verdicts[verdict(j, all)] = true
			return
		}
		for _, c := range []Class{ClassOK, ClassGap, ClassStop} {
			fill(append(all[:len(all):len(all)], c), left-1)
		}
	}
	fill(known, open)
	if len(verdicts) == 1 {
		for s := range verdicts {
			return s, true
		}
	}
	return j.Late, over
}

// deviates draws joins, their outcomes and the order in which they come, and
// returns the first place where a way of joining departs from the law.
func deviates(way joining, runs int) string {
	r := rand.New(rand.NewPCG(6, 13))
	rules := []string{RuleAll, RuleAny, RuleCount, RuleFirstNegative, RuleSettled}
	words := map[Class]Outcome{ClassOK: "agreed", ClassGap: "lapsed", ClassStop: "refused"}
	for run := range runs {
		slots := 1 + r.IntN(5)
		j := &Join{Rule: rules[r.IntN(len(rules))], Then: "then", Refused: "refused", Late: "late",
			Outcomes: map[Outcome]Class{"agreed": ClassOK, "lapsed": ClassGap, "refused": ClassStop, OutcomeCancelled: ClassGap, OutcomeTimedOut: ClassGap}}
		if j.Rule == RuleCount {
			j.Count = 1 + r.IntN(slots)
		}
		outcomes := map[string]Outcome{}
		for i := range slots {
			outcomes[fmt.Sprint(i)] = ""
		}
		var known []Class
		ends := r.IntN(slots + 1) // after how many outcomes the window is over
		for at, slot := range append(r.Perm(slots), -1) {
			over := at == ends
			to, fires := way(j, outcomes, over)
			want, must := lawful(j, known, slots-len(known), over)
			if fires != must || fires && to != want {
				return fmt.Sprintf("run %d: %s of %d (count %d) with %v, over %t: %s %t, the law says %s %t", run, j.Rule, slots, j.Count, known, over, to, fires, want, must)
			}
			if fires || slot < 0 {
				break
			}
			c := []Class{ClassOK, ClassOK, ClassGap, ClassStop}[r.IntN(4)]
			outcomes[fmt.Sprint(slot)] = words[c]
			known = append(known, c)
		}
	}
	return ""
}

// Whatever is asked of how many, and in whatever order they answer, a join is
// left when its verdict is certain, not before and not later, and as the law says.
func TestJoinLaw(t *testing.T) {
	if found := deviates(joined, 20_000); found != "" {
		t.Error(found)
	}
}

// The law finds each of these mutants, so it can fail.
func TestJoinLawFindsMutants(t *testing.T) {
	as := func(rule string) joining {
		return func(j *Join, o map[string]Outcome, over bool) (State, bool) {
			k := *j
			k.Rule = rule
			return joined(&k, o, over)
		}
	}
	only := func(rule string, mutant joining) joining {
		return func(j *Join, o map[string]Outcome, over bool) (State, bool) {
			if j.Rule == rule {
				return mutant(j, o, over)
			}
			return joined(j, o, over)
		}
	}
	for name, mutant := range map[string]joining{
		"all waits for the last before it refuses": only(RuleAll, func(j *Join, o map[string]Outcome, over bool) (State, bool) {
			for _, x := range o {
				if x == "" {
					return j.Late, over
				}
			}
			return joined(j, o, over)
		}),
		"all takes no answer for agreement": only(RuleAll, as(RuleFirstNegative)),
		"a gap is a no":                     only(RuleFirstNegative, as(RuleAll)),
		"any wants all":                     only(RuleAny, as(RuleAll)),
		"count is one short": only(RuleCount, func(j *Join, o map[string]Outcome, over bool) (State, bool) {
			k := *j
			k.Count = max(1, k.Count-1)
			return joined(&k, o, over)
		}),
		"settled is left at the first": only(RuleSettled, as(RuleAny)),
		"the end of the window is not heard": func(j *Join, o map[string]Outcome, _ bool) (State, bool) {
			return joined(j, o, false)
		},
		"the end of the window comes before the rule": func(j *Join, o map[string]Outcome, over bool) (State, bool) {
			if over {
				return j.Late, true
			}
			return joined(j, o, over)
		},
		"then and refused are exchanged": func(j *Join, o map[string]Outcome, over bool) (State, bool) {
			k := *j
			k.Then, k.Refused = j.Refused, j.Then
			return joined(&k, o, over)
		},
	} {
		if deviates(mutant, 20_000) == "" {
			t.Errorf("nobody noticed that %s", name)
		}
	}
}
