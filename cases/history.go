package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

const eventsSQL = `
	SELECT c.definition, e.seq, e.hop, e.kind, e.event, e.from_state, e.to_state, e.actor_kind, e.actor, e.actor_name, e.on_behalf, e.agency, e.at, e.input
	FROM case_events e
	JOIN cases c ON c.id = e.case_id
	WHERE e.case_id = $1
	ORDER BY e.seq`

// events reads the history of a case, with its titles in words.
func (s *Service) events(ctx context.Context, id ID) ([]Event, error) {
	rows, err := s.cfg.DB.Query(ctx, eventsSQL, id)
	if err != nil {
		return nil, err
	}
	list, err := collectEvents(rows)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	p, err := s.definition(ctx, list[0].definition)
	if err != nil {
		return nil, err
	}
	return s.tell(ctx, p, list), nil
}

// happened is a row of case_events.
type happened struct {
	Event
	definition procedures.Hash
	hop        int
	kind       workflow.TriggerKind
}

func collectEvents(rows pgx.Rows) ([]happened, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (h happened, err error) {
		var input []byte
		if err = row.Scan(&h.definition, &h.Seq, &h.hop, &h.kind, &h.Event.Event, &h.From, &h.To, &h.ActorKind, &h.Actor, &h.ActorName, &h.OnBehalfOf,
			&h.Agency, &h.At, &input); err != nil {
			return h, err
		}
		var said struct {
			*Input
			Term *TermSet `json:"term"`
		}
		said.Input = &h.Input
		if err = json.Unmarshal(input, &said); err != nil {
			err = fmt.Errorf("input of event %d: %w", h.Seq, err)
		}
		h.Term = said.Term
		return h, err
	})
}

// tell gives the events their titles, each in the words of the version that the
// case was on then.
func (s *Service) tell(ctx context.Context, now *procedures.Procedure, list []happened) []Event {
	out := make([]Event, len(list))
	versions := versionsOf(list)
	for i, h := range list {
		e, p := h.Event, now
		if versions[i] != now.Hash {
			if older, err := s.definition(ctx, versions[i]); err == nil {
				p = older
			}
		}
		e.Title = s.titleOf(p, h)
		if def := p.Machine.States[e.To]; def != nil {
			e.ToTitle = def.Title
		}
		for n, it := range e.Input.Items {
			e.Input.Items[n].Title = checkTitle(p, it.Item)
		}
		out[i] = e
	}
	return out
}

// titleOf says in words what happened.
func (s *Service) titleOf(p *procedures.Procedure, h happened) workflow.Text {
	if h.hop > 0 {
		return workflow.Text{VI: "Tự động chuyển bước", EN: "Moved on automatically"}
	}
	name := workflow.Event(h.Event.Event)
	switch h.kind {
	case workflow.ByFile:
		return workflow.Text{VI: "Nộp hồ sơ", EN: "Filed"}
	case workflow.ByWithdraw:
		return workflow.Text{VI: "Rút hồ sơ", EN: "Withdrawn"}
	case workflow.ByCancel:
		return workflow.Text{VI: "Hồ sơ chính không cần ý kiến này nữa", EN: "No longer needed by the main case"}
	case workflow.ByJoin:
		if name == EventRemind {
			return workflow.Text{VI: "Hết hạn chờ lần đầu: đã nhắc các nơi chưa trả lời", EN: "First end of the wait: those who are silent were reminded"}
		}
		if name == "late" {
			return workflow.Text{VI: "Hết hạn chờ các hồ sơ liên thông", EN: "Time for the linked cases is over"}
		}
		return s.titleOfOutcome(p, h)
	case workflow.ByExtend:
		return workflow.Text{VI: fmt.Sprintf("Gia hạn thời hạn giải quyết thêm %d%s", h.Input.Days, unitOf(p, h.Input.Days).VI),
			EN: fmt.Sprintf("The term was extended by %d%s", h.Input.Days, unitOf(p, h.Input.Days).EN)}
	case ByRedate:
		why := whyOf(h.Input)
		return workflow.Text{VI: "Lịch làm việc thay đổi: " + why.VI, EN: "The calendar of working days changed: " + why.EN}
	case ByMigrate:
		why := whyOf(h.Input)
		return workflow.Text{VI: "Hồ sơ được chuyển sang phiên bản mới của thủ tục: " + why.VI, EN: "The case goes on under a new version of the procedure: " + why.EN}
	case ByReminder:
		return workflow.Text{VI: "Được hồ sơ chính nhắc trả lời", EN: "Reminded by the main case"}
	case ByApology:
		return workflow.Text{VI: "Xin lỗi vì chậm trả kết quả và hẹn lại ngày", EN: "Apologised for the delay and gave a new date"}
	case workflow.ByTimeout:
		d := delayText(string(name))
		if t := tacit(p.Machine, h); t != nil {
			return workflow.Text{VI: "Hết hạn mà không có ý kiến, theo " + t.Law + before(d.VI), EN: "Silence decides, by " + t.Law + before(d.EN)}
		}
		return workflow.Text{VI: "Hết hạn chờ" + before(d.VI), EN: "Waiting time is over" + before(d.EN)}
	}
	if t := titleOfTransition(p.Machine, h); t != (workflow.Text{}) {
		return t
	}
	return s.titleOfSignal(p, name)
}

// titleOfOutcome tells which sub-case has its outcome.
func (s *Service) titleOfOutcome(p *procedures.Procedure, h happened) workflow.Text {
	if def := p.Machine.States[h.From]; def != nil {
		for _, k := range def.Open {
			if child, ok := s.cfg.Procedures.Get(procedures.ID(k.Procedure)); ok && k.Name == h.Event.Event {
				return workflow.Text{VI: "Có kết quả: " + child.Name.VI, EN: "Outcome of: " + child.Name.EN}
			}
		}
	}
	return workflow.Text{VI: "Hồ sơ liên thông có kết quả", EN: "A linked case has its outcome"}
}

// tacit is the time-out by which silence decided; nil when it did not.
func tacit(m *workflow.Machine, h happened) *workflow.Transition {
	for _, t := range m.Transitions(h.From, workflow.Trigger{Kind: h.kind, Event: workflow.Event(h.Event.Event)}) {
		if t.To == h.To && t.Tacit {
			return t
		}
	}
	return nil
}

// unitOf is the unit that a procedure's extensions are counted in, after n of them.
func unitOf(p *procedures.Procedure, n int) workflow.Text {
	if p.Machine.Extend == nil {
		return workflow.Text{}
	}
	d := p.Machine.Extend.UpTo
	d.N = n
	words := delayText(d.String())
	digits := fmt.Sprint(n)
	return workflow.Text{VI: strings.TrimPrefix(words.VI, digits), EN: strings.TrimPrefix(words.EN, digits)}
}

// whyOf is the reason that an event of the engine carries.
func whyOf(in Input) workflow.Text {
	why, _ := in.Data["why"].(map[string]any)
	vi, _ := why["vi"].(string)
	en, _ := why["en"].(string)
	return workflow.Text{VI: vi, EN: en}
}

func before(d string) string {
	if d == "" {
		return ""
	}
	return " (" + d + ")"
}

// titleOfTransition is the title that the definition gives to the way taken.
func titleOfTransition(m *workflow.Machine, h happened) workflow.Text {
	ts := m.Transitions(h.From, workflow.Trigger{Kind: h.kind, Event: workflow.Event(h.Event.Event)})
	for _, t := range ts {
		if t.To == h.To && t.Title != (workflow.Text{}) {
			return t.Title
		}
	}
	if len(ts) > 0 {
		return ts[0].Title
	}
	return workflow.Text{}
}

// signals are what comes back from the engine's own effects, and what operators do about them.
var signals = map[workflow.Event]workflow.Text{
	"paid":                {VI: "Đã nhận được thanh toán", EN: "Payment received"},
	SignalRefunded:        {VI: "Đã hoàn trả tiền", EN: "The money was paid back"},
	"payment-failed":      {VI: "Thanh toán không thành công", EN: "The payment failed"},
	"payment-unknown":     {VI: "Chưa rõ kết quả thanh toán", EN: "The payment's result is not known yet"},
	"registry-updated":    {VI: "Đã cập nhật cơ sở dữ liệu", EN: "The database was updated"},
	"registry-refused":    {VI: "Cơ sở dữ liệu từ chối cập nhật", EN: "The database refused the update"},
	EventHeldUp:           {VI: "Đã báo cho người nộp: hồ sơ phải chờ vì nơi nhận chưa trả lời", EN: "The applicant was told that the case waits for an answer from elsewhere"},
	EventRetryEffect:      {VI: "Người vận hành cho thực hiện lại", EN: "The operator had it tried again"},
	EventWriteOff:         {VI: "Người vận hành kết thúc việc không thực hiện được", EN: "The operator ended what could not be done"},
	EventWithdrawDocument: {VI: "Thu hồi văn bản đã ban hành", EN: "An issued paper was withdrawn"},
}

func (s *Service) titleOfSignal(p *procedures.Procedure, name workflow.Event) workflow.Text {
	if t, ok := signals[name]; ok {
		return t
	}
	for _, m := range p.Messages {
		at := s.registryTitle(m.To)
		switch name {
		case m.Done:
			return workflow.Text{VI: at.VI + " đã xác nhận", EN: "Confirmed by " + at.EN}
		case m.Refused:
			return workflow.Text{VI: at.VI + " đã từ chối", EN: "Refused by " + at.EN}
		}
	}
	return workflow.Text{VI: "Hệ thống ghi nhận: " + string(name), EN: "Recorded by the system: " + string(name)}
}

// registryTitle is a registry's name in words.
func (s *Service) registryTitle(name string) workflow.Text {
	if t, ok := s.cfg.Procedures.Elements.Registries[name]; ok {
		return t
	}
	return workflow.Text{VI: "Cơ quan được hỏi", EN: "the body that was asked"}
}

// delayText is a delay as definitions write it, in words: 30 ngày.
func delayText(written string) workflow.Text {
	d, err := calendar.ParseDuration(written)
	if err != nil {
		return workflow.Text{}
	}
	unit := map[calendar.Unit]workflow.Text{
		calendar.WorkingHours: {VI: "giờ làm việc", EN: "office hour"},
		calendar.Days:         {VI: "ngày", EN: "day"},
		calendar.WorkingDays:  {VI: "ngày làm việc", EN: "working day"},
	}[d.Unit]
	if d.N != 1 {
		unit.EN += "s"
	}
	return workflow.Text{VI: fmt.Sprintf("%d %s", d.N, unit.VI), EN: fmt.Sprintf("%d %s", d.N, unit.EN)}
}

func checkTitle(p *procedures.Procedure, id string) workflow.Text {
	for _, check := range p.Checklist {
		if check.ID == id {
			return check.Title
		}
	}
	return workflow.Text{VI: id, EN: id}
}

// forCitizens leaves out of the history what officers tell each other: their
// findings and judgements, and their notes on the way. A note with which the
// case ends is a reason, and stays.
func forCitizens(m *workflow.Machine, list []Event) []Event {
	list = slices.DeleteFunc(list, func(e Event) bool {
		return e.Event == string(ByRedate) && e.Term != nil && e.Term.Due.Equal(e.Term.Was) // nothing changed for her
	})
	for i := range list {
		e := &list[i]
		if e.ActorKind == agency.Citizen {
			continue
		}
		e.Input.Findings, e.Input.Judgements, e.Input.Data = "", nil, nil
		if def := m.States[e.To]; def == nil || def.Kind != workflow.Final {
			e.Input.Note = ""
		}
	}
	return list
}

// enteredAt is when the case came into the state that it is in.
func enteredAt(list []Event) time.Time {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].From != list[i].To {
			return list[i].At
		}
	}
	return time.Time{}
}
