package document

import (
	"strings"
	"unicode/utf8"
)

// run is text in one face.
type run struct {
	text  string
	style style
}

// word is a run between two places where a line may break.
type word struct {
	run
	width float64 // mm
	glued bool    // follows the word before without a space
}

// line is a row of words.
type line struct {
	words []word
	width float64 // mm, spaces included
	last  bool    // of its paragraph: not stretched
}

type align int

const (
	left align = iota
	center
	justify
)

// space is the width of a blank in the current size, the same in all faces.
func (s *sheet) space() float64 { return s.pdf.GetStringWidth(" ") }

// words cuts runs at white space. A no-break space stays inside its word. What
// a face cannot show ends the sheet with a *RuneError.
func (s *sheet) words(runs []run, size, width float64) []word {
	var out []word
	spaced := true
	for _, r := range runs {
		text := compose(r.text)
		s.pdf.SetFont(family, string(r.style), size)
		for i, f := range strings.FieldsFunc(text, breaks) {
			if err := s.faces[r.style].check(f); err != nil {
				s.fail(err)
				continue
			}
			glued := i == 0 && !spaced && !strings.ContainsAny(text[:1], " \t\r\n")
			out = append(out, s.cut(word{run: run{f, r.style}, glued: glued}, width)...)
		}
		if text != "" {
			spaced = strings.ContainsAny(text[len(text)-1:], " \t\r\n")
		}
	}
	return out
}

func breaks(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

// cut breaks a word that is wider than a line, such as an address of a page.
func (s *sheet) cut(w word, width float64) []word {
	var out []word
	for {
		if w.width = s.pdf.GetStringWidth(w.text); w.width <= width {
			return append(out, w)
		}
		n := s.fits(w.text, width)
		out = append(out, word{run: run{w.text[:n], w.style}, width: s.pdf.GetStringWidth(w.text[:n]), glued: w.glued})
		w = word{run: run{w.text[n:], w.style}}
	}
}

// fits is how many bytes of the text go into the width, one character at least.
func (s *sheet) fits(text string, width float64) int {
	_, n := utf8.DecodeRuneInString(text)
	for n < len(text) {
		_, size := utf8.DecodeRuneInString(text[n:])
		if s.pdf.GetStringWidth(text[:n+size]) > width {
			return n
		}
		n += size
	}
	return n
}

// lines fills rows of the width, the first one shorter by the indent.
func (s *sheet) lines(runs []run, size, width, indent float64) []line {
	ws := s.words(runs, size, width-indent)
	space := s.space()
	var out []line
	cur, room := line{}, width-indent
	for i := 0; i < len(ws); {
		end, chunk := i+1, ws[i].width // with the words glued to it
		for end < len(ws) && ws[end].glued {
			chunk += ws[end].width
			end++
		}
		gap := space
		if len(cur.words) == 0 {
			gap = 0
		}
		if len(cur.words) > 0 && cur.width+gap+chunk > room {
			out = append(out, cur)
			cur, room, gap = line{}, width, 0
		}
		cur.words = append(cur.words, ws[i:end]...)
		cur.width += gap + chunk
		i = end
	}
	if len(cur.words) > 0 {
		cur.last = true
		out = append(out, cur)
	}
	return out
}

// draw sets a row with its baseline at y.
func (s *sheet) draw(l line, size, x, y, width float64, a align) {
	space := s.space()
	switch {
	case a == center:
		x += (width - l.width) / 2
	case a == justify && !l.last:
		gaps := 0
		for i, w := range l.words {
			if i > 0 && !w.glued {
				gaps++
			}
		}
		// A row with few words and a long one to follow stays ragged rather than torn.
		if extra := (width - l.width) / float64(max(gaps, 1)); gaps > 0 && extra <= 1.5*space {
			space += extra
		}
	}
	for i, w := range l.words {
		if i > 0 && !w.glued {
			x += space
		}
		text := w.text
		if i+1 < len(l.words) && !l.words[i+1].glued {
			text += " " // so that copied text keeps its words apart
		}
		s.pdf.SetFont(family, string(w.style), size)
		s.pdf.Text(x, y, text)
		x += w.width
	}
}
