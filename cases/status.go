package cases

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// standing is what the one sentence on a case rests on.
type standing struct {
	Procedure *procedures.Procedure
	State     workflow.State
	Agency    agency.ID // that has the task, or is competent
	Yours     bool      // the reader is whom the case waits for
	Until     time.Time // until when the reader must act; zero: no end
	DueAt     time.Time // zero: the term is not running
	ClosedAt  time.Time // zero: open
}

// statusText says where a case stands: who has it, and until when.
func (s *Service) statusText(x standing) workflow.Text {
	def := x.Procedure.Machine.States[x.State]
	if def == nil {
		return workflow.Text{VI: string(x.State), EN: string(x.State)}
	}
	t := def.Title
	switch {
	case def.Kind == workflow.Final:
		return workflow.Text{VI: t.VI + date(", ngày ", x.ClosedAt), EN: t.EN + date(" on ", x.ClosedAt)}
	case def.Kind == workflow.Task:
		at := s.agencyName(x.Agency)
		return workflow.Text{VI: at.VI + " đang xử lý: " + t.VI + date(", hẹn trả ", x.DueAt), EN: at.EN + " has it: " + t.EN + date(", due ", x.DueAt)}
	case waitsFor(def) == waitsForApplicant && x.Yours:
		return workflow.Text{VI: "Cần Ông/Bà thực hiện: " + awaited(t.VI, "Chờ Ông/Bà ", "Chờ ") + date(", trước hết ngày ", x.Until),
			EN: "Waiting for you: " + awaited(t.EN, "Awaiting your ", "Awaiting ") + date(", until the end of ", x.Until)}
	case waitsFor(def) == waitsForApplicant:
		return workflow.Text{VI: "Đang chờ người nộp hồ sơ: " + t.VI, EN: "Waiting for the applicant: " + t.EN}
	case def.Kind == workflow.Subcases:
		return workflow.Text{VI: "Đang chờ người khác hoặc cơ quan khác: " + t.VI + date(", hẹn trả ", x.DueAt), EN: "Waiting for others: " + t.EN + date(", due ", x.DueAt)}
	case def.For == "system":
		return workflow.Text{VI: "Hệ thống đang thực hiện: " + t.VI, EN: "The system is at it: " + t.EN}
	}
	at := s.registryTitle(def.For)
	return workflow.Text{VI: "Đang chờ " + at.VI + ": " + t.VI, EN: "Waiting for " + at.EN + ": " + t.EN}
}

func (s *Service) agencyName(id agency.ID) workflow.Text {
	if a, ok := s.cfg.Agencies.Agency(id); ok {
		return workflow.Text{VI: a.NameVI, EN: a.NameEN}
	}
	return workflow.Text{VI: string(id), EN: string(id)}
}

// date is a day as pages write it, 18/09/2026, after before; empty when there is none.
func date(before string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return before + t.In(calendar.Hanoi).Format("02/01/2006")
}

func stateTitle(p *procedures.Procedure, name workflow.State) workflow.Text {
	if def := p.Machine.States[name]; def != nil {
		return def.Title
	}
	return workflow.Text{VI: string(name), EN: string(name)}
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// awaited is what a waiting state waits for: its title without the words that
// say that it waits.
func awaited(title string, prefixes ...string) string {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(title, p); ok && rest != "" {
			r, n := utf8.DecodeRuneInString(rest)
			return string(unicode.ToUpper(r)) + rest[n:]
		}
	}
	return title
}
