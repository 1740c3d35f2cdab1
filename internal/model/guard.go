package model

import (
	"fmt"
	"math/rand/v2"
)

// Guard is a condition, as a tree.
type Guard struct {
	Op    string // and, or, not, or one of the questions below
	Left  *Guard
	Right *Guard
	N     int
	Word  string
}

// The questions that a guard may ask.
const (
	askSize   = "size"   // form.q.size < N
	askKind   = "kind"   // form.q.kind == Word
	askHas    = "has"    // has(form.q.rest)
	askRest   = "rest"   // form.q.rest < N: an error when there is no answer; drawn with the question whether there is one
	askRatio  = "ratio"  // 9 / form.q.size < N: an error when the size is 0
	askNote   = "note"   // input.note == Word
	askOutput = "output" // case.output.k == Word
	askVisits = "visits" // case.visits has Word at least once
	askChild  = "child"  // the last outcome of the sub-case Word is agreed
	askGiven  = "given"  // case.given.size is there and < N, of sub-cases
)

// String is the guard in CEL.
func (g *Guard) String() string {
	switch g.Op {
	case "and":
		return "(" + g.Left.String() + " && " + g.Right.String() + ")"
	case "or":
		return "(" + g.Left.String() + " || " + g.Right.String() + ")"
	case "not":
		return "!(" + g.Left.String() + ")"
	case askSize:
		return fmt.Sprintf("form.q.size < %d", g.N)
	case askKind:
		return fmt.Sprintf("form.q.kind == '%s'", g.Word)
	case askHas:
		return "has(form.q.rest)"
	case askRest:
		return fmt.Sprintf("form.q.rest < %d", g.N)
	case askRatio:
		return fmt.Sprintf("9 / form.q.size < %d", g.N)
	case askNote:
		return fmt.Sprintf("input.note == '%s'", g.Word)
	case askOutput:
		return fmt.Sprintf("case.output.k == '%s'", g.Word)
	case askVisits:
		return fmt.Sprintf("case.visits['%s'] != null", g.Word)
	case askChild:
		return fmt.Sprintf("case.children.%s.outcome == 'agreed'", g.Word)
	case askGiven:
		return fmt.Sprintf("(has(case.given.size) && case.given.size < %d)", g.N)
	}
	panic("no such question: " + g.Op)
}

// truth is the value of a condition. Something that cannot be evaluated is not
// false; beside a part that decides alone it does not matter.
type truth int

const (
	no truth = iota
	yes
	broken
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// eval tells whether the guard holds for what the case knows and the command brings.
func (g *Guard) eval(c *Case, in Input) truth {
	if g == nil {
		return yes
	}
	switch g.Op {
	case "and", "or":
		decides := no
		if g.Op == "or" {
			decides = yes
		}
		a, b := g.Left.eval(c, in), g.Right.eval(c, in)
		switch {
		case a == decides || b == decides:
			return decides
		case a == broken || b == broken:
			return broken
		}
		return a
	case "not":
		switch g.Left.eval(c, in) {
		case yes:
			return no
		case no:
			return yes
		}
		return broken
	case askSize:
		return truthOf(c.answers.Size < g.N)
	case askKind:
		return truthOf(c.answers.Kind == g.Word)
	case askHas:
		return truthOf(c.answers.Rest != absent)
	case askRest:
		if c.answers.Rest == absent {
			return broken
		}
		return truthOf(c.answers.Rest < g.N)
	case askRatio:
		if c.answers.Size == 0 {
			return broken
		}
		return truthOf(9/c.answers.Size < g.N)
	case askNote:
		return truthOf(in.Note == g.Word)
	case askOutput:
		return truthOf(c.output == g.Word)
	case askVisits:
		return truthOf(c.visits[g.Word] > 0)
	case askChild:
		outcome := ""
		for _, k := range c.kids {
			if k.slot == g.Word {
				outcome = k.reported
			}
		}
		return truthOf(outcome == "agreed")
	case askGiven:
		return truthOf(c.answers.Size < g.N)
	}
	panic("no such question: " + g.Op)
}

// drawGuard draws a condition out of the questions.
func drawGuard(r *rand.Rand, asks []Guard, depth int) *Guard {
	if depth > 0 && r.IntN(3) == 0 {
		op := []string{"and", "or", "not"}[r.IntN(3)]
		g := &Guard{Op: op, Left: drawGuard(r, asks, depth-1)}
		if op != "not" {
			g.Right = drawGuard(r, asks, depth-1)
		}
		return g
	}
	g := asks[r.IntN(len(asks))]
	switch g.Op {
	case askSize, askRatio, askGiven:
		g.N = 2 + r.IntN(6)
	case askRest: // mostly asked of who gave the answer
		g.N = 2 + r.IntN(6)
		has := &Guard{Op: askHas}
		switch r.IntN(30) {
		case 0:
			return &g
		case 1, 2, 3, 4, 5, 6, 7, 8, 9, 10:
			return &Guard{Op: "or", Left: &Guard{Op: "not", Left: has}, Right: &g}
		}
		return &Guard{Op: "and", Left: has, Right: &g}
	case askKind:
		g.Word = []string{"red", "blue"}[r.IntN(2)]
	case askNote, askOutput:
		g.Word = words[r.IntN(len(words))]
	}
	return &g
}

// words are what notes say and what signals bring.
var words = []string{"so", "anders"}
