package cases

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/procedures"
)

// Any text ends in a place of a list that the database can be asked for, or in a
// *CursorError; what a list gives out leads back to the same place.
func FuzzParseCursor(f *testing.F) {
	start := cursor{Rank: 3, ID: uuid.Max}
	for _, c := range []cursor{start, {Rank: 2, At: time.UnixMicro(1_790_000_000_000_001), ID: uuid.Max}, {Rank: -1, At: noDue}, {Rank: math.MaxInt32 + 1, ID: uuid.Max}} {
		f.Add(c.String())
	}
	f.Add("")
	f.Add("MC4wLg")
	f.Add("\x00")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCursor(text, start)
		if err != nil {
			if _, ok := errors.AsType[*CursorError](err); !ok || c != start {
				t.Fatalf("%q: got %v, %v", text, c, err)
			}
			return
		}
		if c.Rank < math.MinInt32 || c.Rank > math.MaxInt32 || c.At.Year() > 9999 || c.At.Year() < 0 {
			t.Fatalf("%q leads to %+v, which no column holds", text, c)
		}
		again, err := parseCursor(c.String(), start)
		if err != nil || again.Rank != c.Rank || again.ID != c.ID || !again.At.Equal(c.At) && text != "" {
			t.Fatalf("%q: %+v became %+v, %v", text, c, again, err)
		}
	})
}

// Any upload ends in a paper of an allowed type with a name that breaks neither
// a header nor a page, or in an *InvalidError.
func FuzzUpload(f *testing.F) {
	p := &procedures.Procedure{Attachments: []*procedures.Attachment{{ID: "lease", Formats: []string{"pdf"}, MaxMB: 1}}}
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	pdf := []byte("%PDF-1.4\n1 0 obj\nendobj\ntrailer\n%%EOF\n")
	for _, name := range []string{"a.pdf", "", ".", "../../etc/passwd", `C:\Users\An\đơn.pdf`, "a\r\nSet-Cookie: x", "a\x00b", "\u202efdp.exe", strings.Repeat("đ", 500), "\xff\xfe", "a\u2028b", "---"} {
		f.Add("lease", name, pdf)
	}
	f.Add(Evidence, "a.png", []byte("\x89PNG\x0D\x0A\x1A\x0A"))
	f.Add("lease", "a.pdf", []byte("<html>%PDF-1.4 %%EOF"))
	f.Add("nothing", "a.jpg", []byte("\xff\xd8\xff"))
	f.Fuzz(func(t *testing.T, attachment, name string, content []byte) {
		file, err := checkUpload(p, Upload{attachment, name, content}, at)
		if n := file.Name; n == "" || !utf8.ValidString(n) || utf8.RuneCountInString(n) > 120 || strings.ContainsFunc(n, func(r rune) bool {
			return r < ' ' || r == 0x7f || strings.ContainsRune(`"<>|:*?/\`, r) || slices.Contains(disguises, r)
		}) {
			t.Errorf("the name %q became %q", name, n)
		}
		if err != nil {
			if _, ok := errors.AsType[*InvalidError](err); !ok {
				t.Errorf("%q: %v is of no documented kind", name, err)
			}
			return
		}
		if formats[file.Type] == "" || attachment == "lease" && file.Type != "application/pdf" || attachment != "lease" && attachment != Evidence || file.Size != len(content) {
			t.Errorf("%q was taken as %+v", content[:min(20, len(content))], file)
		}
	})
}

// disguises are characters by which a name looks like another: those that turn
// the direction of writing, and those that break a line in a page.
var disguises = []rune{'\u200e', '\u200f', '\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069', '\u2028', '\u2029'}
