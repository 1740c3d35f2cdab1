package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/trial"
)

// testCommand is `hoso test`: it plays the scenarios on the real engine.
func testCommand() *cobra.Command {
	t := &testRun{}
	c := &cobra.Command{
		Use:   "test [ID…]",
		Short: "Play the scenarios on the real engine and say what they cover",
		Long: `Test plays the scenarios of the definitions on the real engine, each in a database that is as new, with a clock of its own. It says
where the engine and a scenario differ, by file and line, and which transitions, conditions, rules of the form, fees and terms no scenario has
seen; for a transition it prints a scenario that leads there.

The database is one of its own on the server of DATABASE_URL, dropped at the end; without DATABASE_URL it starts a PostgreSQL of its
own, which no other command uses.

Exit code 1: a scenario fails, or a transition or condition is not covered. Exit code 2: the command was called wrongly.`,
		Example: `  hoso test
  hoso test marriage-extract --run withdrawn -v
  hoso test --json | jq '.[] | {id, scenarios, passed, coverage}'`,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, ids []string) error {
			t.ids, t.out = ids, cmd.OutOrStdout()
			if !t.json {
				sayCarried(cmd.ErrOrStderr(), t.dir)
			}
			return t.run(cmd.Context())
		},
	}
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	c.Flags().StringVar(&t.dir, "procedures", "", proceduresHelp)
	c.Flags().StringVar(&t.data, "sandbox-data", "", sandboxDataHelp)
	c.Flags().BoolVar(&t.json, "json", false, "print an array, one object a procedure")
	c.Flags().StringVar(&t.only, "run", "", "play only scenarios whose id contains this; coverage is not judged then")
	c.Flags().BoolVarP(&t.verbose, "verbose", "v", false, "tell of each scenario as it is played")
	c.Flags().BoolVar(&t.mutants, "mutants", false, "make mistakes in the definitions on purpose, and say which of them no scenario notices")
	c.Flags().BoolVar(&t.outages, "outages", false, "play no scenarios; let each registry of each procedure be out of reach in turn, and say which journeys do not end")
	c.Flags().IntVar(&t.sample.N, "sample", 0, "try so many of the mutants only, chosen by --seed")
	c.Flags().StringArrayVar(&t.sample.At, "at", nil, "try only the mutants of this line, procedure.yaml:12; may be given more than once")
	c.Flags().Uint64Var(&t.sample.Seed, "seed", 1, "choice of --sample: the same seed takes the same mutants")
	c.Flags().IntVar(&t.workers, "workers", runtime.GOMAXPROCS(0), "how many scenarios are played at a time")
	return c
}

// usageError is a command that was called wrongly: exit code 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// exitCode is 2 for a wrong call, 3 for a program that lacks a version which open
// cases rest on, 1 for any other failure.
func exitCode(err error) int {
	if _, wrong := errors.AsType[usageError](err); wrong {
		return 2
	}
	if _, lacking := errors.AsType[*cases.VersionsError](err); lacking {
		return exitVersions
	}
	return 1
}

// testRun is one call of `hoso test`.
type testRun struct {
	ids           []string
	dir, only     string
	data          string // folder of the sandbox's registries
	json, verbose bool
	workers       int
	mutants       bool
	outages       bool
	sample        trial.Sample
	out           io.Writer
	prefix        string // before files in messages
}

func (t *testRun) run(ctx context.Context) error {
	if t.workers < 1 {
		return usageError{errors.New("--workers is at least 1")}
	}
	tree, prefix, err := definitions(t.dir)
	if err != nil {
		return usageError{err}
	}
	t.prefix = prefix
	if tree, err = trial.Snapshot(tree); err != nil {
		return err
	}
	catalogue, err := faultless(prefix)(procedures.Load(tree))
	if err != nil {
		return err
	}
	for _, id := range t.ids {
		if _, ok := catalogue.Get(procedures.ID(id)); !ok {
			var known []string
			for _, p := range catalogue.All() {
				known = append(known, string(p.ID))
			}
			return usageError{fmt.Errorf("there is no procedure %q; there are %s", id, strings.Join(known, ", "))}
		}
	}
	server, err := t.server(ctx)
	if err != nil {
		return err
	}
	defer server.Close()
	if server.Data, err = sandboxData(t.data); err != nil {
		return err
	}
	tr, err := trial.New(ctx, server, t.workers, func() (*procedures.Catalogue, error) { return faultless(prefix)(procedures.LoadToPlay(tree)) })
	if err != nil {
		return err
	}
	defer tr.Close()
	if t.outages {
		return t.drill(ctx, tr)
	}
	return t.play(ctx, tr, catalogue, tree)
}

// server is that of DATABASE_URL, or one of our own that no other command uses.
func (t *testRun) server(ctx context.Context) (*stage.Server, error) {
	if url := os.Getenv("DATABASE_URL"); url != "" {
		return stage.Connect(ctx, url)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return stage.Start(ctx, filepath.Join(cache, "hoso", "test"))
}

func (t *testRun) play(ctx context.Context, tr *trial.Trial, catalogue *procedures.Catalogue, tree fs.FS) error {
	stories := tr.Stories(func(s trial.Story) bool { return t.wanted(catalogue, s) })
	if len(stories) == 0 {
		return usageError{fmt.Errorf("no scenario has %q in its id", t.only)}
	}
	start := time.Now()
	results, err := tr.Play(ctx, stories, func(r *trial.Result) {
		if t.verbose && !t.json {
			fmt.Fprintf(t.out, "%s %s (%d ms)\n", verdictOf(r), r.Story, r.Took.Milliseconds())
		}
	})
	if err != nil {
		return err
	}
	took := time.Since(start)
	reports := trial.Reports(catalogue, trial.NewSources(tree).Rows, results)
	trial.Propose(catalogue, reports, results)
	if t.mutants {
		if err := t.mutate(ctx, tr, tree, results, reports); err != nil {
			return err
		}
	}
	reports = slices.DeleteFunc(reports, func(r *trial.Report) bool { return len(t.ids) > 0 && !slices.Contains(t.ids, string(r.ID)) })
	if t.json {
		enc := json.NewEncoder(t.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(reports); err != nil {
			return err
		}
	} else {
		for _, r := range reports {
			t.report(r)
		}
		fmt.Fprintf(t.out, "%s in %.1f s, %.1f a second\n", count(len(results), "scenario"), took.Seconds(), float64(len(results))/took.Seconds())
	}
	return t.verdict(reports)
}

// wanted: those of the procedures that are named, and of those who open them, for
// they show what a part does.
func (t *testRun) wanted(c *procedures.Catalogue, s trial.Story) bool {
	if !strings.Contains(s.ID, t.only) {
		return false
	}
	return len(t.ids) == 0 || slices.ContainsFunc(t.ids, func(id string) bool { return trial.Shows(c, s.Procedure, procedures.ID(id)) })
}

func verdictOf(r *trial.Result) string {
	if len(r.Failures) > 0 {
		return "✗"
	}
	return "✓"
}

// killRate is how many of the mutants have to be noticed.
const killRate = 0.95

// mutate tries what the scenarios notice, with progress on a terminal.
func (t *testRun) mutate(ctx context.Context, tr *trial.Trial, tree fs.FS, results []*trial.Result, reports []*trial.Report) error {
	const clear = "\r\x1b[K"
	terminal := isTerminal(os.Stderr)
	tell := func(done, all int, survived *trial.Survivor) {
		if terminal {
			fmt.Fprint(os.Stderr, clear)
		}
		if survived != nil && t.verbose && !t.json {
			fmt.Fprintf(t.out, "%s:%d: nothing notices %s\n", filepath.Join(t.prefix, survived.File), survived.Line, survived.Change)
		}
		if terminal && done < all {
			fmt.Fprintf(os.Stderr, "%d of %d mutants", done, all)
		}
	}
	found, err := tr.Mutate(ctx, tree, results, func(id procedures.ID) bool { return len(t.ids) == 0 || slices.Contains(t.ids, string(id)) }, t.sample, tell)
	if err != nil {
		return err
	}
	for _, r := range reports {
		r.Mutants = found[r.ID]
	}
	return nil
}

// verdict is an error when something is wrong.
func (t *testRun) verdict(reports []*trial.Report) error {
	failed, open := 0, 0
	for _, r := range reports {
		failed += len(r.Failed)
		for _, kind := range []trial.Kind{trial.Transition, trial.Guard} {
			open += r.Coverage[kind].Total - r.Coverage[kind].Seen
		}
	}
	switch {
	case failed > 0:
		return fmt.Errorf("%s failed", count(failed, "scenario"))
	case open > 0 && t.only == "":
		return fmt.Errorf("no scenario covers %s", count(open, "place of the workflow"))
	}
	made, noticed := 0, 0
	for _, r := range reports {
		m := r.Mutants
		if m == nil || m.Made == 0 {
			continue
		}
		made, noticed = made+m.Made, noticed+m.Refused+m.Killed
		if m.Rate < killRate && t.sample.N == 0 {
			return fmt.Errorf("of the mutants of %s %.1f %% are noticed, less than %.0f %%", r.ID, 100*m.Rate, 100*killRate)
		}
	}
	if float64(noticed) < killRate*float64(made) { // of a sample, each procedure has too few to be judged alone
		return fmt.Errorf("%d of %d mutants are noticed, less than %.0f %%", noticed, made, 100*killRate)
	}
	return nil
}

// report writes what the scenarios of one procedure showed.
func (t *testRun) report(r *trial.Report) {
	p := printer{t.out, isTerminal(t.out)}
	line := p.paint("1", string(r.ID)) + "  "
	if r.Scenarios > 0 {
		line += fmt.Sprintf("%d of %s passed", r.Passed, count(r.Scenarios, "scenario"))
	} else {
		line += "seen in the scenarios of those who open it"
	}
	fmt.Fprintln(t.out, line)
	for _, f := range r.Failed {
		fmt.Fprintf(t.out, "  %s %s:%d: %s\n", p.paint("31", "✗"), filepath.Join(t.prefix, f.File), f.Line, f.ID)
		for _, d := range f.Failures {
			fmt.Fprintf(t.out, "      %s:%d: %s: %s\n", filepath.Join(t.prefix, f.File), cmp.Or(d.Line, f.Line), d.Place, d.What)
			fmt.Fprintf(t.out, "        expected  %s\n        got       %s\n", cmp.Or(d.Want, "nothing"), cmp.Or(d.Got, "nothing"))
		}
	}
	if t.only != "" {
		return
	}
	var parts []string
	for _, kind := range trial.Kinds {
		if n := r.Coverage[kind]; n.Total > 0 {
			parts = append(parts, fmt.Sprintf("%s %d/%d", kind, n.Seen, n.Total))
		}
	}
	mark := p.paint("32", "✓")
	if len(r.Uncovered) > 0 {
		mark = p.paint("33", "!")
	}
	fmt.Fprintf(t.out, "  %s covered: %s\n", mark, strings.Join(parts, ", "))
	for _, u := range r.Uncovered {
		fmt.Fprintf(t.out, "    %s:%d: %s is in no scenario: %s\n", filepath.Join(t.prefix, string(r.ID), u.File), u.Line, strings.TrimSuffix(string(u.Kind), "s"), u.Text)
		if u.Scenario != "" {
			fmt.Fprintln(t.out, indent(u.Scenario, "        "))
		}
	}
	if m := r.Mutants; m != nil && m.Made > 0 {
		mark := p.paint("32", "✓")
		if m.Rate < killRate {
			mark = p.paint("31", "✗")
		}
		fmt.Fprintf(t.out, "  %s mutants: %d, of which %d are noticed by a scenario and %d refused by hoso check: %.1f %%\n", mark, m.Made, m.Killed, m.Refused, 100*m.Rate)
		for _, s := range m.Survived {
			fmt.Fprintf(t.out, "    %s:%d: nothing notices %s\n", filepath.Join(t.prefix, s.File), s.Line, s.Change)
		}
	}
}

func indent(text, by string) string {
	return by + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+by)
}
