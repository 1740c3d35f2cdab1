package main

import (
	"bytes"
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/natefinch/atomic"
	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/diagram"
	"github.com/hoso-gov/hoso/procedures"
)

// graphCommand is `hoso graph`: the workflow of a procedure as a diagram, or for another engine.
func graphCommand() *cobra.Command {
	var dir, format, lang, file string
	c := &cobra.Command{
		Use:   "graph ID",
		Short: "Draw the workflow of a procedure, or export it to another engine",
		Long: `Graph writes the workflow of one procedure:

  svg      a drawing: who acts in which state, what leads on, limits, ends
  mermaid  a state diagram as text, which code hosts and editors draw
  scxml    State Chart XML 1.0 of the W3C, its conditions in CEL
  xstate   the configuration of a machine of XState v5, as JSON

Without --format the ending of --output decides (.svg, .mmd, .scxml, .json); without both it is mermaid.

Exit code 1: there is no such procedure, format or language, its workflow has mistakes, or the file cannot be written.`,
		Example: `  hoso graph marriage-extract -o extract.svg --lang en
  hoso graph marriage-extract --format xstate > extract.json`,
		Args:         cobra.ExactArgs(1),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			f := diagram.Format(cmp.Or(format, formatOf(file)))
			if !slices.Contains(diagram.Formats, f) {
				return fmt.Errorf("there is no format %q; write one of %s", f, formatNames())
			}
			if lang != "vi" && lang != "en" {
				return fmt.Errorf("there is no language %q; write vi or en", lang)
			}
			tree, _, err := definitions(dir)
			if err != nil {
				return err
			}
			catalogue, _ := procedures.LoadToRun(tree)
			p, ok := catalogue.Get(procedures.ID(args[0]))
			if !ok {
				return fmt.Errorf("there is no procedure %q that can be read; try: hoso check", args[0])
			}
			var out bytes.Buffer
			if err := diagram.Write(&out, p, f, lang); err != nil {
				return fmt.Errorf("%w; try: hoso check %s", err, p.ID)
			}
			if file == "" {
				_, err = cmd.OutOrStdout().Write(out.Bytes())
				return err
			}
			return atomic.WriteFile(file, &out)
		},
	}
	c.Flags().StringVar(&dir, "procedures", "", proceduresHelp)
	c.Flags().StringVar(&format, "format", "", formatNames()+" (default: by the ending of --output, else mermaid)")
	c.Flags().StringVar(&lang, "lang", "vi", "vi or en")
	c.Flags().StringVarP(&file, "output", "o", "", "file to write (default: standard output)")
	return c
}

// formatOf is the format that a file's ending asks for.
func formatOf(file string) string {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".svg":
		return string(diagram.FormatSVG)
	case ".scxml", ".xml":
		return string(diagram.FormatSCXML)
	case ".json":
		return string(diagram.FormatXState)
	}
	return string(diagram.FormatMermaid)
}

func formatNames() string {
	var names []string
	for _, f := range diagram.Formats {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}
