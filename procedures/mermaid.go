package procedures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/workflow"
)

// Transitions lists the transitions of a machine: at filing, then state by
// state in the order written. What a join or a withdrawal leads to is not one.
func Transitions(m *workflow.Machine) []*workflow.Transition {
	out := slices.Clone(m.File)
	for _, name := range m.Order {
		s := m.States[name]
		for _, e := range s.ActionOrder {
			out = append(out, s.Actions[e]...)
		}
		for _, e := range keysOf(s.Signals) {
			out = append(out, s.Signals[e]...)
		}
		for _, a := range s.After {
			out = append(out, a.Then...)
		}
		out = append(out, s.Choose...)
	}
	return out
}

// Mermaid draws the workflow as a state diagram, with its words in lang ("vi" or "en").
func (p *Procedure) Mermaid(lang string) string {
	m := p.Machine
	if m == nil {
		return ""
	}
	d := &diagram{lang: lang}
	d.line("stateDiagram-v2")
	for _, name := range m.Order {
		s := m.States[name]
		d.line("  state \"%s\" as %s", escape(s.Title.In(lang)), drawn(name))
		class := string(s.Kind)
		if s.Kind == workflow.Final && s.Negative {
			class = "negative"
		}
		d.line("  class %s %s", drawn(name), class)
	}
	for _, t := range m.File {
		d.arrow("[*]", t, d.say("Nộp", "File"))
	}
	for _, name := range m.Order {
		d.state(m, m.States[name])
	}
	if w := m.Withdraw; w != nil {
		d.line("  note right of %s: %s", drawn(w.To), escape(d.say("Người nộp rút hồ sơ", "The applicant withdraws")))
	}
	d.line("  classDef task fill:#e7f0ff,stroke:#0b5cad")
	d.line("  classDef wait fill:#fff6e0,stroke:#a66a00")
	d.line("  classDef subcases fill:#f1e8ff,stroke:#6b3fa0")
	d.line("  classDef auto fill:#f4f4f4,stroke:#777")
	d.line("  classDef final fill:#e3f6e8,stroke:#1b7f3b")
	d.line("  classDef negative fill:#fde8e8,stroke:#b3261e")
	return d.out.String()
}

type diagram struct {
	out  strings.Builder
	lang string
}

func (d *diagram) line(format string, args ...any) { fmt.Fprintf(&d.out, format+"\n", args...) }

func (d *diagram) say(vi, en string) string { return workflow.Text{VI: vi, EN: en}.In(d.lang) }

func (d *diagram) state(m *workflow.Machine, s *workflow.StateDef) {
	from := drawn(s.Name)
	for _, e := range s.ActionOrder {
		for _, t := range s.Actions[e] {
			d.arrow(from, t, string(e))
		}
	}
	for _, e := range keysOf(s.Signals) {
		for _, t := range s.Signals[e] {
			d.arrow(from, t, string(e))
		}
	}
	for _, a := range s.After {
		for _, t := range a.Then {
			d.arrow(from, t, d.say("sau ", "after ")+d.duration(a.Delay))
		}
	}
	for _, t := range s.Choose {
		d.arrow(from, t, "")
	}
	for _, c := range s.Open {
		d.line("  note left of %s: %s", from, escape(c.Name+" → "+c.Procedure))
	}
	if j := s.Join; j != nil {
		words := map[string]string{"all": d.say("tất cả đồng ý", "all agree"), "any": d.say("một nơi đồng ý", "one agrees"), "settled": d.say("đã xong hết", "all ended"),
			workflow.RuleCount: d.say(fmt.Sprintf("%d nơi đồng ý", j.Count), fmt.Sprintf("%d agree", j.Count)), workflow.RuleFirstNegative: d.say("không nơi nào từ chối", "none says no")}
		d.join(from, j.Then, words[j.Rule])
		d.join(from, j.Refused, d.say("có nơi không đồng ý", "one does not"))
		d.join(from, j.Late, d.say("quá ", "after ")+d.duration(j.Window))
	}
	if s.Kind == workflow.Final {
		d.line("  %s --> [*]", from)
	}
}

func (d *diagram) join(from string, to workflow.State, label string) {
	if to != "" {
		d.line("  %s --> %s: %s", from, drawn(to), escape(label))
	}
}

// arrow draws a transition: its title or event, and its condition in brackets.
func (d *diagram) arrow(from string, t *workflow.Transition, event string) {
	label := t.Title.In(d.lang)
	if label == "" {
		label = event
	}
	if t.When != nil {
		when := []rune(t.When.Source)
		if len(when) > 60 {
			when = append(when[:59], '…')
		}
		label = strings.TrimSpace(label + " [" + string(when) + "]")
	}
	if label == "" {
		d.line("  %s --> %s", from, drawn(t.To))
		return
	}
	d.line("  %s --> %s: %s", from, drawn(t.To), escape(label))
}

func (d *diagram) duration(v workflow.Duration) string {
	unit := map[workflow.Unit]string{workflow.WorkingHours: d.say("giờ làm việc", "working hours"), workflow.Days: d.say("ngày", "days"), workflow.WorkingDays: d.say("ngày làm việc", "working days")}
	return fmt.Sprintf("%d %s", v.N, unit[v.Unit])
}

// drawn is a state's name as Mermaid takes it: without hyphens, never a keyword.
func drawn(s workflow.State) string { return "s_" + strings.ReplaceAll(string(s), "-", "_") }

var mermaidText = strings.NewReplacer("#", "#35;", ";", "#59;", ":", "#58;", `"`, "#34;", "{", "#123;", "}", "#125;", "<", "#lt;", ">", "#gt;", "\n", " ")

func escape(s string) string { return mermaidText.Replace(s) }
