package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

// workersStopWithin is how long jobs in hand may take when the node stops.
const workersStopWithin = 25 * time.Second

// work runs the node's jobs until ctx ends.
func (a *app) work(ctx context.Context, out io.Writer) error {
	j, err := a.workers()
	if err != nil {
		return err
	}
	if err := j.Start(ctx); err != nil {
		return err
	}
	if out != nil {
		fmt.Fprintln(out, "working")
	}
	<-ctx.Done()
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), workersStopWithin)
	defer cancel()
	return j.Stop(within)
}
