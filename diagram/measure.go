package diagram

import (
	"strings"
	"sync"

	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// fonts are asked for in a drawing. Liberation Sans, Arial and Helvetica have the
// same widths, so what is measured is what is drawn; slack is for the others.
const (
	fonts = "Arial, 'Liberation Sans', Helvetica, sans-serif"
	slack = 1.08
	heavy = 1.08 // bold letters are wider
)

// widths are the advances of the letters, in thousandths of the size.
var widths = sync.OnceValue(func() map[rune]float64 {
	out := map[rune]float64{}
	f, err := sfnt.Parse(liberationsansregular.TTF)
	if err != nil {
		return out // then every letter counts as a wide one
	}
	var b sfnt.Buffer
	for _, span := range [][2]rune{{0x20, 0x24F}, {0x300, 0x36F}, {0x1E00, 0x1EFF}, {0x2010, 0x2040}, {0x2190, 0x21BA}} {
		for r := span[0]; r <= span[1]; r++ {
			g, err := f.GlyphIndex(&b, r)
			if err != nil || g == 0 {
				continue
			}
			if a, err := f.GlyphAdvance(&b, g, fixed.I(1000), font.HintingNone); err == nil {
				out[r] = float64(a) / 64
			}
		}
	}
	return out
})

// width is how wide a text is at most, in the unit of size.
func width(s string, size float64, bold bool) float64 {
	sum := 0.0
	for _, r := range s {
		w, ok := widths()[r]
		if !ok {
			w = 900
		}
		sum += w
	}
	if bold {
		sum *= heavy
	}
	return sum / 1000 * size * slack
}

// wrap breaks a text into lines of at most limit, at plain spaces; a word that is wider
// has a line of its own.
func wrap(s string, size float64, bold bool, limit float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.Split(s, " ") {
		if joined := strings.TrimSpace(line + " " + word); line == "" || width(joined, size, bold) <= limit {
			line = joined
			continue
		}
		lines, line = append(lines, line), word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
