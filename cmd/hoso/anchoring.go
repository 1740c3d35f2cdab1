package main

import (
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
