package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"testing/fstest"

	"github.com/hoso-gov/hoso/procedures"
)

// keepDefinitions stores the catalogue's versions, and makes sure that every
// version an open case or draft names can be loaded.
func (s *Service) keepDefinitions(ctx context.Context) error {
	for _, p := range s.cfg.Procedures.All() {
		files, err := json.Marshal(s.cfg.Procedures.Files(p.Hash))
		if err != nil {
			return err
		}
		if _, err := s.cfg.DB.Exec(ctx, `
			INSERT INTO definitions (hash, procedure_id, version, files)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING`, p.Hash, p.ID, p.Version, files); err != nil {
			return err
		}
	}
	rows, err := s.cfg.DB.Query(ctx, `
		SELECT DISTINCT definition FROM cases WHERE closed_at IS NULL
		UNION
		SELECT DISTINCT definition FROM drafts WHERE filed IS NULL`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var hashes []procedures.Hash
	for rows.Next() {
		var h procedures.Hash
		if err := rows.Scan(&h); err != nil {
			return err
		}
		hashes = append(hashes, h)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, h := range hashes {
		if _, err := s.definition(ctx, h); err != nil {
			return err
		}
	}
	return nil
}

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
	var raw []byte
	if err := s.cfg.DB.QueryRow(ctx, `SELECT files FROM definitions WHERE hash = $1`, h).Scan(&raw); err != nil {
		return nil, fmt.Errorf("version %.12s of a procedure: %w", h, err)
	}
	var files map[string]string
	if err := json.Unmarshal(raw, &files); err != nil {
		return nil, fmt.Errorf("version %.12s of a procedure: %w", h, err)
	}
	fsys := fstest.MapFS{}
	for path, text := range files {
		fsys[path] = &fstest.MapFile{Data: []byte(text)}
	}
	catalogue, findings := procedures.Load(fsys)
	for _, p := range catalogue.All() {
		if p.Hash == h {
			s.mu.Lock()
			s.archived[h] = p
			s.mu.Unlock()
			return p, nil
		}
	}
	return nil, fmt.Errorf("version %.12s of a procedure cannot be loaded: %d findings", h, len(findings))
}
