package anchor

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Daily is the last anchor of a day of Hanoi. Whoever keeps a few of them can
// tell later whether the records up to then were made anew.
type Daily struct {
	Day              time.Time // midnight UTC of the date
	N                int64
	At, Settled      time.Time
	Heads            int    // of cases, under this one anchor
	Reads            int64  // sealed so far
	Log              []byte // hash of the last of Reads
	Root, Prev, Hash []byte
	Token            []byte // DER of the time-stamp over Hash; nil: it waits for one
}

// Published returns the last anchor of each day from one date to another that has
// one, newest first.
func Published(ctx context.Context, db *pgxpool.Pool, from, until time.Time) ([]Daily, error) {
	rows, _ := db.Query(ctx, `
		SELECT d.day, a.n, a.at, a.settled, a.heads, a.log_seq, a.log_hash, a.root, a.prev_hash, a.hash, s.token
		FROM generate_series($1::date, $2::date, interval '1 day') AS d (day)
		CROSS JOIN LATERAL (
			SELECT *
			FROM anchors
			WHERE at >= d.day::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh' AND at < (d.day::timestamp + interval '1 day') AT TIME ZONE 'Asia/Ho_Chi_Minh'
			ORDER BY at DESC, n DESC
			LIMIT 1) AS a
		LEFT JOIN anchor_stamps s ON s.n = a.n
		ORDER BY d.day DESC`, from, until)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Daily])
	if err != nil {
		return nil, fmt.Errorf("the anchors of days: %w", err)
	}
	return list, nil
}
