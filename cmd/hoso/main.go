// Command hoso is the whole system in one binary; each command stands in a file of its own.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	if os.Getenv("GOGC") == "" {
		// Steps leave much short-lived garbage and little that stays: collecting four times less often costs some
		// tens of megabytes and spares a third of the program's processor time (docs/benchmarks.md).
		debug.SetGCPercent(400)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := &cobra.Command{Use: "hoso", Short: "Runs administrative procedures", SilenceErrors: true}
	root.AddCommand(devCommand(), serveCommand(), workCommand(), migrateCommand(), checkCommand(), testCommand(), graphCommand(), newCommand(), publishCommand(), residentsCommand(), unitsCommand(), auditCommand(), incidentsCommand(), monthsCommand(), doctorCommand(), calendarCommand(), benchCommand())
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "hoso:", err)
		os.Exit(exitCode(err))
	}
}
