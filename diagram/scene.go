package diagram

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/diagram/layered"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Sizes of text, and the widest that text may become.
const (
	titleSize = 14
	smallSize = 12
	cardText  = 200
	edgeText  = 150
	leading   = 1.3
	padding   = 12
)

// A scene is what a drawing shows, before it has a place.
type scene struct {
	words
	cards      []*card // the first is the beginning
	edges      []*way
	owners     []owner
	conditions []string // CEL, by number
}

// A card is a state.
type card struct {
	state  *workflow.StateDef // nil: the beginning
	title  []string
	lines  []string // below the title
	colour string
	w, h   float64
}

// A way is everything that leads from one state to another.
type way struct {
	from, to int
	lines    []string
	about    []string // the whole of it, for those who point at it or hear it
	primary  bool
	timed    bool // only time leads here
	w, h     float64
}

// An owner is who has to act in a state.
type owner struct{ name, colour string }

// colours are of owners, in the order in which they appear. All stand out from white
// and from black by 3:1.
var colours = []string{"#2f7fc1", "#8e63ce", "#2b95a1", "#c2557a", "#7a8b2a", "#5f74b8"}

const (
	colourApplicant = "#b9770e"
	colourOthers    = "#7d7f86" // systems, time
	colourGranted   = "#2e9464"
	colourNegative  = "#d0493f"
)

func newScene(p *procedures.Procedure, lang string) *scene {
	s := &scene{words: words{p, lang}}
	m := p.Machine
	s.cards = append(s.cards, &card{w: 18, h: 18})
	at := map[workflow.State]int{"": 0}
	for _, name := range m.Order {
		at[name] = len(s.cards)
		s.cards = append(s.cards, s.card(m.States[name]))
	}
	byEnds := map[[2]int]*way{}
	for _, a := range arrows(m) {
		ends := [2]int{at[a.from], at[a.to]}
		w := byEnds[ends]
		switch {
		case ends[0] == ends[1]: // said on the card itself
			c := s.cards[ends[0]]
			c.add("↻ " + s.label(a))
			continue
		case w == nil:
			w = &way{from: ends[0], to: ends[1], timed: true}
			byEnds[ends] = w
			s.edges = append(s.edges, w)
		}
		s.extend(w, a)
	}
	return s
}

// extend adds one more arrow between the same two states.
func (s *scene) extend(w *way, a arrow) {
	label := s.label(a)
	if len(w.about) == 1 {
		w.mark()
	}
	shown := label
	if len(w.about) > 0 {
		shown = bullet + label
	}
	for _, line := range wrap(shown, smallSize, false, edgeText) {
		w.lines = append(w.lines, line)
		w.w = max(w.w, width(line, smallSize, false)+8)
	}
	w.h = float64(len(w.lines))*smallSize*leading + 4
	w.primary = w.primary || a.t != nil && a.t.Style == "primary"
	w.timed = w.timed && (a.kind == workflow.ByTimeout || a.event == joinLate && a.kind == workflow.ByJoin)
	about := label
	if a.t != nil && len(a.t.Effects) > 0 {
		var effects []string
		for _, e := range a.t.Effects {
			effects = append(effects, strings.TrimSpace(e.Type+" "+e.Name))
		}
		about += " → " + strings.Join(effects, ", ")
	}
	w.about = append(w.about, about)
}

// bullet stands before each of several labels in one place.
const bullet = "•\u00a0"

// mark puts a bullet before the first label, now that there is a second.
func (w *way) mark() {
	if len(w.lines) > 0 {
		w.lines[0] = bullet + w.lines[0]
		w.w = max(w.w, width(w.lines[0], smallSize, false)+8)
	}
}

// label is an arrow in words: what sets it off, who else than the owner, how
// often at most, on which condition.
func (s *scene) label(a arrow) string {
	label := s.of(a)
	t := a.t
	if t == nil {
		return label
	}
	if from := s.p.Machine.States[a.from]; from != nil && t.By != "" && t.By != from.Owner && !(from.Kind == workflow.Wait && t.By == "applicant") {
		label += " – " + s.role(t.By)
	}
	if len(t.Unlike) > 0 {
		var done []string
		for _, e := range t.Unlike {
			done = append(done, "“"+s.action(e)+"”")
		}
		label += s.say(" (khác người đã ", " (not who did ") + strings.Join(done, s.say(" hoặc ", " or ")) + ")"
	}
	if t.Max > 0 {
		label += s.say(fmt.Sprintf(" (tối\u00a0đa\u00a0%d\u00a0lần)", t.Max), fmt.Sprintf(" (at\u00a0most\u00a0%d×)", t.Max))
	}
	if t.Tacit {
		label += s.say(" (im lặng là đồng ý)", " (silence is consent)")
	}
	if t.When != nil {
		n := slices.Index(s.conditions, t.When.Source)
		if n < 0 {
			n = len(s.conditions)
			s.conditions = append(s.conditions, t.When.Source)
		}
		label += fmt.Sprintf(" [%d]", n+1)
	} else if s.otherwise(a) {
		label += s.say(" [còn\u00a0lại]", " [otherwise]")
	}
	return strings.TrimSpace(label)
}

// otherwise tells whether the arrow is what remains when no condition holds.
func (s *scene) otherwise(a arrow) bool {
	for _, b := range arrows(s.p.Machine) {
		if b.from == a.from && b.kind == a.kind && b.event == a.event && b.t != a.t {
			return true
		}
	}
	return false
}

func (s *scene) card(d *workflow.StateDef) *card {
	c := &card{state: d, title: wrap(d.Title.In(s.lang), titleSize, true, cardText)}
	who := ""
	who, c.colour = s.owner(d)
	if who != "" {
		c.add(who)
	}
	if d.Within.N > 0 {
		c.add(s.say("trong ", "within ") + s.duration(d.Within))
	}
	for _, k := range d.Open {
		c.add("+ " + k.Name + ": " + k.Procedure)
	}
	if d.Clock == workflow.Paused {
		c.add(markPaused + " " + s.say("tạm dừng thời hạn", "the term is paused"))
	}
	if d.FinalAct {
		c.add(markFinal + " " + s.say("từ đây không từ chối, không rút", "no refusal, no withdrawal from here"))
	}
	if withdrawable(s.p.Machine, d) {
		c.add(markBack + " " + s.say("có thể rút hồ sơ", "may be withdrawn"))
	}
	if wd := s.p.Machine.Withdraw; wd != nil && d.Name == wd.To {
		c.add(markBack + " " + s.say("người nộp rút hồ sơ", "the applicant withdraws"))
	}
	if d.Compensate {
		c.add(s.say("hoàn lại những gì đã làm", "what was done is taken back"))
	}
	for _, line := range c.title {
		c.w = max(c.w, width(line, titleSize, true))
	}
	c.size()
	return c
}

// The marks on cards; the legend explains them.
const (
	markPaused = "‖"
	markFinal  = "◆"
	markBack   = "↩"
)

// add puts a line of small text on the card.
func (c *card) add(text string) {
	c.lines = append(c.lines, wrap(text, smallSize, false, cardText)...)
	c.size()
}

func (c *card) size() {
	text := 0.0
	for _, line := range c.title {
		text = max(text, width(line, titleSize, true))
	}
	for _, line := range c.lines {
		text = max(text, width(line, smallSize, false))
	}
	c.w = text + 2*padding + stripe
	c.h = (float64(len(c.title))*titleSize+float64(len(c.lines))*smallSize)*leading + 2*padding - 6
}

// stripe is the coloured edge of a card.
const stripe = 6

// owner is who has to act in a state, and the colour of it.
func (s *scene) owner(d *workflow.StateDef) (name, colour string) {
	switch d.Kind {
	case workflow.Final:
		if d.Negative {
			return s.say("kết thúc: ", "end: ") + s.outcome(d.Outcome), colourNegative
		}
		return s.say("kết thúc: ", "end: ") + s.outcome(d.Outcome), colourGranted
	case workflow.Auto:
		return s.say("tự động", "automatic"), colourOthers
	case workflow.Subcases:
		return s.named(s.say("Hồ sơ thành phần", "Sub-cases"), "")
	case workflow.Task:
		return s.named(s.role(d.Owner), "")
	}
	switch d.For {
	case "applicant":
		return s.named(s.applicant(), colourApplicant)
	case "system", "":
		return s.named(s.say("Hệ thống", "System"), colourOthers)
	}
	if title, ok := s.p.Registry(d.For); ok {
		return s.named(title.In(s.lang), colourOthers)
	}
	return s.named(d.For, colourOthers)
}

// named gives an owner its colour, the next one where none is prescribed.
func (s *scene) named(name, colour string) (string, string) {
	used := 0
	for _, o := range s.owners {
		if o.name == name {
			return name, o.colour
		}
		if slices.Contains(colours, o.colour) {
			used++
		}
	}
	if colour == "" {
		colour = colours[used%len(colours)]
	}
	s.owners = append(s.owners, owner{name, colour})
	return name, colour
}

// outcome is how a case ended, in words; those of no list by their name.
func (s *scene) outcome(o workflow.Outcome) string {
	known := map[workflow.Outcome]workflow.Text{
		"granted": {VI: "được chấp thuận", EN: "granted"}, "partly-granted": {VI: "được chấp thuận một phần", EN: "granted in part"},
		"refused": {VI: "bị từ chối", EN: "refused"}, "declined": {VI: "không được tiếp nhận", EN: "declined"}, "lapsed": {VI: "hết hạn", EN: "lapsed"},
		"withdrawn": {VI: "đã rút", EN: "withdrawn"}, "agreed": {VI: "đồng ý", EN: "agreed"}, "cancelled": {VI: "đã hủy", EN: "cancelled"},
	}
	if t, ok := known[o]; ok {
		return t.In(s.lang)
	}
	return string(o)
}

// graph is the scene as sizes.
func (s *scene) graph() layered.Graph {
	var g layered.Graph
	for _, c := range s.cards {
		g.Boxes = append(g.Boxes, layered.Box{W: c.w, H: c.h})
	}
	for _, e := range s.edges {
		weight := 1
		if e.primary {
			weight = 4
		}
		g.Edges = append(g.Edges, layered.Edge{From: e.from, To: e.to, W: e.w, H: e.h, Weight: weight})
	}
	return g
}
