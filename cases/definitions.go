package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// VersionsError reports versions that open cases or drafts rest on and that can
// be loaded neither from the catalogue nor from the database: a program without
// them must not touch those cases.
type VersionsError struct{ Versions []LackingVersion }

// LackingVersion is one of them.
type LackingVersion struct {
	Hash      procedures.Hash
	Procedure procedures.ID
	Cases     int    // open ones, and drafts
	Because   string // why it cannot be loaded
}

func (e *VersionsError) Error() string {
	var each []string
	for _, v := range e.Versions {
		each = append(each, fmt.Sprintf("version %.12s of %s, on which %d open cases and drafts rest (%s)", v.Hash, v.Procedure, v.Cases, v.Because))
	}
	return "cannot load " + strings.Join(each, ", nor ") +
		"; start the release of the program that these cases were filed with, or name a folder that holds the version with --procedures"
}

// keepDefinitions stores the catalogue's versions, and makes sure that every
// version an open case or draft names can be loaded.
func (s *Service) keepDefinitions(ctx context.Context) error {
	if err := s.storeVersions(ctx, s.cfg.Procedures, s.cfg.Procedures.Versions()); err != nil {
		return err
	}
	rows, err := s.cfg.DB.Query(ctx, `
		SELECT definition, procedure_id, count(*)::int
		FROM (
			SELECT definition, procedure_id FROM cases WHERE closed_at IS NULL
			UNION ALL
			SELECT definition, procedure_id FROM drafts WHERE filed IS NULL) AS resting
		GROUP BY definition, procedure_id
		ORDER BY procedure_id, definition`)
	if err != nil {
		return err
	}
	named, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v LackingVersion, err error) {
		return v, row.Scan(&v.Hash, &v.Procedure, &v.Cases)
	})
	if err != nil {
		return err
	}
	var lacking VersionsError
	for _, v := range named {
		_, err := s.definition(ctx, v.Hash)
		if bad, ok := errors.AsType[*versionError](err); ok {
			v.Because = bad.because.Error()
			lacking.Versions = append(lacking.Versions, v)
		} else if err != nil {
			return err
		}
	}
	if lacking.Versions != nil {
		return &lacking
	}
	return nil
}

// storeVersions keeps versions of a catalogue in the database, where cases can name them.
func (s *Service) storeVersions(ctx context.Context, c *procedures.Catalogue, versions []*procedures.Procedure) error {
	hashes := make([]string, len(versions))
	for i, p := range versions {
		hashes[i] = string(p.Hash)
	}
	rows, _ := s.cfg.DB.Query(ctx, `SELECT hash FROM definitions WHERE hash = ANY ($1)`, hashes)
	kept, err := pgx.CollectRows(rows, pgx.RowTo[procedures.Hash])
	if err != nil {
		return err
	}
	batch := &pgx.Batch{}
	for _, p := range versions {
		if slices.Contains(kept, p.Hash) {
			continue
		}
		files, err := json.Marshal(c.Files(p.Hash))
		if err != nil {
			return err
		}
		batch.Queue(`
			INSERT INTO definitions (hash, procedure_id, version, files)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING`, p.Hash, p.ID, p.Version, files)
	}
	return s.cfg.DB.SendBatch(ctx, batch).Close()
}

// Adopt takes over folders that were loaded anew while the service runs: it
// stores what is sound and replaces it in the catalogue. Requests in hand keep
// what they have; cases and drafts stay on their version. It returns what has
// changed; the catalogue's Faults tell what was not adopted.
func (s *Service) Adopt(ctx context.Context, next *procedures.Catalogue, findings []workflow.Finding) ([]*procedures.Procedure, error) {
	sound := next.Sound(findings)
	if err := s.storeVersions(ctx, sound, sound.Versions()); err != nil {
		return nil, fmt.Errorf("keep definitions: %w", err)
	}
	return s.cfg.Procedures.Adopt(next, findings), nil
}

// versionError reports a version that cannot be loaded.
type versionError struct {
	hash    procedures.Hash
	because error
}

func (e *versionError) Error() string {
	return fmt.Sprintf("version %.12s of a procedure: %v", e.hash, e.because)
}

func (e *versionError) Unwrap() error { return e.because }

// definition returns the version that a hash names, from the catalogue or from the database.
func (s *Service) definition(ctx context.Context, h procedures.Hash) (*procedures.Procedure, error) {
	if p, ok := s.cfg.Procedures.ByHash(h); ok {
		return p, nil
	}
	s.mu.RLock()
	p := s.archived[h]
	s.mu.RUnlock()
	if p != nil {
		return p, nil
	}
	files, err := s.versionFiles(ctx, h)
	if err != nil {
		return nil, err
	}
	if p, err = procedures.LoadFiles(files, h); err != nil {
		return nil, &versionError{h, err}
	}
	s.mu.Lock()
	s.archived[h] = p
	s.mu.Unlock()
	return p, nil
}

// versionFiles reads the files of a version from the database.
func (s *Service) versionFiles(ctx context.Context, h procedures.Hash) (files map[string]string, err error) {
	var raw []byte
	err = s.cfg.DB.QueryRow(ctx, `SELECT files FROM definitions WHERE hash = $1`, h).Scan(&raw)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, &versionError{h, errors.New("the database does not hold it")}
	}
	if err != nil {
		return nil, fmt.Errorf("version %.12s of a procedure: %w", h, err)
	}
	if err := json.Unmarshal(raw, &files); err != nil {
		return nil, &versionError{h, err}
	}
	return files, nil
}
