package document

import (
	"strings"
)

// The two columns of the heading.
const (
	agencyColumn = 68.0
	stateColumn  = textWidth - agencyColumn
)

// heading sets the agency left and the national heading right, then number,
// place and date.
//
// Source: Decree 30/2020/NĐ-CP, Annex I, part I, section II.1 to II.4.
func (s *sheet) heading() {
	w, p := s.say, s.paper
	const x2 = leftMargin + agencyColumn

	l := s.y
	if p.Agency.Parent != "" {
		l = s.block([]run{{upper(p.Agency.Parent), regular}}, 12, leftMargin, l, agencyColumn, center)
	}
	name := []run{{upper(p.Agency.Name), bold}}
	l = s.block(name, 12, leftMargin, l, agencyColumn, center)
	// A rule of a third to a half of the name's length.
	s.rule(leftMargin, l+1, agencyColumn, s.widest(name, 12, agencyColumn)*0.4)

	r := s.block([]run{{w.state, bold}}, 12, x2, s.y, stateColumn, center)
	motto := []run{{w.motto, bold}}
	r = s.block(motto, 13, x2, r, stateColumn, center)
	s.rule(x2, r+0.6, stateColumn, s.widest(motto, 13, stateColumn))

	s.y = max(l, r) + 4
	end := s.block([]run{{w.date(p.Place, p.IssuedAt.In(hanoi)), italic}}, 13, x2, s.y, stateColumn, center)
	if p.Number != "" {
		end = max(end, s.block([]run{{w.number + " " + p.Number, regular}}, 13, leftMargin, s.y, agencyColumn, center))
	}
	s.y = end
}

// title sets the paper's name, its procedure and its case, and a rule below.
//
// Source: Decree 30/2020/NĐ-CP, Annex I, part I, section II.5.
func (s *sheet) title() {
	w, p := s.say, s.paper
	s.y += 7
	s.put(para{runs: []run{{upper(p.Title), bold}}, size: 14, align: center, x: 5, width: textWidth - 10})
	if p.Procedure != "" {
		s.put(para{runs: []run{{p.Procedure, bold}}, align: center, x: 5, width: textWidth - 10})
	}
	s.put(para{runs: []run{{w.caseCode + " ", regular}, {p.CaseCode, bold}}, align: center})
	if w.translation != "" {
		s.put(para{runs: []run{{w.translation, italic}}, size: 11, align: center})
	}
	s.rule(leftMargin, s.y+1.2, textWidth, 50)
	s.y += 6
}

// opening sets to whom the paper goes and its first paragraphs. A receipt names
// the applicant among its facts instead, and a result in its words.
func (s *sheet) opening() {
	p := s.paper
	if p.Kind != Receipt && p.Kind != Result {
		s.put(para{runs: []run{{s.say.to + " ", regular}, {p.Recipient, bold}}, align: center, after: 3})
	}
	for _, t := range p.Body {
		s.put(para{runs: []run{{t, regular}}, align: justify, indent: indent, after: between})
	}
}

func upper(s string) string { return strings.ToUpper(compose(s)) }
