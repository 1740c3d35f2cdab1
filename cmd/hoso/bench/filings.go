package bench

import (
	"embed"
	"encoding/json"
	"fmt"
)

// What is filed while the pages and the growth are measured, as data: the
// service, the answers by section, the papers.
//
//go:embed filings
var filings embed.FS

type filing struct {
	Procedure string                    `json:"procedure"`
	Answers   map[string]map[string]any `json:"answers"`
	Papers    []string                  `json:"papers"`
	Question  string                    `json:"question"` // address of the page that is measured as a page of the form
}

func readFiling(name string) (f filing, err error) {
	text, err := filings.ReadFile("filings/" + name)
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return f, fmt.Errorf("filings/%s: %w", name, err)
	}
	return f, nil
}
