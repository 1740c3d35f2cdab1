package cases

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/workflow"
)

// allowed are the events that the reader's roles may trigger in the case's
// state, each with the reason when it cannot be triggered now.
func (s *Service) allowed(a agency.Actor, c *snapshot, vars map[string]any, list []Judged, holder string) []Allowed {
	m := c.Procedure.Machine
	options, err := m.Options(workflow.Input{State: c.State, Vars: vars, Roles: s.rolesOf(a, c), ActorID: a.ID,
		Visits: c.Memory.Visits, ActedBy: c.Memory.Acted})
	if err != nil {
		// A condition that cannot be evaluated is not false. The case must open all the same, and say so.
		slog.Error("a condition of a case cannot be evaluated", "case", c.Code, "error", err)
		var broken *workflow.GuardError
		if !errors.As(err, &broken) {
			return nil
		}
		return []Allowed{{Event: broken.Event, Title: actionTitle(m, broken.State, broken.Event), Why: workflow.Text{
			VI: "Hệ thống chưa xét được điều kiện của thao tác này. Bộ phận kỹ thuật đã được báo.",
			EN: "The system could not evaluate the condition of this step. The operators have been told."}}}
	}
	out := make([]Allowed, 0, len(options))
	for _, o := range options {
		t := o.Transition
		al := Allowed{Event: t.Event, Title: t.Title, To: t.To, Needs: t.Needs, Confirm: t.Confirm, Style: t.Style, Effects: t.Effects}
		switch workflow.TriggerKind(t.Event) {
		case workflow.ByWithdraw:
			al.Title, al.Style = workflow.Text{VI: "Rút hồ sơ", EN: "Withdraw the case"}, "danger"
		case workflow.ByExtend:
			al.Why = whyNotExtend(m, c, o, s.now())
		default:
			al.Why = whyNot(m, c, a, o, list, holder)
		}
		al.Enabled = al.Why == (workflow.Text{})
		out = append(out, al)
	}
	return out
}

// whyNot says why an option cannot be taken now; zero when it can.
func whyNot(m *workflow.Machine, c *snapshot, a agency.Actor, o workflow.Option, list []Judged, holder string) workflow.Text {
	if heldByAnother(c, []*workflow.Transition{o.Transition}, a) {
		return workflow.Text{VI: "Hồ sơ đang do " + holder + " xử lý", EN: "The case is in the hands of " + holder}
	}
	if o.Refused != nil {
		return refusal(m, o)
	}
	needsAll := slices.Contains(o.Needs, "judgements") || slices.Contains(o.Needs, "items")
	if left := missing(list); needsAll && len(left) > 0 {
		return workflow.Text{VI: "Chưa đánh giá: " + join(left, "vi"), EN: "Not judged yet: " + join(left, "en")}
	}
	if slices.Contains(o.Needs, "items") && !slices.ContainsFunc(list, func(j Judged) bool { return j.Verdict == NotSatisfied }) {
		return workflow.Text{VI: "Không có mục nào được đánh giá chưa đạt", EN: "No item is judged not satisfied"}
	}
	return workflow.Text{}
}

// whyNotExtend says why the term cannot be lengthened now; zero when it can.
func whyNotExtend(m *workflow.Machine, c *snapshot, o workflow.Option, now time.Time) workflow.Text {
	switch {
	case o.Refused != nil:
		return refusal(m, o)
	case mayExtend(c, now) != "":
		return workflow.Text{VI: "Thời hạn chưa tính hoặc đã hết; chỉ gia hạn được trước ngày hẹn", EN: "The term is not running or is over; it can be extended before its end only"}
	}
	return workflow.Text{}
}

// refusal is the machine's reason in words.
func refusal(m *workflow.Machine, o workflow.Option) workflow.Text {
	r := o.Refused
	switch r.Reason {
	case workflow.ReasonUnlike:
		did := actionTitle(m, "", r.Unlike)
		return workflow.Text{VI: "Người đã thực hiện “" + did.VI + "” không được thực hiện bước này", EN: "Whoever did “" + did.EN + "” may not do this step"}
	case workflow.ReasonMax:
		return workflow.Text{VI: fmt.Sprintf("Đã dùng hết số lần được phép (%d lần)", o.Max), EN: fmt.Sprintf("Used as often as allowed (%d)", o.Max)}
	case workflow.ReasonGuard:
		return workflow.Text{VI: "Hồ sơ chưa đủ điều kiện cho thao tác này", EN: "The case does not meet the condition of this step"}
	case workflow.ReasonRole:
		return workflow.Text{VI: "Thao tác này thuộc vai trò khác", EN: "This step belongs to another role"}
	case workflow.ReasonFinal:
		return workflow.Text{VI: "Quyết định đang được thi hành", EN: "The decision is being carried out"}
	}
	return workflow.Text{VI: "Chưa thực hiện được ở trạng thái này", EN: "Not available in this state"}
}

// actionTitle is the title of an action, of a state or of any when the state is empty.
func actionTitle(m *workflow.Machine, s workflow.State, e workflow.Event) workflow.Text {
	for _, name := range m.Order {
		if ts := m.States[name].Actions[e]; len(ts) > 0 && (s == "" || s == name) && ts[0].Title != (workflow.Text{}) {
			return ts[0].Title
		}
	}
	return workflow.Text{VI: string(e), EN: string(e)}
}
