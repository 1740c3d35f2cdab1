package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/procedures"
)

// Publication is a version as it was published.
type Publication struct {
	ID         int64           `json:"id"`
	Procedure  procedures.ID   `json:"procedure"`
	Version    int             `json:"version"`
	Hash       procedures.Hash `json:"hash"`
	From       string          `json:"from"`            // first day of filing, in Hanoi
	Until      string          `json:"until,omitempty"` // last one; empty: until another is published
	ApprovedBy []string        `json:"approved_by"`
	At         time.Time       `json:"at"`
	Plan       string          `json:"plan,omitempty"` // migrate.yaml
	Impact     Standings       `json:"impact"`
}

// Proposal is a version that is to be published.
type Proposal struct {
	Procedure  *procedures.Procedure
	Files      map[string]string // what its hash covers
	From       string            // empty: what the definition says, else today
	ApprovedBy []string
	Impact     Standings
}

// A PublishError says why a version cannot be published.
type PublishError struct {
	Procedure procedures.ID
	Because   string
}

func (e *PublishError) Error() string { return fmt.Sprintf("publish %s: %s", e.Procedure, e.Because) }

// Publish records a version with its files: from its first day on, filings fall
// under it. Open cases stay where they are. Errors to act upon: *PublishError.
func (s *Service) Publish(ctx context.Context, in Proposal) (*Publication, error) {
	p := in.Procedure
	refuse := func(because string, args ...any) error {
		return &PublishError{p.ID, fmt.Sprintf(because, args...)}
	}
	today := dayOf(s.now())
	from := in.From
	if from == "" {
		from = max(p.Valid.From, today)
	}
	switch {
	case len(in.ApprovedBy) == 0:
		return nil, refuse("name who approved it")
	case from < today:
		return nil, refuse("%s is over: cases were filed that day, and they keep their version", from)
	case p.Valid.From != "" && from < p.Valid.From, p.Valid.Until != "" && from > p.Valid.Until:
		return nil, refuse("it holds for filings from %s to %s by its own definition, and %s lies outside", p.Valid.From, p.Valid.Until, from)
	}
	files, err := json.Marshal(in.Files)
	if err != nil {
		return nil, err
	}
	impact, err := json.Marshal(in.Impact)
	if err != nil {
		return nil, err
	}
	out := &Publication{Procedure: p.ID, Version: p.Version, Hash: p.Hash, From: from, Until: p.Valid.Until, ApprovedBy: in.ApprovedBy, At: s.now(), Impact: in.Impact}
	var plan *string
	if p.Plan != nil {
		out.Plan, plan = p.Plan.Text, &p.Plan.Text
	}
	err = pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error {
		// One publication of a procedure at a time: a number names one hash.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('publications'), hashtext($1))`, p.ID); err != nil {
			return err
		}
		var last int
		var taken procedures.Hash
		if err := tx.QueryRow(ctx, `
			SELECT coalesce(max(version), 0), coalesce((SELECT definition FROM publications WHERE procedure_id = $1 AND version = $2 LIMIT 1), '')
			FROM publications
			WHERE procedure_id = $1`, p.ID, p.Version).Scan(&last, &taken); err != nil {
			return err
		}
		switch {
		case taken != "" && taken != p.Hash:
			return refuse("version %d was published with another content: write version: %d in procedure.yaml", p.Version, last+1)
		case taken == "" && p.Version < last:
			return refuse("version %d was published already, and this is version %d: write version: %d in procedure.yaml", last, p.Version, last+1)
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO definitions (hash, procedure_id, version, files)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT DO NOTHING`, p.Hash, p.ID, p.Version, files); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `
			INSERT INTO publications (procedure_id, version, definition, valid_from, valid_until, approved_by, at, plan, impact)
			VALUES (@procedure, @version, @hash, @from, @until, @by, @at, @plan, @impact)
			RETURNING id`, pgx.StrictNamedArgs{"procedure": p.ID, "version": p.Version, "hash": p.Hash, "from": from, "until": nullText(p.Valid.Until),
			"by": in.ApprovedBy, "at": out.At, "plan": plan, "impact": impact}).Scan(&out.ID)
	})
	if _, refused := errors.AsType[*PublishError](err); refused {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("publish %s: %w", p.ID, err)
	}
	return out, s.ReadPublications(ctx)
}

// Publications lists what was published of a procedure, of all when id is empty, the oldest first.
func (s *Service) Publications(ctx context.Context, id procedures.ID) ([]Publication, error) {
	rows, err := s.cfg.DB.Query(ctx, `
		SELECT id, procedure_id, version, definition, valid_from::text, coalesce(valid_until::text, ''), approved_by, at, coalesce(plan, ''), impact
		FROM publications
		WHERE $1 = '' OR procedure_id = $1
		ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("publications: %w", err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Publication, err error) {
		var impact []byte
		if err = row.Scan(&p.ID, &p.Procedure, &p.Version, &p.Hash, &p.From, &p.Until, &p.ApprovedBy, &p.At, &p.Plan, &impact); err == nil {
			err = json.Unmarshal(impact, &p.Impact)
		}
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("publications: %w", err)
	}
	return out, nil
}

// ReadPublications takes over what is published, from whatever node.
func (s *Service) ReadPublications(ctx context.Context) error {
	list, err := s.Publications(ctx, "")
	if err != nil {
		return err
	}
	var editions []*procedures.Edition
	for _, p := range list {
		def, err := s.definition(ctx, p.Hash)
		if err != nil {
			return fmt.Errorf("publication %d of %s: %w", p.ID, p.Procedure, err)
		}
		var files map[string]string
		if files = s.cfg.Procedures.Files(p.Hash); files == nil {
			if files, err = s.versionFiles(ctx, p.Hash); err != nil {
				return err
			}
		}
		editions = append(editions, &procedures.Edition{Procedure: def, Files: files, Validity: procedures.Validity{From: p.From, Until: p.Until}})
	}
	s.cfg.Procedures.Publish(editions)
	return nil
}

// followEvery is how soon a node knows of what another has published.
const followEvery = 2 * time.Second

// FollowPublications takes over what other nodes publish, until ctx ends.
func (s *Service) FollowPublications(ctx context.Context) {
	var seen int64 = -1
	for {
		var last int64
		err := s.cfg.DB.QueryRow(ctx, `SELECT coalesce(max(id), 0) FROM publications`).Scan(&last)
		if err == nil && last != seen {
			if err = s.ReadPublications(ctx); err == nil {
				seen = last
			}
		}
		if err != nil && ctx.Err() == nil {
			s.cfg.Log.ErrorContext(ctx, "what is published could not be taken over", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(followEvery):
		}
	}
}

// Behindhand lists the procedures that the node's own folders hold in another
// version than the one that was published last: that one is in force.
func (s *Service) Behindhand(ctx context.Context, own []*procedures.Procedure) ([]*procedures.Procedure, error) {
	list, err := s.Publications(ctx, "")
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(own), func(p *procedures.Procedure) bool {
		published := false
		for _, q := range list {
			if q.Procedure == p.ID && q.Hash == p.Hash {
				return true
			}
			published = published || q.Procedure == p.ID
		}
		return !published
	}), nil
}

// versionOfDraft is the version that a draft is filled in by: the one that is in
// force today, since the day of filing decides. A draft of an older one goes on
// under it with the answers that it has. What was filed, or came and waits, stays.
func (s *Service) versionOfDraft(ctx context.Context, d *Draft, h procedures.Hash) (*procedures.Procedure, error) {
	p, err := s.definition(ctx, h)
	if err != nil || d.Filed != "" || d.Waits {
		return p, err
	}
	today, ok := s.cfg.Procedures.On(p.ID, dayOf(s.now()))
	if !ok || today.Hash == h || !s.cfg.Procedures.Chosen(p.ID) {
		return p, nil
	}
	_, err = s.cfg.DB.Exec(ctx, `UPDATE drafts SET definition = $3 WHERE id = $1 AND definition = $2 AND filed IS NULL`, d.ID, h, today.Hash)
	return today, err
}
