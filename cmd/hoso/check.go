package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// checkCommand is `hoso check`: it proves the definitions and says what is wrong where.
func checkCommand() *cobra.Command {
	var dir string
	var asJSON, asSARIF bool
	var lang string
	c := &cobra.Command{
		Use:   "check [ID…]",
		Short: "Check definitions and print what is proved about them",
		Long: `Check loads every folder of procedures and proves, for each: that no question and no paper asks what a registry
holds, that the workflow ends whatever anybody does or does not do, that tables answer for every case and day, that
every text, law, document and message is there. It says file, line and column of every mistake, the rule, what to write
instead and, where a way shows it, the shortest one. docs/obligations.md lists what is proved.

Exit code 1: a definition has a mistake. Warnings do not count.`,
		Example: `  hoso check
  hoso check marriage-extract
  hoso check --json | jq '.[] | {id, asked, held_but_asked, obligations}'
  hoso check --sarif > hoso.sarif`,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, ids []string) error {
			tree, prefix, err := definitions(dir)
			if err != nil {
				return err
			}
			if !asJSON && !asSARIF {
				sayCarried(cmd.ErrOrStderr(), dir)
			}
			catalogue, findings := procedures.Load(tree)
			for i := range findings {
				findings[i].File = filepath.Join(prefix, filepath.FromSlash(findings[i].File))
			}
			reports, err := reportsOf(catalogue, findings, prefix, ids)
			if err != nil {
				return err
			}
			if lang != "vi" && lang != "en" {
				return fmt.Errorf("--lang %s: write vi or en", lang)
			}
			out := cmd.OutOrStdout()
			switch {
			case asSARIF:
				if err := writeSARIF(out, reports); err != nil {
					return err
				}
			case asJSON:
				enc := json.NewEncoder(out)
				enc.SetIndent("", "  ")
				if err := enc.Encode(reports); err != nil {
					return err
				}
			default:
				print := printer{out, isTerminal(out)}
				for _, r := range reports {
					print.report(r, lang)
				}
			}
			return verdict(out, reports, asJSON || asSARIF)
		},
	}
	c.Flags().StringVar(&dir, "procedures", "", proceduresHelp)
	c.Flags().BoolVar(&asJSON, "json", false, "print an array, one object a procedure")
	c.Flags().BoolVar(&asSARIF, "sarif", false, "print SARIF 2.1.0, for code hosts")
	c.Flags().StringVar(&lang, "lang", "en", "language of the rules: vi or en")
	c.MarkFlagsMutuallyExclusive("json", "sarif")
	return c
}

// A report is what check says about one procedure.
type report struct {
	ID             procedures.ID `json:"id"`
	Fields         int           `json:"fields"`
	Filled         int           `json:"filled"`
	Asked          int           `json:"asked"`
	Papers         int           `json:"papers"`
	PapersReplaced int           `json:"papers_replaced"`
	HeldButAsked   int           `json:"held_but_asked"`
	// Variants are the counts in each variant; none where there are no variants.
	Variants    []forms.VariantCounts `json:"variants"`
	States      int                   `json:"states"`
	Transitions int                   `json:"transitions"`
	// Obligations tells of every code whether it is proved: nothing was found against it, not even a warning.
	Obligations map[string]bool `json:"obligations"`
	Findings    []finding       `json:"findings"`

	procedure *procedures.Procedure
	waived    int
	given     int // of an internal procedure: answered by the case that opens it
}

// A finding is one with the obligation that it is about, in one sentence.
type finding struct {
	workflow.Finding
	Rule workflow.Text `json:"rule"`
}

func reportsOf(c *procedures.Catalogue, findings []workflow.Finding, prefix string, ids []string) ([]*report, error) {
	byID := map[procedures.ID]*report{}
	var out []*report
	get := func(id procedures.ID) *report {
		r := byID[id]
		if r == nil {
			r = &report{ID: id, Findings: []finding{}, Variants: []forms.VariantCounts{}}
			byID[id] = r
			out = append(out, r)
		}
		return r
	}
	for _, p := range c.All() {
		r := get(p.ID)
		r.procedure, r.Papers = p, len(p.Attachments)
		for _, a := range p.Attachments {
			if a.ReplacedBy != "" {
				r.PapersReplaced++
			}
		}
		if proof := c.Proof(p); proof != nil {
			r.Fields, r.Filled, r.Asked, r.HeldButAsked, r.waived = proof.Counts.Fields, proof.Counts.Filled, proof.Counts.Asked, proof.Counts.HeldButAsked, proof.Counts.Waived
			r.given, r.Variants = proof.Counts.Given, append(r.Variants, proof.Variants...)
		}
		if p.Machine != nil {
			r.States, r.Transitions = len(p.Machine.States), len(procedures.Transitions(p.Machine))
		}
	}
	for _, f := range findings {
		file, err := filepath.Rel(prefix, f.File)
		if err != nil {
			file = f.File
		}
		f2 := f
		f2.File = filepath.ToSlash(file)
		r := get(procedures.OfFolder(f2))
		o, _ := procedures.ObligationOf(f.Code)
		r.Findings = append(r.Findings, finding{f, o.Rule})
	}
	for _, r := range out {
		r.proved()
	}
	slices.SortFunc(out, func(a, b *report) int { return strings.Compare(string(a.ID), string(b.ID)) })
	if len(ids) == 0 {
		return out, nil
	}
	for _, id := range ids {
		if byID[procedures.ID(id)] == nil {
			var known []string
			for _, r := range out {
				known = append(known, string(r.ID))
			}
			return nil, fmt.Errorf("there is no procedure %q; there are %s", id, strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(out, func(r *report) bool {
		return !slices.Contains(ids, string(r.ID)) && (r.ID != "common" || len(r.Findings) == 0)
	}), nil
}

// proved notes of every obligation whether nothing was found against it. What
// was not looked at because something before it is wrong is not proved.
func (r *report) proved() {
	wrong := map[string]bool{}
	for _, f := range r.Findings {
		wrong[f.Code] = true
	}
	whole := r.procedure != nil && r.procedure.Form != nil && r.procedure.Machine != nil
	named := !wrong["REF"] && !wrong["ROLE"] && !wrong["TASKROLE"] && !wrong["WITHDRAW"] // a graph with holes proves nothing
	r.Obligations = map[string]bool{}
	for _, o := range procedures.Obligations() {
		if o.Hint || r.ID == "common" {
			continue // a hint is no obligation, and shared files owe what their users do
		}
		looked := o.Group == procedures.GroupFiles || whole && (named || o.Group != procedures.GroupGraph)
		r.Obligations[o.Code] = looked && !wrong[o.Code]
	}
}

// verdict sums up; it is an error when something is wrong.
func verdict(out io.Writer, reports []*report, quiet bool) error {
	procedures, wrong, warnings := 0, 0, 0
	for _, r := range reports {
		if r.procedure != nil {
			procedures++
		}
		for _, f := range r.Findings {
			if f.Warning {
				warnings++
			} else {
				wrong++
			}
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%s, %s in %s", count(wrong, "mistake"), count(warnings, "warning"), count(procedures, "procedure"))
	}
	if !quiet {
		fmt.Fprintf(out, "%s, no mistakes, %s\n", count(procedures, "procedure"), count(warnings, "warning"))
	}
	return nil
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// isTerminal tells whether colours make sense.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
