package procedures

import (
	"cmp"
	"embed"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// FS holds the folders of all procedures, as the binary carries them.
//
//go:embed */*.yaml */*.json common
var FS embed.FS

// Files of a folder.
const (
	procedureFile = "procedure.yaml"
	workflowFile  = "workflow.yaml"
	scenariosFile = "scenarios.yaml"
	formFile      = "form.schema.json"
)

// Catalogue holds checked procedures, each in the version that is in force.
// What it holds may be replaced while it is used: each call answers from one
// moment, and a Procedure that was taken from it never changes.
type Catalogue struct {
	// Elements are those of the tree that was loaded first: a node connects to
	// the registries that they name when it starts.
	Elements *Elements
	// Today is the day in Hanoi (2026-11-24) for which versions are chosen; set
	// it before the catalogue is used by others.
	Today func() string

	scope map[ID]bool // folders that it was loaded for; nil: all of its tree

	mu   sync.Mutex // held while what it holds is replaced
	held atomic.Pointer[holdings]
}

// Get returns the version of a procedure that is in force today.
func (c *Catalogue) Get(id ID) (*Procedure, bool) { return c.On(id, c.Today()) }

// On returns the version that a filing of that day (2026-11-24, in Hanoi) falls under.
func (c *Catalogue) On(id ID, day string) (*Procedure, bool) {
	p := c.held.Load().on(id, day)
	return p, p != nil
}

// ByHash returns the version with that content, in force or not.
func (c *Catalogue) ByHash(h Hash) (*Procedure, bool) {
	p, ok := c.held.Load().byHash[h]
	return p, ok
}

// All returns every procedure in force today, by id.
func (c *Catalogue) All() []*Procedure {
	held, day := c.held.Load(), c.Today()
	out := make([]*Procedure, 0, len(held.ids))
	for _, id := range held.ids {
		if p := held.on(id, day); p != nil {
			out = append(out, p)
		}
	}
	return out
}

// Versions returns every version that is held, in force or not, by procedure.
func (c *Catalogue) Versions() []*Procedure {
	return slices.SortedFunc(maps.Values(c.held.Load().byHash), func(a, b *Procedure) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Hash, b.Hash))
	})
}

// Services returns the procedures that citizens may open, by id.
func (c *Catalogue) Services() []*Procedure {
	return slices.DeleteFunc(c.All(), func(p *Procedure) bool { return p.Internal })
}

// Files returns the text of the files that make up a version, by path. Put
// into a file system of their own they load as the same version again.
func (c *Catalogue) Files(h Hash) map[string]string { return c.held.Load().files[h] }

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
	return load(fsys, today, nil, everything)
}

// LoadToPlay is Load for what was proven before: its findings are only what keeps
// a definition from running at all.
func LoadToPlay(fsys fs.FS) (*Catalogue, []workflow.Finding) {
	return load(fsys, hanoiToday(), nil, toPlay)
}

// LoadToRun is LoadToPlay without the scenarios. It takes a third of Load's time.
func LoadToRun(fsys fs.FS) (*Catalogue, []workflow.Finding) {
	return load(fsys, hanoiToday(), nil, toRun)
}

// depth is how much of the definitions is loaded, and looked at.
type depth int

const (
	toRun      depth = iota // what a node runs
	toPlay                  // and the scenarios
	everything              // and the proofs
)

// load loads the folders named in only; nil: all.
func load(fsys fs.FS, today string, only map[ID]bool, deep depth) (*Catalogue, []workflow.Finding) {
	l := &loader{fsys: fsys, today: today, only: only, deep: deep, folders: map[ID]*folder{}}
	var found []workflow.Finding
	l.elements, found = loadElements(fsys)
	l.add(found...)
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
	only     map[ID]bool // folders to read; nil: all
	deep     depth
	elements *Elements
	takes    map[ID]map[string]bool // actions that scenarios take
	folders  map[ID]*folder
	order    []ID
	proofs   map[ID]*forms.Proof // of sound forms, as onceOnly made them
	findings []workflow.Finding
}

func (l *loader) add(f ...workflow.Finding) { l.findings = append(l.findings, f...) }

// A folder is one procedure while it is being read.
type folder struct {
	id         ID
	procedure  *node
	workflow   *node
	scenarios  *node
	questions  *node // form.schema.json
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
		if !d.IsDir() || name == "common" || name == "schema" || name == "testdata" || strings.HasPrefix(name, ".") || l.only != nil && !l.only[ID(name)] {
			continue
		}
		if entries, err := fs.ReadDir(l.fsys, name); err != nil || len(entries) == 0 {
			continue
		}
		f := &folder{id: ID(name)}
		l.folders[f.id], l.order = f, append(l.order, f.id)
		f.procedure, f.shaped = l.tree(f, procedureFile, procedureShape, true)
		f.workflow, f.flowShaped = l.tree(f, workflowFile, workflowShape, true)
		if l.deep >= toPlay {
			f.scenarios, _ = l.tree(f, scenariosFile, scenariosShape, false)
		}
		var form *node
		form, f.formShaped = l.tree(f, formFile, formShape, true)
		f.questions = form
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
				Remedy: "write it, or start the folder with: hoso new " + string(f.id)})
		}
		return nil, false
	}
	root, found := parseTree(src, file)
	l.add(found...)
	if root == nil {
		return nil, false
	}
	if slices.ContainsFunc(found, func(f workflow.Finding) bool { return f.Code == "YAML" }) {
		return root, false // what stands there cannot be read
	}
	shape := checkShape(root, schema, file)
	l.add(shape...)
	return root, len(found)+len(shape) == 0
}

func (l *loader) catalogue() *Catalogue {
	held := &holdings{folders: map[ID]*Procedure{}, byHash: map[Hash]*Procedure{}, files: map[Hash]map[string]string{}}
	for _, id := range l.order {
		f := l.folders[id]
		if f.p == nil {
			continue
		}
		files := l.content(f)
		f.p.Hash, f.p.files, f.p.elements = hashOf(files), files, l.elements
		if src, err := fs.ReadFile(l.fsys, f.file(migrateFile)); err == nil {
			plan, found := ReadPlan(src, f.p)
			f.p.Plan = plan
			l.add(found...)
		}
		held.folders[id], held.byHash[f.p.Hash], held.files[f.p.Hash] = f.p, f.p, files
	}
	c := &Catalogue{Elements: l.elements, Today: hanoiToday, scope: l.only}
	c.held.Store(held.listed())
	return c
}
