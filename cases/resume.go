package cases

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/forms"
)

// ErrNoOutage reports a peer whose breaker is not open.
var ErrNoOutage = errors.New("the peer is not unavailable")

// Resume has an unavailable peer tried at once instead of at its next probe; an
// answer closes its breaker and all go on. Who did so, and why, is recorded with
// the breaker. Errors to act upon: ErrForbidden, ErrNotFound, ErrNoOutage,
// *InvalidError without a reason.
func (s *Service) Resume(ctx context.Context, a agency.Actor, peer, reason string) error {
	if err := s.resume(ctx, a, peer, reason); err != nil {
		return fmt.Errorf("resume %s: %w", peer, err)
	}
	return nil
}

func (s *Service) resume(ctx context.Context, a agency.Actor, peer, reason string) error {
	if _, _, err := s.operates(a); err != nil {
		return err
	}
	if strings.TrimSpace(reason) == "" {
		return noReason()
	}
	bell, err := s.heldFor(ctx, peer)
	if err != nil {
		return err
	}
	now := s.now()
	q := statement{}
	at := q.arg(now) + "::timestamptz"
	q.with("moved", `UPDATE peers SET probe_at = `+at+` WHERE name = `+q.arg(peer)+` AND opened_at IS NOT NULL RETURNING name`)
	q.with("recorded", `INSERT INTO peer_events (peer, event, at, actor, actor_name, reason)
		SELECT name, 'resumed', `+at+`, `+q.arg(cmp.Or(a.ID, string(agency.System)))+`, `+q.arg(a.Name)+`, `+q.arg(reason)+` FROM moved`)
	if bell != nil {
		text, err := json.Marshal(bell)
		if err != nil {
			return err
		}
		q.with("due", `UPDATE case_effects e SET next_at = `+at+`, rung_at = `+at+` FROM moved
			WHERE e.case_id = `+q.arg(bell.Case)+` AND e.seq = `+q.arg(bell.Seq)+` AND e.idx = `+q.arg(bell.Idx)+` AND e.status = 0`)
		q.with("bells", s.cfg.Outbox.InsertSQL(`(SELECT unnest(`+q.arg([]string{string(text)})+`::text[])::jsonb AS bell FROM moved)`))
	}
	var n int
	err = s.cfg.DB.QueryRow(ctx, "WITH "+strings.Join(q.parts, ",\n")+"\nSELECT count(*) FROM moved", q.args...).Scan(&n)
	if err == nil && n == 0 {
		return ErrNoOutage
	}
	return err
}

// heldFor is the bell of an effect that waits for a peer; nil: none waits.
func (s *Service) heldFor(ctx context.Context, peer string) (*Bell, error) {
	rows, err := s.cfg.DB.Query(ctx, `
		SELECT e.case_id, e.seq, e.idx, e.type, e.name, c.definition, e.next_at
		FROM case_effects e
		JOIN cases c ON c.id = e.case_id
		WHERE e.waits_for = $1 AND e.status = 0
		ORDER BY e.failures, e.next_at
		LIMIT 1`, peer)
	if err != nil {
		return nil, err
	}
	bells, err := s.bells(ctx, rows)
	if err != nil || len(bells) == 0 {
		return nil, err
	}
	return &bells[0], nil
}

// RetryIncident has the effect of an incident tried again, and WriteOffIncident
// ends it, as RetryEffect and WriteOff do. An incident that is closed is not found.
func (s *Service) RetryIncident(ctx context.Context, a agency.Actor, id uuid.UUID, reason string) error {
	return s.onIncident(ctx, a, id, reason, s.RetryEffect)
}

// WriteOffIncident ends the effect of an incident; see RetryIncident.
func (s *Service) WriteOffIncident(ctx context.Context, a agency.Actor, id uuid.UUID, reason string) error {
	return s.onIncident(ctx, a, id, reason, s.WriteOff)
}

func (s *Service) onIncident(ctx context.Context, a agency.Actor, id uuid.UUID, reason string,
	do func(context.Context, agency.Actor, Code, int, int, string) error) error {
	i, _, err := s.Incident(ctx, a, id)
	if err != nil {
		return err
	}
	if !i.ClosedAt.IsZero() {
		return fmt.Errorf("incident %s: %w", id, ErrNotFound)
	}
	return do(ctx, a, i.Case, i.Seq, i.Idx, reason)
}

// RetryPeer has the effects of all open incidents that lead to a peer tried
// again, and that the actor looks after. It returns how many; an error stops it
// and what was done before stays done. Each is an event of its case.
func (s *Service) RetryPeer(ctx context.Context, a agency.Actor, peer, reason string) (int, error) {
	if strings.TrimSpace(reason) == "" {
		return 0, fmt.Errorf("retry what leads to %s: %w", peer, noReason())
	}
	start, n, after := s.now(), 0, ""
	for {
		list, next, err := s.Incidents(ctx, a, &peer, after, pageMaximum)
		if err != nil {
			return n, err
		}
		for _, i := range list {
			if i.OpenedAt.After(start) { // it was tried again and failed again
				return n, nil
			}
			err := s.RetryEffect(ctx, a, i.Case, i.Seq, i.Idx, reason)
			if err != nil && !errors.Is(err, ErrNotFound) { // not found: it was done meanwhile
				return n, err
			}
			if err == nil {
				n++
			}
		}
		if next == "" {
			return n, nil
		}
		after = next
	}
}

func noReason() error {
	return &InvalidError{Problems: []forms.Problem{{At: "/reason", Rule: "required", VI: "Nêu lý do", EN: "Give the reason"}}}
}
