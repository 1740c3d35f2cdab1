package cases

import (
	"time"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// ByReminder is the kind of the events by which a sub-case learns that its
// parent still waits. They change no state.
const ByReminder workflow.TriggerKind = "remind"

// EventRemind is how a parent reminds its silent sub-cases, and how they note it.
const EventRemind workflow.Event = "remind"

// JoinReminded is the timer of the time that a join waits once it has reminded.
const JoinReminded = "join-reminded"

// The notices that Hoso itself has, beside those of procedure.yaml.
const (
	noticeRemindOfficer = "hoso.remind-officer"
	noticeRemindCitizen = "hoso.remind-citizen"
	noticeRefunded      = "hoso.refunded"
)

var ownNotices = map[string]*procedures.Notice{
	noticeRemindOfficer: own("owner", "Cơ quan đang giải quyết hồ sơ chính đề nghị Ông/Bà sớm xử lý hồ sơ thành phần này: thời hạn chờ trả lời đã hết.",
		"The agency of the main case asks you to deal with this part soon: the time that it waits for an answer is over."),
	noticeRemindCitizen: own("applicant", "Kính đề nghị Ông/Bà sớm trả lời yêu cầu này: cơ quan giải quyết hồ sơ vẫn đang chờ ý kiến của Ông/Bà.",
		"Please answer this request soon: the agency that deals with the case still waits for you."),
	noticeRefunded: own("applicant", "Khoản tiền Ông/Bà đã nộp cho hồ sơ này đã được hoàn trả vào tài khoản thanh toán. Ông/Bà đăng nhập để xem số chứng từ hoàn trả.",
		"What you paid for this case has been paid back to the account that it came from. Sign in to see the number of the refund."),
}

// tells are signals of which the applicant is told also when the case has ended.
var tells = map[workflow.Event]string{SignalRefunded: noticeRefunded}

func own(to, vi, en string) *procedures.Notice {
	return &procedures.Notice{To: to, Text: procedures.Template{Text: workflow.Text{VI: vi, EN: en},
		VI: []procedures.Part{{Plain: vi}}, EN: []procedures.Part{{Plain: en}}}}
}

// noticeOf is a notice of the procedure, or one of Hoso's own; nil: there is none.
func noticeOf(p *procedures.Procedure, name string) *procedures.Notice {
	if n := p.Notices[name]; n != nil {
		return n
	}
	return ownNotices[name]
}

// reminder is the step of an order that reminds, or is a reminder; nil: it is neither.
func (s *Service) reminder(c *snapshot, o order, request []byte, v variables) (*step, error) {
	switch {
	case c.reminds(o, v.kids):
		return s.reminding(c, o, request, v)
	case o.Trigger.Kind == ByReminder:
		return s.reminded(c, o, request, v.now)
	}
	return nil, nil
}

// reminds tells whether the order is the end of a join's first window, and some
// sub-case is to be reminded before it counts as over.
func (c *snapshot) reminds(o order, kids []childState) bool {
	j := c.stateDef().Join
	return o.Trigger.Kind == workflow.ByJoin && o.Timer == JoinWindow && j != nil && j.Remind.N > 0 && len(silent(c, kids)) > 0
}

// silent are the sub-cases of the state that have not ended.
func silent(c *snapshot, kids []childState) (out []childState) {
	for _, k := range kids {
		if k.Gen == c.Memory.Gen && k.Outcome == "" && !k.Cancelled {
			out = append(out, k)
		}
	}
	return out
}

// reminding is the step that reminds the silent sub-cases and waits once more.
func (s *Service) reminding(c *snapshot, o order, request []byte, v variables) (*step, error) {
	o.Trigger.Event = EventRemind
	st := s.noted(c, o, request, v.now)
	for _, k := range silent(c, v.kids) {
		if err := st.follow(EffectRemind, k.Slot, about{Child: k.ID, Slot: k.Slot, Gen: k.Gen}, v.now); err != nil {
			return nil, err
		}
	}
	until, err := s.cfg.Calendar.Add(v.now, c.stateDef().Join.Remind)
	st.waits = until
	return st, err
}

// reminded is the step by which a sub-case notes that its parent waits: whoever
// has it is told.
func (s *Service) reminded(c *snapshot, o order, request []byte, now time.Time) (*step, error) {
	st := s.noted(c, o, request, now)
	switch def := c.stateDef(); {
	case def.Kind == workflow.Task:
		return st, st.follow(EffectNotify, noticeRemindOfficer, nil, now)
	case def.Kind == workflow.Wait && def.For == "applicant":
		return st, st.follow(EffectNotify, noticeRemindCitizen, nil, now)
	}
	return st, nil
}

// waitOn arms the timer of the time after the reminder.
func (st *step) waitOn(q *statement) {
	q.with("waits_on", `INSERT INTO case_timers (case_id, name, gen, fire_at)
		SELECT moved.id, `+q.arg(JoinReminded)+`, `+q.arg(st.c.Memory.Gen)+`::int, `+q.arg(st.waits)+`::timestamptz
		FROM moved
		ON CONFLICT (case_id, name) DO UPDATE SET gen = excluded.gen, fire_at = excluded.fire_at, rung_at = NULL`)
}
