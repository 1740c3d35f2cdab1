package cases

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/workflow"
)

// Why a command was refused, beside the reasons of package workflow.
const (
	RefusedUnknown   = "unknown-case" // the actor may not know of the case
	RefusedForbidden = "forbidden"
	RefusedConflict  = "conflict"
	RefusedInvalid   = "invalid"
	RefusedStale     = "stale"
	RefusedReused    = "reused-id"
)

// refusals counts since the process began; the zero value is ready.
type refusals struct {
	mu sync.Mutex
	n  map[string]int64
}

func (r *refusals) count(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n == nil {
		r.n = map[string]int64{}
	}
	r.n[reason]++
}

// Refusals is how many commands and looks this process refused, by reason.
func (s *Service) Refusals() map[string]int64 {
	s.refusals.mu.Lock()
	defer s.refusals.mu.Unlock()
	return maps.Clone(s.refusals.n)
}

// refused counts a command that ended with err and returns err. Where the actor
// lacked a right, an entry in the log of reads tells it to the people of the
// case: nothing was given out. A refusal that cannot be logged is an error.
func (s *Service) refused(ctx context.Context, a agency.Actor, c *snapshot, what workflow.Event, err error) error {
	reason := refusalOf(err)
	if reason == "" {
		return err
	}
	s.refusals.count(reason)
	lacking := reason == workflow.ReasonRole || reason == workflow.ReasonUnlike || reason == RefusedForbidden || reason == RefusedUnknown
	if !lacking || a.Kind != agency.Officer {
		return err
	}
	purpose := "Thao tác bị từ chối vì không có thẩm quyền"
	if what == "" {
		purpose = "Mở hồ sơ bị từ chối vì không có thẩm quyền"
	}
	at := s.seatBy(a, c.Receiving, c.Competent)
	if at == "" && len(a.Seats) > 0 {
		at = a.Seats[0].Agency
	}
	people := []string{c.Applicant, c.Subject}
	slices.Sort(people)
	var entries []audit.Entry
	for _, number := range slices.Compact(people) {
		entries = append(entries, audit.Entry{At: s.now(), ReaderKind: string(a.Kind), Reader: a.ID, Agency: string(at), Subject: number, Case: string(c.Code),
			Purpose: purpose, Basis: "refused", Fields: []string{"none"}})
	}
	if logged := s.log(ctx, entries); logged != nil {
		return fmt.Errorf("a refusal: %w", logged)
	}
	return err
}

func (s *Service) log(ctx context.Context, entries []audit.Entry) error {
	tx, err := s.cfg.DB.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // after the commit it does nothing
	if err := audit.Read(ctx, tx, entries...); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// refusalOf is the reason of a refusal; empty for what is none.
func refusalOf(err error) string {
	if refused, ok := errors.AsType[*workflow.NotAllowedError](err); ok {
		return refused.Reason
	}
	if _, ok := errors.AsType[*ConflictError](err); ok {
		return RefusedConflict
	}
	if _, ok := errors.AsType[*InvalidError](err); ok {
		return RefusedInvalid
	}
	if _, ok := errors.AsType[*StaleError](err); ok {
		return RefusedStale
	}
	switch {
	case errors.Is(err, ErrNotFound):
		return RefusedUnknown
	case errors.Is(err, ErrForbidden):
		return RefusedForbidden
	case errors.Is(err, ErrReused):
		return RefusedReused
	}
	return ""
}

// unseen tells apart, after a look that found nothing, what does not exist from
// what the officer may not know of. The caller answers both alike.
func (s *Service) unseen(ctx context.Context, a agency.Actor, where string, key any) error {
	if a.Kind != agency.Officer {
		return ErrNotFound
	}
	var c snapshot
	err := s.cfg.DB.QueryRow(ctx, `SELECT c.code, c.applicant, c.subject, c.receiving, c.competent FROM cases c WHERE `+where, key).Scan(
		&c.Code, &c.Applicant, &c.Subject, &c.Receiving, &c.Competent)
	if err != nil {
		return notFound(err)
	}
	return s.refused(ctx, a, &c, "", ErrNotFound)
}
