package procedures

import (
	"fmt"
	"strconv"
	"strings"
)

// Rendered is a document in one language, ready to be set.
type Rendered struct {
	Title    string
	Number   string
	Body     []string // paragraphs
	Validity string
}

// Render writes the document in lang ("vi" or "en"). seq is its number within
// agency and year; 0 leaves the number out.
func (d *Document) Render(vars map[string]any, lang string, seq int) (Rendered, error) {
	out := Rendered{Title: d.Title.In(lang), Validity: d.Validity.In(lang)}
	body, err := d.Body.Execute(vars, lang)
	if err != nil {
		return out, fmt.Errorf("document %q: %w", d.Title.EN, err)
	}
	for p := range strings.SplitSeq(strings.ReplaceAll(body, "\r\n", "\n"), "\n") {
		if p = strings.TrimSpace(p); p != "" {
			out.Body = append(out.Body, p)
		}
	}
	if seq > 0 {
		out.Number = strings.ReplaceAll(d.Number, "{seq}", strconv.Itoa(seq))
	}
	return out, nil
}
