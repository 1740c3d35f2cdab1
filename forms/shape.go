package forms

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/expr"
)

var boolType = &expr.Type{Kind: expr.Bool}

// shape reads sections, questions and rules.
func (c *compiler) shape(form *Form, root *node) {
	v := c.view(root, "", "")
	c.xKeywords(v, "", "form", "x-rules", "x-text")
	props, _ := v.get("properties")
	if props == nil || props.kind != '{' || len(props.members) == 0 {
		c.at(root, "FORM", "", "the form has no sections", `write "properties": {"section": {"type": "object", "title": …, "properties": {…}}}`)
		return
	}
	for _, m := range props.members {
		at := Pointer("/" + m.key)
		if !name.MatchString(m.key) {
			c.report("NAME", m.line, m.col, at, fmt.Sprintf("%q is not a name", m.key), "write camelCase, beginning with a small letter")
			continue
		}
		if m.value.kind != '{' {
			c.report("FORM", m.line, m.col, at, "a section is an object", `write {"type": "object", "title": …, "properties": {…}}`)
			continue
		}
		form.Sections = append(form.Sections, c.section(form, m, at))
	}
	if rules, _ := v.get("x-rules"); rules != nil {
		c.rules(form, v, rules)
	}
}

var name = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)

func (c *compiler) section(form *Form, m member, at Pointer) *Section {
	v := c.view(m.value, "", at)
	s := &Section{Name: m.key, Pointer: at, Line: m.line}
	c.xKeywords(v, at, "section", "x-text", "x-when", "x-page")
	if typ := c.str(v, "type", at); typ != "" && typ != "object" {
		c.at(m.value, "FORM", at, "a section is an object, not "+typ, `write "type": "object"`)
	}
	s.Title, s.Description = c.texts(v, at, true)
	if page := c.str(v, "x-page", at); page == "question" {
		s.OnePerPage = true
	} else if page != "" {
		c.at(m.value, "ENUM", at, "x-page is "+page, `write "question", or leave it out`)
	}
	c.program(v, "x-when", at, boolType, at, func(p *expr.Program) { s.When = p })
	props, i := v.get("properties")
	if props == nil || props.kind != '{' || len(props.members) == 0 {
		c.at(m.value, "FORM", at, "the section has no questions", `write "properties": {"question": {…}}`)
		return s
	}
	required := c.required(v, at)
	for _, q := range props.members {
		here := at + Pointer("/"+q.key)
		if f := c.field(q, v[i].doc, here, slices.Contains(required, q.key), false); f != nil {
			s.Fields = append(s.Fields, f)
			form.fields[here] = f
		}
	}
	return s
}

func (c *compiler) required(v view, at Pointer) (names []string) {
	n, i := v.get("required")
	if n == nil {
		return nil
	}
	props, _ := v.get("properties")
	for _, item := range n.items {
		s, _ := item.text()
		if props.get(s) == nil {
			c.at(c.place(v, item, i), "REQUIRED", at, fmt.Sprintf("required names %q, which is not a question", s), "write the name of a question beside it")
		}
		names = append(names, s)
	}
	return names
}

func (c *compiler) program(v view, key string, at Pointer, want *expr.Type, before Pointer, set func(*expr.Program)) {
	n, i := v.get(key)
	if n == nil {
		return
	}
	if s, ok := n.text(); !ok || strings.TrimSpace(s) == "" {
		c.at(c.place(v, n, i), "TYPE", at, key+" is not an expression", "write CEL in quotes")
		return
	}
	c.later = append(c.later, pending{c.place(v, n, i), at, want, before, set})
	if v[i].doc != "" { // the text itself, shown at the question
		own := *n
		own.line, own.col = v[0].n.line, v[0].n.col
		c.later[len(c.later)-1].source = &own
	}
}

// field reads one question; item is true within a repeated group.
func (c *compiler) field(m member, doc string, at Pointer, required, item bool) *Field {
	if m.value.kind != '{' {
		c.report("FORM", m.line, m.col, at, "a question is an object", `write {"type": …, "title": …}`)
		return nil
	}
	if !name.MatchString(m.key) {
		c.report("NAME", m.line, m.col, at, fmt.Sprintf("%q is not a name", m.key), "write camelCase, beginning with a small letter")
		return nil
	}
	v := c.view(m.value, doc, at)
	f := &Field{Name: m.key, Pointer: at, Required: required, Line: m.line, Column: m.col}
	if item {
		f.Pointer = Pointer("/" + m.key)
		c.xKeywords(v, at, "question in a group", "x-text", "x-element", "x-of", "x-asked", "x-widget", "x-autocomplete", "x-help")
	} else {
		c.xKeywords(v, at, "question", questionKeywords...)
	}
	f.Title, f.Description = c.texts(v, at, true)
	f.Type, f.Format = c.str(v, "type", at), c.str(v, "format", at)
	f.Autocomplete = c.str(v, "x-autocomplete", at)
	f.MinLength, f.MaxLength = c.integer(v, "minLength", at), c.integer(v, "maxLength", at)
	f.MinItems, f.MaxItems = c.integer(v, "minItems", at), c.integer(v, "maxItems", at)
	f.Minimum, f.Maximum = c.float(v, "minimum", at), c.float(v, "maximum", at)
	if f.Pattern = c.str(v, "pattern", at); f.Pattern != "" {
		var err error
		if f.pattern, err = regexp.Compile(f.Pattern); err != nil {
			c.at(m.value, "TYPE", at, "pattern is not a regular expression", "write an RE2 expression")
		}
	}
	f.PersonalNumber = f.Format == "personal-number" || f.Pattern == `^[0-9]{12}$` || f.Pattern == `^\d{12}$`
	f.Money = f.Type == "integer" && f.Format == "money"
	if n, i := v.get("x-help"); n != nil && c.keys(n, i, v, at, "x-help", "vi", "en") {
		f.Help = c.both(v, n, i, "x-help", at)
	}
	f.Enum = c.choices(v, at)
	c.provenance(f, v, at, item)
	if !item {
		c.program(v, "x-when", at, boolType, at, func(p *expr.Program) { f.When = p })
		c.dynamic(f, v, at)
		c.stops(f, v, at)
	}
	c.kind(f, v, at, item)
	c.widget(f, v, at)
	return f
}

// kind checks the type of the question and reads what it is made of.
func (c *compiler) kind(f *Field, v view, at Pointer, item bool) {
	switch f.Type {
	case "string":
		if f.MaxLength == 0 && len(f.Enum) == 0 && f.Format != "date" && f.Pattern == "" && f.Choices == nil {
			c.at(v[0].n, "BOUND", at, "the text has no limit", `write "maxLength"`)
		}
	case "integer", "number", "boolean":
	case "object":
		props, _ := v.get("properties")
		if props.get("province") == nil || props.get("commune") == nil || props.get("line") == nil {
			c.at(v[0].n, "TYPE", at, "an object in a section is an address and nothing else", `write "$ref": "../common/address.json#/$defs/address", or split it into questions`)
		}
	case "array":
		if f.MaxItems == 0 {
			c.at(v[0].n, "BOUND", at, "the list has no limit", `write "maxItems"`)
		}
		c.items(f, v, at, item)
	case "":
		c.at(v[0].n, "TYPE", at, "type is missing", "write string, integer, number, boolean, array, or a $ref")
	default:
		c.at(v[0].n, "TYPE", at, "there is no type "+f.Type, "write string, integer, number, boolean or array")
	}
}

func (c *compiler) items(f *Field, v view, at Pointer, item bool) {
	n, i := v.get("items")
	if n == nil || n.kind != '{' {
		c.at(v[0].n, "TYPE", at, "a list says what its items are", `write "items": {"type": "string"}, or an object with properties`)
		return
	}
	iv := c.view(n, v[i].doc, at)
	if props, pi := iv.get("properties"); props != nil {
		if item {
			c.at(v[0].n, "TYPE", at, "a group within a group", "ask it in a section of its own")
			return
		}
		required := c.required(iv, at)
		for _, m := range props.members {
			if q := c.field(m, iv[pi].doc, at+Pointer("/"+m.key), slices.Contains(required, m.key), true); q != nil {
				q.origin = at
				if q.Type == "array" {
					c.at(c.place(iv, m.value, pi), "TYPE", at, "a list within a group", "ask it in a question of its own")
					continue
				}
				f.Items = append(f.Items, q)
			}
		}
		f.Widget = GroupWidget
		return
	}
	if t, _ := iv.get("type"); t == nil || t.value != "string" {
		c.at(v[0].n, "TYPE", at, "the items of a list are texts or objects", `write "items": {"type": "string"}`)
	}
	f.Enum = c.choices(iv, at)
	if len(f.Enum) == 0 && f.Choices == nil {
		c.at(v[0].n, "TYPE", at, "a list of texts needs choices", `write "oneOf" in its items, or "x-choices"`)
	}
}

// widget chooses the control.
func (c *compiler) widget(f *Field, v view, at Pointer) {
	switch {
	case f.Widget == GroupWidget:
	case f.Type == "array":
		f.Widget = ChecksWidget
	case f.Type == "object":
		f.Widget = AddressWidget
	case f.Type == "boolean":
		f.Widget = YesNoWidget
	case f.Type == "string" && f.Format == "date":
		f.Widget = DateWidget
	case f.Choices != nil:
		f.Widget = RadiosWidget
	case len(f.Enum) > 10:
		f.Widget = SelectWidget
	case len(f.Enum) > 0:
		f.Widget = RadiosWidget
	case f.Type == "integer" || f.Type == "number":
		f.Widget = NumberWidget
	default:
		f.Widget = TextWidget
	}
	n, i := v.get("x-widget")
	if n == nil {
		return
	}
	w := Widget(c.str(v, "x-widget", at))
	hasChoices := f.Widget == RadiosWidget || f.Widget == SelectWidget
	switch {
	case w == f.Widget, w == TextareaWidget && f.Widget == TextWidget, (w == SelectWidget || w == RadiosWidget) && hasChoices:
		f.Widget = w
	default:
		c.at(c.place(v, n, i), "WIDGET", at, fmt.Sprintf("%q does not fit a question shown as %s", w, f.Widget), "leave x-widget out: the type decides")
	}
}
