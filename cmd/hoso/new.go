package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/spf13/cobra"
)

var (
	folderName  = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	idLine      = regexp.MustCompile(`(?m)^id:[ \t]*[^\s#]+`)
	versionLine = regexp.MustCompile(`(?m)^version:[ \t]*[0-9]+`)
)

// newCommand is `hoso new`: a procedure folder that starts as a copy of another.
func newCommand() *cobra.Command {
	var dir, from string
	c := &cobra.Command{
		Use:          "new ID --from ID",
		Short:        "Start a procedure from another one",
		Long:         "New copies the folder of a procedure, gives it the new id and sets its version to 1. What it says is still the other's: go through it file by file.",
		Example:      "  hoso new temporary-residence --from permanent-residence",
		Args:         cobra.ExactArgs(1),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			id := args[0]
			if !folderName.MatchString(id) || id == "common" || id == "schema" || id == "testdata" {
				return fmt.Errorf("%q is not a name for a procedure; write kebab-case, as temporary-residence", id)
			}
			if dir == "" {
				dir = "procedures"
			}
			tree, _, err := definitions("")
			if info, statErr := os.Stat(dir); statErr == nil && info.IsDir() {
				if _, err := os.Stat(filepath.Join(dir, from)); err == nil {
					tree = os.DirFS(dir)
				}
			}
			if err != nil {
				return err
			}
			if err := copyProcedure(tree, from, dir, id); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is a copy of %s. Next:\n  1. procedure.yaml: names, law, subjects, papers, fees, terms\n  2. form.schema.json: what only the citizen knows\n  3. workflow.yaml: who does what, by when\n  4. scenarios.yaml: stories that must come true\n  hoso check %s tells what is left to do.\n", filepath.Join(dir, id), from, id)
			return err
		},
	}
	c.Flags().StringVar(&from, "from", "", "the procedure to start from")
	c.Flags().StringVar(&dir, "procedures", "", "folder of the definitions (default: ./procedures)")
	if err := c.MarkFlagRequired("from"); err != nil {
		panic(err) // the flag is declared above
	}
	return c
}

// copyProcedure writes the files of tree/from to dir/id.
func copyProcedure(tree fs.FS, from, dir, id string) error {
	if _, err := fs.Stat(tree, from+"/procedure.yaml"); err != nil {
		return fmt.Errorf("there is no procedure %q to start from", from)
	}
	target := filepath.Join(dir, id)
	if err := os.Mkdir(target, 0o755); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s is there already", target)
		}
		return err
	}
	entries, err := fs.ReadDir(tree, from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() || e.Name() == "migrate.yaml" { // a new procedure has no older versions
			continue
		}
		text, err := fs.ReadFile(tree, from+"/"+e.Name())
		if err != nil {
			return err
		}
		if e.Name() == "procedure.yaml" {
			text = idLine.ReplaceAll(text, []byte("id: "+id))
			text = versionLine.ReplaceAll(text, []byte("version: 1"))
		}
		if err := os.WriteFile(filepath.Join(target, e.Name()), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
