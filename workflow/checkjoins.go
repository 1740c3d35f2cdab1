package workflow

import "fmt"

// joins: a join ends however its children end, also when they do not.
func (c *checker) joins() {
	for _, name := range c.m.Order {
		s := c.m.States[name]
		if s.Join == nil {
			continue
		}
		c.joinRule(s, s.Join)
		if s.Join.Window.N == 0 || s.Join.Late == "" {
			c.atState("TIMEOUT", s, nil, fmt.Sprintf("%s waits for ever for a sub-case that does not end", name), "write window: 7wd and late: STATE")
			continue
		}
	}
}

// joinRule: the rule has what it needs, and every outcome its class.
func (c *checker) joinRule(s *StateDef, j *Join) {
	report := func(message, remedy string) {
		c.atState("JOIN", s, nil, fmt.Sprintf("%s %s", s.Name, message), remedy)
	}
	switch {
	case j.Rule != RuleSettled && (len(j.OK)+len(j.Outcomes) == 0 || j.Refused == ""):
		report("does not say which outcomes count, or what follows from others", "write ok: [outcomes] and refused: STATE")
	case len(j.OK) > 0 && len(j.Outcomes) > 0:
		report("says twice which outcomes count", "keep ok, or outcomes")
	case j.Rule == RuleFirstNegative && len(j.Outcomes) == 0:
		report("does not tell a no from no answer, which the rule all would not either", "write outcomes: {OUTCOME: ok|gap|stop, …}, or rule: all")
	case j.Rule == RuleCount && j.Count == 0:
		report("does not say how many have to agree", "write count: 2")
	case j.Rule == RuleCount && j.Count > len(s.Open):
		report(fmt.Sprintf("wants %d to agree and asks %d", j.Count, len(s.Open)), "lower count")
	case j.Rule != RuleCount && j.Count > 0:
		report("counts, and its rule does not", "write rule: count, or remove count")
	}
	if len(j.Outcomes) == 0 {
		return
	}
	for _, o := range []Outcome{OutcomeCancelled, OutcomeTimedOut} {
		if _, ok := j.Outcomes[o]; !ok {
			c.atState("JOINTOTAL", s, nil, fmt.Sprintf("%s does not say how %s counts", s.Name, o), fmt.Sprintf("write outcomes: {%s: gap, …}", o))
		}
	}
	if class := j.Outcomes[OutcomeTimedOut]; class == ClassStop || class == ClassOK {
		report("takes silence for an answer", "write timed-out: gap")
	}
}
