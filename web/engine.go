package web

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hoso-gov/hoso/cases"
)

// engine tells how far the work behind the cases is. It is counted when it is
// asked for; a database that does not answer leaves the figures out.
type engine struct {
	cases *cases.Service
	log   *slog.Logger
}

// countWithin is how long counting may take.
const countWithin = 5 * time.Second

var (
	lateEffects = prometheus.NewDesc("hoso_effects_late", "Effects of cases that are open a minute after their time.", nil, nil)
	lateCases   = prometheus.NewDesc("hoso_cases_late", "Cases that have such an effect.", nil, nil)
	heldEffects = prometheus.NewDesc("hoso_effects_held", "Effects that wait for an unavailable peer.", []string{"peer"}, nil)
	openTrouble = prometheus.NewDesc("hoso_incidents_open", "Open incidents, by where their effects lead.", []string{"peer"}, nil)
	refused     = prometheus.NewDesc("hoso_refused_total", "Commands and looks at cases that were refused, by reason.", []string{"reason"}, nil)
	openBreaker = prometheus.NewDesc("hoso_breaker_open", "1: the peer is unavailable and left alone.", []string{"peer"}, nil)
)

// Describe names the figures.
func (e engine) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{lateEffects, lateCases, heldEffects, openTrouble, openBreaker, refused} {
		out <- d
	}
}

// Collect counts.
func (e engine) Collect(out chan<- prometheus.Metric) {
	for reason, n := range e.cases.Refusals() {
		out <- prometheus.MustNewConstMetric(refused, prometheus.CounterValue, float64(n), reason)
	}
	ctx, cancel := context.WithTimeout(context.Background(), countWithin)
	defer cancel()
	a, err := e.cases.Arrears(ctx)
	if err != nil {
		e.log.WarnContext(ctx, "the figures of the engine are missing", "error", err)
		return
	}
	say := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	say(lateEffects, float64(a.Late))
	say(lateCases, float64(a.Cases))
	for peer, n := range a.Held {
		say(heldEffects, float64(n), peer)
	}
	for peer, n := range a.Incidents {
		if peer == "" {
			peer = "own"
		}
		say(openTrouble, float64(n), peer)
	}
	for peer, down := range a.Down {
		v := 0.0
		if down {
			v = 1
		}
		say(openBreaker, v, peer)
	}
}
