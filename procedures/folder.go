package procedures

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Open opens a folder of procedures, one folder each in it. A folder with a
// common/elements.yaml is a whole: nothing else counts. One without lies over
// the procedures that the binary carries: its procedures stand beside those, or
// in the place of one of the same name, and so do the files of its common/.
func Open(dir string) (fs.FS, error) {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder; name the one that holds the procedures", dir)
	}
	if _, err := os.Stat(filepath.Join(dir, procedureFile)); err == nil {
		return nil, fmt.Errorf("%s is one procedure; name the folder above it, which holds the procedures", dir)
	}
	over := os.DirFS(dir)
	if Whole(over) {
		return over, nil
	}
	return overlay{over: over, under: FS}, nil
}

// Whole tells whether a tree stands alone.
func Whole(tree fs.FS) bool {
	if o, ok := tree.(overlay); ok {
		tree = o.over
	}
	_, err := fs.Stat(tree, elementsFile)
	return err == nil
}

// An overlay shows the procedures of over beside those of under.
type overlay struct{ over, under fs.FS }

// isFolder tells whether a folder is one of a procedure: others that an author
// keeps in the same place are left alone.
func isFolder(tree fs.FS, dir string) bool {
	return slices.ContainsFunc([]string{procedureFile, workflowFile, formFile, scenariosFile}, func(name string) bool {
		_, err := fs.Stat(tree, path.Join(dir, name))
		return err == nil
	})
}

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	top, _, _ := strings.Cut(name, "/")
	switch {
	case top == "common":
		if f, err := o.over.Open(name); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	case top != "." && isFolder(o.over, top):
		return o.over.Open(name)
	}
	return o.under.Open(name)
}

// ReadDir implements fs.ReadDirFS.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	top, _, _ := strings.Cut(name, "/")
	if name != "." && top != "common" {
		if isFolder(o.over, top) {
			return fs.ReadDir(o.over, name)
		}
		return fs.ReadDir(o.under, name)
	}
	all, err := fs.ReadDir(o.under, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	above, err := fs.ReadDir(o.over, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range above {
		if name == "." && e.Name() != "common" && !isFolder(o.over, e.Name()) {
			continue
		}
		all = slices.DeleteFunc(all, func(x fs.DirEntry) bool { return x.Name() == e.Name() })
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return all, nil
}
