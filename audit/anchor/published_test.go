package anchor

import (
	"testing"
	"time"

	"github.com/hoso-gov/hoso/internal/pgtest"
)

// The last anchor of each day of Hanoi is published, with its time-stamp once it
// has one; a day without an anchor is left out.
func TestPublished(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for n, at := range []string{"2026-11-23T16:59:59Z", "2026-11-23T17:00:00Z", "2026-11-24T16:59:00Z", "2026-11-26T02:00:00Z"} {
		if _, err := db.Exec(t.Context(), `
			INSERT INTO anchors (n, at, settled, heads, log_seq, log_hash, counts, root, prev_hash, hash)
			VALUES ($1, $2::timestamptz, $2::timestamptz, 0, 0, sha256(''), '{}', sha256('r'), sha256('p'), sha256('h'))`, n+1, at); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec(t.Context(), "INSERT INTO anchor_stamps (n, token, at) VALUES (3, 'token', now())"); err != nil {
		t.Fatal(err)
	}
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	list, err := Published(t.Context(), db, day(24), day(26))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].N != 4 || !list[0].Day.Equal(day(26)) || list[0].Token != nil || list[1].N != 3 || !list[1].Day.Equal(day(24)) || string(list[1].Token) != "token" {
		t.Errorf("got %+v", list)
	}
}
