package layered

import (
	"cmp"
	"math"
	"slices"
)

// ports gives the lines at each box their ends, in the order of where they go.
func (b *builder) ports() {
	for _, box := range b.boxes {
		for _, links := range [][]link{box.up, box.down} {
			slices.SortStableFunc(links, func(a, c link) int { return cmp.Compare(a.to.pos, c.to.pos) })
			step := min(beside, box.w*0.8/float64(max(1, len(links))))
			for i := range links {
				links[i].here = (float64(i) - float64(len(links)-1)/2) * step
				other := links[i].to.up
				if links[i].to.layer < box.layer {
					other = links[i].to.down
				}
				other[slices.IndexFunc(other, func(l link) bool { return l.to == box })].there = links[i].here
			}
		}
	}
}

// straighten lets a line run straight through as many layers as have room for it.
func (b *builder) straighten() {
	for range 4 {
		for e := range b.g.Edges {
			b.align(b.chains[e])
		}
	}
}

// align walks down a line and moves the longest stretches that can share an x to it.
func (b *builder) align(chain []*item) {
	for from := 0; from < len(chain)-1; {
		low, high := math.Inf(-1), math.Inf(1)
		sum, to := 0.0, from
		for ; to < len(chain); to++ {
			l, h := b.room(chain, to)
			if max(low, l) > min(high, h) {
				break
			}
			low, high = max(low, l), min(high, h)
			sum += b.at(chain, to)
		}
		if to-from > 1 {
			x := min(high, max(low, sum/float64(to-from)))
			for i := from; i < to; i++ {
				if chain[i].box < 0 {
					chain[i].x = x
				}
			}
		}
		from = max(to, from+1)
	}
}

// at is where a line passes the i-th item of its chain.
func (b *builder) at(chain []*item, i int) float64 {
	switch i {
	case 0:
		return chain[0].x + here(chain[0].down, chain[1])
	case len(chain) - 1:
		return chain[i].x + here(chain[i].up, chain[i-1])
	}
	return chain[i].x
}

// room is between which places the i-th item of a chain can be moved; a box stays.
func (b *builder) room(chain []*item, i int) (low, high float64) {
	it := chain[i]
	if it.box >= 0 {
		x := b.at(chain, i)
		return x, x
	}
	layer := b.layers[it.layer]
	low, high = math.Inf(-1), math.Inf(1)
	if it.pos > 0 {
		low = layer[it.pos-1].x + gap(layer[it.pos-1], it)
	}
	if it.pos < len(layer)-1 {
		high = layer[it.pos+1].x - gap(it, layer[it.pos+1])
	}
	return low, high
}
