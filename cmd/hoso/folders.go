package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/sandbox/world"
	"github.com/hoso-gov/hoso/workflow"
)

// proceduresHelp is what --procedures says where an author without it means the
// folder that they are at work in.
const proceduresHelp = "folder of the definitions (default: ./procedures, else the current folder, else those in the binary)"

// definitions opens the folders: dir, ./procedures, the current folder where it
// holds procedures, or what the binary carries. prefix stands before the files
// in messages.
func definitions(dir string) (tree fs.FS, prefix string, err error) {
	if dir == "" {
		dir = authorsFolder()
	}
	if dir == "" {
		return procedures.FS, "procedures", nil
	}
	if tree, err = procedures.Open(dir); err != nil {
		return nil, "", fmt.Errorf("--procedures: %w", err)
	}
	return tree, dir, nil
}

// authorsFolder is where an author without --procedures is at work: ./procedures,
// or the current folder where it holds procedures; empty: in neither.
func authorsFolder() string {
	for _, dir := range []string{"procedures", "."} {
		if holdsProcedures(dir) {
			return dir
		}
	}
	return ""
}

// sayCarried tells an author that what follows is about the definitions in the
// binary, for want of a folder: nothing of theirs was looked at.
func sayCarried(told io.Writer, dir string) {
	if dir == "" && authorsFolder() == "" {
		fmt.Fprintln(told, "no procedures in this folder: taking those that the program carries; --procedures DIR names others")
	}
}

// sandboxDataHelp is what --sandbox-data says.
const sandboxDataHelp = "folder of the sandbox's registries, over those in the binary (default: ./sandbox/data where there is one)"

// sandboxData is what the registries of the sandbox begin with: the files of dir
// or of ./sandbox/data, over those that the binary carries.
func sandboxData(dir string) (*world.Data, error) {
	if usual := filepath.Join("sandbox", "data"); dir == "" {
		if info, err := os.Stat(usual); err != nil || !info.IsDir() {
			return world.Shipped()
		}
		dir = usual
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, usageError{fmt.Errorf("--sandbox-data: %s is not a folder", dir)}
	}
	return world.ReadData(os.DirFS(dir))
}

// loadDefinitions loads the procedures that the binary carries, which `make test`
// has proven, or those of a folder over or instead of them, which are proven now;
// one with a mistake keeps the node from starting.
func loadDefinitions(dir string) (*procedures.Catalogue, error) {
	if dir == "" {
		return faultless("procedures")(procedures.LoadToRun(procedures.FS))
	}
	tree, prefix, err := definitions(dir)
	if err != nil {
		return nil, err
	}
	return faultless(prefix)(procedures.Load(tree))
}

// faultless is a catalogue without mistakes; prefix is where its files lie.
func faultless(prefix string) func(*procedures.Catalogue, []workflow.Finding) (*procedures.Catalogue, error) {
	return func(c *procedures.Catalogue, findings []workflow.Finding) (*procedures.Catalogue, error) {
		for _, f := range findings {
			if !f.Warning {
				return nil, fmt.Errorf("the definitions have mistakes (hoso check lists them): %s", filepath.Join(prefix, f.String()))
			}
		}
		return c, nil
	}
}

// draftDefinitions is loadDefinitions for who is still writing: a procedure with
// a mistake is left out, or stays as the binary has it, and its faults are kept.
func draftDefinitions(dir string) (*procedures.Catalogue, error) {
	if dir == "" {
		return carriedToPlay()
	}
	tree, _, err := definitions(dir)
	if err != nil {
		return nil, err
	}
	next, findings := procedures.Load(tree)
	if procedures.Whole(tree) {
		c := next.Sound(findings)
		if len(c.All()) == 0 {
			for _, f := range findings {
				return nil, fmt.Errorf("no procedure of %s can be used (hoso check --procedures %s lists why): %s", dir, dir, filepath.Join(dir, f.String()))
			}
		}
		c.FoldersFirst()
		return c, nil
	}
	c, err := carriedToPlay()
	if err != nil {
		return nil, err
	}
	c.Adopt(next, findings)
	c.FoldersFirst()
	return c, nil
}

// carriedToPlay are the procedures that the binary carries, with the scenarios
// from which the sandbox tells what to try, and as whom.
func carriedToPlay() (*procedures.Catalogue, error) {
	return faultless("procedures")(procedures.LoadToPlay(procedures.FS))
}

// follow takes over what is saved in the folder of definitions until ctx ends,
// and tells out what became of it.
func (a *app) follow(ctx context.Context, out io.Writer) error {
	dir := a.set.Procedures
	tree, _, err := definitions(dir)
	if err != nil {
		return err
	}
	a.tellFaults(out)
	procedures.Watch(ctx, tree, func(folders []procedures.ID) {
		next, findings := a.catalogue.Reload(tree, folders)
		changed, err := a.cases.Adopt(ctx, next, findings)
		if err != nil {
			a.log.ErrorContext(ctx, "what was saved could not be adopted", "folders", folders, "error", err)
			return
		}
		for _, p := range changed {
			fmt.Fprintf(out, "%s: version %.12s is on its page\n", p.ID, p.Hash)
		}
		a.tellFaults(out)
	})
	return nil
}

// tellFaults lists the mistakes of what was saved.
func (a *app) tellFaults(out io.Writer) {
	for _, id := range a.catalogue.Faulty() {
		stays := "it is not in the portal"
		if _, ok := a.catalogue.Get(id); ok {
			stays = "the version before stays"
		}
		if id == "common" {
			stays = "nothing is taken over"
		}
		fmt.Fprintf(out, "%s has mistakes; %s:\n", id, stays)
		for _, f := range a.catalogue.Faults(id) {
			fmt.Fprintf(out, "  %s\n", strings.TrimSpace(filepath.Join(a.set.Procedures, f.String())))
		}
	}
}
