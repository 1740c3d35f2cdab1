package document

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// Every letter of Vietnamese is in every face.
func TestFacesHaveVietnamese(t *testing.T) {
	t.Parallel()
	fs, err := loadFaces()
	if err != nil {
		t.Fatal(err)
	}
	letters := "ĂăÂâĐđÊêÔôƠơƯưÀÁÃÈÉÌÍÒÓÕÙÚÝàáãèéìíòóõùúýĨĩŨũ₫–“”²/"
	for r := rune(0x1EA0); r <= 0x1EF9; r++ {
		letters += string(r)
	}
	for s, f := range fs {
		if err := f.check(letters); err != nil {
			t.Errorf("face %q: %v", s, err)
		}
	}
}

// A paper with a character that the face lacks is not printed; the error says
// which. Marks that follow their letter, and invisible characters, are no fault.
func TestRunes(t *testing.T) {
	t.Parallel()
	p, _ := newPrinter(t)
	for _, c := range []struct {
		name string
		want rune // -1: prints
	}{
		{"Nguyễn Thị Hường", -1},
		{norm.NFD.String("Nguyễn Thị Hường"), -1},
		{"Nguyễn\u200b Thị\u00a0Hường\ufeff", -1},
		{"Nguyễn 阮", '阮'},
		{"Nguyễn 😀", '😀'},
		{"Nguyễn \x00", 0},
		{"Nguyễn \ufffd", 0xFFFD},
		{"Nguyễn \xff", 0xFFFD},
	} {
		paper := samples()["result"]
		paper.Facts = []Fact{{"Tên", c.name}}
		_, err := p.Print(paper)
		e, ok := errors.AsType[*RuneError](err)
		switch {
		case c.want < 0 && err != nil:
			t.Errorf("%q: %v", c.name, err)
		case c.want >= 0 && (!ok || e.Rune != c.want):
			t.Errorf("%q: got %v, want a RuneError of %U", c.name, err, c.want)
		}
	}
}

// No field of a paper is printed unchecked.
func TestRunesInEveryField(t *testing.T) {
	t.Parallel()
	p, _ := newPrinter(t)
	for field, spoil := range map[string]func(*Paper, string){
		"id":        func(p *Paper, s string) { p.ID = s },
		"parent":    func(p *Paper, s string) { p.Agency.Parent = s },
		"agency":    func(p *Paper, s string) { p.Agency.Name = s },
		"place":     func(p *Paper, s string) { p.Place = s },
		"number":    func(p *Paper, s string) { p.Number = s },
		"title":     func(p *Paper, s string) { p.Title = s },
		"procedure": func(p *Paper, s string) { p.Procedure = s },
		"case code": func(p *Paper, s string) { p.CaseCode = s },
		"recipient": func(p *Paper, s string) { p.Recipient = s },
		"body":      func(p *Paper, s string) { p.Body = []string{s} },
		"label":     func(p *Paper, s string) { p.Facts = []Fact{{s, "a"}} },
		"item":      func(p *Paper, s string) { p.Items = []Item{{Title: s}} },
		"reason":    func(p *Paper, s string) { p.Items = []Item{{Title: "a", Reason: s}} },
		"law":       func(p *Paper, s string) { p.Items = []Item{{Title: "a", Law: s}} },
		"file":      func(p *Paper, s string) { p.Files = []File{{s, ""}} },
		"source":    func(p *Paper, s string) { p.Provenance = []Source{{"a", "b", s}} },
		"fee":       func(p *Paper, s string) { p.Fee = &Fee{State: s} },
		"why":       func(p *Paper, s string) { p.Due = &Due{On: "a", Why: []string{s}} },
		"was":       func(p *Paper, s string) { p.Due = &Due{On: "a", Was: s} },
		"validity":  func(p *Paper, s string) { p.Validity = s },
		"closing":   func(p *Paper, s string) { p.Closing = []string{s} },
		"role":      func(p *Paper, s string) { p.Signatory.Role = s },
		"name":      func(p *Paper, s string) { p.Signatory.Name = s },
		"copies":    func(p *Paper, s string) { p.Copies = []string{s} },
	} {
		paper := samples()["apology"]
		spoil(&paper, "😀")
		_, err := p.Print(paper)
		if _, ok := errors.AsType[*RuneError](err); !ok {
			t.Errorf("%s: got %v, want a RuneError", field, err)
		}
	}
}

// Letters and marks that come apart are printed as one, as are words in pieces.
func TestComposed(t *testing.T) {
	t.Parallel()
	paper := samples()["result"]
	paper.Body = []string{norm.NFD.String("Đường-Nguyễn"), "Tuấn\u00adTú"}
	_, ms := plain(t, paper)
	text := lay(ms)
	for _, want := range []string{"Đường-Nguyễn", "TuấnTú"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// Any text prints, or names the character that cannot be shown.
func FuzzPrint(f *testing.F) {
	f.Add("Nguyễn Văn An", "Lý do", "1 2 3")
	f.Add(strings.Repeat("W", 3000), "(a) \\ b) \r\n", "\t")
	f.Add("", "\u00a0", "\u0301")
	p, _ := newPrinter(f)
	f.Fuzz(func(t *testing.T, name, reason, value string) {
		if len(name)+len(reason)+len(value) > 10_000 {
			t.Skip("longer than any answer")
		}
		paper := samples()["refusal"]
		paper.Body = []string{name}
		paper.Facts = []Fact{{value, name}}
		paper.Items = []Item{{Title: "Lý do", Reason: reason}}
		paper.Provenance = []Source{{name, value, reason}}
		if _, err := p.Print(paper); err != nil {
			if _, ok := errors.AsType[*RuneError](err); !ok {
				t.Errorf("got %v, want a file or a RuneError", err)
			}
		}
	})
}
