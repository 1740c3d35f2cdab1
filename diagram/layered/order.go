package layered

import (
	"cmp"
	"slices"
)

// sweeps is how often the layers are put in order, down and up.
const sweeps = 24

// order puts the items of each layer in an order in which few lines cross.
func (b *builder) order() {
	best, fewest := b.orders(), b.crossings()
	for i := range sweeps {
		down := i%2 == 0
		for j := range b.layers {
			r := j
			if !down {
				r = len(b.layers) - 1 - j
			}
			b.sort(b.layers[r], down)
		}
		b.transpose()
		if n := b.crossings(); n < fewest {
			best, fewest = b.orders(), n
		}
	}
	for r, layer := range best {
		b.layers[r] = layer
		number(layer)
	}
}

func (b *builder) orders() [][]*item {
	out := make([][]*item, len(b.layers))
	for r, layer := range b.layers {
		out[r] = slices.Clone(layer)
	}
	return out
}

func number(layer []*item) {
	for i, it := range layer {
		it.pos = i
	}
}

// sort orders a layer by the middle of what each item is joined to above, or below.
func (b *builder) sort(layer []*item, down bool) {
	middle := map[*item]float64{}
	for _, it := range layer {
		links := it.up
		if !down {
			links = it.down
		}
		middle[it] = float64(it.pos)
		if len(links) == 0 {
			continue
		}
		sum := 0.0
		for _, l := range links {
			sum += float64(l.to.pos)
		}
		middle[it] = sum / float64(len(links))
	}
	slices.SortStableFunc(layer, func(a, c *item) int { return cmp.Compare(middle[a], middle[c]) })
	number(layer)
}

// transpose swaps neighbours as long as fewer lines cross.
func (b *builder) transpose() {
	for range 8 {
		better := false
		for _, layer := range b.layers {
			for i := 1; i < len(layer); i++ {
				a, c := layer[i-1], layer[i]
				if cross(a.up, c.up)+cross(a.down, c.down) > cross(c.up, a.up)+cross(c.down, a.down) {
					layer[i-1], layer[i] = c, a
					a.pos, c.pos = i, i-1
					better = true
				}
			}
		}
		if !better {
			return
		}
	}
}

// cross counts the crossings of the links of two neighbours, a on the left.
func cross(a, c []link) int {
	n := 0
	for _, x := range a {
		for _, y := range c {
			if x.to.pos > y.to.pos {
				n++
			}
		}
	}
	return n
}

func (b *builder) crossings() int {
	n := 0
	for _, layer := range b.layers {
		for i, a := range layer {
			for _, c := range layer[i+1:] {
				n += cross(a.down, c.down)
			}
		}
	}
	return n
}
