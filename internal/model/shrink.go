package model

import (
	"fmt"
	"slices"
	"strings"
)

// Shrink removes commands as long as the story still fails, and returns what is
// left with what it shows.
func (s *Story) Shrink(fails func(*Story) string) (*Story, string) {
	shown := fails(s)
	for size := len(s.Commands) / 2; size > 0; {
		smaller := false
		for at := 0; at+size <= len(s.Commands); {
			try := *s
			try.Commands = slices.Delete(slices.Clone(s.Commands), at, at+size)
			if why := fails(&try); why != "" {
				s, shown, smaller = &try, why, true
				continue
			}
			at += size
		}
		if !smaller || size > len(s.Commands) {
			size = min(size, len(s.Commands)+1) / 2
		}
	}
	return s, shown
}

// String is the whole story, ready to be read by who looks for the fault.
func (s *Story) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "filed %s with %+v\n", stampOf(s.At), s.Answers)
	for i, c := range s.Commands {
		fmt.Fprintf(&b, "%d. %s\n", i+1, c)
	}
	b.WriteString(s.Def.workflow())
	for _, d := range s.Def.Children {
		fmt.Fprintf(&b, "--- %s\n%s", d.ID, d.workflow())
	}
	return b.String()
}
