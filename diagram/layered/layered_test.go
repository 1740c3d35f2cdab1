package layered

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// drawn makes up a graph as machines have them: circles, several edges between two
// boxes, boxes that nothing joins; an edge from a box to itself has no line.
func drawn(t *rapid.T) Graph {
	var g Graph
	for range rapid.IntRange(1, 14).Draw(t, "boxes") {
		g.Boxes = append(g.Boxes, Box{float64(rapid.IntRange(10, 240).Draw(t, "w")), float64(rapid.IntRange(10, 120).Draw(t, "h"))})
	}
	if len(g.Boxes) == 1 {
		return g
	}
	for range rapid.IntRange(0, 30).Draw(t, "edges") {
		from := rapid.IntRange(0, len(g.Boxes)-1).Draw(t, "from")
		to := (from + rapid.IntRange(1, len(g.Boxes)-1).Draw(t, "to")) % len(g.Boxes)
		e := Edge{From: from, To: to, Weight: rapid.IntRange(0, 4).Draw(t, "weight")}
		if rapid.Bool().Draw(t, "words") {
			e.W, e.H = float64(rapid.IntRange(1, 160).Draw(t, "w")), float64(rapid.IntRange(1, 60).Draw(t, "h"))
		}
		g.Edges = append(g.Edges, e)
	}
	return g
}

// area is a rectangle with what it is.
type area struct {
	what                     string
	left, top, right, bottom float64
}

func areas(g Graph, l Layout) []area {
	var out []area
	add := func(what string, at Point, w, h float64) {
		out = append(out, area{what, at.X - w/2, at.Y - h/2, at.X + w/2, at.Y + h/2})
	}
	for i, b := range g.Boxes {
		add(fmt.Sprint("box ", i), l.Boxes[i], b.W, b.H)
	}
	for i, e := range g.Edges {
		if e.W > 0 {
			add(fmt.Sprint("words ", i), l.Words[i], e.W, e.H)
		}
	}
	return out
}

// flaw is the first thing that makes a layout hard to read; empty when there is none.
func flaw(g Graph, l Layout) string {
	all := areas(g, l)
	const tolerance = 0.01
	for i, a := range all {
		if a.left < -tolerance || a.top < -tolerance || a.right > l.W+tolerance || a.bottom > l.H+tolerance {
			return a.what + " is outside"
		}
		for _, b := range all[i+1:] {
			if a.left < b.right-tolerance && b.left < a.right-tolerance && a.top < b.bottom-tolerance && b.top < a.bottom-tolerance {
				return a.what + " and " + b.what + " overlap"
			}
		}
	}
	for e, line := range l.Lines {
		for _, p := range points(line) {
			for _, a := range all {
				if a.left+tolerance < p.X && p.X < a.right-tolerance && a.top+tolerance < p.Y && p.Y < a.bottom-tolerance {
					return fmt.Sprint("the line of edge ", e, " runs through ", a.what)
				}
			}
		}
		from, to := l.Boxes[g.Edges[e].From], l.Boxes[g.Edges[e].To]
		first, last := line[0], line[len(line)-1]
		if math.Abs(first.X-from.X) > g.Boxes[g.Edges[e].From].W/2 || math.Abs(last.X-to.X) > g.Boxes[g.Edges[e].To].W/2 {
			return fmt.Sprint("the line of edge ", e, " does not begin and end at its boxes")
		}
		for _, end := range []struct {
			y, middle, h float64
		}{{first.From, from.Y, g.Boxes[g.Edges[e].From].H}, {last.To, to.Y, g.Boxes[g.Edges[e].To].H}} {
			if math.Abs(math.Abs(end.y-end.middle)-end.h/2) > tolerance {
				return fmt.Sprint("the line of edge ", e, " does not touch its boxes")
			}
		}
	}
	return ""
}

// points are many places on a line, its curves as they are drawn: upright at both
// ends, from one layer to the next.
func points(line []Stretch) []Point {
	var out []Point
	for i, s := range line {
		if i > 0 && line[i-1].X != s.X {
			a := line[i-1]
			for k := range 20 {
				f := float64(k) / 19
				// The third-degree curve whose handles are upright and meet half way.
				x := a.X + (s.X-a.X)*f*f*(3-2*f)
				mid := (s.From - a.To) / 2
				y := math.Pow(1-f, 3)*a.To + 3*math.Pow(1-f, 2)*f*(a.To+mid) + 3*(1-f)*f*f*(s.From-mid) + f*f*f*s.From
				out = append(out, Point{x, y})
			}
		}
		for k := range 5 {
			out = append(out, Point{s.X, s.From + (s.To-s.From)*float64(k)/4})
		}
	}
	return out
}

// In the layout of any graph no box and no words overlap, no line runs through
// them, every line begins and ends at its boxes, and everything is within the page.
func TestNothingOverlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t)
		if f := flaw(g, Lay(g)); f != "" {
			t.Fatalf("%s in %+v", f, g)
		}
	})
}

// The same graph gives the same layout.
func TestLayIsRepeatable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t)
		if a, b := Lay(g), Lay(g); !reflect.DeepEqual(a, b) {
			t.Fatalf("two layouts of %+v", g)
		}
	})
}

// The test can fail: a box, words or a line that is moved is seen.
func TestFlawsAreSeen(t *testing.T) {
	g := Graph{Boxes: []Box{{100, 40}, {100, 40}, {100, 40}}, Edges: []Edge{{From: 0, To: 1, W: 60, H: 20}, {From: 0, To: 2, W: 60, H: 20}, {From: 2, To: 0, W: 30, H: 20}}}
	for what, damage := range map[string]func(*Layout){
		"a box on another":       func(l *Layout) { l.Boxes[1] = l.Boxes[2] },
		"words on a box":         func(l *Layout) { l.Words[0] = l.Boxes[0] },
		"words on words":         func(l *Layout) { l.Words[0] = l.Words[1] },
		"a box outside":          func(l *Layout) { l.Boxes[1].X = -80 },
		"a line that ends early": func(l *Layout) { l.Lines[0][0].From -= 5 },
		"a line beside its box":  func(l *Layout) { l.Lines[0][0].X += 300 },
		"a line through words":   func(l *Layout) { l.Lines[0][1].To += 15 },
	} {
		l := Lay(g)
		if f := flaw(g, l); f != "" {
			t.Fatal(f)
		}
		if damage(&l); flaw(g, l) == "" {
			t.Errorf("%s is not seen", what)
		}
	}
}
