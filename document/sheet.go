package document

import (
	"errors"
	"fmt"

	"codeberg.org/go-pdf/fpdf"
)

// Measures in millimetres and points.
//
// Source: Decree 30/2020/NĐ-CP, Annex I, part I, sections I.1 to I.3 (A4,
// upright, margins 20–25 above and below, 30–35 left, 15–20 right) and II.6
// (text in 13 to 14 points, first line 10 or 12.7 mm in, 6 points and more
// between paragraphs).
const (
	pageWidth, pageHeight = 210.0, 297.0
	top, bottom           = 20.0, 20.0
	leftMargin            = 30.0
	rightMargin           = 15.0
	textWidth             = pageWidth - leftMargin - rightMargin
	bodySize              = 13.0
	tableSize             = 11.0
	indent                = 10.0
	between               = 6 * point // paragraphs
	point                 = 25.4 / 72
	leading               = 1.2 // line height in sizes
)

// sheet is a paper on its way to a PDF. y is where the next thing goes; the
// first error ends the sheet.
type sheet struct {
	pdf    *fpdf.Fpdf
	faces  faces
	paper  Paper
	say    *words
	verify string // address of the page of verification
	key    string // id of the key that will sign
	y      float64
	err    error
}

func newSheet(f faces, p Paper, verify, key string) *sheet {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetMargins(leftMargin, top, rightMargin)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetCatalogSort(true)
	for _, s := range []style{regular, bold, italic, boldItalic} {
		pdf.AddUTF8FontFromBytes(family, string(s), f[s].ttf)
	}
	pdf.SetLineWidth(0.2)
	return &sheet{pdf: pdf, faces: f, paper: p, say: wordsIn(p.Lang), verify: verify, key: key}
}

// set sets the whole paper.
func (s *sheet) set() error {
	s.newPage()
	for _, step := range []func(){s.heading, s.title, s.opening, s.facts, s.parts, s.closing, s.signatures, s.verification, s.margins, s.describe} {
		if step(); s.err != nil {
			return s.err
		}
	}
	return s.pdf.Error()
}

// describe writes what the file says about itself. The texts were set, so the
// typeface's check has let them pass.
func (s *sheet) describe() {
	at := s.paper.IssuedAt.UTC() // fpdf writes no zone, and readers take that for UTC
	s.pdf.SetCreationDate(at)
	s.pdf.SetModificationDate(at)
	s.pdf.SetTitle(compose(s.paper.Title), true)
	s.pdf.SetAuthor(compose(s.paper.Agency.Name), true)
	s.pdf.SetSubject(compose(s.paper.CaseCode), true)
	s.pdf.SetKeywords(compose(s.paper.ID), true)
	s.pdf.SetCreator("Hoso", true)
	s.pdf.SetLang(map[string]string{"vi": "vi-VN", "en": "en-GB"}[s.paper.Lang])
}

func (s *sheet) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *sheet) newPage() {
	s.pdf.AddPage()
	s.y = top
}

// room is what is left of the page.
func (s *sheet) room() float64 { return pageHeight - bottom - s.y }

// need starts a new page when less than h is left.
func (s *sheet) need(h float64) {
	if s.room() < h {
		s.newPage()
	}
}

func height(size float64) float64 { return size * point * leading }

// para is a paragraph and how it stands.
type para struct {
	runs          []run
	size          float64 // points; 0: bodySize
	align         align
	x, width      float64 // from the left margin; width 0: to the right margin
	indent        float64 // of the first line
	before, after float64
	keep          float64 // room wanted below, for what must not be parted from it
}

// put sets a paragraph, over pages if it must, never with a line alone on either.
func (s *sheet) put(p para) {
	if p.size == 0 {
		p.size = bodySize
	}
	if p.width == 0 {
		p.width = textWidth - p.x
	}
	if p.align == center {
		narrow := s.balanced(p.runs, p.size, p.width)
		p.x, p.width = p.x+(p.width-narrow)/2, narrow
	}
	ls, h := s.lines(p.runs, p.size, p.width, p.indent), height(p.size)
	s.y += p.before
	s.need(float64(min(len(ls), 2))*h + p.keep)
	for i, l := range ls {
		if rest := len(ls) - i; rest == 2 && i > 0 {
			s.need(2 * h)
		} else {
			s.need(h)
		}
		x, width := leftMargin+p.x, p.width
		if i == 0 {
			x, width = x+p.indent, width-p.indent
		}
		s.row(l, p.size, x, width, p.align)
	}
	s.y += p.after
}

// row sets one line at y and moves below it.
func (s *sheet) row(l line, size, x, width float64, a align) {
	h := height(size)
	if s.y+h > pageHeight {
		s.fail(errors.New("the heading or the signatures are longer than a page"))
		return
	}
	s.draw(l, size, x, s.y+h*0.5+size*point*0.33, width, a)
	s.y += h
}

// block sets lines in a column from y on and returns where they end. It does
// not break pages.
func (s *sheet) block(runs []run, size, x, y, width float64, a align) float64 {
	old := s.y
	s.y = y
	if a == center {
		narrow := s.balanced(runs, size, width)
		x, width = x+(width-narrow)/2, narrow
	}
	for _, l := range s.lines(runs, size, width, 0) {
		s.row(l, size, x, width, a)
	}
	y, s.y = s.y, old
	return y
}

// balanced is the least width, up to a step, in which the text makes no more
// lines than in the full one, so that a centred title does not end in a lone word.
func (s *sheet) balanced(runs []run, size, width float64) float64 {
	const step = 2.0
	n := len(s.lines(runs, size, width, 0))
	if n < 2 {
		return width
	}
	for width > 2*step && len(s.lines(runs, size, width-step, 0)) == n {
		width -= step
	}
	return width
}

// rule draws a thin line of the width, centred in the column.
func (s *sheet) rule(x, y, column, width float64) {
	s.pdf.Line(x+(column-width)/2, y, x+(column+width)/2, y)
}

// widest is the width of the longest row that the text makes in a column.
func (s *sheet) widest(runs []run, size, width float64) float64 {
	var out float64
	for _, l := range s.lines(runs, size, width, 0) {
		out = max(out, l.width)
	}
	return out
}

// margins writes, once the number of pages is known, what stands outside the
// text: the page's number above from the second on (Decree 30/2020/NĐ-CP, Annex
// I, part I, section I.7), and below which paper the page belongs to.
func (s *sheet) margins() {
	pages := s.pdf.PageCount()
	for n := 1; n <= pages; n++ {
		s.pdf.SetPage(n)
		if n > 1 {
			s.block([]run{{fmt.Sprint(n), regular}}, bodySize, leftMargin, 10, textWidth, center)
		}
		s.pdf.SetTextColor(70, 70, 70)
		const y, size = pageHeight - 13, 8.5
		s.block([]run{{s.say.caseCode + " " + s.paper.CaseCode, regular}, {" · " + s.say.paper + " " + s.paper.ID, regular}}, size, leftMargin, y, textWidth-20, left)
		of := []run{{fmt.Sprintf(s.say.page, n, pages), regular}}
		w := s.widest(of, size, 30)
		s.block(of, size, leftMargin+textWidth-w, y, 30, left)
		s.pdf.SetTextColor(0, 0, 0)
	}
	s.pdf.SetPage(pages)
}
