package forms

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/workflow"
)

// A view is a schema with its $refs: the keywords of the first layer override
// those of the following ones.
type view []layer

type layer struct {
	n   *node
	doc string // path in Common; "" is the form
}

// get returns the value of the keyword and the layer that it stands in.
func (v view) get(key string) (*node, int) {
	for i, l := range v {
		if n := l.n.get(key); n != nil {
			return n, i
		}
	}
	return nil, -1
}

// view follows the $refs of a schema.
func (c *compiler) view(n *node, doc string, at Pointer) view {
	v := view{{n, doc}}
	for range 16 {
		last := v[len(v)-1]
		refNode := last.n.get("$ref")
		if refNode == nil {
			return v
		}
		ref, ok := refNode.text()
		if !ok {
			c.at(n, "REF", at, "$ref is not a string", `write "../common/person.json#/$defs/fullName"`)
			return v
		}
		target, targetDoc := c.resolve(ref, last.doc)
		if target == nil || target.kind != '{' {
			c.at(n, "REF", at, fmt.Sprintf("nothing is defined at %s", ref), `write the name of a definition in common/, as "../common/person.json#/$defs/fullName"`)
			return v
		}
		v = append(v, layer{target, targetDoc})
	}
	c.at(n, "REF", at, "this $ref leads back to itself", "let it end in a definition")
	return v
}

func (c *compiler) resolve(ref, doc string) (*node, string) {
	file, fragment, _ := strings.Cut(ref, "#")
	if file != "" {
		base := "form/"
		if doc != "" {
			base = path.Dir(doc) + "/"
		}
		doc = path.Clean(base + file)
	}
	n, err := c.load(doc)
	if err != nil {
		return nil, doc
	}
	for _, step := range strings.Split(strings.TrimPrefix(fragment, "/"), "/") {
		if step == "" {
			continue
		}
		n = n.get(strings.NewReplacer("~1", "/", "~0", "~").Replace(step))
	}
	return n, doc
}

// place is where a finding about the keyword is shown: at the keyword when it
// stands in the form, otherwise at the question.
func (c *compiler) place(v view, n *node, i int) *node {
	if n != nil && i >= 0 && v[i].doc == "" {
		return n
	}
	return v[0].n
}

func (c *compiler) str(v view, key string, at Pointer) string {
	n, i := v.get(key)
	if n == nil {
		return ""
	}
	s, ok := n.text()
	if !ok || strings.TrimSpace(s) == "" {
		c.at(c.place(v, n, i), "TYPE", at, key+" is not a text", "write a string in quotes")
	}
	return s
}

func (c *compiler) integer(v view, key string, at Pointer) int {
	f := c.float(v, key, at)
	if f == nil {
		return 0
	}
	if *f < 0 || *f != float64(int(*f)) {
		n, i := v.get(key)
		c.at(c.place(v, n, i), "TYPE", at, key+" is not a whole number", "write a whole number from 0")
		return 0
	}
	return int(*f)
}

func (c *compiler) float(v view, key string, at Pointer) *float64 {
	n, i := v.get(key)
	if n == nil {
		return nil
	}
	num, ok := n.value.(json.Number)
	f, err := num.Float64()
	if !ok || err != nil {
		c.at(c.place(v, n, i), "TYPE", at, key+" is not a number", "write a number without quotes")
		return nil
	}
	return &f
}

// texts reads title and description with their English.
func (c *compiler) texts(v view, at Pointer, needTitle bool) (title, description workflow.Text) {
	read := func(key string, need bool) (t workflow.Text) {
		vi, i := v.get(key)
		if vi == nil {
			if need {
				c.at(v[0].n, "TEXT", at, "title is missing", `write "title" in Vietnamese and "x-text": {"en": {"title": …}}`)
			}
			return t
		}
		t.VI = c.str(v, key, at)
		// An English text further down translates another Vietnamese one.
		for _, l := range v[:i+1] {
			if n := l.n.get("x-text").get("en").get(key); n != nil {
				t.EN, _ = n.text()
				break
			}
		}
		if t.EN == "" {
			c.at(c.place(v, vi, i), "TEXT", at, "the English "+key+" is missing", fmt.Sprintf(`write "x-text": {"en": {%q: …}} beside it`, key))
		}
		return t
	}
	if n, i := v.get("x-text"); n != nil {
		c.keys(n, i, v, at, "x-text", "en")
		c.keys(n.get("en"), i, v, at, "x-text.en", "title", "description")
	}
	return read("title", needTitle), read("description", false)
}

// both reads {vi, en}.
func (c *compiler) both(v view, n *node, i int, key string, at Pointer) workflow.Text {
	vi, _ := n.get("vi").text()
	en, _ := n.get("en").text()
	if vi == "" || en == "" {
		c.at(c.place(v, n, i), "TEXT", at, key+" needs Vietnamese and English", `write {"vi": …, "en": …}`)
	}
	return workflow.Text{VI: vi, EN: en}
}

// keys reports what n, the value of a keyword, holds beside the known keys.
func (c *compiler) keys(n *node, i int, v view, at Pointer, name string, known ...string) bool {
	if n == nil || n.kind != '{' {
		c.at(c.place(v, n, i), "TYPE", at, name+" is not an object", "write {"+strings.Join(known, ", ")+"}")
		return false
	}
	for _, m := range n.members {
		if !slices.Contains(known, m.key) {
			where := c.place(v, m.value, i)
			line, col := where.line, where.col
			if where == m.value {
				line, col = m.line, m.col
			}
			c.report("KEYS", line, col, at, fmt.Sprintf("%s has no %q", name, m.key), "write one of "+strings.Join(known, ", "))
		}
	}
	return true
}

var questionKeywords = []string{"x-text", "x-element", "x-fill", "x-of", "x-asked", "x-waiver", "x-when", "x-choices",
	"x-widget", "x-autocomplete", "x-help", "x-stop"}

// xKeywords reports x- keywords that nothing executes here.
func (c *compiler) xKeywords(v view, at Pointer, what string, known ...string) {
	for i, l := range v {
		for _, m := range l.n.members {
			if !strings.HasPrefix(m.key, "x-") || slices.Contains(known, m.key) {
				continue
			}
			line, col := m.line, m.col
			if v[i].doc != "" {
				line, col = v[0].n.line, v[0].n.col
			}
			remedy := "a " + what + " may have " + strings.Join(known, ", ")
			c.report("KEYS", line, col, at, fmt.Sprintf("a %s has no %s", what, m.key), remedy)
		}
	}
}
