package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing/fstest"
)

// The messages to a registry: nobody waits for the answer of the first.
const (
	tell       = "tell"
	ask        = "ask"
	askDone    = "entered"
	askRefused = "not-entered"
)

// answer is what the registry says to a message about answers of that kind.
func answer(kind string) string {
	if kind == "red" {
		return askDone
	}
	return askRefused
}

// text is one text in both languages.
func text(s string) string { return fmt.Sprintf("{vi: %q, en: %q}", s, s) }

// elements is a registry that no definition reads: every case of the model
// rests on its own answers.
const elements = `registries:
  resident: {title: {vi: Dân cư, en: Residents}}
  land: {title: {vi: Đất đai, en: Land}}
kinds:
  person:
    registry: resident
    key: {vi: Số định danh, en: Personal number}
    elements:
      number: {type: string, authoritative: true, title: {vi: Số định danh, en: Personal number}}
`

// formOf is a form with three questions; more stands in each of them.
func formOf(more string) string {
	question := func(name, is string) string {
		return fmt.Sprintf(`%q: {%s, "title": %q, "x-text": {"en": {"title": %q}}%s}`, name, is, name, name, more)
	}
	return `{"type": "object", "additionalProperties": false, "properties": {"q": {"type": "object", "title": "Câu hỏi", "x-text": {"en": {"title": "Questions"}},
	"required": ["size", "kind"], "additionalProperties": false, "properties": {` + strings.Join([]string{
		question("size", `"type": "integer", "minimum": 0, "maximum": 9`),
		question("kind", `"type": "string", "oneOf": [{"const": "red", "title": "Đỏ", "x-text": {"en": {"title": "Red"}}}, {"const": "blue", "title": "Xanh", "x-text": {"en": {"title": "Blue"}}}]`),
		question("rest", `"type": "integer", "minimum": 0, "maximum": 9`)}, ", ") + `}}}}`
}

// The citizen is asked once: a sub-case has its answers from the case above.
var (
	form     = formOf(`, "x-asked": {"because": {"vi": "Chỉ Ông/Bà biết", "en": "Only you know"}}`)
	partForm = formOf("")
)

// Files writes the definitions as a tree of procedures.
func Files(defs ...*Def) fstest.MapFS {
	tree := fstest.MapFS{"common/elements.yaml": {Data: []byte(elements)}}
	for _, d := range defs {
		d.write(tree)
	}
	return tree
}

func (d *Def) write(tree fstest.MapFS) {
	for _, child := range d.Children {
		child.write(tree)
	}
	f := form
	if d.Internal {
		f = partForm
	}
	tree[d.ID+"/form.schema.json"] = &fstest.MapFile{Data: []byte(f)}
	tree[d.ID+"/procedure.yaml"] = &fstest.MapFile{Data: []byte(d.procedure())}
	tree[d.ID+"/workflow.yaml"] = &fstest.MapFile{Data: []byte(d.workflow())}
}

// procedure is procedure.yaml.
func (d *Def) procedure() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("id: %s\nversion: 1\nname: %s", d.ID, text(d.ID))
	if d.Internal {
		p("kind: internal\nsubjects: {}")
	} else {
		p("kind: service\nofficial: {vi: Thủ tục, en: Procedure, code: \"9.000001\"}")
		for _, k := range []string{"summary", "who", "gives", "afterwards", "ministry"} {
			p("%s: %s", k, text(k))
		}
		p("group: organisation\nlaw: [{act: Luật Chợ}]\nlevel: 2\nfor: [self]\nsubjects: {}")
		p("competence:\n  receiving: [{kind: commune-committee, commune: \"'00070'\"}]\n  competent: [{kind: commune-police, commune: \"'00070'\"}]")
		p("fees:\n  - {amount: 0, title: %s, law: \"Luật Chợ, Điều 4\"}", text("Miễn"))
	}
	if d.Limit.N > 0 {
		cut := ""
		if d.CutOff != "" {
			cut = fmt.Sprintf(", cut-off: %q", d.CutOff)
		}
		p("limits:\n  - {limit: %s, title: %s, law: \"Luật Chợ, Điều 5\"%s}", d.Limit, text("Hạn"), cut)
	}
	p("grounds:\n  - {id: no-place, title: %s, law: \"Luật Chợ, Điều 6\"}", text("Không có chỗ"))
	used := d.effects()
	section := func(name, kind string, lines map[string]string) {
		written := map[string]bool{}
		for _, e := range used {
			if e.Type != kind || written[e.Name] {
				continue
			}
			if len(written) == 0 {
				p("%s:", name)
			}
			written[e.Name] = true
			p("  %s: %s", e.Name, lines[e.Name])
		}
	}
	section("notices", "notify", map[string]string{"hello": `{to: applicant, text: {vi: "Hồ sơ {case.code}", en: "Case {case.code}"}}`,
		"done": `{to: applicant, text: {vi: "Hồ sơ {case.code} xong", en: "Case {case.code} is done"}}`})
	if d.Internal {
		p("outputs: {size: case.given.size}")
	}
	section("messages", "send", map[string]string{tell: `{to: land, operation: tell, body: {k: case.code}}`,
		ask: `{to: land, operation: ask, law: "Luật Chợ, Điều 8", body: {k: form.q.kind}, done: ` + askDone + `, refused: ` + askRefused + `}`})
	return b.String()
}

// effects are all that the definition names.
func (d *Def) effects() []Effect {
	var out []Effect
	for _, a := range d.arrows() {
		out = append(out, a.Effects...)
	}
	return out
}

// workflow is workflow.yaml.
func (d *Def) workflow() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("file: %s\nroles:\n  applicant: {kind: citizen}", arrows(d.File))
	for _, role := range []string{"reception", "handler", "approver"} {
		at := "competent"
		if seats[role] == receiving {
			at = "receiving"
		}
		p("  %s: {kind: officer, at: %s, title: %s}", role, at, text(role))
	}
	if d.Starts != "" {
		p("clock: {starts: %s}", d.Starts)
	}
	p("states:")
	for _, s := range d.States {
		p("  %s:\n    title: %s\n    kind: %s", s.Name, text(s.Name), s.Kind)
		for _, kv := range [][2]string{{"owner", s.Owner}, {"for", s.For}, {"clock", s.Clock}, {"outcome", s.Outcome}} {
			if kv[1] != "" {
				p("    %s: %s", kv[0], kv[1])
			}
		}
		if s.Within.N > 0 {
			p("    within: %s", s.Within)
		}
		if s.FinalAct {
			p("    final-act: true")
		}
		if s.Negative {
			p("    negative: true")
		}
		for _, list := range []struct {
			key string
			of  []Choice
		}{{"actions", s.Actions}, {"signals", s.Signals}, {"after", s.After}} {
			if len(list.of) > 0 {
				p("    %s:", list.key)
			}
			for _, c := range list.of {
				p("      %s: %s", c.Event, arrows(c.Arrows))
			}
		}
		if len(s.Choose) > 0 {
			p("    choose: %s", arrows(s.Choose))
		}
		if s.Join != nil {
			p("    open:")
			for _, o := range s.Open {
				when := ""
				if o.When != nil {
					when = fmt.Sprintf(", when: %q", o.When)
				}
				p("      - {name: %s, procedure: %s, of: applicant, share: [q], give: {size: form.q.size}%s}", o.Name, o.Of.ID, when)
			}
			p("    join: %s", s.Join)
		}
	}
	if w := d.Withdraw; w != nil {
		p("withdraw: {by: applicant, before: [%s], to: %s}", join(w.Before), w.To)
	}
	return b.String()
}

// String is the join as a flow mapping.
func (j *Join) String() string {
	parts := []string{"rule: " + j.Rule, "window: " + j.Window.String(), "then: " + j.Then, "refused: " + j.Refused, "late: " + j.Late}
	if j.Count > 0 {
		parts = append(parts, fmt.Sprintf("count: %d", j.Count))
	}
	if j.OK != nil {
		parts = append(parts, "ok: ["+join(j.OK)+"]")
	}
	var classes []string
	for _, o := range slices.Sorted(maps.Keys(j.Class)) {
		classes = append(classes, o+": "+j.Class[o])
	}
	if classes != nil {
		parts = append(parts, "outcomes: {"+join(classes)+"}")
	}
	if j.Leave {
		parts = append(parts, "rest: leave")
	}
	return "{" + join(parts) + "}"
}

// arrows are transitions as a flow list.
func arrows(list []Arrow) string {
	out := make([]string, len(list))
	for i, a := range list {
		parts := []string{"to: " + a.To}
		if a.When != nil {
			parts = append(parts, fmt.Sprintf("when: %q", a.When))
		}
		if a.By != "" {
			parts = append(parts, "by: "+a.By)
		}
		if len(a.Needs) > 0 {
			parts = append(parts, "needs: ["+join(a.Needs)+"]")
		}
		if a.Max > 0 {
			parts = append(parts, fmt.Sprintf("max: %d", a.Max))
		}
		if a.Unlike != "" {
			parts = append(parts, "unlike: "+a.Unlike)
		}
		if a.Tacit {
			parts = append(parts, `tacit: true, law: "Luật Chợ, Điều 7"`)
		}
		var effects []string
		for _, e := range a.Effects {
			effects = append(effects, e.Type+": "+e.Name)
		}
		if len(effects) > 0 {
			parts = append(parts, "effects: ["+join(effects)+"]")
		}
		out[i] = "{" + join(parts) + "}"
	}
	return "[" + join(out) + "]"
}

func join(parts []string) string { return strings.Join(parts, ", ") }
