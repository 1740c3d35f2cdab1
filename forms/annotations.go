package forms

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/expr"
)

// choices reads an enumeration; without oneOf there is none.
func (c *compiler) choices(v view, at Pointer) (out []Choice) {
	n, i := v.get("oneOf")
	if n == nil {
		if e, ei := v.get("enum"); e != nil {
			c.at(c.place(v, e, ei), "ENUM", at, "enum has no titles", `write "oneOf": [{"const": …, "title": …, "x-text": …}]`)
		}
		return nil
	}
	for _, o := range n.items {
		value, ok := o.get("const").text()
		if !ok || value == "" {
			c.at(c.place(v, o, i), "ENUM", at, "a choice has no const, or one that is not a text", `write {"const": "join", "title": …, "x-text": …}`)
			continue
		}
		if slices.ContainsFunc(out, func(c Choice) bool { return c.Value == value }) {
			c.at(c.place(v, o, i), "ENUM", at, fmt.Sprintf("the choice %q stands twice", value), "keep one of them")
		}
		title, detail := c.texts(view{{o, v[i].doc}}, at, true)
		out = append(out, Choice{Value: value, Title: title, Detail: detail.VI})
	}
	return out
}

// provenance reads where the answer comes from.
func (c *compiler) provenance(f *Field, v view, at Pointer, item bool) {
	element, layerOf := v.get("x-element")
	f.Element, f.Fill, f.Of = c.str(v, "x-element", at), c.str(v, "x-fill", at), c.str(v, "x-of", at)
	if f.Element != "" {
		if _, ok := c.src.Elements.Get(f.Element); !ok {
			c.at(c.place(v, element, layerOf), "ELEMENT", at, "no registry holds "+f.Element, "write a name of common/elements.yaml, or leave x-element out")
		}
	}
	asked, ai := v.get("x-asked")
	if asked != nil && c.keys(asked, ai, v, at, "x-asked", "because", "law") {
		f.Asked = &Asked{Because: c.both(v, asked.get("because"), ai, "x-asked.because", at)}
		f.Asked.Law, _ = asked.get("law").text()
	}
	if n, i := v.get("x-waiver"); n != nil && c.keys(n, i, v, at, "x-waiver", "law", "until") {
		law, _ := n.get("law").text()
		until, _ := n.get("until").text()
		if _, err := time.Parse(time.DateOnly, until); err != nil || law == "" {
			c.at(c.place(v, n, i), "WAIVER", at, "a waiver needs a law and a date", `write {"law": "…", "until": "2027-03-01"}`)
		}
		f.Waiver = &Waiver{Law: law, Until: until}
	}
	switch {
	case item, c.src.Internal && f.Fill == "":
	case f.Fill != "" && asked != nil:
		c.at(c.place(v, asked, ai), "FILL", at, "the question is both filled and asked", "keep x-fill, or x-asked")
	case f.Fill == "" && asked == nil:
		c.at(v[0].n, "FILL", at, "nothing says where the answer comes from", `write "x-fill": "subject.path", or "x-asked": {"because": …} when only the citizen knows it`)
	}
	if f.Fill != "" {
		c.fill(f, v, at, layerOf)
	}
}

// fill checks x-fill against the subjects and the catalogue.
func (c *compiler) fill(f *Field, v view, at Pointer, elementLayer int) {
	n, i := v.get("x-fill")
	where := c.place(v, n, i)
	subject, path, ok := strings.Cut(f.Fill, ".")
	kind, known := subjectKind(c.src.Subjects, subject)
	if !ok || !known {
		c.at(where, "FILL", at, fmt.Sprintf("%s is not a subject's datum", f.Fill), "write subject.path with a subject of procedure.yaml")
		return
	}
	held := kind + "." + path
	e, ok := c.src.Elements.Get(held)
	if !ok {
		c.at(where, "FILL", at, "no registry holds "+held, "write a path that common/elements.yaml lists for "+kind)
		return
	}
	if f.Element != "" && f.Element != held && elementLayer == 0 {
		c.at(where, "FILL", at, fmt.Sprintf("filled from %s, but x-element says %s", held, f.Element), "let both name the same datum")
	}
	if f.Element == "" {
		c.at(where, "ELEMENT", at, "the question does not say which datum it is", fmt.Sprintf(`write "x-element": %q, so that it stays known when x-fill goes`, held))
		c.findings[len(c.findings)-1].Warning = true
	}
	f.Element, f.Authoritative, f.Caveat = held, e.Authoritative, e.Caveat
	want := map[string][]string{"string": {"string", "date"}, "date": {"string"}, "int": {"integer"}, "number": {"number"},
		"bool": {"boolean"}, "address": {"object"}, "list": {"array"}, "object": {}}[e.Type]
	t := c.str(v, "type", at)
	if t == "number" && e.Type == "int" {
		return
	}
	if e.Type != "" && t != "" && !slices.Contains(want, t) {
		c.at(where, "FILL", at, fmt.Sprintf("%s is %s, the question is %s", held, e.Type, t), "give the question the type of the datum")
	}
}

// dynamic reads x-choices.
func (c *compiler) dynamic(f *Field, v view, at Pointer) {
	n, i := v.get("x-choices")
	if n == nil || !c.keys(n, i, v, at, "x-choices", "from", "value", "label", "detail") {
		return
	}
	d := &ChoicesFrom{}
	for key, to := range map[string]*string{"value": &d.Value, "label": &d.Label, "detail": &d.Detail} {
		*to, _ = n.get(key).text()
	}
	if d.Value == "" || d.Label == "" || n.get("from") == nil {
		c.at(c.place(v, n, i), "CHOICES", at, "x-choices needs from, value and label", `write {"from": "subjects.children.list", "value": "number", "label": "fullName"}`)
	}
	if len(f.Enum) > 0 {
		c.at(c.place(v, n, i), "CHOICES", at, "choices from a record and written ones", "keep oneOf, or x-choices")
	}
	f.Choices = d
	c.program(view{{n, v[i].doc}}, "from", at, &expr.Type{Kind: expr.List, Elem: &expr.Type{Kind: expr.Dyn}}, at,
		func(p *expr.Program) { d.From = p })
}

// stops reads x-stop.
func (c *compiler) stops(f *Field, v view, at Pointer) {
	n, i := v.get("x-stop")
	if n == nil {
		return
	}
	if n.kind != '{' {
		c.at(c.place(v, n, i), "TYPE", at, "x-stop is not an object", `write {"value": {"vi": …, "en": …, "law": …}}`)
		return
	}
	f.Stops = map[string]Stop{}
	for _, m := range n.members {
		if !slices.ContainsFunc(f.Enum, func(c Choice) bool { return c.Value == m.key }) {
			c.at(c.place(v, m.value, i), "STOP", at, fmt.Sprintf("%q is not a choice of this question", m.key), "write the const of a choice")
		}
		if !c.keys(m.value, i, v, at, "x-stop."+m.key, "vi", "en", "law") {
			continue
		}
		law, _ := m.value.get("law").text()
		f.Stops[m.key] = Stop{Text: c.both(v, m.value, i, "x-stop", at), Law: law}
	}
}

// rules reads x-rules.
func (c *compiler) rules(form *Form, v view, n *node) {
	if n.kind != '[' {
		c.at(n, "TYPE", "", "x-rules is not a list", `write [{"id": …, "rule": …, "at": […], "vi": …, "en": …}]`)
		return
	}
	seen := map[string]bool{}
	for _, r := range n.items {
		rv := view{{r, ""}}
		if !c.keys(r, 0, rv, "", "x-rules", "id", "rule", "when", "at", "severity", "vi", "en", "law") {
			continue
		}
		rule := &Rule{ID: c.str(rv, "id", ""), Law: c.str(rv, "law", ""), Text: c.both(rv, r, 0, "a rule", ""), Line: r.line}
		if rule.ID == "" || seen[rule.ID] {
			c.at(r, "RULE", "", "the rule has no id of its own", `write "id": "short-name"`)
		}
		seen[rule.ID] = true
		switch s := c.str(rv, "severity", ""); s {
		case "", "error":
		case "warning":
			rule.Warning = true
		default:
			c.at(r.get("severity"), "ENUM", "", "there is no severity "+s, "write error or warning")
		}
		for _, a := range r.get("at").list() {
			p, _ := a.text()
			rule.At = append(rule.At, Pointer(p))
			c.paths = append(c.paths, placed{a, Pointer(p)})
		}
		if len(rule.At) == 0 || r.get("rule") == nil {
			c.at(r, "RULE", "", "a rule needs rule and at", `write "rule": "<CEL>", "at": ["/section/question"]`)
		}
		path := Pointer("x-rules/" + rule.ID)
		c.program(rv, "rule", path, boolType, "", func(p *expr.Program) { rule.Must = p })
		c.program(rv, "when", path, boolType, "", func(p *expr.Program) { rule.When = p })
		form.Rules = append(form.Rules, rule)
	}
}

func (n *node) list() []*node {
	if n == nil {
		return nil
	}
	return n.items
}
