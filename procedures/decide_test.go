package procedures

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hoso-gov/hoso/forms"
)

func stall(t *testing.T) *Procedure {
	t.Helper()
	c, found := LoadOn(sound(t), testDay)
	for _, f := range found {
		t.Error(f)
	}
	p, ok := c.Get("stall")
	if !ok {
		t.FailNow()
	}
	return p
}

// stallVars are the variables of a stall of that size, while the land registry answers so.
func stallVars(size int64, land string) map[string]any {
	vars := map[string]any{
		"form": map[string]any{"applicant": map[string]any{"fullName": "Trần Thị Bé"}, "stall": map[string]any{"parcel": "12", "size": size}},
		"subjects": map[string]any{
			"applicant": map[string]any{"number": "001196000101", "permanentAddress": map[string]any{"province": "01", "commune": "00004", "line": "3 phố Huế"}},
			"place":     map[string]any{"owners": []any{map[string]any{"number": "001090000102"}}},
		},
		"sources": map[string]any{"applicant": "fetched", "place": land, "owner": "unknown"},
		"session": map[string]any{"personalNumber": "001196000101", "level": int64(2), "subject": "001196000101"},
		"today":   testDay, "variant": "",
		"case":  map[string]any{"filedOn": testDay, "fee": int64(45000), "code": "H1-1", "due": "17:00 ngày 27/11/2026", "agency": "UBND phường"},
		"input": map[string]any{},
	}
	if land != "fetched" {
		vars["subjects"].(map[string]any)["place"] = map[string]any{}
	}
	return vars
}

// The first row that matches decides: variant, papers, fee and term.
func TestDecide(t *testing.T) {
	p := stall(t)
	for _, tt := range []struct {
		name    string
		size    int64
		land    string
		filed   string
		variant string
		papers  []string
		fee     int64
		row     string
	}{
		{"small and known", 3, "fetched", "2026-11-24", "small", []string{"drawing"}, 0, "Exempt"},
		{"big and known", 9, "fetched", "2026-11-24", "big", []string{"drawing"}, 9000, "By metre"},
		{"big, the registry is down", 9, "unavailable", "2026-11-24", "big", []string{"title-deed", "drawing"}, 9000, "By metre"},
		{"last day of the old tariff", 9, "fetched", "2029-12-31", "big", []string{"drawing"}, 9000, "By metre"},
		{"first day of the new tariff", 9, "fetched", "2030-01-01", "big", []string{"drawing"}, 20000, "New tariff"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			vars := stallVars(tt.size, tt.land)
			variant, err := p.VariantOf(vars)
			if err != nil || variant != tt.variant {
				t.Fatalf("variant %q, %v, want %q", variant, err, tt.variant)
			}
			vars["variant"] = variant
			papers, err := p.AttachmentsFor(vars)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range papers {
				got = append(got, a.ID)
			}
			if diff := cmp.Diff(tt.papers, got); diff != "" {
				t.Error("papers (-want +got):\n" + diff)
			}
			row, fee, err := p.Fee(vars, tt.filed)
			if err != nil || fee != tt.fee || row.Title.EN != tt.row {
				t.Errorf("fee %d by %v, %v, want %d by %s", fee, row, err, tt.fee, tt.row)
			}
			limit, err := p.LimitOf(vars, tt.filed)
			if err != nil || limit.Limit.N != 7 || limit.Limit.Unit != "wd" {
				t.Errorf("term %v, %v", limit, err)
			}
			where, err := p.CompetentAt(vars)
			if want := (Place{Kind: "commune-committee", Unit: "00004"}); err != nil || where != want {
				t.Errorf("competent %v, %v, want %v", where, err, want)
			}
		})
	}
}

// Keys become known as the records above them arrive; an empty one is not a key.
func TestSubjectKeys(t *testing.T) {
	p := stall(t)
	for land, want := range map[string]map[string]string{
		"fetched": {"applicant": "001196000101", "place": "12", "owner": "001090000102"},
		"unknown": {"applicant": "001196000101", "place": "12"},
	} {
		got, err := p.SubjectKeys(stallVars(3, land))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("land %s (-want +got):\n%s", land, diff)
		}
	}
}

// An item is judged when its section exists or one of its papers is asked for.
func TestChecklistFor(t *testing.T) {
	p := stall(t)
	shown := &forms.State{Sections: []forms.SectionState{{Section: p.Form.Sections[1]}}}
	for _, tt := range []struct {
		name   string
		state  *forms.State
		papers []*Attachment
		want   int
	}{
		{"section", shown, nil, 1},
		{"paper", &forms.State{}, p.Attachments[:1], 1},
		{"neither", &forms.State{}, nil, 0},
	} {
		if got := len(p.ChecklistFor(tt.state, tt.papers)); got != tt.want {
			t.Errorf("%s: %d items, want %d", tt.name, got, tt.want)
		}
	}
}

// Documents are written in the reader's language, with values as letters have them.
func TestRender(t *testing.T) {
	p := stall(t)
	vars := stallVars(12000, "fetched")
	got, err := p.Documents["result"].Render(vars, "vi", 17)
	if err != nil {
		t.Fatal(err)
	}
	want := Rendered{Title: "Giấy phép", Number: "17/GP", Body: []string{"Cấp cho Trần Thị Bé", "12.000 m²"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
	en, err := p.Payments["fee"].Purpose.Execute(vars, "en")
	if err != nil || en != "Fee H1-1" {
		t.Errorf("%q, %v", en, err)
	}
}

// What a letter makes of values.
func TestInWords(t *testing.T) {
	for _, tt := range []struct {
		v        any
		lang, to string
	}{
		{nil, "vi", ""}, {"2026-11-24", "vi", "24/11/2026"}, {"2026-13-24", "vi", "2026-13-24"}, {int64(1234567), "vi", "1.234.567"}, {int64(1234567), "en", "1,234,567"},
		{int64(-10000), "en", "-10,000"}, {int64(9999), "vi", "9999"}, {true, "vi", "Có"}, {false, "en", "No"}, {1.5, "vi", "1,5"}, {1.5, "en", "1.5"},
		{[]any{"a", "2026-01-02"}, "vi", "a, 02/01/2026"}, {map[string]any{"province": "01", "commune": "00004", "line": "3 phố Huế"}, "vi", "3 phố Huế"},
	} {
		if got := inWords(tt.v, tt.lang); got != tt.to {
			t.Errorf("%v in %s: %q, want %q", tt.v, tt.lang, got, tt.to)
		}
	}
}

// Braces may stand in quotes, and doubled for themselves.
func TestBraces(t *testing.T) {
	for _, tt := range []struct {
		text, want string
		ok         bool
	}{
		{"a {b} c", "a |b| c", true}, {"{a ? '}' : \"{\"}", "|a ? '}' : \"{\"|", true}, {"{{a}} {b}", "{a} |b|", true}, {"{{'a': 1}.a}", "", false},
		{"{ {'a': 1}.a }", "|{'a': 1}.a|", true}, {"a {b", "", false}, {"a } b", "", false}, {"{ }", "", false},
	} {
		parts, rest, _, ok := braces(tt.text)
		var got strings.Builder
		for _, p := range parts {
			got.WriteString(p.plain + "|" + p.source + "|")
		}
		got.WriteString(rest)
		if ok != tt.ok || ok && got.String() != tt.want {
			t.Errorf("%s: %q, %v, want %q, %v", tt.text, got.String(), ok, tt.want, tt.ok)
		}
	}
}
