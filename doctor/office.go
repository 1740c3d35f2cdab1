package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/internal/law"
)

// offices knows the revisions of calendars as the second reading of the law
// takes them: read from the calendar's file by code of the doctor's own.
type offices struct {
	of map[string]*office // by "vn-state-offices/3"
}

// office is one revision, for both readings.
type office struct {
	second law.Office
	first  *calendar.Calendar
}

// find returns a revision: of those that nodes have started with, or that this
// program carries. Nil: nobody knows it.
func (o *offices) find(ctx context.Context, db *pgxpool.Pool, name string) (*office, error) {
	if found, ok := o.of[name]; ok {
		return found, nil
	}
	id, number, err := calendar.ParseRevision(name)
	if err != nil {
		return nil, nil
	}
	var text []byte
	err = db.QueryRow(ctx, `SELECT source FROM calendar_revisions WHERE calendar = $1 AND number = $2`, id, number).Scan(&text)
	if errors.Is(err, pgx.ErrNoRows) {
		for _, c := range calendar.VietnamRevisions() {
			if c.Revision().String() == name {
				text, err = c.Source(), nil
			}
		}
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, err
	}
	if text == nil {
		o.of[name] = nil
		return nil, nil
	}
	found := &office{}
	if found.second, err = readOffice(text, number); err != nil {
		return nil, err
	}
	revisions, err := calendar.Parse(text)
	if err != nil {
		return nil, err
	}
	if number > len(revisions) {
		return nil, fmt.Errorf("the file of %s has %d revisions", name, len(revisions))
	}
	found.first = revisions[number-1]
	o.of[name] = found
	return found, nil
}

// readOffice reads the days and hours of a revision from a calendar's file.
func readOffice(text []byte, revision int) (law.Office, error) {
	var doc struct {
		Covers struct{ From, To string }
		Week   []string
		Hours  []struct{ From, To string }
		Days   []struct {
			Off, Work  string
			Rev, Until int
		}
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return law.Office{}, fmt.Errorf("read the calendar's file: %w", err)
	}
	works := map[string]bool{}
	for day := range dates(doc.Covers.From, doc.Covers.To) {
		works[day.Format(time.DateOnly)] = slices.Contains(doc.Week, strings.ToLower(day.Weekday().String()[:3]))
	}
	for _, row := range doc.Days {
		if row.Rev > revision || row.Until != 0 && row.Until < revision {
			continue
		}
		from, to, several := strings.Cut(row.Off+row.Work, " to ")
		if !several {
			to = from
		}
		for day := range dates(from, to) {
			works[day.Format(time.DateOnly)] = row.Work != ""
		}
	}
	o := law.Office{Works: func(day time.Time) bool { return works[day.Format(time.DateOnly)] }}
	for _, h := range doc.Hours {
		from, err1 := time.Parse("15:04", h.From)
		to, err2 := time.Parse("15:04", h.To)
		if err := errors.Join(err1, err2); err != nil {
			return o, fmt.Errorf("hours of the calendar's file: %w", err)
		}
		o.Parts = append(o.Parts, [2]time.Duration{sinceMidnight(from), sinceMidnight(to)})
	}
	var err error
	o.Until, err = time.ParseInLocation(time.DateOnly, doc.Covers.To, law.Hanoi)
	return o, err
}

func sinceMidnight(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
}

// dates are the midnights from one date to another; none when one is malformed.
func dates(from, to string) func(func(time.Time) bool) {
	return func(yield func(time.Time) bool) {
		first, err1 := time.ParseInLocation(time.DateOnly, from, law.Hanoi)
		last, err2 := time.ParseInLocation(time.DateOnly, to, law.Hanoi)
		if errors.Join(err1, err2) != nil {
			return
		}
		for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
			if !yield(day) {
				return
			}
		}
	}
}
