package archive

import (
	"context"
	"fmt"
	"time"

	"github.com/hoso-gov/hoso/audit/check"
	"github.com/hoso-gov/hoso/calendar"
)

// refuse says why a month may not be detached: a *RefusedError with all reasons.
func (a *Archive) refuse(ctx context.Context, m *Month, closedBefore time.Time) error {
	r := &RefusedError{Month: m.Suffix}
	no := func(format string, args ...any) { r.Reasons = append(r.Reasons, fmt.Sprintf(format, args...)) }
	if m.State == InUse && m.Open == 0 {
		no("it is not over yet")
	}
	if m.LastClosed != nil && !m.LastClosed.Before(closedBefore) {
		no("its last case ended on %s, not before %s", m.LastClosed.In(calendar.Hanoi).Format(time.DateOnly), closedBefore.In(calendar.Hanoi).Format(time.DateOnly))
	}
	for _, rule := range rules {
		var n int64
		var example string
		if err := a.cfg.DB.QueryRow(ctx, rule.sql, m.first, m.past).Scan(&n, &example); err != nil {
			return fmt.Errorf("whether %s: %w", rule.what, err)
		}
		if n > 0 {
			no("%s: %d, as %s", rule.what, n, example)
		}
	}
	if len(r.Reasons) > 0 {
		return r
	}
	return nil
}

// rules count what keeps a month, with an example; $1 and $2 are its range of ids.
var rules = []struct{ what, sql string }{
	{"cases are open", `
		SELECT count(*), coalesce(min(code), '') FROM cases WHERE id >= $1 AND id < $2 AND closed_at IS NULL`},
	{"ended cases have a sub-case, or belong to a case, that is open", `
		SELECT count(*), coalesce(min(code), '')
		FROM (
			SELECT o.code FROM cases o WHERE o.parent_id >= $1 AND o.parent_id < $2 AND o.closed_at IS NULL
			UNION ALL
			SELECT o.code FROM cases c JOIN cases o ON o.id = c.parent_id WHERE c.id >= $1 AND c.id < $2 AND o.closed_at IS NULL) AS o`},
	{"sub-cases belong to cases of an earlier month that is in use", `
		SELECT count(*), coalesce(min(c.code), '')
		FROM cases c
		JOIN cases p ON p.id = c.parent_id
		WHERE c.id >= $1 AND c.id < $2 AND c.parent_id < $1`},
	{"effects are still to be carried out", `
		SELECT count(*), coalesce(min(case_id::text), '') FROM case_effects WHERE case_id >= $1 AND case_id < $2 AND next_at IS NOT NULL`},
	{"incidents are open", `
		SELECT count(*), coalesce(min(id::text), '') FROM incidents WHERE case_id >= $1 AND case_id < $2 AND closed_at IS NULL`},
	{"timers are set", `
		SELECT count(*), coalesce(min(case_id::text), '') FROM case_timers WHERE case_id >= $1 AND case_id < $2`},
	{"last events of cases are under no anchor", `
		SELECT count(*), coalesce(min(c.code), '')
		FROM cases c
		WHERE c.id >= $1 AND c.id < $2 AND NOT EXISTS (SELECT FROM anchor_heads h WHERE h.case_id = c.id AND h.revision = c.revision AND h.head_hash = c.head_hash)`},
	{"anchors over it have no time-stamp yet", `
		SELECT count(*), coalesce(min(n)::text, '')
		FROM (SELECT DISTINCT h.n FROM anchor_heads h WHERE h.case_id >= $1 AND h.case_id < $2) AS over
		WHERE NOT EXISTS (SELECT FROM anchor_stamps s WHERE s.n = over.n) AND EXISTS (SELECT FROM anchor_stamps)`},
}

// verify checks the records of the month: its chains, the anchors over them and their time-stamps.
func (a *Archive) verify(ctx context.Context, m *Month) error {
	r, err := check.Verify(ctx, check.Config{DB: a.cfg.DB, Trusted: a.cfg.Trusted, From: m.first, Until: m.past, All: true})
	if err != nil {
		return err
	}
	refused := &RefusedError{Month: m.Suffix}
	for _, f := range r.Findings {
		if len(refused.Reasons) == 10 {
			refused.Reasons = append(refused.Reasons, fmt.Sprintf("and %d findings more: run hoso audit verify --all", len(r.Findings)-10))
			break
		}
		refused.Reasons = append(refused.Reasons, f.String())
	}
	if len(refused.Reasons) > 0 {
		return refused
	}
	return nil
}
