package cases

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"
)

// The values of incidents.kind.
const (
	incidentFailing     = "failing"     // attempts fail and go on
	incidentAmbiguous   = "ambiguous"   // as failing, and it may have been done
	incidentUnavailable = "unavailable" // it waits for the breaker of its peer
	incidentPermanent   = "permanent"   // no attempt can succeed
	incidentGivenUp     = "given-up"    // its time is over
	incidentPassed      = "passed"      // the case went on without it
	incidentManual      = "manual"      // a person has to do it
)

// An incident is opened by the sixth failure in a row, or after an hour of
// trouble, while attempts go on: outages last days, and whoever can end one
// should hear of it on the first.
const (
	incidentFailures = 6
	incidentAfter    = time.Hour
)

// incidentArgs adds to args what openIncidentSQL takes.
func (e *Effect) incidentArgs(kind, detail string, args pgx.StrictNamedArgs) pgx.StrictNamedArgs {
	maps.Copy(args, pgx.StrictNamedArgs{"incident": kind, "detail": detail, "code": e.Code, "competent": e.c.Competent, "receiving": e.c.Receiving,
		"of": e.peer, "type": e.Type, "name": e.Name, "early": e.failures+1 >= incidentFailures, "long": args["now"].(time.Time).Add(-incidentAfter)})
	return args
}

// openIncidentSQL opens the effect's incident, or tells the open one what
// happened last, in the statement that has written a failure down (ended has a
// row). A failure that is not the end opens one when it is the sixth, when the
// trouble lasts for an hour, or when there was one before: whoever had the effect
// tried again learns that it did not help.
const openIncidentSQL = `
		incident AS (
			INSERT INTO incidents (case_id, seq, idx, kind, code, agency, receiving, peer, type, name, opened_at, detail)
			SELECT @case, @seq, @idx, @incident, @code, @competent, @receiving, @of, @type, @name, @now, @detail
			FROM ended
			WHERE @incident NOT IN ('failing', 'ambiguous') OR @early OR ended.troubled_since <= @long
				OR EXISTS (SELECT FROM incidents WHERE case_id = @case AND seq = @seq AND idx = @idx)
			ON CONFLICT (case_id, seq, idx) WHERE closed_at IS NULL DO UPDATE SET kind = excluded.kind, detail = excluded.detail)`

// closeIncidentSQL closes the effect's incident, if it has one.
const closeIncidentSQL = `
		closed AS (
			UPDATE incidents SET closed_at = @now, closed_by = @by, closed_how = @result
			WHERE case_id = @case AND seq = @seq AND idx = @idx AND closed_at IS NULL AND EXISTS (SELECT FROM ended))`

// OpenIncidents opens the incidents of effects that have waited for a peer for
// an hour without an attempt, at most limit; it returns how many it opened. The
// nodes take turns: one that finds another at it does nothing.
func (s *Service) OpenIncidents(ctx context.Context, limit int) (int, error) {
	var opened int64
	err := s.alone(ctx, lockIncidents, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			INSERT INTO incidents (case_id, seq, idx, kind, code, agency, receiving, peer, type, name, opened_at, detail)
			SELECT e.case_id, e.seq, e.idx, CASE WHEN e.ambiguous THEN 'ambiguous' ELSE 'unavailable' END, c.code, c.competent, c.receiving,
				e.waits_for, e.type, e.name, @now, coalesce(e.error, '')
			FROM case_effects e
			JOIN cases c ON c.id = e.case_id
			WHERE e.waits_for IS NOT NULL AND e.status = 0 AND e.troubled_since <= @long
				AND NOT EXISTS (SELECT FROM incidents i WHERE i.case_id = e.case_id AND i.seq = e.seq AND i.idx = e.idx AND i.closed_at IS NULL)
			ORDER BY e.troubled_since
			LIMIT @limit
			ON CONFLICT DO NOTHING`, pgx.StrictNamedArgs{"now": s.now(), "long": s.now().Add(-incidentAfter), "limit": limit})
		opened = tag.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("open incidents: %w", err)
	}
	return int(opened), nil
}

// The locks of work that one node does at a time.
const (
	lockIncidents = 0x686f736f_0001
	lockHeldUp    = 0x686f736f_0002
)

// alone calls do in a transaction unless another node holds the lock.
func (s *Service) alone(ctx context.Context, lock int64, do func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error {
		var mine bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock($1)`, lock).Scan(&mine); err != nil || !mine {
			return err
		}
		return do(tx)
	})
}
