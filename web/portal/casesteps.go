package portal

import (
	"slices"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// steps is the way of the case: what happened, where it stands with what is
// late, and what is to come.
func (v *viewed) steps() []ui.Step {
	out := v.past()
	if v.ClosedAt.IsZero() {
		out = append(out, v.present())
		out = append(out, v.delays()...)
		return append(out, v.future()...)
	}
	return append(out, v.delays()...)
}

func (v *viewed) past() []ui.Step {
	var out []ui.Step
	for i, e := range v.Events {
		if e.From == e.To && e.ActorKind == agency.System {
			continue // a word of another system that changed nothing
		}
		s := ui.Step{Title: e.Title.In(v.Lang), Who: v.personOr(e), When: ui.DateTime(e.At, v.Lang), Stamp: ui.Stamp(e.At), State: ui.Past, Note: v.said(e)}
		if e.ActorKind == agency.System && e.Event == string(workflow.ByFile) {
			s.Title = v.t("Hồ sơ chính gửi đến", "Sent by the main case")
		}
		if i == len(v.Events)-1 && !v.ClosedAt.IsZero() {
			s.Title = e.ToTitle.In(v.Lang)
		}
		if d := v.paperOf(i); d != nil {
			s.Link = &ui.Link{Text: d.Title.In(v.Lang) + " (PDF)", Href: v.link("giay-to/" + d.ID.String())}
		}
		out = append(out, s)
	}
	return out
}

// said is what came with an event: grounds, the asked items, a note.
func (v *viewed) said(e cases.Event) string {
	var parts []string
	for _, g := range v.grounds(e.Input.Grounds) {
		parts = append(parts, g.Rule)
	}
	for _, it := range e.Input.Items {
		parts = append(parts, it.Title.In(v.Lang)+": "+it.Reason)
	}
	if e.Input.Note != "" {
		parts = append(parts, e.Input.Note)
	}
	if len(parts) == 0 {
		return ""
	}
	out := parts[0]
	for _, s := range parts[1:] {
		out += "; " + s
	}
	return out
}

// paperOf is the paper that followed from event i: the first issued after it and
// before the next one.
func (v *viewed) paperOf(i int) *cases.Document {
	for n := range v.Documents {
		d := &v.Documents[n]
		if !d.IssuedAt.Before(v.Events[i].At) && (i+1 == len(v.Events) || d.IssuedAt.Before(v.Events[i+1].At)) {
			return d
		}
	}
	return nil
}

// present is the state that the case is in.
func (v *viewed) present() ui.Step {
	def := v.Procedure.Machine.States[v.State]
	s := ui.Step{Title: v.StateTitle.In(v.Lang), State: ui.Present}
	if at := v.entered(); !at.IsZero() {
		s.When, s.Stamp = v.t("từ ", "since ")+ui.DateTime(at, v.Lang), ui.Stamp(at)
	}
	if def == nil {
		return s
	}
	s.Who = v.who(def)
	switch {
	case v.waitsForMe():
		s.Cause = ui.Tag{Text: v.t("Chờ Ông/Bà", "Waiting for you"), Tone: ui.Warning}
	case def.Kind == workflow.Wait && def.For == "applicant":
		s.Cause = ui.Tag{Text: v.t("Chờ người nộp hồ sơ", "Waiting for the applicant"), Tone: ui.Warning}
	case def.Kind == workflow.Task:
		s.Cause = ui.Tag{Text: v.t("Cơ quan đang xử lý", "With the agency"), Tone: ui.Info}
		if v.Task != nil && !v.Task.DueAt.IsZero() {
			s.Note = v.t("Bước này phải xong trước hết ngày ", "This step has to be done by the end of ") + lastDay(v.Task.DueAt) + "."
		}
	case def.Kind == workflow.Subcases:
		s.Cause = ui.Tag{Text: v.t("Chờ người khác hoặc cơ quan khác", "Waiting for others"), Tone: ui.Info}
	case def.For == "system":
		s.Cause = ui.Tag{Text: v.t("Hệ thống đang thực hiện", "With the system"), Tone: ui.Info}
	default:
		s.Cause = ui.Tag{Text: v.t("Chờ cơ sở dữ liệu khác", "Waiting for another register"), Tone: ui.Info}
	}
	if !v.Until.IsZero() && def.For == "applicant" {
		s.Note = v.t("Chờ đến hết ngày ", "Waits until the end of ") + lastDay(v.Until) + "."
	}
	if def.Clock == workflow.Paused && !v.DueAt.IsZero() {
		s.Note += v.t(" Thời hạn giải quyết tạm dừng trong lúc chờ.", " The legal term stands still meanwhile.")
	}
	return s
}

// entered is when the case came into its state.
func (v *viewed) entered() time.Time {
	for _, e := range slices.Backward(v.Events) {
		if e.From != e.To {
			return e.At
		}
	}
	return time.Time{}
}

// who has the case in a state.
func (v *viewed) who(def *workflow.StateDef) string {
	switch {
	case def.Kind == workflow.Task:
		role := v.Procedure.Machine.Roles[def.Owner]
		if role == nil {
			return ""
		}
		at := v.Competent
		if role.At == workflow.AtReceiving {
			at = v.Receiving
		}
		return withNames(nonEmpty(role.Title.In(v.Lang), v.p.agencyName(at, v.Lang)))
	case def.For == "applicant" && v.mine():
		return v.t("Ông/Bà", "You")
	case def.For == "applicant":
		return v.ApplicantName
	case def.For == "system":
		return v.t("Hệ thống", "The system")
	case def.Kind == workflow.Wait:
		return v.p.registry(def.For, v.Lang)
	}
	return ""
}

// delays are the effects that do not get through: a fault of ours or of another
// system, and said to be one.
func (v *viewed) delays() []ui.Step {
	out := v.takenBack()
	if len(v.Troubles) == 0 {
		return out
	}
	first := slices.MinFunc(v.Troubles, func(a, b cases.Trouble) int { return a.Since.Compare(b.Since) })
	s := ui.Step{Title: v.t("Chậm do kỹ thuật: ", "Technical delay: ") + v.delayed(first.Type), Who: v.t("Bộ phận kỹ thuật", "The operators"),
		When: v.t("từ ", "since ") + ui.DateTime(first.Since, v.Lang), Stamp: ui.Stamp(first.Since), State: ui.Present,
		Cause: ui.Tag{Text: v.t("Lỗi của hệ thống, không phải của Ông/Bà", "A fault of the system, not yours"), Tone: ui.Warning},
		Note:  v.t("Hệ thống tự thử lại; Ông/Bà không cần làm gì.", "The system tries again by itself; you need not do anything.")}
	if o := first.Outage; o != nil {
		s.Title = v.t("Phải chờ: ", "Waiting for: ") + o.Title.In(v.Lang)
		s.Note = v.t("Nơi này không trả lời từ ", "There has been no answer from there since ") + ui.DateTime(o.Since, v.Lang) +
			v.t(". Hệ thống tự gửi lại khi kết nối được; Ông/Bà không cần làm gì và không phải nộp lại.", ". The system sends again by itself; you need not do anything or file again.")
	}
	return append(out, s)
}

// takenBack is what is still to be taken back of a case that ended without success.
func (v *viewed) takenBack() []ui.Step {
	if len(v.Undoing) == 0 {
		return nil
	}
	what := v.t("thông tin đã ghi vào các cơ sở dữ liệu đang được khôi phục", "what was entered in the registers is being restored")
	if slices.ContainsFunc(v.Undoing, func(x cases.Trouble) bool { return x.Type == cases.EffectUndoPayment }) {
		what = v.t("lệnh thanh toán đang được hủy hoặc tiền đang được hoàn trả theo quy định", "the payment is being cancelled, or paid back where the rules say so")
	}
	first := v.Undoing[0]
	return []ui.Step{{Title: v.t("Đang hoàn tác: ", "Being taken back: ") + what, Who: v.t("Hệ thống", "The system"), When: v.t("từ ", "since ") + ui.DateTime(first.Since, v.Lang),
		Stamp: ui.Stamp(first.Since), State: ui.Present, Note: v.t("Hồ sơ đã kết thúc; Ông/Bà không cần làm gì.", "The case has ended; you need not do anything.")}}
}

// delayed says in plain words what is late.
func (v *viewed) delayed(effect string) string {
	switch effect {
	case cases.EffectReceipt, cases.EffectLetter, "issue-result":
		return v.t("văn bản chưa được phát hành", "a paper has not been issued yet")
	case cases.EffectPayment:
		return v.t("chưa liên hệ được hệ thống thanh toán", "the payment platform does not answer")
	case "notify":
		return v.t("thông báo chưa gửi được", "a message has not been sent yet")
	case cases.EffectOpen, cases.EffectReport, cases.EffectCancel, cases.EffectRemind:
		return v.t("việc chuyển giữa các cơ quan chưa xong", "the hand-over between agencies is not done yet")
	}
	return v.t("cơ sở dữ liệu khác chưa trả lời", "another register does not answer yet")
}

// future is the shortest way from here to an end that the citizen wants, as the
// machine allows it; states that are left at once are passed over.
func (v *viewed) future() []ui.Step {
	var out []ui.Step
	for _, name := range wayOn(v.Procedure.Machine, v.State) {
		def := v.Procedure.Machine.States[name]
		if def.Kind == workflow.Auto {
			continue
		}
		s := ui.Step{Title: def.Title.In(v.Lang), Who: v.who(def), State: ui.Future}
		switch {
		case def.Kind == workflow.Final:
			if !v.DueAt.IsZero() {
				s.When = v.t("hẹn ngày ", "due ") + lastDay(v.DueAt)
			}
		case def.Kind == workflow.Subcases && len(def.Open) > 0:
			s.Note = v.t("Bỏ qua nếu không cần hỏi ai.", "Passed over when nobody has to be asked.")
			if w := inWords(def.Join.Window, v.Lang); w != "" {
				s.When = v.t("tối đa ", "at most ") + w
			}
		default:
			if w := inWords(def.Within, v.Lang); w != "" {
				s.When = v.t("trong ", "within ") + w
			}
		}
		out = append(out, s)
	}
	return out
}

// wayOn is the shortest way from a state to a good end, without time-outs and
// refusals; nil when there is none.
func wayOn(m *workflow.Machine, from workflow.State) []workflow.State {
	came := map[workflow.State]workflow.State{from: ""}
	for queue := []workflow.State{from}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		def := m.States[at]
		if def == nil {
			continue
		}
		if def.Kind == workflow.Final && at != from {
			if def.Negative {
				continue
			}
			var way []workflow.State
			for s := at; s != from; s = came[s] {
				way = append(way, s)
			}
			slices.Reverse(way)
			return way
		}
		for _, to := range onwards(def) {
			if _, seen := came[to]; !seen {
				came[to] = at
				queue = append(queue, to)
			}
		}
	}
	return nil
}

// onwards are the states that a state leads to when all goes well, in the order
// of the definition.
func onwards(def *workflow.StateDef) []workflow.State {
	var out []workflow.State
	add := func(list []*workflow.Transition) {
		for _, t := range list {
			out = append(out, t.To)
		}
	}
	for _, name := range def.ActionOrder {
		add(def.Actions[name])
	}
	names := make([]workflow.Event, 0, len(def.Signals))
	for name := range def.Signals {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		add(def.Signals[name])
	}
	if def.Join != nil {
		out = append(out, def.Join.Then)
	}
	add(def.Choose)
	return out
}
