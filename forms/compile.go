package forms

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/workflow"
)

// Compile reads a form. The findings tell what is wrong with it; the form is
// nil when the file could not be read. One with errors has a Type and a Proof,
// and refuses to be evaluated.
func Compile(src Source) (*Form, []workflow.Finding) {
	c := &compiler{src: src, docs: map[string]*node{}}
	form := &Form{file: src.File, fields: map[Pointer]*Field{}, subjects: src.Subjects}
	root, err := readTree(src.Schema)
	if err != nil {
		p, _ := errors.AsType[*positionError](err)
		c.report("JSON", p.line, p.col, "", p.message, "write valid JSON: quote names, no comma before a closing bracket")
		return nil, c.findings
	}
	if root.kind != '{' {
		c.report("FORM", root.line, root.col, "", "the form is not an object", `begin with {"type": "object", "properties": {…sections…}}`)
		return nil, c.findings
	}
	c.docs[""] = root
	c.shape(form, root)
	if len(c.findings) == 0 || !slices.ContainsFunc(c.findings, func(f workflow.Finding) bool { return f.Code == "REF" }) {
		form.schema, err = c.schema()
		if err != nil {
			c.report("SCHEMA", 1, 1, "", "not a JSON Schema 2020-12: "+err.Error(), "correct the keyword that is named")
		}
	}
	c.expressions(form)
	form.broken = slices.ContainsFunc(c.findings, func(f workflow.Finding) bool { return !f.Warning })
	return form, c.findings
}

type compiler struct {
	src      Source
	docs     map[string]*node // by path in Common; "" is the form itself
	findings []workflow.Finding
	later    []pending
	paths    []placed
}

// pending is an expression that waits for the environment.
type pending struct {
	source *node
	path   Pointer
	want   *expr.Type
	before Pointer // may read only what stands before it; "" everything
	set    func(*expr.Program)
}

// placed is a pointer that has to name a question.
type placed struct {
	n  *node
	at Pointer
}

func (c *compiler) report(code string, line, col int, path Pointer, message, remedy string) {
	c.findings = append(c.findings, workflow.Finding{Code: code, File: c.src.File, Line: line, Column: col,
		Path: string(path), Message: message, Remedy: remedy})
}

func (c *compiler) at(n *node, code string, path Pointer, message, remedy string) {
	c.report(code, n.line, n.col, path, message, remedy)
}

const formURL = "hoso://procedures/form/form.schema.json"

// schema compiles the JSON Schema as it was written; x- keywords are unknown
// to it and pass.
func (c *compiler) schema() (*jsonschema.Schema, error) {
	j := jsonschema.NewCompiler()
	j.Draft, j.AssertFormat = jsonschema.Draft2020, true
	j.LoadURL = func(url string) (io.ReadCloser, error) {
		at := strings.Index(url, "/common/")
		if at < 0 || c.src.Common == nil {
			return nil, fmt.Errorf("%s is not in common/", url)
		}
		return c.src.Common.Open(url[at+1:])
	}
	if err := j.AddResource(formURL, bytes.NewReader(c.src.Schema)); err != nil {
		return nil, err
	}
	return j.Compile(formURL)
}

// expressions compiles what shape left waiting.
func (c *compiler) expressions(form *Form) {
	for _, p := range c.paths {
		if form.fields[p.at] == nil && form.section(p.at) == nil {
			c.at(p.n, "AT", p.at, fmt.Sprintf("there is no question %s", p.at), "write /section/question of a question in this form")
		}
	}
	if len(c.later) == 0 {
		return
	}
	if c.src.Env == nil {
		c.report("CEL", 1, 1, "", "the form has expressions and nothing to compile them with", "declare the procedure's subjects first")
		return
	}
	env, err := c.src.Env(form.Type())
	if err != nil {
		c.report("CEL", 1, 1, "", err.Error(), "correct the subjects of the procedure")
		return
	}
	order := form.order()
	for _, p := range c.later {
		text, _ := p.source.text()
		program, err := env.Compile(text, p.want)
		if err != nil {
			col, reason, code := p.source.col, err.Error(), "CEL"
			if e, ok := errors.AsType[*expr.Error](err); ok {
				col, reason, code = col+e.Column, e.Reason, string(e.Kind)
			}
			c.report(code, p.source.line, col, p.path, reason, "correct the expression; docs/definitions.md lists the variables and functions")
			continue
		}
		p.set(program)
		for _, ref := range program.Refs {
			at := refPointer(ref)
			if p.before != "" && at != "" && order[at] >= order[p.before] && order[at] > 0 {
				c.at(p.source, "ORDER", p.path, fmt.Sprintf("%s is answered only after this", ref), "ask it in an earlier question, or move this one behind it")
			}
		}
	}
}

// refPointer is the question that form.section.question names; "" for others.
func refPointer(ref string) Pointer {
	parts := strings.Split(ref, ".")
	if len(parts) < 3 || parts[0] != "form" {
		return ""
	}
	return Pointer("/" + parts[1] + "/" + parts[2])
}

// order numbers the sections and questions as they stand in the document, from 1.
func (f *Form) order() map[Pointer]int {
	order := map[Pointer]int{}
	for _, s := range f.Sections {
		order[s.Pointer] = len(order) + 1
		for _, q := range s.Fields {
			order[q.Pointer] = len(order) + 1
		}
	}
	return order
}

// Type is the type of the variable `form`.
func (f *Form) Type() *expr.Type {
	t := &expr.Type{Kind: expr.Object, Name: "form", Fields: map[string]*expr.Type{}}
	for _, s := range f.Sections {
		st := &expr.Type{Kind: expr.Object, Name: "form." + s.Name, Fields: map[string]*expr.Type{}}
		for _, q := range s.Fields {
			st.Fields[q.Name] = q.exprType(st.Name)
		}
		t.Fields[s.Name] = st
	}
	return t
}

func (q *Field) exprType(in string) *expr.Type {
	switch q.Type {
	case "integer":
		return &expr.Type{Kind: expr.Int}
	case "number":
		return &expr.Type{Kind: expr.Number}
	case "boolean":
		return &expr.Type{Kind: expr.Bool}
	case "object":
		return &expr.Type{Kind: expr.Object, Name: "address", Fields: map[string]*expr.Type{
			"province": {Kind: expr.String}, "commune": {Kind: expr.String}, "line": {Kind: expr.String}}}
	case "array":
		if q.Widget != GroupWidget {
			return &expr.Type{Kind: expr.List, Elem: &expr.Type{Kind: expr.String}}
		}
		item := &expr.Type{Kind: expr.Object, Name: in + "." + q.Name, Fields: map[string]*expr.Type{}}
		for _, i := range q.Items {
			item.Fields[i.Name] = i.exprType(item.Name)
		}
		return &expr.Type{Kind: expr.List, Elem: item}
	}
	return &expr.Type{Kind: expr.String}
}

// Broken tells whether Compile found errors: the form cannot be evaluated.
func (f *Form) Broken() bool { return f.broken }

// Field returns the question at the pointer; within a repeated group
// ("/people/list/0/name") the group. Nil when there is none.
func (f *Form) Field(at Pointer) *Field {
	if q := f.fields[at]; q != nil {
		return q
	}
	return f.fields[questionOf(at)]
}

// questionOf cuts a pointer to its section and question.
func questionOf(at Pointer) Pointer {
	parts := strings.SplitN(string(at), "/", 4)
	if len(parts) < 3 {
		return at
	}
	return Pointer("/" + parts[1] + "/" + parts[2])
}

func (f *Form) section(at Pointer) *Section {
	for _, s := range f.Sections {
		if s.Pointer == at {
			return s
		}
	}
	return nil
}

// load reads a file of common definitions once.
func (c *compiler) load(path string) (*node, error) {
	if n, ok := c.docs[path]; ok {
		return n, nil
	}
	if c.src.Common == nil {
		return nil, fs.ErrNotExist
	}
	b, err := fs.ReadFile(c.src.Common, path)
	if err != nil {
		return nil, err
	}
	n, err := readTree(b)
	if err != nil {
		return nil, err
	}
	c.docs[path] = n
	return n, nil
}
