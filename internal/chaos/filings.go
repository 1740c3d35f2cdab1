package chaos

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"text/template"
	"time"
)

// What people file, as data: the services that an installation is broken with,
// and the answers. Values in braces are those of who files.
//
//go:embed filings
var filings embed.FS

// asFiled is such a file.
type asFiled struct {
	Procedure string         `json:"procedure"`
	Answers   map[string]any `json:"answers"`
	Papers    []string       `json:"papers"`
}

// values are what the files leave open.
type values struct{ Fine, Child, Born, Sex string }

func readFiling(name string, v values) (f asFiled, err error) {
	t, err := template.ParseFS(filings, "filings/"+name)
	if err != nil {
		return f, err
	}
	var text bytes.Buffer
	if err := t.Execute(&text, v); err != nil {
		return f, err
	}
	if err := json.Unmarshal(text.Bytes(), &f); err != nil {
		return f, fmt.Errorf("filings/%s: %w", name, err)
	}
	return f, nil
}

// filed are the procedures that people file for.
func filed() ([]string, error) {
	entries, err := filings.ReadDir("filings")
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		f, err := readFiling(path.Base(e.Name()), values{})
		if err != nil {
			return nil, err
		}
		out = append(out, f.Procedure)
	}
	return out, nil
}

var paper = []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")

// of is what somebody files by a file.
func of(who, name string, v values) filing {
	f, err := readFiling(name, v)
	if err != nil {
		panic(err) // the files are part of the program
	}
	body := map[string]any{"procedure": f.Procedure, "answers": f.Answers}
	var papers []map[string]any
	for _, p := range f.Papers {
		papers = append(papers, map[string]any{"attachment": p, "name": p + ".pdf", "content": paper})
	}
	if papers != nil {
		body["attachments"] = papers
	}
	return filing{who, body}
}

// moving is a permanent residence in a rented dwelling: a fee, a paper, and the
// owner's agreement.
func moving(who string) filing { return of(who, "moving.json", values{}) }

// paying is the payment of a traffic fine.
func paying(who, fine string) filing { return of(who, "paying.json", values{Fine: fine}) }

// bearing is a child born at home: a birth, a residence and a health card.
func bearing(c couple, n int) filing {
	return of(c.wife.number, "bearing.json", values{Child: "Trần Gia " + childNames[n%len(childNames)], Born: time.Now().AddDate(0, 0, -10).Format(time.DateOnly),
		Sex: []string{"male", "female"}[n%2]})
}

var childNames = []string{"Khánh", "Bảo", "Hân", "Minh", "Linh", "Phúc", "An", "Thảo", "Nam", "Vy", "Kiệt", "Ngọc", "Duy", "Trâm", "Quân", "Hà"}
