package studio

import (
	"fmt"
	"hash/fnv"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// library reads the definitions, and reads them anew once a file has changed.
// It may be used by many requests at once.
type library struct {
	tree fs.FS

	mu   sync.Mutex
	read *shelf
}

// shelf is the definitions as they were at one reading.
type shelf struct {
	mark      uint64 // of the tree
	catalogue *procedures.Catalogue
	all       []workflow.Finding
	findings  map[procedures.ID][]workflow.Finding // of all, by folder; "common" for the shared files
	ids       []procedures.ID                      // of every folder, also of one that could not be read
}

// now is the shelf of this moment.
func (l *library) now() (*shelf, error) {
	mark, err := markOf(l.tree)
	if err != nil {
		return nil, fmt.Errorf("look at the definitions: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.read != nil && l.read.mark == mark {
		return l.read, nil
	}
	catalogue, findings := procedures.Load(l.tree)
	s := &shelf{mark: mark, catalogue: catalogue, all: findings, findings: map[procedures.ID][]workflow.Finding{}}
	for _, p := range catalogue.All() {
		s.ids = append(s.ids, p.ID)
	}
	for _, f := range findings {
		id := procedures.OfFolder(f)
		s.findings[id] = append(s.findings[id], f)
		if !slices.Contains(s.ids, id) && id != commonFolder && strings.Contains(f.File, "/") {
			s.ids = append(s.ids, id)
		}
	}
	slices.Sort(s.ids)
	l.read = s
	return s, nil
}

// commonFolder holds what procedures share.
const commonFolder procedures.ID = "common"

// has tells whether there is such a folder.
func (s *shelf) has(id procedures.ID) bool { return slices.Contains(s.ids, id) }

// verdict counts what is said about a folder, and about the shared files that
// stop it too.
func (s *shelf) verdict(id procedures.ID) (wrong, warnings int) {
	for _, f := range append(slices.Clone(s.findings[id]), s.findings[commonFolder]...) {
		switch {
		case !f.Warning:
			wrong++
		case procedures.OfFolder(f) == id:
			warnings++
		}
	}
	return wrong, warnings
}

// markOf tells trees apart by the names, sizes and times of their files.
func markOf(tree fs.FS) (uint64, error) {
	sum := fnv.New64a()
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if ext := path.Ext(name); ext != ".yaml" && ext != ".json" {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d %d\n", name, info.Size(), info.ModTime().UnixNano())
		return nil
	})
	return sum.Sum64(), err
}
