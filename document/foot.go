package document

import (
	"strings"
)

// closing sets the last paragraphs.
func (s *sheet) closing() {
	for _, t := range s.paper.Closing {
		s.put(para{runs: []run{{t, regular}}, align: justify, indent: indent, before: between / 2, after: between / 2})
	}
}

const (
	copiesColumn = 62.0
	signColumn   = textWidth - copiesColumn
	frameHeight  = 14.5 // of the mark, three lines
)

// signatures sets who gets the paper left and who signs it right, together on
// one page.
//
// Source: Decree 30/2020/NĐ-CP, Annex I, part I, section II.7 to II.9.
func (s *sheet) signatures() {
	const x2 = leftMargin + copiesColumn
	role := []run{{upper(s.paper.Signatory.Role), bold}}
	if s.paper.Signatory.Role == "" {
		role = []run{{upper(s.paper.Agency.Name), bold}}
	}
	name := []run{{s.paper.Signatory.Name, bold}}
	copies := s.copies()
	high := height(12)
	for _, c := range copies {
		high += s.blockHeight(c, 11, copiesColumn-4)
	}
	s.y += 5
	s.need(max(high, s.blockHeight(role, bodySize, signColumn)+frameHeight+5+s.blockHeight(name, bodySize, signColumn)))
	r := s.block(role, bodySize, x2, s.y, signColumn, center)
	r = s.stamp(x2+8, r+2.5, signColumn-16) + 2.5
	r = s.block(name, bodySize, x2, r, signColumn, center)
	l := s.block([]run{{s.say.copies, boldItalic}}, 12, leftMargin, s.y, copiesColumn, left)
	for _, c := range copies {
		l = s.block(c, 11, leftMargin, l, copiesColumn-4, left)
	}
	s.y = max(l, r)
}

// copies are the lines of the list of recipients, with their signs.
func (s *sheet) copies() [][]run {
	var out [][]run
	for i, c := range s.paper.Copies {
		end := ";"
		if i == len(s.paper.Copies)-1 {
			end = "."
		}
		out = append(out, []run{{"- " + strings.TrimRight(c, ".;") + end, regular}})
	}
	return out
}

func (s *sheet) blockHeight(runs []run, size, width float64) float64 {
	return float64(len(s.lines(runs, size, width, 0))) * height(size)
}

// stamp draws the mark of the electronic signature: agency, time and key. It
// says who signs; the signature itself is checked on the page of verification.
func (s *sheet) stamp(x, y, width float64) float64 {
	w, size := s.say, 9.5
	s.pdf.SetTextColor(176, 24, 24)
	end := y + 1.5
	for _, f := range []Fact{
		{w.signedBy, s.paper.Agency.Name},
		{w.signedAt, s.paper.IssuedAt.In(hanoi).Format("02/01/2006 15:04:05 -07:00")},
		{w.key, s.key},
	} {
		end = s.block([]run{{f.Label + " ", regular}, {f.Value, bold}}, size, x+2.5, end, width-5, left)
	}
	s.pdf.SetTextColor(0, 0, 0)
	end += 1.5
	s.pdf.SetDrawColor(176, 24, 24)
	s.pdf.SetLineWidth(0.35)
	s.pdf.Rect(x, y, width, end-y, "D")
	s.pdf.SetLineWidth(0.2)
	s.pdf.SetDrawColor(0, 0, 0)
	return end
}

const (
	codeSize   = 24.0 // QR code with its quiet zone, mm
	stripWidth = textWidth - codeSize - 4
)

// verification sets the QR code and how the paper is checked, at the foot of
// the last page.
func (s *sheet) verification() {
	w := s.say
	how := []run{{w.verifyHow, regular}}
	address := []run{{s.verify, regular}}
	id := []run{{w.paper + " ", regular}, {s.paper.ID, bold}}
	high := max(codeSize, height(10.5)+s.blockHeight(how, 10, stripWidth)+s.blockHeight(address, 10, stripWidth)+s.blockHeight(id, 10, stripWidth)) + 3
	s.y += 4
	s.need(high)
	y := pageHeight - bottom - high
	s.pdf.Line(leftMargin, y, leftMargin+textWidth, y)
	y += 2
	if err := s.code(leftMargin, y, codeSize); err != nil {
		s.fail(err)
		return
	}
	x := leftMargin + codeSize + 4
	t := s.block([]run{{w.verify, bold}}, 10.5, x, y, stripWidth, left)
	t = s.block(how, 10, x, t, stripWidth, left)
	t = s.block(address, 10, x, t, stripWidth, left)
	s.pdf.LinkString(leftMargin, y, textWidth, codeSize, s.verify)
	s.y = s.block(id, 10, x, t, stripWidth, left)
}
