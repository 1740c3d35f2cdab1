package cases

import (
	"fmt"
	"strings"
	"time"

	"context"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

// ReasonOver is why a term is not lengthened any more: it is not running, or it
// is over. A date that was broken is not mended by moving it.
const ReasonOver = "term-over"

// mayExtend tells why the case's term cannot be lengthened now; empty: it can.
func mayExtend(c *snapshot, now time.Time) string {
	if !c.Term.counted() || c.DueAt == nil || now.After(*c.DueAt) {
		return ReasonOver
	}
	return ""
}

// extend is the step that lengthens the legal term. The state stays, with its
// task and whoever has it; the state's budget grows by as much.
func (s *Service) extend(ctx context.Context, c *snapshot, t *workflow.Transition, o order, request []byte, now time.Time) (*step, error) {
	if reason := mayExtend(c, now); reason != "" {
		return nil, &workflow.NotAllowedError{State: c.State, Event: o.Trigger.Event, Reason: reason}
	}
	upTo := c.Procedure.Machine.Extend.UpTo
	if problems := wrongExtension(o.Input, upTo); problems != nil {
		return nil, &InvalidError{Problems: problems}
	}
	n := *c
	n.Memory = *c.Memory.clone()
	by := calendar.Duration{N: o.Input.Days, Unit: c.Term.Limit.Unit}
	n.Term.Extended = append(n.Term.Extended[:len(n.Term.Extended):len(n.Term.Extended)], calendar.Extension{At: now, N: by.N})
	n.Memory.Visits[workflow.Extended]++
	n.Memory.Apologised = time.Time{} // the new date is a new promise
	st := &step{c: &n, seen: c.Revision, keep: true}
	if err := s.redue(ctx, st, c.Term, now); err != nil {
		return nil, err
	}
	n.Memory.Told = *n.DueAt
	if b := n.Memory.Budgets[c.State]; b != nil && c.stateDef().Kind == workflow.Task {
		longer := *b
		longer.More = append(b.More[:len(b.More):len(b.More)], by)
		n.Memory.Budgets[c.State] = &longer
		due, err := s.endOf(&longer, c.stateDef().Within, now)
		if err != nil {
			return nil, err
		}
		st.taskDue = due
		if st.watchAt, st.watchDone, err = s.watchFrom(due, now); err != nil {
			return nil, err
		}
	}
	o.seat = s.seatFor(o.Actor, &n, t.By)
	st.add(c.State, c.State, o, request, now, t.Event, 0)
	said := delay{Due: *n.DueAt, Was: timeOf(c.DueAt), Reason: o.Input.Note}
	for _, e := range t.Effects {
		if err := st.follow(e.Type, e.Name, said, now); err != nil {
			return nil, err
		}
	}
	return st, st.follow(EffectNotify, NoticeExtended, said, now)
}

// wrongExtension is what is wrong about the input of an extension.
func wrongExtension(in Input, upTo calendar.Duration) []forms.Problem {
	var problems []forms.Problem
	if in.Days < 1 || in.Days > upTo.N {
		words := delayText(upTo.String())
		problems = append(problems, forms.Problem{At: "/days", Rule: "range",
			VI: fmt.Sprintf("Nhập thời gian gia hạn từ 1 đến %s", words.VI), EN: fmt.Sprintf("Enter an extension of 1 to %s", words.EN)})
	}
	if strings.TrimSpace(in.Note) == "" {
		problems = append(problems, forms.Problem{At: "/note", Rule: "required",
			VI: "Nêu lý do gia hạn; lý do được in trong văn bản xin lỗi", EN: "Give the reason; it is printed in the letter of apology"})
	}
	return problems
}
