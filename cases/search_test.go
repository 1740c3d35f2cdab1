package cases

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// Names are found with and without diacritics, in any Unicode form, with the
// tone at either place, in any order of their words; a diacritic that is typed
// must agree.
func TestSearchNames(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for i, name := range []string{"Nguyễn Thị Hoà", norm.NFD.String("Trần Đức Thuỷ"), "Lê", "Công Tằng Tôn Nữ Thị Diệu Hương Giang", "Nguyễn Thị Hoa"} {
		o.receive(received{Applicant: number(i), Name: name, Receiving: "UB-00070", Competent: "UB-00070"})
	}
	o.receive(received{Applicant: number(9), Name: "Nguyễn Thị Hoà", Receiving: "UB-00004", Competent: "UB-00004"})
	for _, x := range []struct {
		typed string
		want  []string
	}{
		{"hoà", []string{number(0)}},
		{"hòa nguyễn", []string{number(0)}},
		{norm.NFD.String("Nguyễn Thị Hoà"), []string{number(0)}},
		{"NGUYEN THI HOA", []string{number(4), number(0)}},
		{"Hoa Nguyễn", []string{number(4), number(0)}},
		{"hóa", nil},
		{"duc thuy", []string{number(1)}},
		{"Đức Thủy", []string{number(1)}},
		{"lê", []string{number(2)}},
		{"le", []string{number(2)}},
		{"giang hương diệu thị nữ tôn tằng công", []string{number(3)}},
		{"nguyen nguyen", nil},
		{"0010 0000 0003", []string{number(3)}},
		{number(9), nil},
		{"", nil},
		{"%", nil},
	} {
		found, err := o.Search(t.Context(), desk70, x.typed)
		o.ok(err)
		var got []string
		for _, f := range found {
			c := o.get(desk70, f.Code)
			got = append(got, c.Applicant)
		}
		if fmt.Sprint(got) != fmt.Sprint(x.want) {
			t.Errorf("%q finds %v, want %v", x.typed, got, x.want)
		}
	}
}

// Whoever is called nearly so, and came later, does not hide a name.
func TestSearchBehindMany(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.receive(received{Applicant: number(0), Name: "Nguyễn Thị Hoà", Receiving: "UB-00070", Competent: "UB-00070"})
	for i := range searchFirst + 1 {
		o.receive(received{Applicant: number(i + 1), Name: "Nguyễn Thị Hoa", Receiving: "UB-00070", Competent: "UB-00070"})
	}
	for typed, want := range map[string]int{"hoà": 1, "nguyễn thị": searchFound} {
		found, err := o.Search(t.Context(), desk70, typed)
		o.ok(err)
		if len(found) != want || !slices.IsSortedFunc(found, func(a, b Found) int { return bytes.Compare(b.ID[:], a.ID[:]) }) {
			t.Errorf("%q finds %d cases, want the newest %d: %+v", typed, len(found), want, found)
		}
	}
}

// A code is found however its letters are written, and only the whole code.
func TestSearchCode(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	for typed, want := range map[string]int{strings.ToLower(string(c.Code)): 1, "  " + string(c.Code): 1, string(c.Code[:len(c.Code)-1]): 0} {
		found, err := o.Search(t.Context(), desk70, typed)
		o.ok(err)
		if len(found) != want {
			t.Errorf("%q finds %+v, want %d", typed, found, want)
		}
	}
	found, err := o.Search(t.Context(), lan, "nguyễn lan")
	o.ok(err)
	if len(found) != 1 || found[0].Title.EN != "Open a stall" || found[0].StateTitle.EN != "Awaiting acceptance" {
		t.Errorf("the citizen finds %+v", found)
	}
}
