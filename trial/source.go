package trial

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing/fstest"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/hoso-gov/hoso/procedures"
)

// Sources are the files of definitions as they were written: they know the line
// of everything.
type Sources struct {
	tree fs.FS
}

// NewSources reads the files of a tree of procedures, each when it is asked for.
func NewSources(tree fs.FS) *Sources { return &Sources{tree} }

// Snapshot reads a tree of procedures whole: what an author saves meanwhile does
// not come between the first story and the last mutant.
func Snapshot(tree fs.FS) (fs.FS, error) {
	out := fstest.MapFS{}
	for _, pattern := range []string{"*/*.yaml", "*/*.json", "common/*/*.yaml"} {
		names, err := fs.Glob(tree, pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			src, err := fs.ReadFile(tree, name)
			if err != nil {
				return nil, err
			}
			out[name] = &fstest.MapFile{Data: src}
		}
	}
	return out, nil
}

// Rows are the lines of the tables of a procedure.
func (s *Sources) Rows(id procedures.ID) Rows {
	root, err := s.read(id, procedureFile)
	if err != nil {
		return Rows{}
	}
	lines := func(table string) []int {
		var out []int
		for _, row := range root.get(table).list() {
			out = append(out, row.line)
		}
		return out
	}
	return Rows{Fees: lines("fees"), Limits: lines("limits"), Variants: lines("variants")}
}

func (s *Sources) read(id procedures.ID, file string) (*value, error) {
	src, err := fs.ReadFile(s.tree, path.Join(string(id), file))
	if err != nil {
		return nil, err
	}
	return parse(src)
}

// A value of a YAML or JSON file, which knows where it stands. A nil value is
// an absent one.
type value struct {
	literal string // of a scalar, as JSON
	text    string // of a scalar
	keys    []string
	values  []*value // of a mapping by its keys, or the items of a list
	mapping bool
	line    int
}

func parse(src []byte) (*value, error) {
	f, err := parser.ParseBytes(src, 0)
	if err != nil {
		return nil, err
	}
	if len(f.Docs) == 0 || f.Docs[0].Body == nil {
		return nil, fmt.Errorf("the file is empty")
	}
	return convert(f.Docs[0].Body), nil
}

func convert(n ast.Node) *value {
	v := &value{line: n.GetToken().Position.Line}
	entry := func(e *ast.MappingValueNode) {
		v.mapping = true
		v.keys = append(v.keys, strings.TrimSpace(e.Key.GetToken().Value))
		v.values = append(v.values, convert(e.Value))
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		v.mapping = true
		for _, e := range n.Values {
			entry(e)
		}
		if !n.IsFlowStyle && len(n.Values) > 0 {
			v.line = n.Values[0].Key.GetToken().Position.Line
		}
	case *ast.MappingValueNode:
		v.line = n.Key.GetToken().Position.Line
		entry(n)
	case *ast.SequenceNode:
		v.values = []*value{}
		for _, item := range n.Values {
			v.values = append(v.values, convert(item))
		}
	case *ast.StringNode:
		v.text, v.literal = n.Value, quote(n.Value)
	case *ast.LiteralNode:
		v.text, v.literal = n.Value.Value, quote(n.Value.Value)
	case *ast.NullNode:
		v.literal = "null"
	default:
		v.text = n.GetToken().Value
		v.literal = v.text
	}
	return v
}

func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSpace(b.String())
}

func (v *value) get(key string) *value {
	if v == nil || !v.mapping {
		return nil
	}
	for i, k := range v.keys {
		if k == key {
			return v.values[i]
		}
	}
	return nil
}

// list are the items of a list; a mapping has none.
func (v *value) list() []*value {
	if v == nil || v.mapping {
		return nil
	}
	return v.values
}

// write writes the value as JSON, which is YAML too, with what edit says in the
// place of some values; edit returns nil for one that is left out.
func (v *value) write(b *strings.Builder, edit func(*value) *value) {
	switch {
	case v.mapping:
		b.WriteString("{")
		n := 0
		for i, k := range v.keys {
			e := edit(v.values[i])
			if e == nil {
				continue
			}
			if n++; n > 1 {
				b.WriteString(",\n")
			}
			b.WriteString(quote(k))
			b.WriteString(": ")
			e.write(b, edit)
		}
		b.WriteString("}")
	case v.values != nil:
		b.WriteString("[")
		n := 0
		for _, item := range v.values {
			e := edit(item)
			if e == nil {
				continue
			}
			if n++; n > 1 {
				b.WriteString(",\n")
			}
			e.write(b, edit)
		}
		b.WriteString("]")
	default:
		b.WriteString(v.literal)
	}
}

// Shows tells whether the stories of a procedure may show what another one does:
// it is that one, or opens it, or what it opens does.
func Shows(c *procedures.Catalogue, of, other procedures.ID) bool {
	if of == other {
		return true
	}
	p, ok := c.Get(of)
	if !ok || p.Machine == nil {
		return false
	}
	for _, s := range p.Machine.States {
		for _, k := range s.Open {
			if Shows(c, procedures.ID(k.Procedure), other) {
				return true
			}
		}
	}
	return false
}
