// Package diagram shows the workflow of a procedure in other notations: as a
// drawing (SVG), for viewers of text (Mermaid), and for other engines (SCXML 1.0,
// XState v5). It reads a checked machine and writes; what the machine means
// belongs to package workflow, where a drawing is shown to the caller.
//
// The same procedure gives the same bytes.
package diagram

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Format names a notation.
type Format string

// The notations.
const (
	FormatSVG     Format = "svg"
	FormatMermaid Format = "mermaid"
	FormatSCXML   Format = "scxml"
	FormatXState  Format = "xstate"
)

// Formats are the notations in the order in which help names them.
var Formats = []Format{FormatSVG, FormatMermaid, FormatSCXML, FormatXState}

// ErrBroken reports a workflow that leads to states that do not exist, or has none.
var ErrBroken = errors.New("the workflow has mistakes")

// whole tells whether every state that the machine of a procedure names exists.
func whole(p *procedures.Procedure) error {
	m := p.Machine
	if m == nil || len(m.States) == 0 || len(m.File) == 0 {
		return fmt.Errorf("draw %s: %w", p.ID, ErrBroken)
	}
	for _, a := range arrows(m) {
		if m.States[a.to] == nil {
			return fmt.Errorf("draw %s: %w: there is no state %q", p.ID, ErrBroken, a.to)
		}
	}
	for _, s := range m.States {
		if s.Kind == workflow.Subcases && s.Join == nil {
			return fmt.Errorf("draw %s: %w: %s has no join", p.ID, ErrBroken, s.Name)
		}
	}
	if m.Withdraw != nil && m.States[m.Withdraw.To] == nil {
		return fmt.Errorf("draw %s: %w: there is no state %q", p.ID, ErrBroken, m.Withdraw.To)
	}
	return nil
}

// Write writes the workflow of a procedure in a notation, its words in lang
// ("vi" or "en"). Errors: [ErrBroken], and those of w.
func Write(w io.Writer, p *procedures.Procedure, f Format, lang string) error {
	switch f {
	case FormatSVG:
		return SVG(w, p, lang)
	case FormatMermaid:
		return Mermaid(w, p, lang)
	case FormatSCXML:
		return SCXML(w, p, lang)
	case FormatXState:
		return XState(w, p, lang)
	}
	return fmt.Errorf("there is no format %q; write %s", f, known())
}

func known() string {
	names := make([]string, len(Formats))
	for i, f := range Formats {
		names[i] = string(f)
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
