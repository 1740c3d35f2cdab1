package procedures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/workflow"
)

// machine compiles the workflow and holds it against the rest of the procedure.
func (b *builder) machine() {
	if b.f.workflow == nil || !b.f.flowShaped {
		return
	}
	m, found := workflow.Parse(b.f.flow, b.f.file(workflowFile), b.env)
	b.l.add(found...)
	b.p.Machine = m
	if m == nil {
		return
	}
	b.l.add(workflow.Check(m, workflow.CheckOptions{})...)
}

// A step is a transition as the tree has it.
type step struct {
	state string // empty: at filing
	event string
	via   string // file, actions, signals, after, choose
	at    *node
}

// steps lists every transition of a workflow.
func steps(flow *node) []step {
	var out []step
	add := func(state, event, via string, n *node) {
		if n == nil {
			return
		}
		if n.kind == sequence {
			for _, t := range n.items {
				out = append(out, step{state, event, via, t})
			}
			return
		}
		out = append(out, step{state, event, via, n})
	}
	add("", "file", "file", flow.get("file"))
	for _, s := range flow.get("states").entries() {
		for _, via := range []string{"actions", "signals", "after"} {
			for _, e := range s.value.get(via).entries() {
				add(s.key, e.key, via, e.value)
			}
		}
		add(s.key, "choose", "choose", s.value.get("choose"))
	}
	return out
}

// effect is one item of effects: its type and what it names.
func effect(n *node) (kind, name string, at *node) {
	if n.kind == mapping && len(n.keys) == 1 {
		return n.keys[0].key, n.keys[0].value.str(), n.keys[0].value
	}
	return n.str(), "", n
}

// A crosser holds the files of one procedure against each other and against
// the other procedures.
type crosser struct {
	*builder
	used map[string]map[string]bool // section of procedure.yaml → name
}

// cross checks what only several files together can tell, and reads the scenarios.
func (l *loader) cross() {
	if l.deep < toPlay {
		return
	}
	for _, id := range l.order {
		f := l.folders[id]
		if f.p == nil || f.p.Env == nil {
			continue
		}
		x := &crosser{builder: &builder{l: l, f: f, file: f.file(workflowFile), p: f.p, env: f.p.Env}, used: map[string]map[string]bool{}}
		if l.deep >= everything {
			x.prove()
		}
		x.stories()
	}
	if l.deep >= everything {
		l.depth()
		l.coverage()
		l.bundles()
	}
}

// prove holds the files of one procedure against each other.
func (x *crosser) prove() {
	if x.f.workflow != nil && x.f.flowShaped {
		x.effects()
		x.needs()
		x.states()
		x.unused()
		x.budget()
		x.undoing()
		x.extension()
	}
	x.guards()
	x.figuresUsed()
	x.family()
	x.onceOnly()
	x.purpose()
	x.earlyOnly()
	x.duties()
	x.hints()
}

var effectSections = map[string]string{"notify": "notices", "request-payment": "payments", "update-resident": "changes", "send": "messages", "issue-letter": "documents"}

// effects: what an effect names is declared, and its answer can arrive.
func (x *crosser) effects() {
	for _, s := range steps(x.f.workflow) {
		for _, e := range s.at.get("effects").list() {
			kind, name, at := effect(e)
			section := effectSections[kind]
			switch kind {
			case "issue-receipt":
				section, name = "documents", "receipt"
			case "issue-result":
				section = "documents"
				if name == "" {
					name = "result"
				}
			}
			if section == "" {
				continue // the shape has been checked
			}
			if x.used[section] == nil {
				x.used[section] = map[string]bool{}
			}
			x.used[section][name] = true
			known := x.f.procedure.get(section).names()
			if !slices.Contains(known, name) {
				remedy := didYouMean(name, known)
				if closest(name, known) == "" {
					remedy = fmt.Sprintf("declare it in procedure.yaml: %s: {%s: …}", section, name)
				}
				x.report("REF", at, fmt.Sprintf("%s: %s has no %q", kind, section, name), remedy)
				continue
			}
			x.answers(kind, name, s, at)
		}
	}
}

// answers: the state that a step leads to takes the signal that its effect brings.
func (x *crosser) answers(kind, name string, s step, at *node) {
	var wanted []string
	switch kind {
	case "request-payment":
		wanted = []string{"paid"}
	case "update-resident":
		wanted = []string{"registry-updated", "registry-refused"}
	case "send":
		m := x.f.procedure.get("messages").get(name)
		for _, k := range []string{"done", "refused"} {
			if signal := m.get(k).str(); signal != "" {
				wanted = append(wanted, signal)
			}
		}
	}
	to := s.at.get("to").str()
	target := x.f.workflow.get("states").get(to)
	if target == nil || target.get("kind").str() == "auto" {
		return
	}
	for _, signal := range wanted {
		if target.get("signals").get(signal) == nil {
			x.report("SIGNAL", at, fmt.Sprintf("%s %s brings the signal %s, which state %s does not take", kind, name, signal, to),
				fmt.Sprintf("write signals: {%s: …} in %s, or lead to a state that takes it", signal, to))
		}
	}
}

// needs: what a step asks the officer for can be given.
func (x *crosser) needs() {
	for _, s := range steps(x.f.workflow) {
		list := s.at.get("needs")
		for _, n := range list.list() {
			switch n.str() {
			case "grounds":
				if len(x.p.Grounds) == 0 {
					x.report("REASON", n, "the refusal needs a ground, and none is declared", "declare grounds in procedure.yaml, each with its law")
				}
			case "items", "judgements":
				if len(x.p.Checklist) == 0 {
					x.report("REF", n, n.str()+" are of the checklist, which is empty", "declare checklist in procedure.yaml")
				}
			}
		}
		for _, fresh := range s.at.get("fresh").list() {
			name := strings.TrimPrefix(fresh.str(), "subjects.")
			if x.p.Subject(name) == nil {
				x.report("REF", fresh, fmt.Sprintf("there is no subject %q", name), didYouMean(name, x.subjectNames()))
			}
		}
		role := x.f.workflow.get("roles").get(s.at.get("by").str())
		owner := x.f.workflow.get("states").get(s.state).get("owner").str()
		officer := role.get("kind").str() == "officer" || role == nil && owner != ""
		to := x.f.workflow.get("states").get(s.at.get("to").str())
		if outcome := to.get("outcome").str(); officer && s.via == "actions" && (outcome == "refused" || outcome == "declined") && !slices.Contains(list.strs(), "grounds") {
			x.report("REASON", s.at, fmt.Sprintf("%s ends the case as %s without a legal ground", s.event, outcome), "write needs: [grounds]")
		}
	}
}

func (x *crosser) subjectNames() []string {
	var out []string
	for _, s := range x.p.Subjects {
		out = append(out, s.Name)
	}
	return out
}

// states: a wait is for somebody who exists; the clock has a term to count.
func (x *crosser) states() {
	for _, e := range x.f.workflow.get("states").entries() {
		if who := e.value.get("for"); who != nil && who.str() != "applicant" && who.str() != "system" {
			if _, ok := x.l.elements.Registries[who.str()]; !ok {
				x.report("REF", who, fmt.Sprintf("nobody is called %q", who.str()), didYouMean(who.str(), append(x.l.elements.registries(), "applicant", "system")))
			}
		}
	}
	if clock := x.f.workflow.get("clock"); clock != nil && len(x.p.Limits) == 0 {
		x.report("CLOCK", clock, "the legal term starts, and no term is declared", "declare limits in procedure.yaml")
	} else if clock == nil && len(x.p.Limits) > 0 {
		x.report("CLOCK", x.f.workflow, "the legal term never starts", "write clock: {starts: state.event}, or starts: file")
	}
}

// unused: every declared document, notice, payment, change and message is used.
func (x *crosser) unused() {
	here := *x.builder
	here.file = x.f.file(procedureFile)
	for _, m := range x.p.Messages {
		if m.Undo != "" && x.used["messages"] != nil {
			x.used["messages"][m.Undo] = true
		}
	}
	for _, section := range []string{"documents", "notices", "payments", "changes", "messages"} {
		for _, e := range x.f.procedure.get(section).entries() {
			if x.used[section][e.key] || section == "documents" && e.key == "apology" { // sent by the engine when a case is late
				continue
			}
			at := node{line: e.line, col: e.col}
			here.report("UNUSED", &at, fmt.Sprintf("no effect uses %s.%s", section, e.key), "use it in workflow.yaml, or remove it")
		}
	}
}
