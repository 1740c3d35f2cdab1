package procedures

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/workflow"
)

// lookEvery is how often Watch looks: a file that was saved is taken when it has
// stood still from one look to the next.
const lookEvery = 200 * time.Millisecond

// Watch looks after the files of a tree until ctx ends, and tells which folders
// have changed once they stand still. It asks for sizes and times of change
// instead of waiting for the system to tell: folders shared with a container or
// over a network tell nothing.
func Watch(ctx context.Context, tree fs.FS, changed func(folders []ID)) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	known := look(tree)
	last := known
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := look(tree)
		still := maps.Equal(now, last)
		last = now
		if !still || maps.Equal(now, known) {
			continue
		}
		folders := map[ID]bool{}
		for name, was := range known {
			if now[name] != was {
				folders[OfFolder(workflow.Finding{File: name})] = true
			}
		}
		for name := range now {
			if _, ok := known[name]; !ok {
				folders[OfFolder(workflow.Finding{File: name})] = true
			}
		}
		known = now
		changed(slices.Sorted(maps.Keys(folders)))
	}
}

// look notes size and time of change of every file of a tree, by path.
func look(tree fs.FS) map[string]string {
	out := map[string]string{}
	for _, pattern := range []string{"*/*.yaml", "*/*.json", elementsFolder + "/*.yaml"} {
		names, _ := fs.Glob(tree, pattern)
		for _, name := range names {
			if strings.HasPrefix(name, ".") {
				continue
			}
			if info, err := fs.Stat(tree, name); err == nil {
				out[name] = fmt.Sprint(info.Size(), info.ModTime().UnixNano())
			}
		}
	}
	return out
}

// Reload loads the folders of a tree that were touched, with those that they
// open cases of or that open cases of them: a saved file does not wait for all
// the others. What it returns is for [Catalogue.Adopt].
func (c *Catalogue) Reload(tree fs.FS, touched []ID) (*Catalogue, []workflow.Finding) {
	return c.reload(tree, touched, everything)
}

// ReloadUnproven is Reload without the proofs: its findings are only what keeps
// a definition from running at all. `hoso test --mutants` plays what it returns.
func (c *Catalogue) ReloadUnproven(tree fs.FS, touched []ID) (*Catalogue, []workflow.Finding) {
	return c.reload(tree, touched, toPlay)
}

func (c *Catalogue) reload(tree fs.FS, touched []ID, deep depth) (*Catalogue, []workflow.Finding) {
	if slices.Contains(touched, commonFolder) {
		return load(tree, hanoiToday(), nil, deep)
	}
	only := c.kin(tree, touched)
	next, found := load(tree, c.Today(), only, deep)
	return next, slices.DeleteFunc(found, func(f workflow.Finding) bool { return !only[OfFolder(f)] && OfFolder(f) != commonFolder })
}

// kin finds the folders that are tied to others by sub-cases, at any distance.
func (c *Catalogue) kin(tree fs.FS, of []ID) map[ID]bool {
	held := c.held.Load()
	ties := map[ID][]ID{}
	tie := func(a, b ID) { ties[a], ties[b] = append(ties[a], b), append(ties[b], a) }
	for id, p := range held.folders {
		if p.Machine == nil {
			continue
		}
		for _, s := range p.Machine.States {
			for _, o := range s.Open {
				tie(id, ID(o.Procedure))
			}
		}
	}
	for _, id := range of {
		if src, err := fs.ReadFile(tree, string(id)+"/"+workflowFile); err == nil {
			root, _ := parseTree(src, workflowFile)
			for _, call := range calls(root) {
				tie(id, ID(call.procedure))
			}
		}
	}
	out := map[ID]bool{}
	for follow := slices.Clone(of); len(follow) > 0; {
		id := follow[0]
		follow = follow[1:]
		if !out[id] {
			out[id] = true
			follow = append(follow, ties[id]...)
		}
	}
	return out
}
