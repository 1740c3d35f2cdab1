package bench

import (
	"context"
	"math"
	"slices"
	"time"
)

// Latency is how long something took, in milliseconds, and how long its floor
// took, measured in turns with it.
type Latency struct {
	N int `json:"n"` // how often it was done
	Quantile
	Floor *Quantile `json:"floor,omitempty"` // nil: there is none
}

// Quantile is a distribution of times in milliseconds.
type Quantile struct {
	P50 float64 `json:"p50_ms"`
	P95 float64 `json:"p95_ms"`
	P99 float64 `json:"p99_ms"`
}

// quantile returns the value below which a share of the sorted list lies, by
// the nearest rank.
func quantile(sorted []time.Duration, share float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	rank := int(math.Ceil(share*float64(len(sorted)))) - 1
	return float64(sorted[max(rank, 0)].Microseconds()) / 1000
}

func quantiles(took []time.Duration) Quantile {
	s := slices.Sorted(slices.Values(took))
	return Quantile{quantile(s, 0.50), quantile(s, 0.95), quantile(s, 0.99)}
}

func latency(took, floor []time.Duration) Latency {
	l := Latency{N: len(took), Quantile: quantiles(took)}
	if floor != nil {
		f := quantiles(floor)
		l.Floor = &f
	}
	return l
}

// clocked is something that is measured, and the least that it could cost.
type clocked struct {
	do    func(ctx context.Context, n int) error
	floor func(ctx context.Context, n int) error // nil: there is none
	each  func(ctx context.Context) error        // before each, not measured; nil: nothing
}

// measure does it n times after warming up with a tenth of as many, at least ten.
func (c clocked) measure(ctx context.Context, n int) (Latency, error) {
	warm := max(n/10, min(n, 10))
	var took, floor []time.Duration
	for i := range warm + n {
		if c.each != nil {
			if err := c.each(ctx); err != nil {
				return Latency{}, err
			}
		}
		for _, one := range []struct {
			do   func(context.Context, int) error
			into *[]time.Duration
		}{{c.do, &took}, {c.floor, &floor}} {
			if one.do == nil {
				continue
			}
			start := time.Now()
			if err := one.do(ctx, i); err != nil {
				return Latency{}, err
			}
			if i >= warm {
				*one.into = append(*one.into, time.Since(start))
			}
		}
	}
	return latency(took, floor), nil
}

// medians are the medians of several rounds, of each page and each quantile by itself.
func medians(rounds []map[string]Latency) map[string]Latency {
	out := map[string]Latency{}
	for name, l := range rounds[0] {
		took, floor := make([]Quantile, len(rounds)), make([]Quantile, len(rounds))
		for i, r := range rounds {
			took[i] = r[name].Quantile
			if l.Floor != nil {
				floor[i] = *r[name].Floor
			}
		}
		l.Quantile = middle(took)
		if l.Floor != nil {
			f := middle(floor)
			l.Floor = &f
		}
		out[name] = l
	}
	return out
}

// middle is the median of each quantile.
func middle(list []Quantile) Quantile {
	of := func(one func(Quantile) float64) float64 {
		values := make([]float64, len(list))
		for i, q := range list {
			values[i] = one(q)
		}
		return median(values)
	}
	return Quantile{of(func(q Quantile) float64 { return q.P50 }), of(func(q Quantile) float64 { return q.P95 }), of(func(q Quantile) float64 { return q.P99 })}
}
