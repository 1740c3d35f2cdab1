package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/procedures"
)

// graphCommand is `hoso graph`: the workflow of a procedure as a diagram.
func graphCommand() *cobra.Command {
	var dir, format, lang string
	c := &cobra.Command{
		Use:          "graph ID",
		Short:        "Draw the workflow of a procedure",
		Example:      "  hoso graph permanent-residence --format mermaid --lang en > residence.mmd",
		Args:         cobra.ExactArgs(1),
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "mermaid" {
				return fmt.Errorf("there is no format %q; write mermaid", format)
			}
			if lang != "vi" && lang != "en" {
				return fmt.Errorf("there is no language %q; write vi or en", lang)
			}
			tree, _, err := definitions(dir)
			if err != nil {
				return err
			}
			catalogue, _ := procedures.Load(tree)
			p, ok := catalogue.Get(procedures.ID(args[0]))
			if !ok {
				return fmt.Errorf("there is no procedure %q that can be read; try: hoso check", args[0])
			}
			if p.Machine == nil || len(p.Machine.States) == 0 {
				return fmt.Errorf("the workflow of %s has mistakes; try: hoso check %s", p.ID, p.ID)
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), p.Mermaid(lang))
			return err
		},
	}
	c.Flags().StringVar(&dir, "procedures", "", "folder of the definitions (default: ./procedures, else those in the binary)")
	c.Flags().StringVar(&format, "format", "mermaid", "mermaid")
	c.Flags().StringVar(&lang, "lang", "vi", "vi or en")
	return c
}
