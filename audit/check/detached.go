package check

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// idRange is a range of ids without its end.
type idRange struct{ first, past uuid.UUID }

// stretch is a part of the cases: in use, or a detached month.
type stretch struct {
	idRange
	month    string // suffix of a detached month; empty: in use
	manifest []byte // of a detached month: SHA-256 of its archive's manifest
}

// noEnd stands behind all ids but the very last.
var noEnd = uuid.Max

// stretches divides the ids that are to be verified into those that are in use
// and the detached months.
func (v *verifier) stretches(ctx context.Context) ([]stretch, error) {
	all := idRange{v.cfg.From, noEnd}
	if v.cfg.ranged() {
		all.past = v.cfg.Until
		v.left = []idRange{{uuid.Nil, v.cfg.From}, {v.cfg.Until, noEnd}}
	}
	rows, _ := v.cfg.DB.Query(ctx, `
		SELECT suffix, first, past, manifest
		FROM case_months
		WHERE detached_at IS NOT NULL AND first < $2 AND past > $1
		ORDER BY first`, all.first, all.past)
	detached, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s stretch, err error) {
		return s, row.Scan(&s.month, &s.first, &s.past, &s.manifest)
	})
	if err != nil {
		return nil, err
	}
	var out []stretch
	at := all.first
	for _, d := range detached {
		if bytes.Compare(at[:], d.first[:]) < 0 {
			out = append(out, stretch{idRange: idRange{at, d.first}})
		}
		out, at = append(out, d), d.past
	}
	if bytes.Compare(at[:], all.past[:]) < 0 {
		out = append(out, stretch{idRange: idRange{at, all.past}})
	}
	return out, nil
}

// stretch goes over a part of the cases.
func (v *verifier) stretch(ctx context.Context, s stretch, months map[string]int64) error {
	last := before(s.past)
	if s.past == noEnd {
		last = noEnd
	}
	if s.month == "" {
		return v.walk(ctx, before(s.first), last, nil, months)
	}
	if v.cfg.Archive == "" {
		v.Detached, v.left = append(v.Detached, s.month), append(v.left, s.idRange)
		return nil
	}
	dir := filepath.Join(v.cfg.Archive, s.month)
	reason, err := filesDiffer(dir, s.manifest)
	if err != nil {
		return err
	}
	if reason != "" {
		v.left = append(v.left, s.idRange)
		return v.found(Finding{Of: OfFile, Reason: fmt.Sprintf("archive of %s: %s", s.month, reason)})
	}
	f, err := openFiles(dir)
	if err != nil {
		return err
	}
	defer f.close()
	v.Archived = append(v.Archived, s.month)
	return v.walk(ctx, before(s.first), last, f, months)
}

// before is the id before an id; of the first id, itself: it is no case's.
func before(id uuid.UUID) uuid.UUID {
	if id == uuid.Nil {
		return id
	}
	for i := len(id) - 1; ; i-- {
		id[i]--
		if id[i] != 0xff {
			return id
		}
	}
}

// leaves tells whether ids of a month are not verified, so that its count says nothing.
func (v *verifier) leaves(month string) bool {
	if len(v.left) == 0 {
		return false
	}
	start, err := time.Parse("2006-01", month)
	if err != nil { // ids that tell no month may lie anywhere
		return true
	}
	m := idRange{firstID(start), firstID(start.AddDate(0, 1, 0))}
	for _, r := range v.left {
		if bytes.Compare(r.first[:], m.past[:]) < 0 && bytes.Compare(m.first[:], r.past[:]) < 0 {
			return true
		}
	}
	return false
}

// firstID is the least id made at an instant or later.
func firstID(at time.Time) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16)
	return id
}

// filesDiffer says in what way an archive is not the one of a manifest; empty: in none.
func filesDiffer(dir string, manifest []byte) (reason string, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if errors.Is(err, os.ErrNotExist) {
		return "it is not in " + filepath.Dir(dir), nil
	}
	if err != nil {
		return "", err
	}
	if !bytes.Equal(digest(text), manifest) {
		return "manifest.json is not the one that the database names", nil
	}
	var m struct {
		Files []struct {
			Name   string `json:"name"`
			SHA256 string `json:"sha256"`
		} `json:"files"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return "", fmt.Errorf("read the manifest in %s: %w", dir, err)
	}
	for _, f := range m.Files {
		file, err := os.Open(filepath.Join(dir, filepath.Base(f.Name)))
		if errors.Is(err, os.ErrNotExist) {
			return f.Name + " is missing", nil
		}
		if err != nil {
			return "", err
		}
		h := sha256.New()
		_, err = io.Copy(h, file)
		file.Close()
		if err != nil {
			return "", err
		}
		if fmt.Sprintf("%x", h.Sum(nil)) != f.SHA256 {
			return f.Name + " was changed after it was written", nil
		}
	}
	return "", nil
}
