package cases

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/workflow"
)

// The breaker of a peer is shared by all worker nodes: its state is a row of
// peers. After breakerLimit failed calls in a row, over all effects, it opens.
// While it is open, effects that lead to the peer wait and are not attempted; one
// attempt at a time is let through, after a tenth of the time that the peer has
// been away, at least probeFirst and at most probeLast. An answer closes it and
// wakes what waits. A peer is known by its line, so each has its own breaker and
// its own limit of workers.
const (
	breakerLimit = 5
	probeFirst   = 30 * time.Second
	probeLast    = 5 * time.Minute
)

// The lines that lead to peers, besides those of registries.
const (
	PeerPayments = "payments"
	PeerNotices  = "notices" // mail server and SMS service: an answer of either counts
)

// peerOf is whom a line leads to; empty for work in our own house.
func peerOf(queue string) string {
	if queue == PeerPayments || queue == PeerNotices || strings.HasPrefix(queue, registryQueue("")) {
		return queue
	}
	return ""
}

// PeerTitle names a peer for people.
func (s *Service) PeerTitle(peer string) workflow.Text {
	switch peer {
	case "":
		return workflow.Text{VI: "Hệ thống này", EN: "This system"}
	case PeerPayments:
		return workflow.Text{VI: "Hệ thống thanh toán", EN: "Payment platform"}
	case PeerNotices:
		return workflow.Text{VI: "Dịch vụ thư điện tử và tin nhắn", EN: "E-mail and SMS service"}
	}
	name := strings.TrimPrefix(peer, registryQueue(""))
	if t, ok := s.cfg.Procedures.Elements.Registries[name]; ok {
		return t
	}
	return workflow.Text{VI: name, EN: name}
}

// Answered notes that the effect's peer answered this attempt, whatever it said:
// finishing or failing the effect then tells its breaker.
func (e *Effect) Answered() { e.answered = true }

// spoke is the peer if it answered this attempt, else empty.
func (e *Effect) spoke() string {
	if e.answered {
		return e.peer
	}
	return ""
}

// answeredSQL ends a row of failures of @peer and closes its breaker, in the
// statement that has written down its answer (ended has a row). A peer that is
// well is written at most once a minute.
const answeredSQL = `
		was AS (SELECT opened_at FROM peers WHERE name = @peer),
		answered AS (
			UPDATE peers SET failures = 0, failing_since = NULL, opened_at = NULL, probe_at = NULL, last_ok = @now
			WHERE name = @peer AND (failures > 0 OR last_ok IS NULL OR last_ok < @minute) AND EXISTS (SELECT FROM ended)
			RETURNING name),
		closed_breaker AS (
			INSERT INTO peer_events (peer, event, at, actor, actor_name)
			SELECT @peer, 'closed', @now, 'system', '' FROM was, answered WHERE was.opened_at IS NOT NULL
			RETURNING id)`

// blamedSQL counts a failure against @peer and opens its breaker at the fifth, in
// the statement that has written the failure down (ended has a row).
const blamedSQL = `
		blamed AS (
			INSERT INTO peers AS p (name, failures, failing_since, last_error)
			SELECT @blame, 1, @now, @kind FROM ended WHERE @blame <> ''
			ON CONFLICT (name) DO UPDATE SET failures = p.failures + 1, failing_since = coalesce(p.failing_since, @now), last_error = @kind,
				opened_at = CASE WHEN p.failures + 1 >= @limit THEN coalesce(p.opened_at, @now) END,
				probe_at = CASE WHEN p.failures + 1 < @limit THEN NULL WHEN p.opened_at IS NULL OR @probes THEN
					@now + greatest(@first::interval, least(@last::interval, (@now - coalesce(p.failing_since, @now)) / 10)) ELSE p.probe_at END
			RETURNING failures, opened_at),
		opened AS (
			INSERT INTO peer_events (peer, event, at, actor, actor_name)
			SELECT @blame, 'opened', @now, 'system', '' FROM blamed WHERE failures = @limit)`

// hold puts an effect that is due where it waits for its peer's breaker, without
// an attempt and without a call, until it is woken or picked to try; when its time
// is over before that, it is given up. It tells whether the effect waits or ended.
func (s *Service) hold(ctx context.Context, e *Effect) (bool, error) {
	if err := s.readEffect(ctx, e, &pgx.Batch{}); err != nil {
		return false, err
	}
	now := s.now()
	end, err := s.givesUp(ctx, e)
	if err != nil {
		return false, err
	}
	switch {
	case e.passed():
		return s.abandon(ctx, e, incidentPassed)
	case !now.Before(end):
		return s.abandon(ctx, e, incidentGivenUp)
	}
	var held int
	err = s.locked(ctx, e.Bell, `
		WITH held AS (
			UPDATE case_effects SET status = 0, next_at = @next, waits_for = @peer, troubled_since = coalesce(troubled_since, @now), lease = NULL, lease_until = NULL,
				rung_at = NULL, ambiguous = ambiguous OR status = 1
			WHERE `+dueSQL+` AND receipt IS NULL AND EXISTS (SELECT FROM peers WHERE name = @peer AND opened_at IS NOT NULL)
			RETURNING attempts),
		lost AS (
			UPDATE case_effect_attempts SET ended_at = @now, result = 'lost'
			WHERE case_id = @case AND seq = @seq AND idx = @idx AND ended_at IS NULL AND EXISTS (SELECT FROM held))
		SELECT count(*) FROM held`, pgx.StrictNamedArgs{
		"case": e.Case, "seq": e.Seq, "idx": e.Idx, "now": now, "soon": now.Add(earlyBell), "next": end, "peer": e.peer}, &held)
	return held == 1, err
}

// abandon gives up an effect that waits for its peer: no attempt is made any more.
func (s *Service) abandon(ctx context.Context, e *Effect, kind string) (bool, error) {
	now := s.now()
	var ended int
	err := s.locked(ctx, e.Bell, `
		WITH ended AS (
			UPDATE case_effects SET status = 4, next_at = NULL, lease = NULL, lease_until = NULL, done_at = @now, waits_for = NULL, ambiguous = ambiguous OR status = 1,
				troubled_since = coalesce(troubled_since, @now), error = coalesce(error, @detail)
			WHERE `+dueSQL+` AND receipt IS NULL
			RETURNING attempts, troubled_since),
		lost AS (
			UPDATE case_effect_attempts SET ended_at = @now, result = 'lost'
			WHERE case_id = @case AND seq = @seq AND idx = @idx AND ended_at IS NULL AND EXISTS (SELECT FROM ended)),
		`+openIncidentSQL+`
		SELECT count(*) FROM ended`, e.incidentArgs(kind, "not attempted: "+e.peer+" was unavailable", pgx.StrictNamedArgs{
		"case": e.Case, "seq": e.Seq, "idx": e.Idx, "now": now, "soon": now.Add(earlyBell)}), &ended)
	return ended == 1, err
}

// Outage is a peer whose breaker is open.
type Outage struct {
	Peer     string
	Title    workflow.Text
	Since    time.Time // first of the failures in a row
	OpenedAt time.Time
	ProbeAt  time.Time // when the next attempt is let through
	Waiting  int       // effects that wait for it; at most 10,000 are counted
	Error    string    // unavailable, ambiguous
}

// Outages are the peers that are unavailable now, the longest first. They say
// nothing about anybody.
func (s *Service) Outages(ctx context.Context) ([]Outage, error) {
	rows, err := s.cfg.DB.Query(ctx, `
		SELECT p.name, p.failing_since, p.opened_at, p.probe_at, coalesce(p.last_error, ''),
			(SELECT count(*) FROM (SELECT FROM case_effects e WHERE e.waits_for = p.name AND e.status = 0 LIMIT 10000) AS waiting)
		FROM peers p
		WHERE p.opened_at IS NOT NULL
		ORDER BY p.failing_since, p.name`)
	if err != nil {
		return nil, fmt.Errorf("list unavailable peers: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o Outage, err error) {
		err = row.Scan(&o.Peer, &o.Since, &o.OpenedAt, &o.ProbeAt, &o.Error, &o.Waiting)
		o.Title = s.PeerTitle(o.Peer)
		return o, err
	})
	if err != nil {
		return nil, fmt.Errorf("list unavailable peers: %w", err)
	}
	return list, nil
}

// wakeWithin is over how long the effects are spread that wait for a peer when it is back.
const wakeWithin = 30 * time.Second

// Probe finds the effects that may try whether their peers are back, one for
// each peer whose time has come, and Wake those whose peer is back. ring is
// called in the transaction that marks them, at most limit at a time; they return
// how many there were.
func (s *Service) Probe(ctx context.Context, ring func(context.Context, pgx.Tx, []Bell) error) (int, error) {
	n, err := s.ringFor(ctx, ring, `
		WITH picked AS (
			SELECT w.case_id, w.seq, w.idx
			FROM peers p CROSS JOIN LATERAL (
				SELECT e.case_id, e.seq, e.idx
				FROM case_effects e
				WHERE e.waits_for = p.name AND e.status = 0 AND (e.rung_at IS NULL OR e.rung_at < @again)
				ORDER BY e.failures, e.next_at -- another one each time, lest one that can never succeed stands for all
				LIMIT 1
				FOR UPDATE SKIP LOCKED) AS w
			WHERE p.opened_at IS NOT NULL AND (p.probe_at <= @now OR p.probe_at > @now::timestamptz + interval '70 minutes'))
		UPDATE case_effects e SET next_at = @now, rung_at = @now
		FROM picked, cases c
		WHERE e.case_id = picked.case_id AND e.seq = picked.seq AND e.idx = picked.idx AND c.id = e.case_id
		RETURNING e.case_id, e.seq, e.idx, e.type, e.name, c.definition, e.next_at`, pgx.StrictNamedArgs{"now": s.now(), "again": s.now().Add(-probeFirst)})
	if err != nil {
		return n, fmt.Errorf("ring for probes: %w", err)
	}
	return n, nil
}

// Wake lets the effects go on that wait for a peer that has answered since.
func (s *Service) Wake(ctx context.Context, limit int, ring func(context.Context, pgx.Tx, []Bell) error) (int, error) {
	n, err := s.ringFor(ctx, ring, `
		WITH woken AS (
			SELECT e.case_id, e.seq, e.idx
			FROM case_effects e
			JOIN peers p ON p.name = e.waits_for AND p.failures = 0
			WHERE e.waits_for IS NOT NULL AND e.status = 0
			ORDER BY e.next_at
			LIMIT @limit
			FOR UPDATE OF e SKIP LOCKED)
		UPDATE case_effects e SET next_at = @now::timestamptz + random() * @spread::interval, rung_at = @now, waits_for = NULL
		FROM woken, cases c
		WHERE e.case_id = woken.case_id AND e.seq = woken.seq AND e.idx = woken.idx AND c.id = e.case_id
		RETURNING e.case_id, e.seq, e.idx, e.type, e.name, c.definition, e.next_at`, pgx.StrictNamedArgs{"now": s.now(), "limit": limit, "spread": wakeWithin})
	if err != nil {
		return n, fmt.Errorf("wake what waited for a peer: %w", err)
	}
	return n, nil
}
