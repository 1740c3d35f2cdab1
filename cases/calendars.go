package cases

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/calendar"
)

// calendars are the revisions of the calendar that this node has in memory.
type calendars struct {
	mu     sync.RWMutex
	byName map[string]*calendar.Calendar // by short name: vn-state-offices/3
}

// keepCalendars stores the revisions that the program carries, so that a node
// that does not carry them can count by them too. A revision that was stored
// with other days keeps the program from starting: terms were counted by those.
func (s *Service) keepCalendars(ctx context.Context) error {
	carried := map[string]*calendar.Calendar{}
	for _, c := range s.carried() {
		carried[c.Revision().String()] = c
	}
	stored := map[string]string{}
	rows, err := s.cfg.DB.Query(ctx, `SELECT calendar || '/' || number, source FROM calendar_revisions`)
	if err != nil {
		return err
	}
	var name, source string
	if _, err := pgx.ForEachRow(rows, []any{&name, &source}, func() error {
		stored[name] = source
		return nil
	}); err != nil {
		return err
	}
	for name, c := range carried {
		before, there := stored[name]
		if before == string(c.Source()) {
			continue
		}
		if there {
			was, err := readRevision(name, before)
			if err != nil {
				return err
			}
			if what := c.DiffersFrom(was); what != "" {
				return fmt.Errorf("calendar %s was shipped before with another reading of %s: terms were counted by it, so give the change a new revision", name, what)
			}
			if !c.CoversMore(was) {
				continue
			}
		}
		rev := c.Revision()
		if _, err := s.cfg.DB.Exec(ctx, `
			INSERT INTO calendar_revisions (calendar, number, since, source)
			VALUES ($1, $2, $3::date, $4)
			ON CONFLICT (calendar, number) DO UPDATE SET source = excluded.source`, rev.Calendar, rev.Number, rev.Since, string(c.Source())); err != nil {
			return err
		}
	}
	s.calendars.byName = carried
	return nil
}

// carried are the revisions up to the configured one.
func (s *Service) carried() []*calendar.Calendar {
	now := s.cfg.Calendar.Revision()
	out := []*calendar.Calendar{s.cfg.Calendar}
	for _, c := range calendar.VietnamRevisions() {
		if r := c.Revision(); r.Calendar == now.Calendar && r.Number < now.Number {
			out = append(out, c)
		}
	}
	return out
}

// calendarOf is the revision that a term names. A term of before revisions were
// named is counted by the configured one.
func (s *Service) calendarOf(ctx context.Context, name string) (*calendar.Calendar, error) {
	if name == "" {
		return s.cfg.Calendar, nil
	}
	s.calendars.mu.RLock()
	c := s.calendars.byName[name]
	s.calendars.mu.RUnlock()
	if c != nil {
		return c, nil
	}
	// A newer node has re-dated the case, or this one carries fewer revisions than it did.
	id, number, err := calendar.ParseRevision(name)
	if err != nil {
		return nil, err
	}
	var source string
	if err := s.cfg.DB.QueryRow(ctx, `SELECT source FROM calendar_revisions WHERE calendar = $1 AND number = $2`, id, number).Scan(&source); err != nil {
		return nil, fmt.Errorf("calendar %s: %w", name, err)
	}
	if c, err = readRevision(name, source); err != nil {
		return nil, err
	}
	s.calendars.mu.Lock()
	s.calendars.byName[name] = c
	s.calendars.mu.Unlock()
	return c, nil
}

// readRevision finds a revision in a calendar's file.
func readRevision(name, source string) (*calendar.Calendar, error) {
	list, err := calendar.Parse([]byte(source))
	if err != nil {
		return nil, fmt.Errorf("calendar %s: %w", name, err)
	}
	for _, c := range list {
		if c.Revision().String() == name {
			return c, nil
		}
	}
	return nil, fmt.Errorf("calendar %s is not in the file that was stored for it", name)
}
