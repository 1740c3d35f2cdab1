package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/workflow"
)

// WaitingError reports a filing that was kept to be turned into a case as soon
// as there is room. Its time of filing is At, whenever that will be.
type WaitingError struct {
	Number int64 // of the receipt
	At     time.Time
}

func (e *WaitingError) Error() string {
	return fmt.Sprintf("kept as %s of %s, until there is room", e.Receipt(), e.At.Format(time.RFC3339))
}

// Receipt is the number that the citizen is given: TN-000123.
func (e *WaitingError) Receipt() string { return fmt.Sprintf("TN-%06d", e.Number) }

// WaitingFiling is what became of a filing that had to wait.
type WaitingFiling struct {
	WaitingError
	Refusal []workflow.Text // why it could not be filed; empty: it waits, or is a case
	Ended   bool
}

// keepWaiting keeps a filing, once for each draft.
func (s *Service) keepWaiting(ctx context.Context, draft uuid.UUID, digest string) error {
	kept := &WaitingError{}
	err := s.cfg.DB.QueryRow(ctx, `
		INSERT INTO waiting_filings AS w (draft_id, digest, at)
		VALUES ($1, $2, $3)
		ON CONFLICT (draft_id) DO UPDATE SET digest = excluded.digest, at = excluded.at, ended_at = NULL, refusal = NULL, tried_at = NULL
			WHERE w.ended_at IS NOT NULL
		RETURNING number, at`, draft, digest, s.now()).Scan(&kept.Number, &kept.At)
	if errors.Is(err, pgx.ErrNoRows) { // it waits already
		err = s.cfg.DB.QueryRow(ctx, `SELECT number, at FROM waiting_filings WHERE draft_id = $1`, draft).Scan(&kept.Number, &kept.At)
	}
	if err != nil {
		return err
	}
	return kept
}

// Waiting returns what became of the filing of a draft that had to wait.
// ErrNotFound: it did not have to, or is not the actor's.
func (s *Service) Waiting(ctx context.Context, a agency.Actor, draft uuid.UUID) (*WaitingFiling, error) {
	var (
		w       WaitingFiling
		refusal []byte
	)
	err := s.cfg.DB.QueryRow(ctx, `
		SELECT w.number, w.at, w.ended_at IS NOT NULL, coalesce(w.refusal, '[]')
		FROM waiting_filings w
		JOIN drafts d ON d.id = w.draft_id
		WHERE w.draft_id = $1 AND d.owner = $2`, draft, a.ID).Scan(&w.Number, &w.At, &w.Ended, &refusal)
	if errors.Is(err, pgx.ErrNoRows) || a.Kind != agency.Citizen {
		return nil, ErrNotFound
	}
	if err == nil {
		err = json.Unmarshal(refusal, &w.Refusal)
	}
	if err != nil {
		return nil, fmt.Errorf("filing of draft %s that waits: %w", draft, err)
	}
	return &w, nil
}

// FileWaiting turns filings that wait into cases, the oldest first, unless the
// system is still pressed. Any number of processes may call it. It returns how
// many it took up.
func (s *Service) FileWaiting(ctx context.Context, limit int) (int, error) {
	if pressed, _ := s.Pressed(ctx); pressed {
		return 0, nil
	}
	type waiting struct {
		Draft  uuid.UUID
		Digest string
		At     time.Time
		Owner  string
		Name   string
		Level  int
	}
	rows, _ := s.cfg.DB.Query(ctx, `
		WITH taken AS (
			UPDATE waiting_filings SET tried_at = @now
			WHERE number IN (
				SELECT number FROM waiting_filings
				WHERE ended_at IS NULL AND (tried_at IS NULL OR tried_at < @again)
				ORDER BY number LIMIT @limit FOR UPDATE SKIP LOCKED)
			RETURNING number, draft_id, digest, at)
		SELECT t.draft_id, t.digest, t.at, d.owner, d.owner_name, d.owner_level
		FROM taken t
		JOIN drafts d ON d.id = t.draft_id
		ORDER BY t.number`, pgx.StrictNamedArgs{"now": s.now(), "again": s.now().Add(-time.Minute), "limit": limit})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[waiting])
	if err != nil {
		return 0, fmt.Errorf("file what waits: %w", err)
	}
	for _, w := range list {
		a := agency.Actor{Kind: agency.Citizen, ID: w.Owner, Name: w.Name, Level: w.Level}
		_, err := s.fileDraft(ctx, a, w.Draft, w.Digest, w.At)
		refusal, known := whyNotFiled(err)
		if err != nil && !known {
			return len(list), fmt.Errorf("file what waits: %w", err) // a later call takes it up again
		}
		text, err := json.Marshal(refusal)
		if err == nil {
			_, err = s.cfg.DB.Exec(ctx, `
				UPDATE waiting_filings SET ended_at = $2, refusal = nullif($3::jsonb, 'null')
				WHERE draft_id = $1`, w.Draft, s.now(), text)
		}
		if err != nil {
			return len(list), fmt.Errorf("file what waits: %w", err)
		}
	}
	return len(list), nil
}

// whyNotFiled says why a filing that waited cannot be filed as it is; known is
// false for an error that a later attempt may not meet.
func whyNotFiled(err error) (why []workflow.Text, known bool) {
	if wrong, ok := errors.AsType[*InvalidError](err); ok {
		for _, p := range wrong.Problems {
			why = append(why, workflow.Text{VI: p.VI, EN: p.EN})
		}
		return why, true
	}
	if changed, ok := errors.AsType[*ConflictError](err); ok {
		why = append(why, workflow.Text{VI: "Dữ liệu đã thay đổi sau khi Ông/Bà nộp, cần xem lại trước khi gửi", EN: "Data changed after you filed: look again before you send it"})
		for _, c := range changed.Changes {
			why = append(why, c.What)
		}
		return why, true
	}
	if twice, ok := errors.AsType[*DuplicateError](err); ok {
		return []workflow.Text{{VI: "Hồ sơ cùng nội dung đã được nộp: " + string(twice.Code), EN: "A case about the same has been filed: " + string(twice.Code)}}, true
	}
	if errors.Is(err, ErrForbidden) || errors.Is(err, ErrNotFound) {
		return []workflow.Text{{VI: "Ông/Bà không còn quyền nộp hồ sơ này", EN: "You may no longer file this case"}}, true
	}
	return nil, false
}
