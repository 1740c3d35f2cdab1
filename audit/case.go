package audit

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// CaseReads is [Reads] of one case: who read subject's data for it.
func CaseReads(ctx context.Context, db *pgxpool.Pool, subject, code, cursor string, limit int) (entries []Entry, next string, err error) {
	before := uuid.Max
	if cursor != "" {
		if before, err = uuid.Parse(cursor); err != nil {
			return nil, "", fmt.Errorf("reads of case %s: the cursor %q is none of ours", code, cursor)
		}
	}
	rows, _ := db.Query(ctx, `
		SELECT id, at, reader_kind, reader, agency, subject_number, case_code, purpose, basis, fields
		FROM access_log
		WHERE subject_number = @subject AND case_code = @code AND id < @before
		ORDER BY id DESC
		LIMIT @limit`, pgx.StrictNamedArgs{"subject": subject, "code": code, "before": before, "limit": limit + 1})
	entries, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Entry])
	if err != nil {
		return nil, "", fmt.Errorf("reads of case %s: %w", code, err)
	}
	if len(entries) > limit {
		entries = entries[:limit]
		next = entries[limit-1].ID.String()
	}
	return entries, next, nil
}
