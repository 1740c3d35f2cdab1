package diagram

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/hoso-gov/hoso/diagram/layered"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// SVG draws the workflow: a card for each state, coloured by who has to act, and
// what leads from one to the other. The drawing stands alone, and is dark where
// the reader prefers that.
func SVG(w io.Writer, p *procedures.Procedure, lang string) error {
	return draw(w, p, lang, `<style>svg{color:#1b1f24;background:#fff}@media (prefers-color-scheme:dark){svg{color:#e8eaed;background:#15181c}}</style>`)
}

// SVGInPage is the drawing to stand within a page: it takes the colour of text
// from the page and has no style of its own, which the page's policy would refuse.
func SVGInPage(w io.Writer, p *procedures.Procedure, lang string) error {
	return draw(w, p, lang, "")
}

// margin is around the drawing.
const margin = 20

// A pen writes the parts of a drawing.
type pen struct {
	out strings.Builder
	*scene
}

func (p *pen) f(format string, args ...any) { fmt.Fprintf(&p.out, format, args...) }

func draw(w io.Writer, proc *procedures.Procedure, lang, style string) error {
	if err := whole(proc); err != nil {
		return err
	}
	s := newScene(proc, lang)
	l := layered.Lay(s.graph())
	p := &pen{scene: s}
	head := wrap(proc.Name.In(lang), 18, true, max(l.W, 420))
	top := margin + float64(len(head))*18*leading + 10
	foot := top + l.H + 2*margin
	legend := &pen{scene: s}
	wide, deep := legend.legend(margin, foot, max(l.W, 420))
	width, height := max(l.W, wide, 420)+2*margin, deep+margin

	p.f(`<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %[1]s %[2]s" role="graphics-document" aria-labelledby="%[3]s-t %[3]s-d" lang="%[4]s" font-family="%[5]s" font-size="%[6]d" fill="currentColor">`,
		n(width), n(height), "g-"+string(proc.ID), lang, fonts, smallSize)
	p.f("\n<title id=\"g-%s-t\">%s</title>\n<desc id=\"g-%[1]s-d\">%[3]s</desc>\n%[4]s", proc.ID, text(proc.Name.In(lang)), text(s.describe()), style)
	p.f(`<defs><marker id="g-%s-a" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto" markerUnits="userSpaceOnUse"><path d="M0 0 10 5 0 10z"/></marker></defs>`+"\n", proc.ID)
	p.lines(head, margin, margin+18, 18, true, "start")
	// The middle of the drawing stands above the middle of a wider legend.
	p.f(`<g transform="translate(%s %s)">`+"\n", n((width-l.W)/2), n(top))
	// In the order of reading: a state, then what leads on from it.
	for i, c := range s.cards {
		p.card(c, l.Boxes[i])
		for k, e := range s.edges {
			if e.from == i {
				p.way(e, l.Lines[k], l.Words[k])
			}
		}
	}
	p.f("</g>\n%s</svg>\n", legend.out.String())
	_, err := io.WriteString(w, p.out.String())
	return err
}

// describe is the whole drawing in a sentence for those who hear it.
func (s *scene) describe() string {
	ends := 0
	for _, d := range s.p.Machine.States {
		if d.Kind == workflow.Final {
			ends++
		}
	}
	return fmt.Sprintf(s.say("Sơ đồ quy trình: %d trạng thái, trong đó %d trạng thái kết thúc, và %d đường chuyển.", "Diagram of the workflow: %d states, %d of them ends, and %d ways between them."),
		len(s.p.Machine.Order), ends, len(s.edges))
}

func (p *pen) card(c *card, at layered.Point) {
	if c.state == nil {
		p.f(`<circle cx="%s" cy="%s" r="9"/>`+"\n", n(at.X), n(at.Y))
		return
	}
	x, y := at.X-c.w/2, at.Y-c.h/2
	round, border := 6.0, 1.5
	if c.state.Kind == workflow.Final {
		round = min(18, c.h/2)
	}
	if c.state.FinalAct {
		border = 3
	}
	dash := ""
	if c.state.Kind == workflow.Auto {
		dash = ` stroke-dasharray="5 3"`
	}
	p.f(`<g data-state="%s"><title>%s</title>`, c.state.Name, text(c.state.Title.In(p.lang)+" – "+strings.Join(c.lines, "; ")))
	p.f(`<rect x="%s" y="%s" width="%s" height="%s" rx="%s" fill="%s" fill-opacity=".13" stroke="%[6]s" stroke-width="%[7]s"%[8]s/>`, n(x), n(y), n(c.w), n(c.h), n(round), c.colour, n(border), dash)
	if c.state.Kind == workflow.Final {
		p.f(`<rect x="%s" y="%s" width="%s" height="%s" rx="%s" fill="none" stroke="%s"/>`, n(x+3), n(y+3), n(c.w-6), n(c.h-6), n(round-3), c.colour)
	} else {
		p.f(`<rect x="%s" y="%s" width="%d" height="%s" fill="%s"/>`, n(x), n(y+round), stripe, n(c.h-2*round), c.colour)
	}
	mid := at.X + stripe/2
	if c.state.Kind == workflow.Final {
		mid = at.X
	}
	base := y + padding - 3 + titleSize*.9
	p.lines(c.title, mid, base, titleSize, true, "middle")
	base += float64(len(c.title))*titleSize*leading - 2
	p.lines(c.lines, mid, base, smallSize, false, "middle")
	p.f("</g>\n")
}

// way draws the line of an edge and its words, which stand in the line.
func (p *pen) way(e *way, line []layered.Stretch, at layered.Point) {
	wide, dash := "1.2", ""
	if e.primary {
		wide = "2.4"
	}
	if e.timed {
		dash = ` stroke-dasharray="6 4"`
	}
	from := p.say("Từ đầu", "From the beginning")
	if s := p.cards[e.from].state; s != nil {
		from = s.Title.In(p.lang)
	}
	p.f(`<g><title>%s</title><path d="`, text(from+" → "+p.cards[e.to].state.Title.In(p.lang)+": "+strings.Join(e.about, "; ")))
	for i, s := range line {
		switch {
		case i == 0:
			p.f("M%s %s", n(s.X), n(s.From))
		case line[i-1].X == s.X && e.w > 0 && between(at.Y, line[i-1].To, s.From):
			p.f("M%s %s", n(s.X), n(s.From)) // the words
		default:
			last := line[i-1]
			bend := (s.From - last.To) / 2
			p.f("C%s %s %s %s %s %s", n(last.X), n(last.To+bend), n(s.X), n(s.From-bend), n(s.X), n(s.From))
		}
		if math.Abs(s.From-s.To) > 0.1 {
			p.f("V%s", n(s.To))
		}
	}
	p.f(`" fill="none" stroke="currentColor" stroke-opacity=".75" stroke-width="%s"%s marker-end="url(#g-%s-a)"/>`, wide, dash, p.p.ID)
	top := at.Y - float64(len(e.lines))*smallSize*leading/2
	p.lines(e.lines, at.X, top+smallSize, smallSize, false, "middle")
	p.f("</g>\n")
}

func between(y, a, b float64) bool { return min(a, b) <= y && y <= max(a, b) }

// lines writes lines of text, the first on the base line y.
func (p *pen) lines(lines []string, x, y float64, size float64, bold bool, anchor string) {
	if len(lines) == 0 {
		return
	}
	weight := ""
	if bold {
		weight = ` font-weight="bold"`
	}
	p.f(`<text font-size="%s" text-anchor="%s"%s>`, n(size), anchor, weight)
	for i, line := range lines {
		p.f(`<tspan x="%s" y="%s">%s</tspan>`, n(x), n(y+float64(i)*size*leading), text(line))
	}
	p.f("</text>")
}

// legend explains colours, marks and numbers, and returns how far it reaches.
func (p *pen) legend(x, y, limit float64) (wide, deep float64) {
	at, row := x, y
	entry := func(sign, words string) {
		w := width(words, smallSize, false) + 40
		if at > x && at+w > x+limit {
			at, row = x, row+20
		}
		p.f(`<g transform="translate(%s %s)">%s<text x="24" y="4">%s</text></g>`+"\n", n(at), n(row), sign, text(words))
		at += w
		wide = max(wide, at-x)
	}
	for _, o := range p.owners {
		entry(fmt.Sprintf(`<rect y="-7" width="16" height="14" rx="3" fill="%s" fill-opacity=".13" stroke="%[1]s"/><rect y="-4" width="4" height="8" fill="%[1]s"/>`, o.colour), o.name)
	}
	ends := map[bool]bool{}
	for _, name := range p.p.Machine.Order {
		if d := p.p.Machine.States[name]; d.Kind == workflow.Final {
			ends[d.Negative] = true
		}
	}
	pill := `<rect y="-7" width="16" height="14" rx="7" fill="%s" fill-opacity=".13" stroke="%[1]s"/>`
	if ends[false] {
		entry(fmt.Sprintf(pill, colourGranted), p.say("kết thúc, đạt", "end, with what was asked for"))
	}
	if ends[true] {
		entry(fmt.Sprintf(pill, colourNegative), p.say("kết thúc, không đạt", "end, without it"))
	}
	line := `<path d="M0 0H18" stroke="currentColor" fill="none" stroke-width="%s"%s/>`
	entry(fmt.Sprintf(line, "2.4", ""), p.say("bước chính", "main way"))
	entry(fmt.Sprintf(line, "1.2", ` stroke-dasharray="6 4"`), p.say("hết thời gian", "time is over"))
	if len(p.conditions) == 0 {
		return wide, row + 8
	}
	row += 30
	p.lines([]string{p.say("Điều kiện", "Conditions")}, x, row, smallSize, true, "start")
	for i, c := range p.conditions {
		lines := wrap(fmt.Sprintf("[%d] %s", i+1, c), smallSize, false, limit)
		p.lines(lines, x, row+smallSize*leading, smallSize, false, "start")
		row += float64(len(lines)) * smallSize * leading
		for _, l := range lines {
			wide = max(wide, width(l, smallSize, false))
		}
	}
	return wide, row + 8
}

// n writes a number with at most one decimal.
func n(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}

// text is a text as XML takes it.
func text(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return plainQuotes.Replace(b.String())
}

// plainQuotes keeps conditions readable: in attributes, which stand in double
// quotes, a single one is a letter like others.
var plainQuotes = strings.NewReplacer("&#39;", "'", "&#34;", "&quot;")
