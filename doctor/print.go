package doctor

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Print writes the report for a person: one line an invariant, and below each
// that does not hold its first violations.
func (r *Report) Print(out io.Writer) {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, f := range r.Findings {
		state := "holds"
		switch {
		case f.Broken > 0:
			state = "BROKEN"
		case !f.Holds():
			state = "not examined"
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%d checked\t%d broken\n", f.N, state, f.Title, f.Checked, f.Broken)
	}
	_ = t.Flush() // to a terminal or a pipe: there is nobody to tell
	for _, f := range r.Findings {
		if f.Broken > 0 {
			fmt.Fprintf(out, "\n%d. %s\n   checked by: %s\n", f.N, f.Sentence, f.How)
			for _, v := range f.Violations {
				fmt.Fprintf(out, "   %s: %s\n", orDash(string(v.Case)), v.What)
			}
			if more := f.Broken - int64(len(f.Violations)); more > 0 {
				fmt.Fprintf(out, "   … and %d more\n", more)
			}
		}
	}
	for _, f := range r.Findings {
		if f.Unable != "" {
			fmt.Fprintf(out, "%d not examined, or in part: %s\n", f.N, f.Unable)
		}
	}
	fmt.Fprintf(out, "\n%d cases, %d events, %d effects: %d of %d invariants hold", r.Cases, r.Events, r.Effects, r.holding(), len(r.Findings))
	if n := r.Unexamined(); n > 0 {
		fmt.Fprintf(out, ", %d cannot be examined here", n)
	}
	fmt.Fprintln(out)
}

func (r *Report) holding() int {
	n := 0
	for _, f := range r.Findings {
		if f.Holds() {
			n++
		}
	}
	return n
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
