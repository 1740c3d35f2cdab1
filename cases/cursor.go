package cases

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// cursor is where a page of a list ended: the list goes on behind it.
type cursor struct {
	Rank int // of lists that have groups
	At   time.Time
	ID   uuid.UUID
}

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d.%s", c.Rank, c.At.UnixMicro(), c.ID))
}

// CursorError reports a cursor that no list gave out.
type CursorError struct{ Cursor string }

func (e *CursorError) Error() string { return fmt.Sprintf("the cursor %q is none of ours", e.Cursor) }

// onePage parts rows, of which one more was read than a page holds, into the page
// and the text of the cursor behind it; empty: nothing follows.
func onePage[R any](rows []R, limit int, at func(R) cursor) ([]R, string) {
	if len(rows) <= limit {
		return rows, ""
	}
	return rows[:limit], at(rows[limit-1]).String()
}

// parseCursor reads what String wrote; an empty text is start.
func parseCursor(text string, start cursor) (cursor, error) {
	if text == "" {
		return start, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.Split(string(raw), ".")
	if err != nil || len(parts) != 3 {
		return start, &CursorError{text}
	}
	rank, err1 := strconv.ParseInt(parts[0], 10, 32) // columns hold no more
	micro, err2 := strconv.ParseInt(parts[1], 10, 64)
	id, err3 := uuid.Parse(parts[2])
	if err1 != nil || err2 != nil || err3 != nil || micro < (time.Time{}).UnixMicro() || micro > noDue.UnixMicro() {
		return start, &CursorError{text}
	}
	return cursor{Rank: int(rank), At: time.UnixMicro(micro), ID: id}, nil
}

// The sizes of a page.
const (
	pageSize    = 50
	pageMaximum = 200
)

func pageOf(limit int) int {
	if limit <= 0 {
		return pageSize
	}
	return min(limit, pageMaximum)
}
