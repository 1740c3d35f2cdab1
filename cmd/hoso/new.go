package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/procedures"
)

// starter is the procedure that a new one begins as when it copies no other: small, sound, and tested whole.
//
//go:embed starter/*
var starter embed.FS

var (
	folderName  = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	idLine      = regexp.MustCompile(`(?m)^id:[ \t]*[^\s#]+`)
	versionLine = regexp.MustCompile(`(?m)^version:[ \t]*[0-9]+`)
	commonFile  = regexp.MustCompile(`\.\./(common/[A-Za-z0-9_-]+\.json)`)
	openedLine  = regexp.MustCompile(`procedure:[ \t]*([a-z][a-z0-9-]*)`)
)

// said is a refusal in both languages, so that it helps whoever reads it.
type said struct{ en, vi string }

func (s said) Error() string { return s.en + "\n      " + s.vi }

// newCommand is `hoso new`: a procedure folder that checks and tests from the first minute.
func newCommand() *cobra.Command {
	var dir, from string
	c := &cobra.Command{
		Use:   "new ID",
		Short: "Start a procedure: from a small one with comments, or from another one",
		Long: `New makes the folder of a procedure. Without --from it holds a small procedure that passes hoso check and hoso test, with
comments that say how to go on; with --from it is a copy of another procedure, under the new id and as version 1.

It is made in ./procedures if there is such a folder, else in the current one if that is empty or holds procedures already, else
where --procedures says. No repository is needed: the procedures, shared questions and registries of the binary stand beside yours.
For editors it adds schema/ and .vscode/, which make VS Code complete keys and mark mistakes while you type, and schema/common/, copies
of the shared files to read. What is there already is left alone.

Exit code 1: nothing was made, and the message says why.`,
		Example: `  mkdir my-procedures && cd my-procedures
  hoso new marriage-extract
  hoso new death-extract --from marriage-extract`,
		Args:         cobra.ExactArgs(1),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			id := args[0]
			if !folderName.MatchString(id) || id == "common" || id == "schema" || id == "testdata" {
				return said{fmt.Sprintf("%q is not a name for a procedure: write small letters, digits and hyphens, as marriage-extract", id),
					fmt.Sprintf("%q không dùng làm tên thủ tục được: hãy viết chữ thường không dấu, chữ số và gạch nối, ví dụ marriage-extract", id)}
			}
			place, root, err := placeOfNew(dir)
			if err != nil {
				return err
			}
			made, err := startProcedure(id, from, place)
			if err != nil {
				return err
			}
			furnished, err := furnish(place, root)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			fmt.Fprintln(out, "made", strings.Join(made, ", "))
			if len(furnished) > 0 {
				fmt.Fprintln(out, "made schema and .vscode, for your editor")
			}
			_, err = fmt.Fprintf(out, "Next, in %s:\n  1. procedure.yaml: names, law, subjects, papers, fees, terms\n  2. form.schema.json: what only the citizen knows\n  3. workflow.yaml: who does what, by when\n  4. scenarios.yaml: stories that must come true\nhoso check %s tells what is left to do, hoso test %s plays the stories.\n", filepath.Join(place, id), id, id)
			return err
		},
	}
	c.Flags().StringVar(&from, "from", "", "the procedure to copy (default: a small one with comments)")
	c.Flags().StringVar(&dir, "procedures", "", "folder of the definitions (default: ./procedures, else the current folder)")
	return c
}

// placeOfNew says in which folder procedures are kept, and which one an author opens in the editor.
func placeOfNew(dir string) (place, root string, err error) {
	if dir != "" {
		return dir, dir, os.MkdirAll(dir, 0o755)
	}
	if info, err := os.Stat("procedures"); err == nil && info.IsDir() {
		return "procedures", ".", nil
	}
	if holdsProcedures(".") {
		return ".", ".", nil
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		return "", "", err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && e.Name() != "schema" {
			return "", "", said{"this folder holds other things and no procedures: go into an empty folder, or name one with --procedures",
				"thư mục này có nội dung khác và chưa có thủ tục nào: hãy vào một thư mục trống, hoặc chỉ ra thư mục bằng --procedures"}
		}
	}
	return ".", ".", nil
}

// holdsProcedures tells whether an author keeps procedures in a folder.
func holdsProcedures(dir string) bool {
	found, err := filepath.Glob(filepath.Join(dir, "*", "procedure.yaml"))
	return err == nil && len(found) > 0
}

// startProcedure writes the folder, and in a tree that stands alone what a copy needs beside it. It is there whole or not at all.
func startProcedure(id, from, place string) (made []string, err error) {
	target := filepath.Join(place, id)
	if _, err := os.Lstat(target); err == nil {
		return nil, said{target + " is there already: choose another name, or go on with what is there",
			"đã có " + target + ": hãy chọn tên khác, hoặc làm tiếp với thư mục đang có"}
	}
	var source fs.FS
	switch own := os.DirFS(place); {
	case from == "":
		source, err = fs.Sub(starter, "starter")
	case isProcedure(own, from):
		source, err = fs.Sub(own, from)
	case isProcedure(procedures.FS, from):
		source, err = fs.Sub(procedures.FS, from)
	default:
		return nil, said{fmt.Sprintf("there is no procedure %q to copy; there are %s", from, strings.Join(shipped(), ", ")),
			fmt.Sprintf("không có thủ tục %q để chép; hiện có %s", from, strings.Join(shipped(), ", "))}
	}
	if err != nil {
		return nil, err
	}
	needed, err := copyFolder(source, target, id)
	if err != nil {
		return nil, err
	}
	made = append(made, target)
	if _, err := os.Stat(filepath.Join(place, "common", "elements.yaml")); err != nil {
		return made, nil // the binary's own stand beside it
	}
	more, err := complete(needed, place)
	return append(made, more...), err
}

func isProcedure(tree fs.FS, id string) bool {
	if !folderName.MatchString(id) {
		return false
	}
	_, err := fs.Stat(tree, id+"/procedure.yaml")
	return err == nil
}

// shipped lists the procedures that the binary carries.
func shipped() []string {
	found, err := fs.Glob(procedures.FS, "*/procedure.yaml")
	if err != nil {
		panic(err) // the pattern is written above
	}
	for i, name := range found {
		found[i] = path.Dir(name)
	}
	return found
}

// copyFolder writes a procedure's files into target, under a new id, and returns what its files refer to.
func copyFolder(source fs.FS, target, id string) (needed []string, err error) {
	half, err := os.MkdirTemp(filepath.Dir(target), "."+id+"-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(half) // once renamed it is not there any more
	entries, err := fs.ReadDir(source, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() || e.Name() == "migrate.yaml" { // a new procedure has no older versions
			continue
		}
		text, err := fs.ReadFile(source, e.Name())
		if err != nil {
			return nil, err
		}
		for _, m := range commonFile.FindAllSubmatch(text, -1) {
			needed = append(needed, string(m[1]))
		}
		switch e.Name() {
		case "procedure.yaml":
			if id != "" {
				text = idLine.ReplaceAll(text, []byte("id: "+id))
				text = versionLine.ReplaceAll(text, []byte("version: 1"))
			}
		case "workflow.yaml":
			for _, m := range openedLine.FindAllSubmatch(text, -1) {
				needed = append(needed, string(m[1]))
			}
		}
		if err := os.WriteFile(filepath.Join(half, e.Name()), text, 0o644); err != nil {
			return nil, err
		}
	}
	if err := os.Chmod(half, 0o755); err != nil {
		return nil, err
	}
	return needed, os.Rename(half, target)
}

// complete copies from the binary what a tree that stands alone lacks: shared questions, procedures that are opened.
func complete(needed []string, place string) (made []string, err error) {
	for len(needed) > 0 {
		name := needed[0]
		needed = needed[1:]
		target := filepath.Join(place, filepath.FromSlash(name))
		if _, err := os.Lstat(target); err == nil {
			continue
		}
		if strings.HasSuffix(name, ".json") {
			text, err := fs.ReadFile(procedures.FS, name)
			if errors.Is(err, fs.ErrNotExist) {
				continue // hoso check says so
			}
			if err := os.WriteFile(target, text, 0o644); err != nil {
				return made, err
			}
		} else {
			if !isProcedure(procedures.FS, name) {
				continue
			}
			source, err := fs.Sub(procedures.FS, name)
			if err != nil {
				return made, err
			}
			more, err := copyFolder(source, target, "")
			if err != nil {
				return made, err
			}
			needed = append(needed, more...)
		}
		made = append(made, target)
	}
	return made, nil
}
