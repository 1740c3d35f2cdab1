package procedures

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// FS holds the folders of all procedures, as the binary carries them.
//
//go:embed */*.yaml */*.json
var FS embed.FS

// Files of a folder.
const (
	procedureFile = "procedure.yaml"
	workflowFile  = "workflow.yaml"
	scenariosFile = "scenarios.yaml"
	formFile      = "form.schema.json"
)

// Catalogue holds checked procedures. It does not change once loaded.
type Catalogue struct {
	Elements *Elements

	byID   map[ID]*Procedure
	byHash map[Hash]*Procedure
	files  map[Hash]map[string]string
	order  []ID
}

// Get returns the procedure of that folder.
func (c *Catalogue) Get(id ID) (*Procedure, bool) {
	p, ok := c.byID[id]
	return p, ok
}

// ByHash returns the version with that content.
func (c *Catalogue) ByHash(h Hash) (*Procedure, bool) {
	p, ok := c.byHash[h]
	return p, ok
}

// All returns every procedure, by id.
func (c *Catalogue) All() []*Procedure {
	out := make([]*Procedure, 0, len(c.order))
	for _, id := range c.order {
		out = append(out, c.byID[id])
	}
	return out
}

// Services returns the procedures that citizens may open, by id.
func (c *Catalogue) Services() []*Procedure {
	return slices.DeleteFunc(c.All(), func(p *Procedure) bool { return p.Internal })
}

// Files returns the text of the files that make up a version, by path. Put
// into a file system of their own they load as the same version again.
func (c *Catalogue) Files(h Hash) map[string]string { return c.files[h] }

// Proof is what the once-only rule proved for a procedure today: nil when its
// form could not be read.
func (c *Catalogue) Proof(p *Procedure) *forms.Proof {
	if p == nil || p.Form == nil {
		return nil
	}
	proof := p.Form.Proof(p.proving(c.Elements, hanoiToday()))
	return &proof
}

// hanoiToday is the day in Hanoi: it ends waivers and tells whether a table
// answers for today.
func hanoiToday() string {
	return time.Now().In(time.FixedZone("Asia/Ho_Chi_Minh", 7*3600)).Format(time.DateOnly)
}

// Load reads every folder of a tree of procedures. The findings are what
// `hoso check` prints, by file and line; one that is not a warning means that
// its procedure must not run. The catalogue holds what could be read all the
// same, so that the proofs of a faulty folder can be shown.
func Load(fsys fs.FS) (*Catalogue, []workflow.Finding) { return LoadOn(fsys, hanoiToday()) }

// LoadOn is Load as it goes on another day (2026-11-24, in Hanoi).
func LoadOn(fsys fs.FS, today string) (*Catalogue, []workflow.Finding) {
	l := &loader{fsys: fsys, today: today, folders: map[ID]*folder{}}
	src, err := fs.ReadFile(fsys, elementsFile)
	if err != nil {
		l.add(workflow.Finding{Code: "FILE", File: elementsFile, Line: 1, Column: 1, Message: "the catalogue of elements is missing", Remedy: "write common/elements.yaml: what each registry holds"})
	}
	var found []workflow.Finding
	if l.elements, found = loadElements(src); err == nil {
		l.add(found...)
	}
	l.read()
	l.compile()
	c := l.catalogue()
	l.cross()
	slices.SortStableFunc(l.findings, func(a, b workflow.Finding) int {
		if d := strings.Compare(a.File, b.File); d != 0 {
			return d
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return c, slices.CompactFunc(l.findings, func(a, b workflow.Finding) bool {
		return a.File == b.File && a.Line == b.Line && a.Column == b.Column && a.Code == b.Code && a.Message == b.Message
	})
}

// OfFolder tells which procedure a finding is about: "common" for shared files.
func OfFolder(f workflow.Finding) ID {
	dir, _, _ := strings.Cut(f.File, "/")
	return ID(dir)
}

type loader struct {
	fsys     fs.FS
	today    string
	elements *Elements
	folders  map[ID]*folder
	order    []ID
	findings []workflow.Finding
}

func (l *loader) add(f ...workflow.Finding) { l.findings = append(l.findings, f...) }

// A folder is one procedure while it is being read.
type folder struct {
	id         ID
	procedure  *node
	workflow   *node
	scenarios  *node
	form       []byte
	flow       []byte
	formShaped bool // the form's keywords are in order
	flowShaped bool
	shaped     bool // procedure.yaml is in order
	p          *Procedure
	children   []call
}

func (f *folder) file(name string) string { return string(f.id) + "/" + name }

// read parses every folder and holds its files against their schemas.
func (l *loader) read() {
	dirs, err := fs.ReadDir(l.fsys, ".")
	if err != nil {
		l.add(workflow.Finding{Code: "FILE", File: ".", Message: err.Error(), Remedy: "name the folder that holds the procedures"})
		return
	}
	for _, d := range dirs {
		name := d.Name()
		if !d.IsDir() || name == "common" || name == "schema" || name == "testdata" || strings.HasPrefix(name, ".") {
			continue
		}
		if entries, err := fs.ReadDir(l.fsys, name); err != nil || len(entries) == 0 {
			continue
		}
		f := &folder{id: ID(name)}
		l.folders[f.id], l.order = f, append(l.order, f.id)
		f.procedure, f.shaped = l.tree(f, procedureFile, procedureShape, true)
		f.workflow, f.flowShaped = l.tree(f, workflowFile, workflowShape, true)
		f.scenarios, _ = l.tree(f, scenariosFile, scenariosShape, false)
		var form *node
		form, f.formShaped = l.tree(f, formFile, formShape, true)
		if form != nil {
			f.form, _ = fs.ReadFile(l.fsys, f.file(formFile))
		}
		f.flow, _ = fs.ReadFile(l.fsys, f.file(workflowFile))
	}
	l.common()
}

// common holds the shared questions against the schema of forms.
func (l *loader) common() {
	files, _ := fs.Glob(l.fsys, "common/*.json")
	for _, name := range files {
		src, err := fs.ReadFile(l.fsys, name)
		if err != nil {
			continue
		}
		root, found := parseTree(src, name)
		l.add(found...)
		if root != nil {
			l.add(checkShape(root, formShape, name)...)
		}
	}
}

// tree reads one file of a folder; ok is false when it cannot be gone on with.
func (l *loader) tree(f *folder, name, schema string, needed bool) (root *node, ok bool) {
	file := f.file(name)
	src, err := fs.ReadFile(l.fsys, file)
	if err != nil {
		if needed {
			l.add(workflow.Finding{Code: "FILE", File: file, Line: 1, Column: 1, Message: path.Base(file) + " is missing",
				Remedy: "write it, or start the folder with: hoso new " + string(f.id) + " --from permanent-residence"})
		}
		return nil, false
	}
	root, found := parseTree(src, file)
	l.add(found...)
	if root == nil {
		return nil, false
	}
	shape := checkShape(root, schema, file)
	l.add(shape...)
	return root, len(found)+len(shape) == 0
}

func (l *loader) catalogue() *Catalogue {
	c := &Catalogue{Elements: l.elements, byID: map[ID]*Procedure{}, byHash: map[Hash]*Procedure{}, files: map[Hash]map[string]string{}}
	for _, id := range l.order {
		f := l.folders[id]
		if f.p == nil {
			continue
		}
		files := l.content(f)
		f.p.Hash = hashOf(files)
		c.byID[id], c.byHash[f.p.Hash], c.files[f.p.Hash] = f.p, f.p, files
		c.order = append(c.order, id)
	}
	return c
}
