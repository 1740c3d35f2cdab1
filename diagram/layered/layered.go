// Package layered lays out a directed graph in layers, from the top down: where
// boxes stand, where the words of an edge stand, and the way of each line. It
// knows sizes and places, neither text nor colour; drawing belongs to its caller.
//
// Words have a layer of their own between the boxes that they join, and a line
// crosses a layer only where nothing else stands. So no line runs through a box
// or through words, and neither overlap, whatever the graph. The method is
// Sugiyama's: break circles, choose layers, order them, place them.
package layered

// A Box is a node with its size.
type Box struct{ W, H float64 }

// An Edge joins two boxes, by their number.
type Edge struct {
	From, To int
	W, H     float64 // of its words
	Weight   int     // how much it wants to be short and straight; 0 counts as 1
}

// Graph is what is laid out. The first box is the beginning; the order of boxes
// and edges decides where there is a choice.
type Graph struct {
	Boxes []Box
	Edges []Edge
}

// A Point is a place, y downward.
type Point struct{ X, Y float64 }

// A Stretch is a part of a line that runs straight up or down at X.
type Stretch struct{ X, From, To float64 }

// Layout is the result. Lines go from stretch to stretch in curves that leave and
// arrive upright.
type Layout struct {
	W, H  float64
	Boxes []Point     // their centres
	Words []Point     // centres of the words of each edge
	Lines [][]Stretch // from the box that an edge leaves to the one it reaches
}

// Distances.
const (
	apart  = 26 // between two neighbours in a layer
	narrow = 16 // between two lines
	least  = 26 // between two layers
	most   = 64
	stub   = 6  // straight end of a line
	beside = 28 // between two lines at a box
)

// Lay lays a graph out. The same graph gives the same layout.
func Lay(g Graph) Layout {
	b := &builder{g: g}
	b.turn()
	b.rank()
	b.fill()
	b.order()
	b.ports()
	b.place()
	b.straighten()
	return b.layout()
}

// An item is what has a place in a layer: a box, the words of an edge, or a line
// that passes.
type item struct {
	box, edge int // the one that it is; otherwise -1
	words     bool
	w, h      float64
	x         float64
	layer     int
	pos       int // in its layer
	up, down  []link
}

// A link joins items of neighbouring layers. At a box the lines of one side end
// beside each other, here and there from its middle.
type link struct {
	to          *item
	weight      float64
	here, there float64
}

type builder struct {
	g      Graph
	back   []bool // edges that run upward
	ranks  []int
	layers [][]*item
	chains [][]*item // of each edge, from the upper box to the lower
	boxes  []*item
}

// ends are the boxes of an edge as it is drawn, the upper one first.
func (b *builder) ends(e int) (upper, lower int) {
	if b.back[e] {
		return b.g.Edges[e].To, b.g.Edges[e].From
	}
	return b.g.Edges[e].From, b.g.Edges[e].To
}

// turn finds the edges that close a circle; they run upward.
func (b *builder) turn() {
	b.back = make([]bool, len(b.g.Edges))
	state := make([]int, len(b.g.Boxes)) // 1: on the way, 2: done
	var visit func(n int)
	visit = func(n int) {
		state[n] = 1
		for i, e := range b.g.Edges {
			if e.From != n {
				continue
			}
			switch state[e.To] {
			case 0:
				visit(e.To)
			case 1:
				b.back[i] = true
			}
		}
		state[n] = 2
	}
	for n := range b.g.Boxes {
		if state[n] == 0 {
			visit(n)
		}
	}
}

// rank gives each box its layer: even ones, so that words have the odd ones.
func (b *builder) rank() {
	b.ranks = make([]int, len(b.g.Boxes))
	for changed := true; changed; {
		changed = false
		for e := range b.g.Edges {
			u, l := b.ends(e)
			if b.ranks[l] < b.ranks[u]+2 {
				b.ranks[l], changed = b.ranks[u]+2, true
			}
		}
	}
	b.alone()
	for range len(b.g.Boxes) {
		moved := false
		for n := len(b.g.Boxes) - 1; n > 0; n-- {
			if to, ok := b.better(n); ok {
				b.ranks[n], moved = to, true
			}
		}
		if !moved {
			return
		}
	}
}

// alone puts boxes without an edge at the end.
func (b *builder) alone() {
	joined := make([]bool, len(b.g.Boxes))
	deepest := 0
	for _, e := range b.g.Edges {
		joined[e.From], joined[e.To] = true, true
		deepest = max(deepest, b.ranks[e.From], b.ranks[e.To])
	}
	for n, ok := range joined {
		if !ok {
			b.ranks[n] = deepest
		}
	}
}

// better is a layer for a box at which its edges are shorter in sum.
func (b *builder) better(n int) (int, bool) {
	lowest, highest, pull := 0, 1<<30, 0
	for e := range b.g.Edges {
		weight := max(1, b.g.Edges[e].Weight)
		switch u, l := b.ends(e); n {
		case l:
			lowest = max(lowest, b.ranks[u]+2)
			pull -= weight
		case u:
			highest = min(highest, b.ranks[l]-2)
			pull += weight
		}
	}
	to := b.ranks[n]
	switch {
	case pull > 0 && highest < 1<<30:
		to = highest
	case pull < 0:
		to = lowest
	}
	return to, to != b.ranks[n]
}

// fill puts everything into its layer.
func (b *builder) fill() {
	deepest := 0
	for _, r := range b.ranks {
		deepest = max(deepest, r)
	}
	b.layers = make([][]*item, deepest+1)
	add := func(r int, it *item) *item {
		it.layer, it.pos = r, len(b.layers[r])
		b.layers[r] = append(b.layers[r], it)
		return it
	}
	for n, box := range b.g.Boxes {
		b.boxes = append(b.boxes, add(b.ranks[n], &item{box: n, edge: -1, w: box.W, h: box.H}))
	}
	for e, edge := range b.g.Edges {
		u, l := b.ends(e)
		words := b.ranks[u] + 1
		if b.back[e] {
			words = b.ranks[l] - 1
		}
		chain := []*item{b.boxes[u]}
		for r := b.ranks[u] + 1; r < b.ranks[l]; r++ {
			it := &item{box: -1, edge: e}
			if r == words && edge.W > 0 {
				it.w, it.h, it.words = edge.W, edge.H, true
			}
			chain = append(chain, add(r, it))
		}
		chain = append(chain, b.boxes[l])
		b.chains = append(b.chains, chain)
		for i := 1; i < len(chain); i++ {
			w := float64(max(1, edge.Weight))
			if chain[i-1].box < 0 && chain[i].box < 0 {
				w *= 4
			}
			chain[i-1].down = append(chain[i-1].down, link{to: chain[i], weight: w})
			chain[i].up = append(chain[i].up, link{to: chain[i-1], weight: w})
		}
	}
}

// gap is how far apart the centres of two neighbours stand.
func gap(a, c *item) float64 {
	d := float64(apart)
	if !a.solid() && !c.solid() {
		d = narrow
	}
	return (a.w+c.w)/2 + d
}

// solid tells whether the item is more than a line.
func (it *item) solid() bool { return it.box >= 0 || it.words }
