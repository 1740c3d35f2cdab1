package procedures

import (
	"errors"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/hoso-gov/hoso/workflow"
)

// A node is a value of a YAML file that knows where it stands. A nil node is
// an absent value: all methods read it as empty.
type node struct {
	value any // of a scalar: string, int, float64, bool or nil
	keys  []*entry
	items []*node
	kind  nodeKind
	line  int // 1-based
	col   int // 1-based, in characters
	text  int // column where the text of a scalar begins; 0: on other lines
}

type nodeKind int

const (
	scalar nodeKind = iota
	mapping
	sequence
)

// An entry is a key of a mapping with its value.
type entry struct {
	key       string
	line, col int
	value     *node
	read      bool // somebody asked for it: a test holds every key of the schemas to that
}

// parseTree reads one document of strict YAML 1.2. The findings tell what is
// not: doubled keys, anchors, tags, a second document, or broken syntax, after
// which the tree is nil.
func parseTree(src []byte, file string) (*node, []workflow.Finding) {
	f, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		found := workflow.Finding{Code: "YAML", File: file, Line: 1, Column: 1, Message: err.Error(),
			Remedy: "write valid YAML 1.2: indent with spaces, close every bracket and quote"}
		if syntax, ok := errors.AsType[*yaml.SyntaxError](err); ok {
			found.Message = syntax.Message
			if p := syntax.Token.Position; p != nil {
				found.Line, found.Column = p.Line, p.Column
			}
		}
		return nil, []workflow.Finding{found}
	}
	t := &treeBuilder{file: file}
	var root *node
	for _, d := range f.Docs {
		if d.Body == nil {
			continue
		}
		if root != nil {
			p := d.Body.GetToken().Position
			t.report("YAML", p.Line, p.Column, "a second document", "keep one document in a file")
			break
		}
		root = t.build(d.Body)
	}
	if root == nil {
		t.report("YAML", 1, 1, "the file is empty", "fill it as docs/definitions.md shows")
	}
	return root, t.findings
}

type treeBuilder struct {
	file     string
	findings []workflow.Finding
}

func (t *treeBuilder) report(code string, line, col int, message, remedy string) {
	t.findings = append(t.findings, workflow.Finding{Code: code, File: t.file, Line: line, Column: col, Message: message, Remedy: remedy})
}

func (t *treeBuilder) build(n ast.Node) *node {
	if n == nil {
		return &node{}
	}
	at := n.GetToken().Position
	out := &node{line: at.Line, col: at.Column}
	switch n := n.(type) {
	case *ast.MappingNode:
		t.mapping(out, n.Values)
		if !n.IsFlowStyle && len(out.keys) > 0 {
			out.line, out.col = out.keys[0].line, out.keys[0].col
		}
	case *ast.MappingValueNode:
		t.mapping(out, []*ast.MappingValueNode{n})
		if len(out.keys) > 0 {
			out.line, out.col = out.keys[0].line, out.keys[0].col
		}
	case *ast.SequenceNode:
		out.kind = sequence
		for _, v := range n.Values {
			t.word(v)
			out.items = append(out.items, t.build(v))
		}
	case *ast.StringNode:
		out.value, out.text = n.Value, at.Column
		if k := n.GetToken().Type; k == token.SingleQuoteType || k == token.DoubleQuoteType {
			out.text++
		}
	case *ast.LiteralNode:
		out.value = n.Value.Value
	case *ast.IntegerNode:
		out.value = n.GetValue()
		if i, err := strconv.Atoi(n.GetToken().Value); err == nil {
			out.value = i // "010" is ten in YAML 1.2
		}
	case *ast.FloatNode:
		out.value = n.Value
	case *ast.BoolNode:
		out.value = n.Value
	case *ast.NullNode:
	default:
		t.report("YAML", at.Line, at.Column, "anchors, aliases, tags and merge keys are not part of the definition language", "write the value out")
	}
	return out
}

// word refuses what YAML 1.1 takes for true or false: another reader, an editor's
// among them, would see another file.
func (t *treeBuilder) word(n ast.Node) {
	s, ok := n.(*ast.StringNode)
	if !ok || s.GetToken().Type != token.StringType {
		return
	}
	switch strings.ToLower(s.Value) {
	case "yes", "no", "on", "off", "y", "n":
		at := s.GetToken().Position
		t.report("KEYS", at.Line, at.Column, strconv.Quote(s.Value)+" is true or false to readers of YAML 1.1", "write true or false, or put the text in quotes")
	}
}

func (t *treeBuilder) mapping(out *node, values []*ast.MappingValueNode) {
	out.kind = mapping
	seen := map[string]int{}
	for _, v := range values {
		tk := v.Key.GetToken()
		at := tk.Position
		key := strings.TrimSpace(tk.Value)
		if _, merge := v.Key.(*ast.MergeKeyNode); merge {
			t.report("YAML", at.Line, at.Column, "anchors, aliases, tags and merge keys are not part of the definition language", "write the keys out")
			continue
		}
		if first, doubled := seen[key]; doubled {
			t.report("KEYS", at.Line, at.Column, "key "+strconv.Quote(key)+" stands twice, first in line "+strconv.Itoa(first), "keep one of them")
			continue
		}
		seen[key] = at.Line
		t.word(v.Key)
		if key != "clock" { // clock: off is a word of the language
			t.word(v.Value)
		}
		out.keys = append(out.keys, &entry{key: key, line: at.Line, col: at.Column, value: t.build(v.Value)})
	}
}

// get returns the value of key, nil when there is none.
func (n *node) get(key string) *node {
	if e := n.entry(key); e != nil {
		return e.value
	}
	return nil
}

func (n *node) entry(key string) *entry {
	if n == nil {
		return nil
	}
	for _, e := range n.keys {
		if e.key == key {
			e.read = true
			return e
		}
	}
	return nil
}

// names returns the keys of a mapping in the order written.
func (n *node) names() []string {
	var out []string
	for _, e := range n.entries() {
		out = append(out, e.key)
	}
	return out
}

func (n *node) entries() []*entry {
	if n == nil {
		return nil
	}
	return n.keys
}

func (n *node) list() []*node {
	if n == nil {
		return nil
	}
	return n.items
}

// str returns a scalar as text: "" for absent and composite values.
func (n *node) str() string {
	if n == nil || n.kind != scalar {
		return ""
	}
	switch v := n.value.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func (n *node) int() int {
	if n == nil {
		return 0
	}
	i, _ := n.value.(int)
	return i
}

// number tells whether a scalar is a whole number, and which.
func (n *node) number() (int, bool) {
	if n == nil {
		return 0, false
	}
	i, ok := n.value.(int)
	return i, ok
}

func (n *node) bool() bool {
	if n == nil {
		return false
	}
	b, _ := n.value.(bool)
	return b
}

// strs returns a list of scalars; a lone scalar is a list of one.
func (n *node) strs() []string {
	if n == nil {
		return nil
	}
	if n.kind == scalar {
		if s := n.str(); s != "" {
			return []string{s}
		}
		return nil
	}
	var out []string
	for _, i := range n.items {
		out = append(out, i.str())
	}
	return out
}

func (n *node) localized() workflow.Text {
	return workflow.Text{VI: n.get("vi").str(), EN: n.get("en").str()}
}

// eachText visits every text of the tree that stands as a value.
func (n *node) eachText(visit func(string)) {
	if n == nil {
		return
	}
	if text, ok := n.value.(string); ok {
		visit(text)
	}
	for _, e := range n.keys {
		e.value.eachText(visit)
	}
	for _, v := range n.items {
		v.eachText(visit)
	}
}

// plain returns the value as encoding/json would decode it.
func (n *node) plain() any {
	if n == nil {
		return nil
	}
	switch n.kind {
	case mapping:
		m := make(map[string]any, len(n.keys))
		for _, e := range n.keys {
			m[e.key] = e.value.plain()
		}
		return m
	case sequence:
		l := make([]any, len(n.items))
		for i, v := range n.items {
			l[i] = v.plain()
		}
		return l
	}
	return n.value
}

// at returns the node that a JSON Pointer names, or the nearest one above it.
func (n *node) at(pointer string) *node {
	for _, part := range pointerParts(pointer) {
		var next *node
		switch n.kind {
		case mapping:
			next = n.get(part)
		case sequence:
			if i, err := strconv.Atoi(part); err == nil && i >= 0 && i < len(n.items) {
				next = n.items[i]
			}
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

func pointerParts(pointer string) []string {
	if pointer == "" || pointer == "/" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(p, "~1", "/"), "~0", "~")
	}
	return parts
}
