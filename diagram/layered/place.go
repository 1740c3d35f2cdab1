package layered

import (
	"math"
	"slices"
)

// rounds is how often the items of all layers are drawn to their neighbours.
const rounds = 60

// place gives each item its x: near to what it is joined to, without changing the
// order and without coming too near to its neighbours.
func (b *builder) place() {
	for _, layer := range b.layers {
		x := 0.0
		for i, it := range layer {
			if i > 0 {
				x += gap(layer[i-1], it)
			}
			it.x = x
		}
		for _, it := range layer {
			it.x -= x / 2
		}
	}
	for i := range rounds {
		for j := range b.layers {
			switch {
			case i >= rounds-10:
				settle(b.layers[j], true, true)
			case i%2 == 0:
				settle(b.layers[j], true, false)
			default:
				settle(b.layers[len(b.layers)-1-j], false, true)
			}
		}
	}
}

// settle moves the items of a layer to the middle of what they are joined to
// above or below, as near as their neighbours allow: the sum of the squares is
// the least, by joining items that would collide and moving them as one.
func settle(layer []*item, up, down bool) {
	type block struct {
		want, weight float64
		n            int
	}
	var blocks []block
	before := make([]float64, len(layer))
	for i, it := range layer {
		if i > 0 {
			before[i] = before[i-1] + gap(layer[i-1], it)
		}
		want, weight := it.wish(up, down)
		if len(it.up)+len(it.down) == 0 && i > 0 {
			want = layer[i-1].x + gap(layer[i-1], it) // beside the one before
		}
		blocks = append(blocks, block{want - before[i], weight, 1})
		for len(blocks) > 1 {
			a, c := blocks[len(blocks)-2], blocks[len(blocks)-1]
			if a.want <= c.want {
				break
			}
			w := a.weight + c.weight
			blocks = append(blocks[:len(blocks)-2], block{(a.want*a.weight + c.want*c.weight) / w, w, a.n + c.n})
		}
	}
	i := 0
	for _, b := range blocks {
		for range b.n {
			layer[i].x = b.want + before[i]
			i++
		}
	}
}

// wish is where an item would stand, and how much it matters.
func (it *item) wish(up, down bool) (x, weight float64) {
	sum := 0.0
	for _, side := range []struct {
		use   bool
		links []link
	}{{up, it.up}, {down, it.down}} {
		if !side.use {
			continue
		}
		for _, l := range side.links {
			sum += l.weight * (l.to.x + l.there - l.here)
			weight += l.weight
		}
	}
	if weight == 0 {
		return it.x, 0.01
	}
	return sum / weight, weight
}

// layout reads the result.
func (b *builder) layout() Layout {
	out := Layout{Boxes: make([]Point, len(b.g.Boxes)), Words: make([]Point, len(b.g.Edges)), Lines: make([][]Stretch, len(b.g.Edges))}
	left := math.Inf(1)
	for _, layer := range b.layers {
		for _, it := range layer {
			left = min(left, it.x-it.w/2)
		}
	}
	tops, bottoms := b.heights()
	for r, layer := range b.layers {
		for _, it := range layer {
			it.x -= left
			out.W = max(out.W, it.x+it.w/2)
			at := Point{it.x, (tops[r] + bottoms[r]) / 2}
			switch {
			case it.box >= 0:
				out.Boxes[it.box] = at
			case it.words:
				out.Words[it.edge] = at
			}
		}
	}
	out.H = bottoms[len(bottoms)-1]
	for e := range b.g.Edges {
		out.Lines[e] = b.line(e, tops, bottoms)
	}
	return out
}

// heights are the upper and lower ends of the layers. Where lines have far to go
// sideways, there is more room.
func (b *builder) heights() (tops, bottoms []float64) {
	y := 0.0
	for r, layer := range b.layers {
		h, far := 0.0, 0.0
		for _, it := range layer {
			h = max(h, it.h)
			for _, l := range it.down {
				far = max(far, math.Abs(l.to.x-it.x))
			}
		}
		h += 2 * stub
		tops, bottoms = append(tops, y), append(bottoms, y+h)
		y += h
		if r < len(b.layers)-1 {
			y += min(most, max(least, far/6))
		}
	}
	return tops, bottoms
}

// line is the way of an edge, from the box that it leaves.
func (b *builder) line(e int, tops, bottoms []float64) []Stretch {
	chain := b.chains[e]
	u, _ := b.ends(e)
	var out []Stretch
	for i, it := range chain {
		r := b.ranks[u] + i
		mid := (tops[r] + bottoms[r]) / 2
		switch {
		case i == 0:
			out = append(out, Stretch{it.x + here(it.down, chain[1]), mid + it.h/2, bottoms[r]})
		case i == len(chain)-1:
			out = append(out, Stretch{it.x + here(it.up, chain[i-1]), tops[r], mid - it.h/2})
		case it.words:
			out = append(out, Stretch{it.x, tops[r], mid - it.h/2}, Stretch{it.x, mid + it.h/2, bottoms[r]})
		default:
			out = append(out, Stretch{it.x, tops[r], bottoms[r]})
		}
	}
	if b.back[e] {
		slices.Reverse(out)
		for i := range out {
			out[i].From, out[i].To = out[i].To, out[i].From
		}
	}
	return out
}

// here is how far from the middle of a box the line to an item ends.
func here(links []link, to *item) float64 {
	return links[slices.IndexFunc(links, func(l link) bool { return l.to == to })].here
}
