package doctor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hoso-gov/hoso/postgres"
)

// checkReads is invariant 30 without its journal: jobs and traces tell nothing
// about anybody, and who decided about a case has read it.
func checkReads(ctx context.Context, x *examiner) error {
	if err := x.count(ctx, 30, `SELECT count(*) FROM `+postgres.RiverSchema+`.river_job`); err != nil {
		return err
	}
	if err := x.faults(ctx, []fault{
		{30, `SELECT coalesce(args ->> 'case', ''), 'job ' || id || ' (' || kind || ') knows more than which effect or timer it is for'
			FROM ` + postgres.RiverSchema + `.river_job
			WHERE kind IN ('case_effect', 'case_timer') AND args - ARRAY['case', 'seq', 'idx', 'name', 'gen'] <> '{}'`},
	}); err != nil {
		return err
	}
	if len(x.opts.Canaries) == 0 {
		x.unable(30, "no planted names are given")
		return nil
	}
	if err := x.faults(ctx, []fault{
		{30, `SELECT '', 'job ' || j.id || ' holds a planted name or number'
			FROM ` + postgres.RiverSchema + `.river_job j, unnest($1::text[]) AS canary
			WHERE position(canary IN j.args::text || coalesce(j.errors::text, '') || j.metadata::text) > 0`},
	}, x.opts.Canaries); err != nil {
		return err
	}
	for _, file := range x.opts.Traces {
		x.saw(30, 1)
		line, err := holds(file, x.opts.Canaries)
		if err != nil {
			return err
		}
		if line > 0 {
			x.bad(30, "", "line %d of %s holds a planted name or number", line, file)
		}
	}
	return nil
}

// holds is the first line of a file in which one of the words stands; 0: none.
func holds(file string, words []string) (int, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, fmt.Errorf("read a trace: %w", err)
	}
	defer f.Close()
	r := bufio.NewReader(f)
	for n := 1; ; n++ {
		text, err := r.ReadString('\n')
		for _, w := range words {
			if strings.Contains(text, w) {
				return n, nil
			}
		}
		if errors.Is(err, io.EOF) {
			return 0, nil
		}
		if err != nil {
			return 0, fmt.Errorf("read a trace: %w", err)
		}
	}
}
