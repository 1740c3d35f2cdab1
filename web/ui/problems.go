package ui

// Problem is one line of the error summary.
type Problem struct {
	Text string // the same as beside the input
	Href string // "#fullName"
}

// Problems gathers the errors of the fields, in their order, entries of groups
// included; nil when there is none.
func Problems(fields []Field) []Problem {
	var all []Problem
	for _, f := range fields {
		if f.Error != "" {
			all = append(all, Problem{f.Error, "#" + f.Anchor()})
		}
		for _, item := range f.Items {
			all = append(all, Problems(item.Fields)...)
		}
	}
	return all
}
