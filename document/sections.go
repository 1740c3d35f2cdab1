package document

import (
	"fmt"
)

// facts sets rows of label and value.
func (s *sheet) facts() {
	rows := s.paper.Facts
	if s.paper.Kind == Receipt {
		s.fact(Fact{s.say.from, s.paper.Recipient}, bold)
	}
	for _, f := range rows {
		s.fact(f, regular)
	}
	if len(rows) > 0 || s.paper.Kind == Receipt {
		s.y += between
	}
}

const labelColumn = 52.0

// fact sets a label and, beside it, its value.
func (s *sheet) fact(f Fact, st style) {
	if f.Value == "" {
		return
	}
	label := s.lines([]run{{f.Label + ":", regular}}, bodySize, labelColumn-3, 0)
	value := s.lines([]run{{f.Value, st}}, bodySize, textWidth-labelColumn, 0)
	h := height(bodySize)
	s.need(float64(min(max(len(label), len(value)), 2)) * h)
	for i := range max(len(label), len(value)) {
		s.need(h)
		y := s.y
		if i < len(label) {
			s.row(label[i], bodySize, leftMargin, labelColumn, left)
		}
		s.y = y
		if i < len(value) {
			s.row(value[i], bodySize, leftMargin+labelColumn, textWidth-labelColumn, left)
		}
		s.y = y + h
	}
	s.y += 0.8
}

// parts sets what the paper lists, each part under a numbered heading when
// there are two or more.
func (s *sheet) parts() {
	w, p := s.say, s.paper
	var ps []part
	add := func(title string, set func()) { ps = append(ps, part{title, set}) }
	if len(p.Items) > 0 {
		add(w.items[p.Kind], s.items)
	}
	if len(p.Files) > 0 {
		add(w.files, s.files)
	}
	if p.Fee != nil {
		add(w.fee, s.fee)
	}
	if p.Due != nil {
		add(w.due[p.Kind], s.due)
	}
	if len(p.Provenance) > 0 {
		add(w.sources, s.provenance)
	}
	if p.Validity != "" {
		add(w.validity, func() { s.plainText(p.Validity) })
	}
	for i, a := range ps {
		title := a.title
		if len(ps) > 1 {
			title = fmt.Sprintf("%d. %s", i+1, title)
		}
		s.put(para{runs: []run{{title, bold}}, before: 1.5, after: 1.5, keep: 2.5 * height(bodySize)})
		a.set()
		s.y += between / 2
	}
}

type part struct {
	title string
	set   func()
}

func (s *sheet) plainText(t string) {
	s.put(para{runs: []run{{t, regular}}, align: justify, x: 5})
}

// items sets things to supply or grounds, with reason and law.
func (s *sheet) items() {
	x := 12.0
	if len(s.paper.Items) == 1 {
		x = 5
	}
	for i, it := range s.paper.Items {
		sign := fmt.Sprintf("%c)", 'a'+rune(i%26))
		if len(s.paper.Items) > 26 {
			sign = fmt.Sprintf("%d)", i+1)
		}
		if len(s.paper.Items) == 1 {
			sign = ""
		}
		s.mark(sign, para{runs: []run{{it.Title, bold}}, x: x, keep: height(bodySize)})
		if it.Reason != "" {
			s.put(para{runs: []run{{it.Reason, regular}}, x: x, align: justify})
		}
		if it.Law != "" {
			s.put(para{runs: []run{{s.say.law + " " + it.Law, italic}}, x: x})
		}
		s.y += between / 2
	}
}

// mark sets a paragraph with a sign before its first line.
func (s *sheet) mark(sign string, p para) {
	s.need(2*height(bodySize) + p.keep)
	s.block([]run{{sign, regular}}, bodySize, leftMargin+p.x-7, s.y, 10, left)
	s.put(p)
}

func (s *sheet) files() {
	t := table{head: []string{s.say.order, s.say.file, s.say.note}, width: []float64{10, 100, textWidth - 110}, centred: 1}
	for i, f := range s.paper.Files {
		t.rows = append(t.rows, []string{fmt.Sprint(i + 1), f.Title, f.Note})
	}
	s.table(t)
}

func (s *sheet) provenance() {
	t := table{head: []string{s.say.label, s.say.value, s.say.held}, width: []float64{40, 52, textWidth - 92}}
	for _, f := range s.paper.Provenance {
		t.rows = append(t.rows, []string{f.Label, f.Value, f.From})
	}
	s.table(t)
}

func (s *sheet) fee() {
	f := s.paper.Fee
	amount := s.say.free
	if f.Amount > 0 {
		amount = dong(f.Amount)
	}
	runs := []run{{amount, bold}}
	if f.State != "" {
		runs = append(runs, run{"; " + f.State, regular})
	}
	s.put(para{runs: append(runs, run{".", regular}), x: 5})
	if f.Why != "" {
		s.put(para{runs: []run{{f.Why, italic}}, x: 5})
	}
}

func (s *sheet) due() {
	d := s.paper.Due
	s.put(para{runs: []run{{d.On, bold}}, x: 5})
	if d.Was != "" {
		s.plainText(s.say.was + ": " + d.Was + ".")
	}
	if d.Term != "" {
		s.plainText(s.say.term + ": " + d.Term + ".")
	}
	if len(d.Why) == 0 {
		return
	}
	s.put(para{runs: []run{{s.say.why + ":", regular}}, x: 5, keep: height(bodySize)})
	for _, t := range d.Why {
		s.mark("-", para{runs: []run{{t, regular}}, x: 12})
	}
}
