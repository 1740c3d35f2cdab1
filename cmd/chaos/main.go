// Command chaos breaks an installation of Hoso on purpose for some minutes and
// examines it afterwards: `make chaos MINUTES=10`. It needs the source, from
// which it builds the programs, and is no part of the hoso binary.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hoso-gov/hoso/internal/chaos"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	cfg := chaos.Config{Source: ".", Out: os.Stdout, Restore: true}
	minutes := flag.Float64("minutes", 10, "how long faults are injected")
	flag.Uint64Var(&cfg.Seed, "seed", 0, "of everything random; 0: one is drawn and printed")
	flag.StringVar(&cfg.Bin, "bin", "", "folder with hoso and sandbox that were built before; default they are built")
	flag.StringVar(&cfg.Dir, "dir", "", "folder of the run, kept; default a temporary one that is removed when all went well")
	flag.IntVar(&cfg.Users, "users", 0, "how many people act at a time; default 6")
	flag.IntVar(&cfg.People, "people", 0, "how many people are made up; default 6000")
	flag.Parse()
	cfg.For = time.Duration(*minutes * float64(time.Minute))
	r, err := chaos.Run(ctx, cfg)
	if r != nil {
		fmt.Print(r)
	}
	return err
}
