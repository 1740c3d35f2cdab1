// Command hoso is the whole system in one binary; each command stands in a file of its own.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	root := &cobra.Command{Use: "hoso", Short: "Runs administrative procedures", SilenceErrors: true}
	root.AddCommand(checkCommand(), graphCommand(), newCommand())
	if err := root.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "hoso:", err)
		os.Exit(1)
	}
}
