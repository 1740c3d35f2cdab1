package cases

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
)

// Notices lists the messages to a citizen, newest first. Errors to act upon:
// ErrForbidden for who is no citizen, *CursorError.
func (s *Service) Notices(ctx context.Context, a agency.Actor, after string, limit int) ([]Notice, string, error) {
	list, next, err := s.noticesOf(ctx, a, after, pageOf(limit))
	if err != nil {
		return nil, "", fmt.Errorf("notices of a citizen: %w", err)
	}
	return list, next, nil
}

func (s *Service) noticesOf(ctx context.Context, a agency.Actor, after string, limit int) ([]Notice, string, error) {
	if a.Kind != agency.Citizen {
		return nil, "", ErrForbidden
	}
	start, err := parseCursor(after, cursor{At: noDue, ID: uuid.Max})
	if err != nil {
		return nil, "", err
	}
	list, err := behind(ctx, s.cfg.DB, s.reach(a), collectNotices, `
		SELECT id, code, at, text, read_at IS NOT NULL
		FROM notices
		WHERE to_whom = @me AND (at, id) < (@after::timestamptz, @id::uuid)
		ORDER BY at DESC, id DESC
		LIMIT @limit`, pgx.StrictNamedArgs{"me": a.ID, "after": start.At, "id": start.ID, "limit": limit + 1})
	if err != nil || len(list) <= limit {
		return list, "", err
	}
	list = list[:limit]
	return list, cursor{At: list[limit-1].At, ID: list[limit-1].ID}.String(), nil
}

// ReadNotices marks all messages to the citizen as read.
func (s *Service) ReadNotices(ctx context.Context, a agency.Actor) error {
	if a.Kind != agency.Citizen {
		return fmt.Errorf("mark notices as read: %w", ErrForbidden)
	}
	if _, err := s.cfg.DB.Exec(ctx, `UPDATE notices SET read_at = $2 WHERE to_whom = $1 AND read_at IS NULL`, a.ID, s.now()); err != nil {
		return fmt.Errorf("mark notices as read: %w", err)
	}
	return nil
}

// UnreadNotices is how many messages the citizen has not read; at most 100 are counted.
func (s *Service) UnreadNotices(ctx context.Context, a agency.Actor) (int, error) {
	if a.Kind != agency.Citizen {
		return 0, nil
	}
	var n int
	if err := s.cfg.DB.QueryRow(ctx, `
		SELECT count(*)
		FROM (SELECT FROM notices WHERE to_whom = $1 AND read_at IS NULL LIMIT 100) AS unread`, a.ID).Scan(&n); err != nil {
		return 0, fmt.Errorf("count unread notices: %w", err)
	}
	return n, nil
}
