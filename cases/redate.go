package cases

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/workflow"
)

// ByRedate is the kind of the events by which a case's term is counted by
// another revision of the calendar.
const ByRedate workflow.TriggerKind = "redate"

const (
	// inHand is for how long a node keeps a clock that it took for a sweep.
	inHand = time.Minute
	// atATime is how many cases a sweep moves at once.
	atATime = 4
)

// Redate counts open terms that name an older revision of the calendar by the
// one that the service has: at most limit of them, and returns how many it took
// in hand. Several nodes may call it at once and share the cases; who is cut off
// leaves the rest to the next call. A case that ended keeps its revision, and a
// node with an older calendar never takes a case back.
func (s *Service) Redate(ctx context.Context, limit int) (int, error) {
	rev := s.cfg.Calendar.Revision()
	now := s.now()
	rows, err := s.cfg.DB.Query(ctx, `
		WITH behind AS (
			SELECT case_id
			FROM case_clocks
			WHERE calendar = @calendar AND number < @number AND coalesce(kept_for, 0) < @number AND (rung_at IS NULL OR rung_at < @again)
			LIMIT @limit
			FOR UPDATE SKIP LOCKED)
		UPDATE case_clocks k SET rung_at = @now
		FROM behind
		WHERE k.case_id = behind.case_id
		RETURNING k.case_id`, pgx.StrictNamedArgs{"calendar": rev.Calendar, "number": rev.Number, "now": now, "again": now.Add(-inHand), "limit": limit})
	if err != nil {
		return 0, fmt.Errorf("find cases behind calendar %s: %w", rev, err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[ID])
	if err != nil {
		return 0, fmt.Errorf("find cases behind calendar %s: %w", rev, err)
	}
	return len(ids), each(ctx, ids, func(ctx context.Context, id ID) error {
		if err := s.redate(ctx, id, rev); err != nil {
			return fmt.Errorf("count case %s by calendar %s: %w", id, rev, err)
		}
		return nil
	})
}

// each does something for every case, a few at once. One that fails keeps no
// other from being done; all errors are returned.
func each(ctx context.Context, ids []ID, do func(context.Context, ID) error) error {
	var g errgroup.Group
	g.SetLimit(atATime)
	errs := make([]error, len(ids))
	for i, id := range ids {
		g.Go(func() error {
			errs[i] = do(ctx, id)
			return nil
		})
	}
	_ = g.Wait()
	return errors.Join(errs...)
}

// redate moves one case to a revision.
func (s *Service) redate(ctx context.Context, id ID, rev calendar.Revision) error {
	command := derived(id, "calendar "+rev.String())
	return s.record(ctx, id, command, func(c *snapshot) (*step, error) {
		if c.ClosedAt != nil || !c.Term.counted() {
			_, err := s.cfg.DB.Exec(ctx, `DELETE FROM case_clocks k USING cases c WHERE k.case_id = $1 AND c.id = k.case_id AND (c.closed_at IS NOT NULL OR c.due_at IS NULL)`, id)
			return nil, err
		}
		if c.Known != nil || c.Term.Calendar == rev.String() {
			return nil, nil // another node was quicker
		}
		st, err := s.redated(ctx, c, rev, command)
		if outside, ok := errors.AsType[*calendar.RangeError](err); ok {
			_, err := s.cfg.DB.Exec(ctx, `UPDATE case_clocks SET kept_for = $2, kept_why = $3 WHERE case_id = $1`, id, rev.Number, outside.Error())
			return nil, err
		}
		return st, err
	})
}

// redated is the step that counts a case's term by another revision. An earlier
// date changes nothing for the citizen; of a later one she is told, with its reason.
func (s *Service) redated(ctx context.Context, c *snapshot, rev calendar.Revision, command ID) (*step, error) {
	now := s.now()
	older, err := s.calendarOf(ctx, c.Term.Calendar)
	if err != nil {
		return nil, err
	}
	was, err := c.Term.end(older, now)
	if err != nil {
		return nil, err
	}
	n := *c
	n.Memory = *c.Memory.clone()
	n.Term.Calendar = rev.String()
	st := &step{c: &n, seen: c.Revision, keep: true}
	if err := s.redue(ctx, st, c.Term, now); err != nil {
		return nil, err
	}
	due := *n.DueAt
	st.term.Was = was // a paused term's end moves on; only what the calendar did to it counts
	first, last := dayOf(c.Term.Start), dayOf(due)
	if was.After(due) {
		last = dayOf(was)
	}
	days := s.cfg.Calendar.Reasons(older, first, last)
	why := reasonOfRevision(rev, days)
	o := order{Command: command, Trigger: workflow.Trigger{Kind: ByRedate, Event: workflow.Event(ByRedate)},
		Actor: agency.Actor{Kind: agency.System, ID: "calendar " + rev.String()}, Input: Input{Data: map[string]any{"why": why, "days": days}}}
	promised := n.Memory.Promised
	if n.Memory.Told.After(promised) {
		promised = n.Memory.Told
	}
	tell := due.After(was) && due.After(promised)
	if tell {
		n.Memory.Told = due
	}
	st.add(c.State, c.State, o, requestHash(o.Trigger, rev.String()), now, o.Trigger.Event, 0)
	if !tell {
		return st, nil
	}
	return st, st.follow(EffectNotify, NoticeRedated, delay{Due: due, Was: promised, Why: why}, now)
}

// reasonOfRevision says why a revision moved a date: its days, or what it is for.
func reasonOfRevision(rev calendar.Revision, days []calendar.Day) workflow.Text {
	var vi, en []string
	for _, d := range days {
		on, err := time.ParseInLocation(time.DateOnly, d.Date, calendar.Hanoi)
		if err != nil {
			continue
		}
		vi = append(vi, date("", on)+" "+d.Why.VI+", "+d.Act.Title.VI)
		en = append(en, date("", on)+" "+d.Why.EN+", "+d.Act.Title.EN)
	}
	if len(vi) == 0 {
		return workflow.Text(rev.Why)
	}
	return workflow.Text{VI: strings.Join(vi, "; "), EN: strings.Join(en, "; ")}
}

func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

// Behind is how many open terms are counted by each revision, and how many of
// them could not be moved to the newest.
type Behind struct {
	Calendar string `json:"calendar"`
	Number   int    `json:"number"` // 0: of before revisions were named
	Open     int    `json:"open"`
	Kept     int    `json:"kept"` // of them, for a recorded reason
}

// ClocksByRevision counts the open terms by the revision that they name.
func ClocksByRevision(ctx context.Context, db Querier) ([]Behind, error) {
	rows, err := db.Query(ctx, `
		SELECT calendar, number, count(*), count(kept_for)
		FROM case_clocks
		GROUP BY calendar, number
		ORDER BY calendar, number`)
	if err != nil {
		return nil, fmt.Errorf("count open terms: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Behind])
	if err != nil {
		return nil, fmt.Errorf("count open terms: %w", err)
	}
	return out, nil
}

// Querier reads from a database: a pool, a connection, or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}
