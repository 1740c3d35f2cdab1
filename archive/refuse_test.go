package archive_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/archive"
)

// refusals are what keeps a month, each made alone.
var refusals = map[string]struct {
	make func(*site) archive.Options
	want string
}{
	"a case is open": {func(s *site) archive.Options {
		s.exec(`UPDATE cases SET closed_at = NULL, outcome = NULL WHERE id = $1`, s.ids[2])
		return archive.Options{}
	}, "cases are open: 1"},
	"retention is not over": {func(s *site) archive.Options { return archive.Options{ClosedBefore: after.AddDate(0, 0, -1)} }, "ended on 2025-06-03, not before 2025-06-03"},
	"a head is under no anchor": {func(s *site) archive.Options {
		s.event(1, 4, "granted", closed)
		return archive.Options{}
	}, "under no anchor: 1"},
	"an anchor has no time-stamp": {func(s *site) archive.Options {
		s.behind(`DELETE FROM anchor_stamps WHERE n = 2`)
		return archive.Options{}
	}, "no time-stamp yet: 1"},
	"an event was changed": {func(s *site) archive.Options {
		s.behind(`UPDATE case_events SET actor = 'cb-02' WHERE case_id = $1 AND seq = 2`, s.ids[3])
		return archive.Options{}
	}, "event 2: was changed after it was written"},
	"an event was removed": {func(s *site) archive.Options {
		s.behind(`DELETE FROM case_events WHERE case_id = $1 AND seq = 2`, s.ids[3])
		return archive.Options{}
	}, "event 2: is missing"},
	"a case was removed with its heads": {func(s *site) archive.Options {
		for _, sql := range []string{`DELETE FROM cases WHERE id = $1`, `DELETE FROM case_events WHERE case_id = $1`, `DELETE FROM anchor_heads WHERE case_id = $1`} {
			s.behind(sql, s.ids[3])
		}
		return archive.Options{}
	}, "was made over 5 heads of cases, 4 are there"},
	"an anchor was changed": {func(s *site) archive.Options {
		s.behind(`UPDATE anchors SET root = sha256('x') WHERE n = 2`)
		return archive.Options{}
	}, "anchor 2: was changed after it was made"},
	"a time-stamp is of another anchor": {func(s *site) archive.Options {
		s.behind(`UPDATE anchor_stamps SET token = (SELECT token FROM anchor_stamps WHERE n = 1) WHERE n = 2`)
		return archive.Options{}
	}, "time-stamp of anchor 2"},
	"an effect is to be done": {func(s *site) archive.Options {
		s.exec(`INSERT INTO case_effects (case_id, seq, idx, type, name, status, next_at, key, created_at) VALUES ($1, 3, 0, 'notify', 'done', 0, now(), $2, now())`, s.ids[0], uuid.New())
		return archive.Options{}
	}, "still to be carried out: 1"},
	"a sub-case goes after its parent": {func(s *site) archive.Options {
		at := filed.AddDate(0, -1, 0)
		s.exec(`SELECT make_case_month($1)`, at)
		s.exec(`INSERT INTO cases (id, code, procedure_id, definition, variant, state, revision, applicant, subject, receiving, competent, filed_at, closed_at, outcome, head_hash)
			VALUES (first_id($1), 'H01.parent', 'permanent-residence', $2, '', 'granted', 1, '1', '1', 'CA-00070', 'CA-00070', $1, $3, 'granted', '')`, at, s.def, closed)
		s.exec(`UPDATE cases SET parent_id = first_id($2) WHERE id = $1`, s.ids[1], at)
		return archive.Options{}
	}, "of an earlier month that is in use: 1"},
	"its sub-case is open": {func(s *site) archive.Options {
		s.exec(`UPDATE cases SET closed_at = NULL, outcome = NULL, parent_id = $2 WHERE id = $1`, s.ids[4], s.ids[0])
		return archive.Options{}
	}, "that is open: 1, as H01.2025_05-4"},
}

// A month with anything that keeps it is refused with the reason, and stays as it was.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, x := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			_, err := s.detach(x.make(s))
			refused, ok := errors.AsType[*archive.RefusedError](err)
			if !ok || !strings.Contains(err.Error(), x.want) {
				t.Fatalf("got %v, want %q", err, x.want)
			}
			if len(refused.Reasons) == 0 || s.month().DetachedAt != nil {
				t.Errorf("the month: %+v", s.month())
			}
			if n := s.count(t.Context(), `SELECT count(*) FROM pg_trigger WHERE tgname = 'month_watched'`); n != 0 {
				t.Errorf("%d watches are left", n)
			}
			if list, _ := filepath.Glob(filepath.Join(s.dir, "*")); len(list) > 0 {
				t.Errorf("an archive was begun: %v", list)
			}
		})
	}
}

// The month that runs, later ones and unknown ones stay.
func TestMonthsThatAreNotOver(t *testing.T) {
	t.Parallel()
	s := open(t)
	ahead, err := s.cases.MakeMonths(t.Context())
	s.ok(err)
	_ = ahead
	list, n, err := archive.Months(t.Context(), s.db)
	s.ok(err)
	if n != 6 || len(list) < 9 {
		t.Errorf("%d months are ready ahead, %d in all", n, len(list))
	}
	for _, at := range []time.Time{time.Now(), time.Now().AddDate(0, 2, 0)} {
		_, err := s.archive.Detach(t.Context(), at.UTC().Format("2006_01"), archive.Options{ClosedBefore: at.AddDate(1, 0, 0), Dir: s.dir})
		if _, ok := errors.AsType[*archive.RefusedError](err); !ok || !strings.Contains(err.Error(), "not over") {
			t.Errorf("%s: %v", at.Format(time.DateOnly), err)
		}
	}
	if _, err := s.archive.Detach(t.Context(), "1999_01", archive.Options{ClosedBefore: after, Dir: s.dir}); !errors.Is(err, archive.ErrNoMonth) {
		t.Errorf("an unknown month: %v", err)
	}
	if _, err := s.archive.Detach(t.Context(), suffix, archive.Options{Dir: s.dir}); err == nil || s.month().DetachedAt != nil {
		t.Errorf("nobody said when retention is over: %v", err)
	}
}

// latecomer changes a case after the records were verified, and then does what it stands for.
type latecomer struct {
	archive.Stubs
	come func()
}

func (l latecomer) KeepStubs(ctx context.Context, suffix string, first, past uuid.UUID) error {
	l.come()
	return l.Stubs.KeepStubs(ctx, suffix, first, past)
}

// A case that changes while its month is being archived keeps it; the next run succeeds.
func TestChangedMeanwhile(t *testing.T) {
	t.Parallel()
	s := open(t)
	a, err := archive.New(archive.Config{DB: s.owner, Trusted: s.trusted, Cases: latecomer{s.cases, func() {
		s.exec(`UPDATE case_bodies SET changed = '{"/a": "x"}' WHERE case_id = $1`, s.ids[1])
	}}})
	s.ok(err)
	if _, err := a.Detach(t.Context(), suffix, archive.Options{ClosedBefore: after, Dir: s.dir}); !errors.Is(err, archive.ErrChanged) || s.month().DetachedAt != nil {
		t.Fatalf("got %v", err)
	}
	_, err = s.detach(archive.Options{})
	s.ok(err)
	if r := s.verify(s.dir); len(r.Findings) > 0 {
		t.Errorf("the records: %v", r.Findings)
	}
}
