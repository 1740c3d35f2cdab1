package forms

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"unicode/utf8"
)

// A node is a JSON value that knows where it stands and keeps its properties
// in the order in which they were written.
type node struct {
	value     any      // string, json.Number, bool or nil
	members   []member // of an object
	items     []*node  // of an array
	kind      byte     // '{', '[' or 0
	line, col int      // 1-based
}

type member struct {
	key       string
	line, col int
	value     *node
}

func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for i := range n.members {
		if n.members[i].key == key {
			return n.members[i].value
		}
	}
	return nil
}

// text is the string in n; false for anything else.
func (n *node) text() (string, bool) {
	if n == nil {
		return "", false
	}
	s, ok := n.value.(string)
	return s, ok
}

// maxDepth bounds the nesting of a schema.
const maxDepth = 64

// positionError is a mistake in the JSON itself.
type positionError struct {
	line, col int
	message   string
}

func (e *positionError) Error() string { return e.message }

type treeReader struct {
	src   []byte
	dec   *json.Decoder
	lines []int // offsets at which lines begin
}

// readTree reads one JSON document; the error is a *positionError.
func readTree(src []byte) (*node, error) {
	t := &treeReader{src: src, dec: json.NewDecoder(bytes.NewReader(src)), lines: []int{0}}
	t.dec.UseNumber()
	for i, b := range src {
		if b == '\n' {
			t.lines = append(t.lines, i+1)
		}
	}
	n, err := t.read(0)
	if err != nil {
		return nil, err
	}
	if at := t.next(); at < len(src) {
		return nil, t.fail(at, "text after the end of the document")
	}
	return n, nil
}

// next is the offset at which the next token begins.
func (t *treeReader) next() int {
	at := int(t.dec.InputOffset())
	for at < len(t.src) {
		switch t.src[at] {
		case ' ', '\t', '\r', '\n', ',', ':':
			at++
		default:
			return at
		}
	}
	return at
}

func (t *treeReader) place(at int) (line, col int) {
	line = sort.SearchInts(t.lines, at+1)
	return line, utf8.RuneCount(t.src[t.lines[line-1]:min(at, len(t.src))]) + 1
}

func (t *treeReader) fail(at int, message string) error {
	line, col := t.place(at)
	return &positionError{line, col, message}
}

func (t *treeReader) token() (json.Token, int, error) {
	at := t.next()
	tok, err := t.dec.Token()
	if err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = max(int(syntax.Offset)-1, 0)
		}
		return nil, at, t.fail(at, "broken JSON: "+err.Error())
	}
	return tok, at, nil
}

func (t *treeReader) read(depth int) (*node, error) {
	tok, at, err := t.token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, t.fail(at, "nested too deeply")
	}
	n := &node{}
	n.line, n.col = t.place(at)
	delim, ok := tok.(json.Delim)
	if !ok {
		n.value = tok
		return n, nil
	}
	n.kind = byte(delim)
	for t.dec.More() {
		if delim == '[' {
			item, err := t.read(depth + 1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
			continue
		}
		key, at, err := t.token()
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok {
			return nil, t.fail(at, "a property needs a name")
		}
		if n.get(name) != nil {
			return nil, t.fail(at, fmt.Sprintf("property %q stands twice", name))
		}
		m := member{key: name}
		m.line, m.col = t.place(at)
		if m.value, err = t.read(depth + 1); err != nil {
			return nil, err
		}
		n.members = append(n.members, m)
	}
	_, _, err = t.token()
	return n, err
}
