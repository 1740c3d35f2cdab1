package main

import (
	"context"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hoso-gov/hoso/audit/anchor"
	"github.com/hoso-gov/hoso/audit/tsa"
)

// anchoring ties the chains together, with whatever authority and folder the node has.
func (a *app) anchoring() (*anchor.Anchors, error) {
	cfg := anchor.Config{DB: a.pool, Dir: a.set.AnchorDir, Now: a.set.Now, Log: a.log}
	if a.set.TSA != "" {
		roots, err := tsa.ReadTrusted(a.set.TSATrust)
		if err != nil {
			return nil, err
		}
		if cfg.Authority, err = tsa.New(tsa.Config{URL: a.set.TSA, Trusted: roots}); err != nil {
			return nil, err
		}
	} else {
		a.log.Warn("no time-stamping authority: nobody outside confirms when the records were written; set HOSO_TSA_URL and HOSO_TSA_TRUST")
	}
	if a.set.AnchorDir == "" {
		a.log.Warn("no copies of the anchors: an owner of the database could make them anew; set HOSO_ANCHOR_DIR to a folder that cannot be rewritten")
	}
	return anchor.New(cfg)
}

// stampAge tells monitoring how long nobody has confirmed the time of the records.
func (a *app) stampAge() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "hoso_time_stamp_age_seconds",
		Help: "Time since an anchor was last time-stamped; decisions stop at 14400"}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		silent, err := a.anchors.Silent(ctx)
		if err != nil {
			return math.NaN()
		}
		return silent.Seconds()
	})
}
