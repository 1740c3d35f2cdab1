package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// A citizen whose case is held up for more than an hour because a peer is
// unavailable is told so, once for each case and outage. That is an event of the
// case, which changes no state, and its notice is an effect like any other.
const (
	EventHeldUp workflow.Event = "held-up"
	// NoticeHeldUp is the notice of it. Its words are the engine's own.
	NoticeHeldUp = "held-up"

	heldUpAfter = time.Hour
)

// heldUp is what the event and its notice say.
type heldUp struct {
	Peer     string    `json:"peer"`
	Since    time.Time `json:"since"`    // of the first failure
	OpenedAt time.Time `json:"openedAt"` // of the breaker: names the outage
}

// TellHeldUp tells the citizens whose cases are held up, at most limit cases; it
// returns how many were told. Messages that could not be sent hold no case up.
func (s *Service) TellHeldUp(ctx context.Context, limit int) (int, error) {
	type delayed struct {
		id ID
		heldUp
	}
	rows, err := s.cfg.DB.Query(ctx, `
		SELECT DISTINCT e.case_id, p.name, p.failing_since, p.opened_at
		FROM case_effects e
		JOIN peers p ON p.name = e.waits_for AND p.opened_at IS NOT NULL
		WHERE e.waits_for IS NOT NULL AND e.status = 0 AND e.type <> 'notify' AND e.troubled_since <= @long
			AND NOT EXISTS (SELECT FROM case_delays d WHERE d.case_id = e.case_id AND d.peer = p.name AND d.opened_at = p.opened_at)
		LIMIT @limit`, pgx.StrictNamedArgs{"long": s.now().Add(-heldUpAfter), "limit": limit})
	if err != nil {
		return 0, fmt.Errorf("find cases that are held up: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d delayed, err error) {
		return d, row.Scan(&d.id, &d.Peer, &d.Since, &d.OpenedAt)
	})
	if err != nil {
		return 0, fmt.Errorf("find cases that are held up: %w", err)
	}
	for n, d := range list {
		if err := s.tellHeldUp(ctx, d.id, d.heldUp); err != nil {
			return n, fmt.Errorf("tell that case %s is held up: %w", d.id, err)
		}
	}
	return len(list), nil
}

// tellHeldUp writes the event. Two nodes that do so at once write it once: the
// command follows from case and outage, and the second finds the case changed.
func (s *Service) tellHeldUp(ctx context.Context, id ID, h heldUp) error {
	command := derived(id, fmt.Sprintf("held up %s %d", h.Peer, h.OpenedAt.UnixMicro()))
	err := s.record(ctx, id, command, func(c *snapshot) (*step, error) {
		if c.Known != nil {
			return nil, nil
		}
		now := s.now()
		o := order{Command: command, Trigger: workflow.Trigger{Kind: ByOperator, Event: EventHeldUp}, Actor: agency.Actor{Kind: agency.System, ID: string(agency.System)},
			Input: Input{Data: map[string]any{"peer": h.Peer, "since": h.Since.UTC().Format(time.RFC3339)}}}
		n := *c
		st := &step{c: &n, seen: c.Revision, keep: true, held: &h}
		st.add(c.State, c.State, o, requestHash(o.Trigger, o.Actor.ID, o.Input), now, EventHeldUp, 0)
		return st, st.follow(EffectNotify, NoticeHeldUp, h, now)
	})
	if errors.Is(err, errKeepsChanging) {
		return nil // the case moves by itself: the next sweep looks again
	}
	return err
}

// insert notes in the step's statement that the citizen is told.
func (h *heldUp) insert(q *statement, seq int, at time.Time) {
	q.with("told", `INSERT INTO case_delays (case_id, peer, opened_at, seq, told_at)
		SELECT moved.id, `+q.arg(h.Peer)+`, `+q.arg(h.OpenedAt)+`::timestamptz, `+q.arg(seq)+`::int, `+q.arg(at)+`::timestamptz FROM moved
		ON CONFLICT DO NOTHING`)
}

// heldUpNotice is the notice of an event that says who is unavailable.
func (s *Service) heldUpNotice(e *Effect) *procedures.Notice {
	var h heldUp
	if err := json.Unmarshal(e.args, &h); err != nil {
		return nil
	}
	who := s.PeerTitle(h.Peer)
	plain := func(text string) []procedures.Part { return []procedures.Part{{Plain: text}} }
	return &procedures.Notice{To: "applicant", Text: procedures.Template{
		VI: plain(fmt.Sprintf("Hồ sơ %s của Ông/Bà đang phải chờ: %s không trả lời từ %s. Hệ thống tự gửi lại khi kết nối được; Ông/Bà không cần làm gì và không phải nộp lại.",
			e.Code, who.VI, dueWords(h.Since, "vi"))),
		EN: plain(fmt.Sprintf("Your case %s has to wait: there has been no answer from the %s since %s. The system sends again by itself once it answers; you need not do anything or file again.",
			e.Code, who.EN, dueWords(h.Since, "en"))),
	}}
}
