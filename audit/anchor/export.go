package anchor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A line of a copy is one of the two, as JSON. Bytes are base64.
type line struct {
	Anchor *anchorLine `json:"anchor,omitempty"`
	Stamp  *stampLine  `json:"stamp,omitempty"`
}

type anchorLine struct {
	N       int64           `json:"n"`
	At      time.Time       `json:"at"`
	Settled time.Time       `json:"settled"`
	Heads   int             `json:"heads"`
	LogSeq  int64           `json:"logSeq"`
	LogHash []byte          `json:"logHash"`
	Counts  json.RawMessage `json:"counts"`
	Root    []byte          `json:"root"`
	Prev    []byte          `json:"prev"`
	Hash    []byte          `json:"hash"`
}

type stampLine struct {
	N     int64  `json:"n"`
	Token []byte `json:"token"`
}

// exportAtOnce is how many rows one call of Export copies of each table.
const exportAtOnce = 5000

// Export appends to the folder what it has not got yet, and returns how many
// lines. One file a day (of Hanoi), JSON lines, never rewritten: the folder may
// lie on storage that refuses to. What the folder has is asked of the folder.
func (a *Anchors) Export(ctx context.Context) (lines int, err error) {
	if a.cfg.Dir == "" {
		return 0, nil
	}
	err = a.alone(ctx, exporting, a.cfg.Place, func(c *pgxpool.Conn) error {
		if err := os.MkdirAll(a.cfg.Dir, 0o755); err != nil {
			return err
		}
		var want int64
		if err := c.QueryRow(ctx, "SELECT coalesce(max(n), 0) FROM anchor_stamps").Scan(&want); err != nil {
			return err
		}
		anchors, stamps, err := copied(a.cfg.Dir, want)
		if err != nil {
			return err
		}
		days, upto, err := missing(ctx, c, anchors, stamps)
		if err != nil {
			return err
		}
		for _, d := range days {
			if err := appendLines(filepath.Join(a.cfg.Dir, d.file), d.lines); err != nil {
				return err
			}
			lines += len(d.lines)
		}
		if upto > anchors {
			_, err = c.Exec(ctx, "INSERT INTO anchor_exports (place, n, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", a.cfg.Place, upto, a.cfg.Now())
		}
		return err
	})
	if err != nil {
		return lines, fmt.Errorf("copy the anchors to %s: %w", a.cfg.Dir, err)
	}
	return lines, nil
}

// day is what is to be appended to one file.
type day struct {
	file  string
	lines [][]byte
}

var hanoi = time.FixedZone("ICT", 7*60*60)

// missing are the lines that a folder lacks which has the anchors and the stamps
// up to two numbers; upto is the last anchor then. A stamp stands in the file of its own day.
func missing(ctx context.Context, c *pgxpool.Conn, anchors, stamps int64) (days []day, upto int64, err error) {
	put := func(at time.Time, l line) error {
		text, err := json.Marshal(l)
		if err != nil {
			return err
		}
		file := "anchors-" + at.In(hanoi).Format(time.DateOnly) + ".jsonl"
		i := slices.IndexFunc(days, func(d day) bool { return d.file == file })
		if i < 0 {
			i, days = len(days), append(days, day{file: file})
		}
		days[i].lines = append(days[i].lines, text)
		return nil
	}
	upto = anchors
	rows, _ := c.Query(ctx, `
		SELECT n, at, settled, heads, log_seq, log_hash, convert_to(counts::text, 'UTF8'), root, prev_hash, hash
		FROM anchors
		WHERE n > $1
		ORDER BY n
		LIMIT $2`, anchors, exportAtOnce)
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[anchor])
	if err != nil {
		return nil, 0, err
	}
	for _, r := range list {
		l := anchorLine{r.N, r.At.UTC(), r.Settled.UTC(), r.Heads, r.LogSeq, r.LogHash, r.Counts, r.Root, r.Prev, r.Hash}
		if err := put(r.At, line{Anchor: &l}); err != nil {
			return nil, 0, err
		}
		upto = r.N
	}
	var s stampLine
	var at time.Time
	rows, _ = c.Query(ctx, "SELECT n, token, at FROM anchor_stamps WHERE n > $1 AND n <= $2 ORDER BY n LIMIT $3", stamps, upto, exportAtOnce)
	_, err = pgx.ForEachRow(rows, []any{&s.N, &s.Token, &at}, func() error { return put(at, line{Stamp: &s}) })
	return days, upto, err
}

// copied reads from the end of a folder which anchor and which stamp it has last;
// stamps are looked for when there are any. A line that a crash cut is none: it is
// written again.
func copied(dir string, want int64) (anchors, stamps int64, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "anchors-*.jsonl"))
	if err != nil {
		return 0, 0, err
	}
	slices.Sort(files)
	for _, file := range slices.Backward(files) {
		text, err := os.ReadFile(file)
		if err != nil {
			return 0, 0, err
		}
		for raw := range bytes.Lines(text) {
			var l line
			if json.Unmarshal(raw, &l) != nil {
				continue
			}
			if l.Anchor != nil {
				anchors = max(anchors, l.Anchor.N)
			}
			if l.Stamp != nil {
				stamps = max(stamps, l.Stamp.N)
			}
		}
		if anchors > 0 && (stamps > 0 || want == 0) {
			break
		}
	}
	return anchors, stamps, nil
}

// appendLines appends to a file, and returns when the disk has it.
func appendLines(file string, lines [][]byte) error {
	_, err := os.Stat(file)
	fresh := errors.Is(err, fs.ErrNotExist)
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	text := append(bytes.Join(lines, []byte("\n")), '\n')
	if cut, err := cutOff(f); err != nil {
		return err
	} else if cut {
		text = append([]byte("\n"), text...)
	}
	if _, err := f.Write(text); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if !fresh {
		return nil
	}
	d, err := os.Open(filepath.Dir(file)) // the name is safe, too
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// cutOff tells whether the last line of a file has no end.
func cutOff(f *os.File) (bool, error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false, err
	}
	var end [1]byte
	_, err = f.ReadAt(end[:], info.Size()-1)
	return end[0] != '\n', err
}

// placeOf names a folder on this host.
func placeOf(dir string) (string, error) {
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("anchor: name the place of the copies: %w", err)
	}
	dir, err = filepath.Abs(dir)
	return host + ":" + dir, err
}
