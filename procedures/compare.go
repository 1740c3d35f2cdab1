package procedures

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hoso-gov/hoso/workflow"
)

// A Difference is one change between two versions of a procedure.
type Difference struct {
	Kind    DifferenceKind `json:"kind"`
	Part    DifferencePart `json:"part"`
	Path    string         `json:"path"`  // /household/headNumber in the form, states.examine.within elsewhere
	Title   workflow.Text  `json:"title"` // what it is, in words
	Before  workflow.Text  `json:"before,omitzero"`
	After   workflow.Text  `json:"after,omitzero"`
	Class   Compatibility  `json:"class"`
	Because workflow.Text  `json:"because,omitzero"` // why it is not safe
	File    string         `json:"file"`             // of the new version, of the old one where something was removed
	Line    int            `json:"line"`
	Column  int            `json:"column"`
}

// DifferenceKind is what became of a part.
type DifferenceKind string

// The kinds of changes.
const (
	Added   DifferenceKind = "added"
	Removed DifferenceKind = "removed"
	Changed DifferenceKind = "changed"
)

// DifferencePart is what a change is about.
type DifferencePart string

// The parts of a procedure that changes are told by.
const (
	PartField   DifferencePart = "field"
	PartRule    DifferencePart = "rule"
	PartState   DifferencePart = "state"
	PartStep    DifferencePart = "step" // a transition
	PartText    DifferencePart = "text"
	PartFigure  DifferencePart = "figure" // a table or a value
	PartFee     DifferencePart = "fee"
	PartLimit   DifferencePart = "limit"
	PartPaper   DifferencePart = "paper"
	PartSubject DifferencePart = "subject"
	PartVariant DifferencePart = "variant"
	PartOutward DifferencePart = "outward" // notices, documents, payments, changes, messages
	PartOther   DifferencePart = "other"
)

// Compatibility is what a difference means for cases that were filed under the old version.
type Compatibility string

// The classes of changes, from harmless to grave.
const (
	Same      Compatibility = "same"
	Safe      Compatibility = "safe"       // an open case may go on under the new version as it is
	NeedsPlan Compatibility = "needs-plan" // somebody has to say what becomes of open cases: migrate.yaml
	Forbidden Compatibility = "forbidden"  // what open cases hold would lose its meaning
)

var classOrder = []Compatibility{Same, Safe, NeedsPlan, Forbidden}

// Worst is the gravest class among changes; Same when there is none.
func Worst(changes []Difference) Compatibility {
	worst := Same
	for _, c := range changes {
		if slices.Index(classOrder, c.Class) > slices.Index(classOrder, worst) {
			worst = c.Class
		}
	}
	return worst
}

// Compare tells what a new version changes, in the order of its files. It
// compares what is written, key by key, so nothing that is written goes unseen;
// texts that became others are one change in both languages.
func Compare(old, new *Procedure) []Difference {
	c := &comparison{}
	names := slices.Sorted(maps.Keys(new.files))
	for name := range old.files {
		if _, ok := new.files[name]; !ok {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(fileRank(a), fileRank(b)), cmp.Compare(a, b)) })
	for _, name := range names {
		if old.files[name] == new.files[name] {
			continue
		}
		c.file, c.shared = name, strings.HasPrefix(name, "common/")
		before, _ := parseTree([]byte(old.files[name]), name)
		after, _ := parseTree([]byte(new.files[name]), name)
		switch _, base, _ := strings.Cut(name, "/"); {
		case base == workflowFile:
			c.walk("", before, after, workflowRules)
		case base == procedureFile:
			c.walk("", before, after, procedureRules)
		case name == elementsFile, strings.HasPrefix(name, elementsFolder+"/"):
			c.walk("", before, after, elementRules)
		default:
			c.schema("", before, after, false, false)
		}
	}
	return c.found
}

// fileRank orders files as people read them.
func fileRank(name string) int {
	_, base, _ := strings.Cut(name, "/")
	if strings.HasPrefix(name, "common/") {
		return 4
	}
	if i := slices.Index([]string{procedureFile, formFile, workflowFile}, base); i >= 0 {
		return i
	}
	return 3
}

// A comparison is under way in one file.
type comparison struct {
	file   string
	shared bool
	titles []workflow.Text // of what is around
	found  []Difference
}

// tell notes a change; before or after is nil when there is none.
func (c *comparison) tell(path string, before, after *node, part DifferencePart, class Compatibility, because workflow.Text) {
	ch := Difference{Kind: Changed, Part: part, Path: path, Class: class, File: c.file}
	at := after
	switch {
	case before == nil:
		ch.Kind = Added
	case after == nil:
		ch.Kind, at = Removed, before
	}
	if at != nil {
		ch.Line, ch.Column = at.line, at.col
	}
	if class == NeedsPlan || class == Forbidden {
		ch.Because = because
	}
	ch.Before, ch.After, ch.Title = told(before), told(after), c.title(path, before, after)
	c.found = append(c.found, ch)
}

// walk compares two values of a YAML file, whose keys the rules know by their path.
func (c *comparison) walk(path string, before, after *node, rules []changeRule) {
	if sameNode(before, after) {
		return
	}
	r := ruleOf(path, rules)
	if before == nil || after == nil || before.kind != after.kind || before.kind == scalar || r.whole || isText(before) && isText(after) {
		part := r.part
		if isText(before) || isText(after) {
			part = PartText
		}
		class, because := r.judge(before, after)
		c.tell(path, before, after, part, class, because)
		return
	}
	defer c.within(before, after)()
	for _, p := range pairs(before, after) {
		next := p.name
		if path != "" {
			next = path + "." + p.name
		}
		c.walk(next, p.before, p.after, rules)
	}
}

// within puts the title of a value before those of what it holds.
func (c *comparison) within(before, after *node) func() {
	at := after
	if at == nil {
		at = before
	}
	t := titleOf(at)
	if t.VI == "" {
		return func() {}
	}
	c.titles = append(c.titles, t)
	return func() { c.titles = c.titles[:len(c.titles)-1] }
}

type pair struct {
	name          string
	before, after *node
}

// pairs brings together what is the same thing in two mappings or lists: by key,
// by id or name, by condition, and what has none of them by place.
func pairs(before, after *node) []pair {
	var out []pair
	if before.kind == mapping {
		for _, e := range after.keys {
			out = append(out, pair{e.key, before.get(e.key), e.value})
		}
		for _, e := range before.keys {
			if after.entry(e.key) == nil {
				out = append(out, pair{e.key, e.value, nil})
			}
		}
		return out
	}
	was := map[string]*node{}
	for i, n := range before.items {
		key, _ := nameInList(before, i)
		was[key] = n
	}
	for i, n := range after.items {
		key, shown := nameInList(after, i)
		out = append(out, pair{shown, was[key], n})
		delete(was, key)
	}
	for i := range before.items {
		key, shown := nameInList(before, i)
		if n := was[key]; n != nil {
			out = append(out, pair{shown, n, nil})
		}
	}
	return out
}

// nameInList is what tells an item of a list from the others, and how it stands
// in a path: by its name, or by its place, from 1, when it has none.
func nameInList(list *node, i int) (key, shown string) {
	n, place := list.items[i], strconv.Itoa(i+1)
	if n.kind == scalar {
		return n.str(), n.str()
	}
	if name := ownName(n); name != "" && !doubled(list, i, ownName) {
		return name, name
	}
	if row := rowName(n); row != "" && !doubled(list, i, rowName) {
		return row, place
	}
	return place, place
}

func ownName(n *node) string {
	for _, key := range []string{"id", "name", "const", "act"} {
		if s := n.get(key).str(); s != "" {
			return s
		}
	}
	if n.kind == mapping && len(n.keys) == 1 { // an effect: notify: filed
		return n.keys[0].key + ":" + n.keys[0].value.str()
	}
	return ""
}

// rowName tells the rows of a table apart.
func rowName(n *node) string { return n.get("title").get("vi").str() + n.get("from").str() }

func doubled(list *node, i int, name func(*node) string) bool {
	for j, other := range list.items {
		if j != i && name(other) == name(list.items[i]) {
			return true
		}
	}
	return false
}
