package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/procedures"
)

// schemaOf names the schema that describes each kind of file of a folder.
var schemaOf = []struct{ file, schema string }{
	{"*/procedure.yaml", "procedure"}, {"*/workflow.yaml", "workflow"}, {"*/scenarios.yaml", "scenarios"}, {"*/migrate.yaml", "migrate"},
	{"common/**/*.yaml", "elements"},
}

// furnish puts beside the procedures what an editor needs: the schemas, the settings of VS Code that map them, and the shared files of
// the binary to read. It leaves alone what is there and returns what it made.
func furnish(place, root string) (made []string, err error) {
	write := func(name string, text []byte) error {
		if _, err := os.Lstat(name); err == nil {
			return nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		made = append(made, name)
		return os.WriteFile(name, text, 0o644)
	}
	shared := "schema/common"
	if _, err := os.Stat(filepath.Join(place, "common", "elements.yaml")); err == nil {
		shared = "" // they are there to be read as they are
	}
	for from, to := range map[string]string{"schema": "schema", "common": shared} {
		if to == "" {
			continue
		}
		err := fs.WalkDir(procedures.FS, from, func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			text, err := fs.ReadFile(procedures.FS, name)
			if err != nil {
				return err
			}
			return write(filepath.Join(place, filepath.FromSlash(to+strings.TrimPrefix(name, from))), text)
		})
		if err != nil {
			return made, err
		}
	}
	within, err := filepath.Rel(root, place)
	if err != nil {
		return made, err
	}
	if err := write(filepath.Join(root, ".vscode", "settings.json"), editorSettings(filepath.ToSlash(within))); err != nil {
		return made, err
	}
	err = write(filepath.Join(root, ".vscode", "extensions.json"), []byte("{\"recommendations\": [\"redhat.vscode-yaml\"]}\n"))
	slices.Sort(made)
	return made, err
}

// editorSettings maps the files of the folders below `within` to their schemas.
func editorSettings(within string) []byte {
	yaml := map[string]string{}
	for _, m := range schemaOf {
		if _, err := fs.Stat(procedures.FS, "schema/"+m.schema+".schema.json"); err != nil {
			continue
		}
		yaml["./"+path.Join(within, "schema", m.schema+".schema.json")] = path.Join(within, m.file)
	}
	text, err := json.MarshalIndent(map[string]any{
		"yaml.yamlVersion": "1.2",
		"yaml.schemas":     yaml,
		"json.schemas": []map[string]any{{
			"fileMatch": []string{path.Join(within, "*/form.schema.json"), path.Join(within, "common/*.json")},
			"url":       "./" + path.Join(within, "schema/form-keywords.schema.json"),
		}},
	}, "", "  ")
	if err != nil {
		panic(err) // maps of strings marshal
	}
	return append(text, '\n')
}
