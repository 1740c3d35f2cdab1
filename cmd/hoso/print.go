package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
)

// A printer writes reports for people.
type printer struct {
	out    io.Writer
	colour bool
}

func (p printer) paint(code, s string) string {
	if !p.colour {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// report writes what is proved, then what is wrong, with the rules in a language.
func (p printer) report(r *report, lang string) {
	name := ""
	if r.procedure != nil {
		name = "  " + r.procedure.Name.VI
	}
	fmt.Fprintln(p.out, p.paint("1", string(r.ID))+name)
	for _, line := range append(proofs(r), obligations(r)...) {
		fmt.Fprintf(p.out, "  %s %s\n", p.paint("32", "✓"), line)
	}
	for _, f := range r.Findings {
		mark, colour := "✗", "31"
		if f.Warning {
			mark, colour = "!", "33"
		}
		fmt.Fprintf(p.out, "  %s %s:%d:%d: %s %s — %s\n", p.paint(colour, mark), f.File, f.Line, f.Column, p.paint(colour, f.Code), f.Message, f.Remedy)
		fmt.Fprintf(p.out, "      %s\n", p.paint("2", f.Rule.In(lang)))
		for _, t := range f.Trace {
			fmt.Fprintf(p.out, "      %s\n", p.paint("36", "→ "+t))
		}
	}
	fmt.Fprintln(p.out)
}

// obligations is the line of what is proved of the procedure, by number.
func obligations(r *report) []string {
	proved := 0
	for _, ok := range r.Obligations {
		if ok {
			proved++
		}
	}
	if proved == 0 {
		return nil
	}
	if proved == len(r.Obligations) {
		return []string{fmt.Sprintf("obligations: all %d are proved", proved)}
	}
	return []string{fmt.Sprintf("obligations: %d of %d are proved", proved, len(r.Obligations))}
}

// proofs are the lines of what holds: only what was looked at and has no finding.
func proofs(r *report) []string {
	proc := r.procedure
	if proc == nil {
		return nil
	}
	wrongIn := func(codes ...string) bool {
		return slices.ContainsFunc(r.Findings, func(f finding) bool { return !f.Warning && slices.Contains(codes, f.Code) })
	}
	wrongFile := func(name string) bool {
		return slices.ContainsFunc(r.Findings, func(f finding) bool { return !f.Warning && filepath.Base(f.File) == name })
	}
	var out []string
	if proc.Form != nil && !wrongFile("form.schema.json") && !wrongIn("ONCE", "FILL") {
		line := fmt.Sprintf("once only: %s, %d filled, %d asked with a reason, none that a registry holds", count(r.Fields, "question"), r.Filled, r.Asked)
		if proc.Internal {
			line = fmt.Sprintf("once only: %s, %d filled, %d from the case that opens it, %d asked", count(r.Fields, "question"), r.Filled, r.given, r.Asked)
		}
		if r.waived > 0 {
			line += fmt.Sprintf(" (%d waived until a date)", r.waived)
		}
		out = append(out, line)
		if len(r.Variants) > 1 {
			for _, v := range r.Variants {
				out = append(out, fmt.Sprintf("in %s: %d filled, at most %d asked, at most %s (%d replaced)", v.ID, v.Filled, v.Asked, count(v.Papers, "paper"), v.PapersReplaced))
			}
		}
	}
	if len(proc.Attachments) > 0 && !wrongIn("PAPER") && !wrongFile("procedure.yaml") {
		out = append(out, fmt.Sprintf("papers: %d, of which %d are not asked while a registry answers", r.Papers, r.PapersReplaced))
	}
	if proc.Machine != nil && r.States > 0 && !wrongFile("workflow.yaml") {
		out = append(out, fmt.Sprintf("workflow: %s, %s; every state is reached and comes to an end", count(r.States, "state"), count(r.Transitions, "transition")))
	}
	if len(proc.Limits) > 0 && !wrongFile("procedure.yaml") && !wrongIn("BUDGET") {
		out = append(out, fmt.Sprintf("tables: %s, %s, each with its law; the officers' budgets fit into the term", count(len(proc.Fees), "fee"), count(len(proc.Limits), "term")))
	}
	if n := len(proc.Scenarios); n > 0 && !wrongFile("scenarios.yaml") {
		out = append(out, fmt.Sprintf("scenarios: %d, all that they name exists (hoso test plays them)", n))
	}
	return out
}
