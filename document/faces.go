package document

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifbolditalic"
	"github.com/go-fonts/liberation/liberationserifitalic"
	"github.com/go-fonts/liberation/liberationserifregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// style is one of the four faces, in fpdf's letters.
type style string

const (
	regular    style = ""
	bold       style = "B"
	italic     style = "I"
	boldItalic style = "BI"
)

// family has the widths of Times New Roman, which Decree 30/2020/NĐ-CP, Annex
// I, part I, section I.4 asks for, under a free licence.
const family = "LiberationSerif"

// face is a typeface with what it can show.
type face struct {
	ttf  []byte
	font *sfnt.Font
}

type faces map[style]*face

func loadFaces() (faces, error) {
	out := faces{}
	for s, ttf := range map[style][]byte{
		regular: liberationserifregular.TTF, bold: liberationserifbold.TTF,
		italic: liberationserifitalic.TTF, boldItalic: liberationserifbolditalic.TTF,
	} {
		f, err := sfnt.Parse(ttf)
		if err != nil {
			return nil, fmt.Errorf("typeface %s %q: %w", family, s, err)
		}
		out[s] = &face{ttf, f}
	}
	return out, nil
}

// RuneError reports a character that the typeface cannot show. A paper with a
// box in a name would name somebody else, so it is not printed.
type RuneError struct {
	Rune rune
	Text string // in which it stands
}

func (e *RuneError) Error() string {
	return fmt.Sprintf("the typeface has no character %U in %q", e.Rune, e.Text)
}

// check reports the first rune of a word that the face lacks.
func (f *face) check(word string) error {
	var b sfnt.Buffer
	for _, r := range word {
		// fpdf writes text in two bytes a character. U+FFFD stands for bytes that
		// are no text.
		if r > 0xFFFF || r == utf8.RuneError || unicode.IsControl(r) {
			return &RuneError{r, word}
		}
		if g, err := f.font.GlyphIndex(&b, r); err != nil || g == 0 {
			return &RuneError{r, word}
		}
	}
	return nil
}

// invisible are characters without a shape that come with pasted text.
var invisible = strings.NewReplacer("\u200b", "", "\u200c", "", "\u200d", "", "\u2060", "", "\ufeff", "", "\u00ad", "")

// compose writes letters and their marks as one character (an "e" followed by
// two marks becomes "ế"), as the typeface holds them.
func compose(s string) string {
	return norm.NFC.String(invisible.Replace(strings.ToValidUTF8(s, "\ufffd")))
}
