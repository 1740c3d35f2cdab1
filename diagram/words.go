package diagram

import (
	"cmp"
	"fmt"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// words are the words of a drawing in one language.
type words struct {
	p    *procedures.Procedure
	lang string
}

func (w words) say(vi, en string) string { return workflow.Text{VI: vi, EN: en}.In(w.lang) }

// of is what sets an arrow off, in words; empty for the choice of an auto state.
func (w words) of(a arrow) string {
	switch a.kind {
	case workflow.ByFile:
		return w.say("Nộp hồ sơ", "File")
	case workflow.BySignal:
		return cmp.Or(a.t.Title.In(w.lang), w.signal(a.event))
	case workflow.ByTimeout:
		return w.say("sau ", "after ") + w.duration(a.delay)
	case workflow.ByJoin:
		return w.join(w.p.Machine.States[a.from].Join, a.event)
	case workflow.ByAction:
		return cmp.Or(a.t.Title.In(w.lang), string(a.event))
	}
	return a.t.Title.In(w.lang)
}

// signal says what came back from outside.
func (w words) signal(e workflow.Event) string {
	switch e {
	case "paid":
		return w.say("đã nhận được thanh toán", "payment received")
	case "payment-failed":
		return w.say("thanh toán không thành công", "the payment failed")
	case "payment-unknown":
		return w.say("chưa rõ kết quả thanh toán", "the result of the payment is not known")
	case "registry-updated":
		return w.say("đã cập nhật cơ sở dữ liệu", "the database is updated")
	case "registry-refused":
		return w.say("cơ sở dữ liệu từ chối cập nhật", "the database refuses the update")
	}
	for _, m := range w.p.Messages {
		switch e {
		case m.Done:
			return w.say("nơi nhận đã thực hiện", "the receiver has done it")
		case m.Refused:
			return w.say("nơi nhận từ chối", "the receiver refuses")
		}
	}
	return string(e)
}

func (w words) join(j *workflow.Join, way workflow.Event) string {
	switch way {
	case joinRefused:
		return w.say("không đạt", "not agreed")
	case joinLate:
		if j.Remind.N > 0 {
			return w.say("quá ", "after ") + w.duration(j.Window) + w.say(", và ", ", and ") + w.duration(j.Remind) + w.say(" từ khi nhắc", " after a reminder")
		}
		return w.say("quá ", "after ") + w.duration(j.Window)
	}
	switch j.Rule {
	case workflow.RuleAll:
		return w.say("tất cả đồng ý", "all agree")
	case workflow.RuleAny:
		return w.say("một nơi đồng ý", "one agrees")
	case workflow.RuleCount:
		return w.say(fmt.Sprintf("%d nơi đồng ý", j.Count), fmt.Sprintf("%d agree", j.Count))
	case workflow.RuleFirstNegative:
		return w.say("không nơi nào từ chối", "nobody refuses")
	}
	return w.say("tất cả đã xong", "all have ended")
}

func (w words) duration(d workflow.Duration) string {
	one, many := "day", "days"
	vi := "ngày"
	switch d.Unit {
	case workflow.WorkingHours:
		vi, one, many = "giờ làm việc", "working hour", "working hours"
	case workflow.WorkingDays:
		vi, one, many = "ngày làm việc", "working day", "working days"
	}
	if d.N == 1 {
		many = one
	}
	return fmt.Sprintf("%d %s", d.N, w.say(vi, many))
}

// role is a role's title.
func (w words) role(r workflow.Role) string {
	def := w.p.Machine.Roles[r]
	if def == nil {
		return string(r)
	}
	if def.Kind == "citizen" {
		return cmp.Or(def.Title.In(w.lang), w.applicant())
	}
	return cmp.Or(def.Title.In(w.lang), string(r))
}

func (w words) applicant() string { return w.say("Người nộp hồ sơ", "Applicant") }

// action is the title of an action somewhere in the machine.
func (w words) action(e workflow.Event) string {
	for _, name := range w.p.Machine.Order {
		if ts := w.p.Machine.States[name].Actions[e]; len(ts) > 0 {
			return cmp.Or(ts[0].Title.In(w.lang), string(e))
		}
	}
	return string(e)
}
