package document

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// mark is a text of a page where it stands, in points from the lower left.
type mark struct {
	page int
	x, y float64
	text string
}

var (
	streams = regexp.MustCompile(`(?s)<</Length \d+>>\nstream\n(.*?)\nendstream`)
	shows   = regexp.MustCompile(`(?s)BT ([\d.-]+) ([\d.-]+) Td \((.*?[^\\]|)\) Tj ET`)
	fills   = regexp.MustCompile(`([\d.-]+) ([\d.-]+) ([\d.-]+) ([\d.-]+) re f`)
	escapes = regexp.MustCompile(`(?s)\\(.)`)
)

// pages are the contents of the pages of an uncompressed file.
func pages(t *testing.T, file []byte) []string {
	t.Helper()
	var out []string
	for _, m := range streams.FindAllSubmatch(file, -1) {
		if bytes.Contains(m[1], []byte(" Tj ET")) {
			out = append(out, string(m[1]))
		}
	}
	if len(out) == 0 {
		t.Fatal("no page shows a text")
	}
	return out
}

// marks reads the texts of an uncompressed file in the order of drawing.
func marks(t *testing.T, file []byte) []mark {
	t.Helper()
	var out []mark
	for n, page := range pages(t, file) {
		for _, m := range shows.FindAllStringSubmatch(page, -1) {
			text := escapes.ReplaceAllStringFunc(m[3], func(s string) string {
				if s[1] == 'r' {
					return "\r"
				}
				return s[1:]
			})
			var units []uint16
			for i := 0; i+1 < len(text); i += 2 {
				units = append(units, uint16(text[i])<<8|uint16(text[i+1]))
			}
			out = append(out, mark{n + 1, number(t, m[1]), number(t, m[2]), string(utf16.Decode(units))})
		}
	}
	return out
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// lay writes the texts row by row, a line for each row of each page.
func lay(ms []mark) string {
	var b strings.Builder
	for i, m := range ms {
		switch {
		case i == 0:
			fmt.Fprintf(&b, "-- page %d\n", m.page)
		case m.page != ms[i-1].page:
			fmt.Fprintf(&b, "\n-- page %d\n", m.page)
		case math.Abs(m.y-ms[i-1].y) > 0.1:
			b.WriteString("\n")
		case !strings.HasSuffix(ms[i-1].text, " "):
			b.WriteString(" | ") // another column
		}
		b.WriteString(m.text)
	}
	return b.String() + "\n"
}

// plain prints without compression.
func plain(t *testing.T, paper Paper) (*Printed, []mark) {
	t.Helper()
	p, _ := newPrinter(t)
	p.plain = true
	out, err := p.Print(paper)
	if err != nil {
		t.Fatal(err)
	}
	return out, marks(t, out.PDF)
}
