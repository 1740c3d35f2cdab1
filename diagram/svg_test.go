package diagram

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// A part of a drawing: an element with its text, its own and that of its children.
type part struct {
	name, state, title string
	texts              []string // one a line of text
}

// read parses a drawing into its groups and single elements.
func read(t *testing.T, svg []byte) (groups []part, elements []xml.StartElement) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(svg))
	d.Strict = true
	var open []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return groups, elements
		}
		if err != nil {
			t.Fatalf("no XML: %v", err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			open = append(open, x.Name.Local)
			elements = append(elements, x.Copy())
			if x.Name.Local == "g" || x.Name.Local == "text" && len(groups) == 0 {
				groups = append(groups, part{name: x.Name.Local, state: attr(x, "data-state")})
			}
			if x.Name.Local == "tspan" {
				groups[len(groups)-1].texts = append(groups[len(groups)-1].texts, "")
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) == 0 || len(groups) == 0 {
				continue
			}
			g := &groups[len(groups)-1]
			switch open[len(open)-1] {
			case "title":
				g.title += string(x)
			case "tspan":
				g.texts[len(g.texts)-1] += string(x)
			}
		}
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// Every drawing is XML, has a name and a description for those who hear it, and
// shows each state's title and each way's words as text, in both languages.
func TestSVGShowsEverything(t *testing.T) {
	for _, p := range all(t) {
		for _, lang := range []string{"vi", "en"} {
			t.Run(string(p.ID)+" "+lang, func(t *testing.T) {
				groups, elements := read(t, written(t, p, FormatSVG, lang))
				root := elements[0]
				if attr(root, "role") != "graphics-document" || attr(root, "lang") != lang || elements[1].Name.Local != "title" || elements[2].Name.Local != "desc" {
					t.Error("the drawing has no name or description, or the wrong language")
				}
				for _, missing := range missing(newScene(p, lang), groups) {
					t.Error(missing)
				}
			})
		}
	}
}

// missing lists what a drawing does not show.
func missing(s *scene, groups []part) []string {
	var out []string
	for _, name := range s.p.Machine.Order {
		title := s.p.Machine.States[name].Title.In(s.lang)
		if !slices.ContainsFunc(groups, func(g part) bool {
			return g.state == string(name) && strings.HasPrefix(strings.Join(g.texts, " "), title)
		}) {
			out = append(out, fmt.Sprintf("the title of %s is not on a card: %s", name, title))
		}
	}
	for _, a := range arrows(s.p.Machine) {
		label := s.label(a)
		if !slices.ContainsFunc(groups, func(g part) bool { return strings.Contains(strings.Join(g.texts, " "), label) }) {
			out = append(out, fmt.Sprintf("the way from %s to %s is not named: %s", a.from, a.to, label))
		}
	}
	return out
}

// The test can fail: a drawing of another procedure lacks what is looked for.
func TestSVGOfAnotherProcedureIsSeen(t *testing.T) {
	other := everything(t)
	other.Machine.States["weigh"].Title.VI = "Khác"
	other.Machine.States["weigh"].Actions["conclude"][0].Title.VI = "Kết luận"
	groups, _ := read(t, written(t, everything(t), FormatSVG, "vi"))
	if got := missing(newScene(other, "vi"), groups); len(got) != 2 {
		t.Errorf("got %q, want the title and the way", got)
	}
}

// A drawing loads nothing, runs nothing, and within a page brings no style: the
// policy of our pages refuses it.
func TestSVGStandsAlone(t *testing.T) {
	for _, p := range all(t) {
		var page bytes.Buffer
		if err := SVGInPage(&page, p, "vi"); err != nil {
			t.Fatal(err)
		}
		for what, drawing := range map[string][]byte{"in a page": page.Bytes(), "alone": written(t, p, FormatSVG, "vi")} {
			_, elements := read(t, drawing)
			for _, e := range elements {
				if slices.Contains([]string{"script", "image", "foreignObject", "use", "a"}, e.Name.Local) || e.Name.Local == "style" && what == "in a page" {
					t.Errorf("%s %s: has <%s>", p.ID, what, e.Name.Local)
				}
				for _, a := range e.Attr {
					if a.Name.Local == "style" || a.Name.Local == "href" || strings.HasPrefix(a.Name.Local, "on") || a.Name.Local != "xmlns" && strings.Contains(a.Value, "//") {
						t.Errorf("%s %s: <%s %s=%q>", p.ID, what, e.Name.Local, a.Name.Local, a.Value)
					}
				}
			}
		}
	}
}

// Every line of a card fits into it.
func TestTextFitsItsCard(t *testing.T) {
	for _, p := range all(t) {
		for _, lang := range []string{"vi", "en"} {
			for _, c := range newScene(p, lang).cards {
				for i, line := range append(slices.Clone(c.title), c.lines...) {
					size := smallSize
					if i < len(c.title) {
						size = titleSize
					}
					if w := width(line, float64(size), i < len(c.title)); w > c.w-2*padding-stripe+0.1 {
						t.Errorf("%s: %q is %.0f wide, its card %.0f", p.ID, line, w, c.w)
					}
				}
			}
		}
	}
}

// All letters of Vietnamese have a width; one without would be drawn over its neighbours.
func TestVietnameseLettersHaveWidths(t *testing.T) {
	for _, r := range "aăâeêioôơuưyđAĂÂEÊIOÔƠUƯYĐáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ–“”•→↩↻◆‖\u00a0" {
		if widths()[r] == 0 && !strings.ContainsRune("↩↻◆‖→", r) {
			t.Errorf("%q has no width", r)
		}
	}
	if a, b := width("ộ", 100, false), width("o", 100, false); a != b {
		t.Errorf("ộ is %.1f wide and o %.1f", a, b)
	}
}
