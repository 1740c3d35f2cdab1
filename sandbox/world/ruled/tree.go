package ruled

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// A node is a value of a file that knows its line. A nil node is an absent value.
type node struct {
	place
	value any // of a scalar: string, int64, float64, bool or nil
	keys  []key
	items []*node
	shape shape
}

type shape int

const (
	scalar shape = iota
	mapping
	sequence
)

type key struct {
	name string
	line int
	node *node
}

// parse reads one document of strict YAML.
func (l *loader) parse(file string, text []byte) *node {
	f, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if syntax, ok := errors.AsType[*yaml.SyntaxError](err); ok {
		l.fail(place{file, syntax.Token.Position.Line}, "%s", syntax.Message)
		return nil
	}
	if err != nil {
		l.fail(place{file, 1}, "%v", err)
		return nil
	}
	if len(f.Docs) != 1 || f.Docs[0].Body == nil {
		l.fail(place{file, 1}, "the file holds %d documents, not one", len(f.Docs))
		return nil
	}
	return l.build(file, f.Docs[0].Body)
}

func (l *loader) build(file string, n ast.Node) *node {
	out := &node{place: place{file, n.GetToken().Position.Line}}
	switch n := n.(type) {
	case *ast.MappingNode:
		l.mapping(out, n.Values)
	case *ast.MappingValueNode:
		l.mapping(out, []*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		out.shape = sequence
		for _, v := range n.Values {
			out.items = append(out.items, l.build(file, v))
		}
	case *ast.StringNode:
		out.value = n.Value
	case *ast.LiteralNode:
		out.value = n.Value.Value
	case *ast.IntegerNode:
		i, err := strconv.ParseInt(n.GetToken().Value, 10, 64)
		if err != nil {
			l.fail(out.place, "%s is no whole number: write text in quotes", n.GetToken().Value)
		}
		out.value = i
	case *ast.FloatNode:
		out.value = n.Value
	case *ast.BoolNode:
		out.value = n.Value
	case *ast.NullNode:
	default:
		l.fail(out.place, "anchors, aliases and tags do not belong here: write the value out")
	}
	return out
}

func (l *loader) mapping(out *node, values []*ast.MappingValueNode) {
	out.shape = mapping
	for _, v := range values {
		t := v.Key.GetToken()
		name := strings.TrimSpace(t.Value)
		if first := out.entry(name); first != nil {
			l.fail(place{out.file, t.Position.Line}, "key %q stands twice, first in line %d", name, first.line)
			continue
		}
		value := &node{place: place{out.file, t.Position.Line}}
		if v.Value != nil {
			value = l.build(out.file, v.Value)
		}
		out.keys = append(out.keys, key{name, t.Position.Line, value})
	}
}

func (n *node) entry(name string) *key {
	if n == nil {
		return nil
	}
	for i := range n.keys {
		if n.keys[i].name == name {
			return &n.keys[i]
		}
	}
	return nil
}

func (n *node) get(name string) *node {
	if k := n.entry(name); k != nil {
		return k.node
	}
	return nil
}

// only reports keys that are none of names, and what is no mapping.
func (l *loader) only(n *node, names ...string) {
	if n == nil {
		return
	}
	if n.shape != mapping {
		l.fail(n.place, "a mapping with %s is needed here", strings.Join(names, ", "))
		return
	}
	for _, k := range n.keys {
		if !slices.Contains(names, k.name) {
			l.fail(place{n.file, k.line}, "unknown key %q: write one of %s", k.name, strings.Join(names, ", "))
		}
	}
}

// each visits the entries of a mapping; something else is reported.
func (l *loader) each(n *node, visit func(key)) {
	if n == nil || n.shape == scalar && n.value == nil {
		return
	}
	if n.shape != mapping {
		l.fail(n.place, "a mapping by name is needed here")
		return
	}
	for _, k := range n.keys {
		visit(k)
	}
}

// list returns the items of a sequence; something else is reported.
func (l *loader) list(n *node) []*node {
	if n != nil && n.shape != sequence {
		l.fail(n.place, "a list is needed here")
	}
	if n == nil {
		return nil
	}
	return n.items
}

// text returns a scalar's text; something else, and nothing where it is needed, is reported.
func (l *loader) text(n *node, what string, at place) string {
	if n == nil {
		l.fail(at, "%s is missing", what)
		return ""
	}
	s, ok := n.value.(string)
	if !ok || s == "" {
		l.fail(n.place, "%s is a text", what)
	}
	return s
}

// flag returns true or false; an absent node is false.
func (l *loader) flag(n *node) bool {
	if n == nil {
		return false
	}
	b, ok := n.value.(bool)
	if !ok {
		l.fail(n.place, "true or false is needed here")
	}
	return b
}

// plain returns the value as plain Go values.
func (n *node) plain() any {
	if n == nil {
		return nil
	}
	switch n.shape {
	case mapping:
		m := make(map[string]any, len(n.keys))
		for _, k := range n.keys {
			m[k.name] = k.node.plain()
		}
		return m
	case sequence:
		list := make([]any, len(n.items))
		for i, v := range n.items {
			list[i] = v.plain()
		}
		return list
	}
	return n.value
}
