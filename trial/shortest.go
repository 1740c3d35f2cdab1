package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/workflow"
)

// A start is how a story of ours gets a case of a procedure to a state: a story
// that is there, with its first steps.
type start struct {
	story Story
	first int
	at    stage.Standing
}

// starts are the shortest beginnings for each procedure and state.
func starts(results []*Result) map[point]start {
	out := map[point]start{}
	for _, r := range results {
		if len(r.Failures) > 0 {
			continue
		}
		for n, stood := range r.stood {
			for _, at := range stood {
				key := point{at.Procedure, string(at.State)}
				if known, ok := out[key]; !ok || n < known.first {
					out[key] = start{r.Story, n, at}
				}
			}
		}
	}
	return out
}

// Propose writes, for every transition that no story has seen, the shortest
// story that leads there: the beginning of one that is there, and then the way
// through the workflow. Conditions on the way are named, not solved.
func Propose(c *procedures.Catalogue, reports []*Report, results []*Result) {
	from := starts(results)
	for _, r := range reports {
		p, ok := c.Get(r.ID)
		if !ok || p.Machine == nil {
			continue
		}
		for i := range r.Uncovered {
			if u := &r.Uncovered[i]; u.Kind == Transition {
				u.Scenario = propose(p, u.Place, from)
			}
		}
	}
}

// A leg is one step through a workflow.
type leg struct {
	from workflow.State
	via  workflow.TriggerKind
	name workflow.Event
	t    *workflow.Transition // nil: the result of a join, a withdrawal or an extension
	to   workflow.State
}

// legs are all steps out of the states of a machine, with those of join and withdrawal last.
func legs(p *procedures.Procedure) []leg {
	var out []leg
	for _, pl := range Places(p, Rows{}) {
		if pl.Kind != Transition || pl.via == workflow.ByFile {
			continue
		}
		l := leg{from: pl.State, via: pl.via, t: pl.step, to: pl.to}
		if pl.step != nil {
			l.name = pl.step.Event
		}
		out = append(out, l)
	}
	return out
}

// propose finds the nearest beginning to the state of a place (breadth first,
// backwards), and writes the story.
func propose(p *procedures.Procedure, pl Place, from map[point]start) string {
	last := leg{from: pl.State, via: pl.via, t: pl.step, to: pl.to}
	if pl.step != nil {
		last.name = pl.step.Event
	}
	if pl.via == workflow.ByFile {
		return write(p, nil, pl, nil)
	}
	type route struct {
		state workflow.State
		legs  []leg
	}
	queue, known := []route{{pl.State, []leg{last}}}, map[workflow.State]bool{pl.State: true}
	all := legs(p)
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if s, ok := from[point{p.ID, string(at.state)}]; ok {
			return write(p, &s, pl, at.legs)
		}
		filed := slices.ContainsFunc(p.Machine.File, func(t *workflow.Transition) bool { return t.To == at.state })
		if filed && !p.Internal && !slices.ContainsFunc(p.Scenarios, func(*procedures.Scenario) bool { return true }) {
			return write(p, nil, pl, at.legs) // the first story of a procedure
		}
		for _, l := range all {
			if l.to == at.state && !known[l.from] && l.via != workflow.ByWithdraw && l.via != workflow.ByExtend {
				known[l.from] = true
				queue = append(queue, route{l.from, append([]leg{l}, at.legs...)})
			}
		}
	}
	return ""
}

// write is the story as YAML.
func write(p *procedures.Procedure, s *start, pl Place, way []leg) string {
	var b strings.Builder
	fmt.Fprintf(&b, "- id: %s\n", slug(pl.Name))
	title := func(lang string) string {
		text := string(pl.State)
		if def := p.Machine.States[pl.State]; def != nil {
			text = def.Title.In(lang)
		}
		if pl.step != nil && pl.step.Title.In(lang) != "" {
			text += " – " + pl.step.Title.In(lang)
		} else if to := p.Machine.States[pl.to]; to != nil {
			text += " → " + to.Title.In(lang)
		}
		return quote(text)
	}
	fmt.Fprintf(&b, "  title: {vi: %s, en: %s}\n", title("vi"), title("en"))
	path := ""
	if s == nil {
		b.WriteString("  at: 2026-11-02T09:00\n  applicant: \"…\"          # a person of the demo population\n  answers: {}\n")
		if pl.step != nil && pl.step.When != nil && pl.via == workflow.ByFile {
			fmt.Fprintf(&b, "  # choose the answers so that: %s\n", pl.step.When.Source)
		}
	} else {
		path = s.at.Path
		fmt.Fprintf(&b, "  like: %s\n", s.story.ID)
		if s.first > 0 {
			fmt.Fprintf(&b, "  first: %d\n", s.first)
		}
		if s.story.Procedure != p.ID {
			fmt.Fprintf(&b, "  # belongs into %s/scenarios.yaml, which opens %s\n", s.story.Procedure, p.ID)
		}
	}
	if len(way) > 0 {
		b.WriteString("  steps:\n")
	}
	for _, l := range way {
		if l.t != nil && l.t.When != nil {
			fmt.Fprintf(&b, "    # when %s\n", l.t.When.Source)
		}
		fmt.Fprintf(&b, "    - {%s, expect: {state: %s}}\n", step(p, l, path), l.to)
	}
	b.WriteString("  ends: {}\n")
	return b.String()
}

// step is one step of a story, without what it expects.
func step(p *procedures.Procedure, l leg, path string) string {
	at := ""
	if path != "" {
		at = "case: " + path + ", "
	}
	switch l.via {
	case workflow.ByAction, workflow.ByWithdraw, workflow.ByExtend:
		by, do := workflow.Role("applicant"), string(l.via)
		if l.t != nil {
			by, do = l.t.By, string(l.name)
		} else if l.via == workflow.ByExtend {
			by = p.Machine.Extend.By
		} else {
			by = p.Machine.Withdraw.By
		}
		out := fmt.Sprintf("by: %s, %sdo: %s", by, at, do)
		if l.t != nil {
			out += needs(p, l.t.Needs)
		}
		return out
	case workflow.BySignal:
		return fmt.Sprintf("%ssignal: %s", at, l.name)
	case workflow.ByTimeout:
		return fmt.Sprintf("%swait: %s", at, l.name)
	case workflow.ByJoin:
		j := p.Machine.States[l.from].Join
		return fmt.Sprintf("%swait: %d%s", at, j.Window.N, j.Window.Unit)
	}
	return at + "wait: 1h"
}

// needs is the input that an action asks for.
func needs(p *procedures.Procedure, list []string) string {
	var out []string
	for _, n := range list {
		switch n {
		case "grounds":
			if len(p.Grounds) > 0 {
				out = append(out, fmt.Sprintf("grounds: [%s]", p.Grounds[0].ID))
			}
		case "items":
			if len(p.Checklist) > 0 {
				out = append(out, fmt.Sprintf("items: [{item: %s, reason: Cần bổ sung}]", p.Checklist[0].ID))
			}
		case "judgements":
			var all []string
			for _, c := range p.Checklist {
				all = append(all, fmt.Sprintf("{item: %s, verdict: satisfied}", c.ID))
			}
			out = append(out, fmt.Sprintf("judgements: [%s]", strings.Join(all, ", ")))
		case "note":
			out = append(out, "note: Đã kiểm tra")
		case "findings":
			out = append(out, "findings: Đã xác minh")
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ", input: {" + strings.Join(out, ", ") + "}"
}

// slug makes an id of the name of a place.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if s := b.String(); s != "" && !strings.HasSuffix(s, "-") {
			b.WriteByte('-')
		}
	}
	out := strings.Trim(b.String(), "-")
	if out == "" || out[0] >= '0' && out[0] <= '9' {
		out = "case-" + out
	}
	return out
}
