package diagram

import (
	"fmt"
	"io"
	"strings"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Mermaid writes the workflow as a state diagram of Mermaid, which code hosts
// and editors draw.
func Mermaid(w io.Writer, p *procedures.Procedure, lang string) error {
	if err := whole(p); err != nil {
		return err
	}
	m := p.Machine
	d := &mermaid{words: words{p, lang}}
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
	for _, a := range arrows(m) {
		d.arrow(a)
	}
	for _, name := range m.Order {
		for _, c := range m.States[name].Open {
			d.line("  note left of %s: %s", drawn(name), escape(c.Name+" → "+c.Procedure))
		}
		if m.States[name].Kind == workflow.Final {
			d.line("  %s --> [*]", drawn(name))
		}
	}
	if m.Withdraw != nil {
		d.line("  note right of %s: %s", drawn(m.Withdraw.To), escape(d.say("Người nộp rút hồ sơ", "The applicant withdraws")))
	}
	d.line("  classDef task fill:#e7f0ff,stroke:#0b5cad")
	d.line("  classDef wait fill:#fff6e0,stroke:#a66a00")
	d.line("  classDef subcases fill:#f1e8ff,stroke:#6b3fa0")
	d.line("  classDef auto fill:#f4f4f4,stroke:#777")
	d.line("  classDef final fill:#e3f6e8,stroke:#1b7f3b")
	d.line("  classDef negative fill:#fde8e8,stroke:#b3261e")
	_, err := io.WriteString(w, d.out.String())
	return err
}

type mermaid struct {
	words
	out strings.Builder
}

func (d *mermaid) line(format string, args ...any) { fmt.Fprintf(&d.out, format+"\n", args...) }

// arrow draws a way: what sets it off, and its condition in brackets.
func (d *mermaid) arrow(a arrow) {
	from, label := "[*]", d.of(a)
	if a.from != "" {
		from = drawn(a.from)
	}
	if a.t != nil && a.t.When != nil {
		when := []rune(a.t.When.Source)
		if len(when) > 60 {
			when = append(when[:59], '…')
		}
		label = strings.TrimSpace(label + " [" + string(when) + "]")
	}
	if label == "" {
		d.line("  %s --> %s", from, drawn(a.to))
		return
	}
	d.line("  %s --> %s: %s", from, drawn(a.to), escape(label))
}

// drawn is a state's name as Mermaid takes it: without hyphens, never a keyword.
func drawn(s workflow.State) string { return "s_" + strings.ReplaceAll(string(s), "-", "_") }

var mermaidText = strings.NewReplacer("#", "#35;", ";", "#59;", ":", "#58;", `"`, "#34;", "{", "#123;", "}", "#125;", "<", "#lt;", ">", "#gt;", "\n", " ")

func escape(s string) string { return mermaidText.Replace(s) }
