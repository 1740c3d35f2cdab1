package check

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hoso-gov/hoso/audit/tsa"
)

// copyLine is a line of a copy: an anchor, or the time-stamp of one.
type copyLine struct {
	Anchor *struct {
		N       int64           `json:"n"`
		At      time.Time       `json:"at"`
		Settled time.Time       `json:"settled"`
		Heads   int64           `json:"heads"`
		LogSeq  int64           `json:"logSeq"`
		LogHash []byte          `json:"logHash"`
		Counts  json.RawMessage `json:"counts"`
		Root    []byte          `json:"root"`
		Prev    []byte          `json:"prev"`
		Hash    []byte          `json:"hash"`
	} `json:"anchor"`
	Stamp *struct {
		N     int64  `json:"n"`
		Token []byte `json:"token"`
	} `json:"stamp"`
}

// copies compares the folder of the copies with the database: an anchor that was
// made anew, with all that is under it, differs from its copy.
func (v *verifier) copies(ctx context.Context) error {
	if v.cfg.Copies == "" {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(v.cfg.Copies, "anchors-*.jsonl"))
	if err != nil {
		return err
	}
	slices.Sort(files)
	hashes := map[int64][]byte{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("read a copy of the anchors: %w", err)
		}
		for raw := range bytes.Lines(text) {
			var l copyLine
			if json.Unmarshal(raw, &l) != nil {
				continue // cut by a crash: what it should say is written again, or missing
			}
			if err := v.copyLine(&l, hashes); err != nil {
				return err
			}
		}
	}
	v.Copied = int64(len(hashes))
	return v.copiesEnd(ctx, hashes)
}

func (v *verifier) copyLine(l *copyLine, hashes map[int64][]byte) error {
	tell := func(n int64, reason string) error { return v.found(Finding{Of: OfCopy, Seq: n, Reason: reason}) }
	if a := l.Anchor; a != nil {
		row := anchorRow{N: a.N, At: a.At, Settled: a.Settled, Heads: a.Heads, Root: a.Root, Prev: a.Prev}
		first, again := hashes[a.N]
		hashes[a.N] = a.Hash
		switch {
		case !bytes.Equal(row.sum(), a.Hash):
			return tell(a.N, "was changed after it was written")
		case again && !bytes.Equal(first, a.Hash):
			return tell(a.N, "two copies differ")
		case a.N <= int64(len(v.hashes)) && !bytes.Equal(v.hashes[a.N-1], a.Hash):
			return tell(a.N, "differs from the database")
		}
	}
	if s := l.Stamp; s != nil {
		hash, ok := hashes[s.N]
		if !ok {
			return tell(s.N, "has a time-stamp and is missing")
		}
		if _, err := tsa.Verify(s.Token, hash, v.cfg.Trusted); err != nil {
			return tell(s.N, err.Error())
		}
	}
	return nil
}

// copiesEnd looks for anchors that only one side has. Anchors newer than this
// check, and those that no export tells of yet, are missing in peace.
func (v *verifier) copiesEnd(ctx context.Context, hashes map[int64][]byte) error {
	var newest int64
	for n := range hashes {
		newest = max(newest, n)
	}
	folder, err := filepath.Abs(v.cfg.Copies)
	if err != nil {
		return err
	}
	var told int64 // what the database says that this folder has
	err = v.cfg.DB.QueryRow(ctx, "SELECT coalesce(max(n), 0) FROM anchor_exports WHERE substr(place, strpos(place, ':') + 1) = $1 AND n <= $2", folder, v.last.N).Scan(&told)
	if err != nil {
		return err
	}
	for n := int64(1); n <= max(newest, told); n++ {
		if _, ok := hashes[n]; !ok {
			if err := v.found(Finding{Of: OfCopy, Seq: n, Reason: "is missing"}); err != nil {
				return err
			}
		}
	}
	if newest <= v.last.N {
		return nil
	}
	// The check began before the newest copies were made, or the anchors are gone.
	var there int64
	if err := v.cfg.DB.QueryRow(ctx, "SELECT coalesce(max(n), 0) FROM anchors").Scan(&there); err != nil {
		return err
	}
	if newest > there {
		return v.found(Finding{Of: OfAnchor, Seq: there + 1, Reason: fmt.Sprintf("is missing: the copies have anchors up to %d", newest)})
	}
	return nil
}
