package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/trial"
)

// drill is `hoso test --outages`.
func (t *testRun) drill(ctx context.Context, tr *trial.Trial) error {
	start := time.Now()
	all, err := tr.Outages(ctx, func(id procedures.ID) bool { return len(t.ids) == 0 || slices.Contains(t.ids, string(id)) })
	if err != nil {
		return err
	}
	failed := slices.DeleteFunc(slices.Clone(all), func(o *trial.Outage) bool { return o.Problem == "" })
	if t.json {
		enc := json.NewEncoder(t.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(all); err != nil {
			return err
		}
	} else {
		t.tellOutages(all, time.Since(start))
	}
	if len(failed) > 0 {
		return fmt.Errorf("%s did not end as it should", count(len(failed), "journey"))
	}
	return nil
}

func (t *testRun) tellOutages(all []*trial.Outage, took time.Duration) {
	ids := map[procedures.ID]bool{}
	held, back := 0, 0
	for _, o := range all {
		ids[o.Procedure] = true
		mark := "✓"
		switch {
		case o.Problem != "":
			mark = "✗"
		case !t.verbose:
			mark = ""
		}
		if o.Back {
			back++
		}
		if o.Held {
			held++
		}
		if mark != "" {
			fmt.Fprintf(t.out, "%s %s without %s: %s\n", mark, o.Procedure, o.Registry, outageWords(o))
		}
	}
	good := len(all) - len(slices.DeleteFunc(slices.Clone(all), func(o *trial.Outage) bool { return o.Problem == "" }))
	fmt.Fprintf(t.out, "%s × their registries: %s, %d ended (%d of them when the registry was back to take a message, %d when it was back to let the citizen file), in %.1f s\n",
		count(len(ids), "procedure"), count(len(all), "journey"), good, back, held, took.Seconds())
}

// outageWords is how a journey went.
func outageWords(o *trial.Outage) string {
	if o.Problem != "" {
		return strings.TrimSpace(o.Scenario + ": " + o.Problem)
	}
	said := fmt.Sprintf("%s, %d typed, %d unverified", o.State, o.Typed, len(o.Unverified))
	if len(o.Papers) > 0 {
		said += ", papers " + strings.Join(o.Papers, ", ")
	}
	if o.Back {
		said += ", registry back at the end"
	}
	return said
}
