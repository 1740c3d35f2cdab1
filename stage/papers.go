package stage

import (
	"fmt"
	"strings"
	"sync"

	"github.com/hoso-gov/hoso/document"
)

// forms of paper are set and signed for real the first time that they are
// issued, and that file serves for all later papers of the same form: setting one
// takes longer than all the rest of a story. The words of each paper are made by
// the workers every time, and one that lacks what its form needs is set for
// itself, so that it fails as it does outside.
type forms struct {
	printer *document.Printer
	mu      sync.Mutex
	printed map[string]*document.Printed
}

// Print implements jobs.Papers.
func (f *forms) Print(p document.Paper) (*document.Printed, error) {
	name := fmt.Sprint(p.Kind, p.Lang, p.Title, p.Procedure, p.Fee != nil, p.Due != nil, len(p.Body) > 0, len(p.Facts) > 0)
	for _, word := range []string{p.ID, p.Place, p.Number, p.CaseCode, p.Recipient, p.Agency.ID, p.Agency.Name, strings.Join(p.Body, "")} {
		name += fmt.Sprint(word == "")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if known := f.printed[name]; known != nil {
		return known, nil
	}
	made, err := f.printer.Print(p)
	if err == nil {
		f.printed[name] = made
	}
	return made, err
}
