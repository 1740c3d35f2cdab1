package cases

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// The notices that the engine itself sends about a term. Their names hold a dot,
// so that no definition has them.
const (
	NoticeExtended = "hoso.extended"
	NoticeLate     = "hoso.late"
	NoticeRedated  = "hoso.redated"
)

// OwnNotice tells whether a notify effect of that name is one of the engine's own about a term.
func OwnNotice(name string) bool { return strings.HasPrefix(name, "hoso.") }

// delay is what an effect says of a date that moved.
type delay struct {
	Due    time.Time     `json:"due"`
	Was    time.Time     `json:"was"`              // what the citizen was told before
	Reason string        `json:"reason,omitempty"` // an officer's words
	Why    workflow.Text `json:"why,omitzero"`     // the engine's
}

// delayOf is what the effect says of a date; false: it is a definition's own effect.
func delayOf(e *Effect) (delay, bool) {
	var d delay
	err := json.Unmarshal(e.args, &d)
	return d, err == nil && !d.Due.IsZero()
}

// ownNotice is a notice of the engine's own; false: a definition's.
func (s *Service) ownNotice(e *Effect) (workflow.Text, bool) {
	d, ok := delayOf(e)
	if !ok {
		return workflow.Text{}, false
	}
	at := s.agencyName(e.c.Competent)
	vi, en := dueWords(d.Due, "vi"), dueWords(d.Due, "en")
	switch e.Name {
	case NoticeExtended:
		return workflow.Text{VI: fmt.Sprintf("%s xin lỗi Ông/Bà: hồ sơ %s cần thêm thời gian. Ngày hẹn trả kết quả mới: %s.", at.VI, e.Code, vi),
			EN: fmt.Sprintf("%s apologises: case %s needs more time. The new date of the result: %s.", at.EN, e.Code, en)}, true
	case NoticeLate:
		return workflow.Text{VI: fmt.Sprintf("%s xin lỗi Ông/Bà: hồ sơ %s chưa giải quyết xong đúng hẹn. Dự kiến trả kết quả trước %s.", at.VI, e.Code, vi),
			EN: fmt.Sprintf("%s apologises: case %s is not decided in time. The result is expected by %s.", at.EN, e.Code, en)}, true
	case NoticeRedated:
		return workflow.Text{VI: fmt.Sprintf("Lịch làm việc của cơ quan nhà nước thay đổi (%s). Thời hạn theo luật của hồ sơ %s là %s; ngày đã hẹn với Ông/Bà vẫn giữ nguyên.", d.Why.VI, e.Code, vi),
			EN: fmt.Sprintf("The working days of state offices have changed (%s). The legal term of case %s ends at %s; the date you were given stays yours.", d.Why.EN, e.Code, en)}, true
	}
	return workflow.Text{}, false
}

// apologyDocument is the letter of apology of a procedure that declares none.
var apologyDocument = &procedures.Document{Title: workflow.Text{VI: "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết", EN: "Apology and extension of the time for the result"}}

// documentDef is what an issue effect prints; nil when the procedure has no such document.
func documentDef(e *Effect) *procedures.Document {
	name, form := kindOfPaper(e.Type, e.Name)
	def := e.c.Procedure.Documents[name]
	if def == nil && form == "apology" {
		return apologyDocument
	}
	return def
}

// symbolOfApology is the symbol of an apology's number: XL with the agency's
// part of the receipt's, XL-CAX beside TN-CAX.
func symbolOfApology(p *procedures.Procedure) string {
	for _, name := range []string{"receipt", "result"} {
		if def := p.Documents[name]; def != nil {
			if _, office, ok := strings.Cut(symbolOf(def.Number), "-"); ok {
				return "XL-" + office
			}
		}
	}
	return "XL"
}

// apologyText is the letter in the engine's own words.
//
// Source: Circular 03/2025/TT-VPCP, Annex I, form 04.
func (s *Service) apologyText(e *Effect, lang string, n int) procedures.Rendered {
	at := s.agencyName(e.c.Competent)
	out := procedures.Rendered{Number: fmt.Sprintf("%d/%s", n, symbolOfApology(e.c.Procedure))}
	if lang == "en" {
		out.Body = []string{fmt.Sprintf("%s has received your case %s and is working on it. It cannot be decided by the date that you were given. %s sincerely apologises for the delay.", at.EN, e.Code, at.EN),
			"The delay is not your fault. You need not hand in anything else or pay anything more."}
		return out
	}
	out.Body = []string{fmt.Sprintf("%s đã tiếp nhận và đang giải quyết hồ sơ %s của Ông/Bà. Hồ sơ chưa thể giải quyết xong đúng thời hạn đã hẹn. %s chân thành xin lỗi Ông/Bà về sự chậm trễ này.", at.VI, e.Code, at.VI),
		"Sự chậm trễ này không do lỗi của Ông/Bà. Ông/Bà không phải nộp thêm giấy tờ, phí hoặc lệ phí nào."}
	return out
}

// sayDelay fills in the dates and the reason of a letter of apology.
func sayDelay(p *Paper, e *Effect) {
	d, ok := delayOf(e)
	if !ok { // a definition's own letter: the date as the case has it
		p.Was = e.c.Memory.Promised
		p.Due = timeOf(e.c.DueAt)
		return
	}
	p.Due, p.Was = d.Due, d.Was
	switch {
	case d.Reason != "":
		p.Items = []AskedItem{{Title: workflow.Text{VI: d.Reason, EN: d.Reason}, Law: lawOfExtension(e.c.Procedure.Machine)}}
	case d.Why != (workflow.Text{}):
		p.Items = []AskedItem{{Title: d.Why}}
	}
	if e.step[0].ActorKind == agency.System {
		p.Signatory, p.Role = "", "" // nobody decided on it
	}
}

func lawOfExtension(m *workflow.Machine) string {
	if m.Extend == nil {
		return ""
	}
	return m.Extend.Law
}

// redateLines tell, in the explanation of a due date, how revisions of the calendar moved it.
func redateLines(list []Event) []calendar.Line {
	var out []calendar.Line
	for _, e := range list {
		if e.Event != string(ByRedate) || e.Term == nil || e.Term.Was.IsZero() || e.Term.Due.Equal(e.Term.Was) {
			continue
		}
		out = append(out, calendar.Line{Day: dayOf(e.At), VI: fmt.Sprintf("%s: %s; hạn chuyển từ %s sang %s", date("", e.At), lowerFirst(e.Title.VI), dueWords(e.Term.Was, "vi"), dueWords(e.Term.Due, "vi")),
			EN: fmt.Sprintf("%s: %s; the end moved from %s to %s", date("", e.At), lowerFirst(e.Title.EN), dueWords(e.Term.Was, "en"), dueWords(e.Term.Due, "en"))})
	}
	return out
}
