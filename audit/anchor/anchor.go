// Package anchor ties the chains of all cases and the log of reads together: each
// minute a Merkle tree over the heads of the cases that moved, its root chained to
// the root before, time-stamped by an authority outside (RFC 3161) and copied to a
// place that cannot be rewritten. What the chains of single cases cannot show, a
// history cut at its end or a case that is gone, shows here.
//
// It reads the tables of cases and of package audit, and writes those of anchors
// alone. docs/audit.md says what is hashed; package audit/check computes it anew
// from that page, and shares no code with this one.
package anchor

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Authority makes time-stamps; *tsa.Client does.
type Authority interface {
	// Stamp returns a token (RFC 3161, DER) over a SHA-256 digest.
	Stamp(ctx context.Context, digest []byte) ([]byte, error)
}

// Config says what to anchor and where to. DB is required.
type Config struct {
	DB        *pgxpool.Pool
	Authority Authority // nil: anchors are not stamped, and decisions never stop for it
	Dir       string    // folder of the copies; empty: none are made
	Place     string    // name of Dir among the nodes; default: host and Dir

	Every    time.Duration // an anchor is made in each such piece of time; default a minute
	Patience time.Duration // how long an anchor waits for steps in flight; default 2 s
	Silence  time.Duration // without a time-stamp for so long no decision is taken; default 4 h

	Now func() time.Time // of stamps and of Silence; default time.Now. Anchors go by the database's clock
	Log *slog.Logger     // default slog.Default()
}

// Anchors makes anchors. Any number of nodes may: they share the work.
type Anchors struct {
	cfg Config

	mu      sync.Mutex
	asked   time.Time // when the last stamp was looked up
	stamped time.Time // what was found
}

// Defaults of Config.
const (
	every    = time.Minute
	patience = 2 * time.Second
	silence  = 4 * time.Hour
)

// New checks the configuration.
func New(cfg Config) (*Anchors, error) {
	if cfg.DB == nil {
		return nil, errors.New("anchor: Config.DB is missing")
	}
	cfg.Every, cfg.Patience, cfg.Silence = cmp.Or(cfg.Every, every), cmp.Or(cfg.Patience, patience), cmp.Or(cfg.Silence, silence)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	a := &Anchors{cfg: cfg}
	if cfg.Dir != "" && cfg.Place == "" {
		var err error
		if a.cfg.Place, err = placeOf(cfg.Dir); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// Work makes the anchor that is due, stamps what waits for a stamp, and copies.
// Call it several times in each [Config.Every]: what fails is tried again then,
// and one part that fails keeps no other up.
func (a *Anchors) Work(ctx context.Context) error {
	_, made := a.Make(ctx)
	_, stamped := a.Stamp(ctx)
	_, copied := a.Export(ctx)
	return errors.Join(made, stamped, copied)
}

// Keys of the advisory locks: one node at a time makes, stamps, and copies to a place.
const (
	making    = 0x416e6368 // "Anch"
	stamping  = 0x5374616d // "Stam"
	exporting = 0x436f7079 // "Copy"; with the place's hash
)
