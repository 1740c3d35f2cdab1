package desk

import (
	"context"
	"fmt"
	"strings"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// effectView is one thing that an act does.
type effectView struct {
	Text  string
	Lines []string // what is written, value by value
}

// effects say in words what an act does: where the case goes, what is written
// into which register, which paper is issued, who is told; and what follows
// once a register has answered.
func (d *desk) effects(ctx context.Context, a agency.Actor, c *cases.Case, al cases.Allowed, lang string) ([]effectView, error) {
	var out []effectView
	say := func(text string) { out = append(out, effectView{Text: text}) }
	m := c.Procedure.Machine
	to := m.States[al.To]
	if to != nil {
		switch {
		case al.Event == workflow.Event(workflow.ByExtend):
			say(ui.T(lang, "Thời hạn giải quyết dài thêm, hồ sơ ở nguyên bước này; người nộp được nhắn ngày hẹn mới.", "The term becomes longer, the case stays at this step; the applicant is told of the new date."))
		case to.Kind == workflow.Final:
			say(ui.T(lang, "Hồ sơ kết thúc: ", "The case ends: ") + to.Title.In(lang) + ".")
		default:
			say(ui.T(lang, "Hồ sơ chuyển sang bước: ", "The case goes on to: ") + to.Title.In(lang) + ".")
		}
	}
	for _, e := range al.Effects {
		v := effectView{Text: d.effect(c, e, lang)}
		if e.Type == cases.EffectResident {
			changes, err := d.Cases.Foresee(ctx, a, c.Code, e.Name)
			if err != nil {
				return nil, err
			}
			v.Lines = changeLines(changes, lang)
		}
		out = append(out, v)
	}
	if to == nil {
		return out, nil
	}
	for _, k := range to.Open {
		if p, ok := d.Procedures.Get(procedures.ID(k.Procedure)); ok {
			line := ui.T(lang, "Mở hồ sơ liên thông: ", "A linked case is opened: ") + p.Name.In(lang)
			if k.When != nil {
				line += ui.T(lang, " (nếu thuộc trường hợp phải có)", " (where it is required)")
			}
			say(line + ".")
		}
	}
	if to.Kind == workflow.Wait && to.For != "applicant" {
		for _, text := range d.afterwards(c, to, lang) {
			say(text)
		}
	}
	return out, nil
}

// changeLines are the values of a change: as they are known, and as they will be.
func changeLines(changes []cases.Change, lang string) []string {
	out := make([]string, len(changes))
	for i, ch := range changes {
		out[i] = ch.What.In(lang) + ": "
		if before := ch.Before.In(lang); before != "" {
			out[i] += before + " → "
		}
		out[i] += ch.After.In(lang)
	}
	return out
}

// afterwards is what follows when the state that an act leads to hears from outside.
func (d *desk) afterwards(c *cases.Case, to *workflow.StateDef, lang string) []string {
	var out []string
	for _, ts := range to.Signals {
		for _, t := range ts {
			next := c.Procedure.Machine.States[t.To]
			if next == nil || next.Kind != workflow.Final || next.Negative {
				continue
			}
			for _, e := range t.Effects {
				out = append(out, ui.T(lang, "Khi đã ghi nhận xong: ", "Once it is recorded: ")+d.effect(c, e, lang))
			}
		}
	}
	return out
}

// effect is one effect in words.
func (d *desk) effect(c *cases.Case, e workflow.Effect, lang string) string {
	p := c.Procedure
	switch e.Type {
	case cases.EffectResident:
		what := ""
		if ch := p.Changes[e.Name]; ch != nil {
			what = changeText(ch.Type, lang)
		}
		return ui.T(lang, "Ghi vào Cơ sở dữ liệu quốc gia về dân cư: ", "Written into the national resident database: ") + what + "."
	case cases.EffectReceipt:
		return d.paperText(p, "receipt", lang)
	case cases.EffectResult:
		return d.paperText(p, "result", lang)
	case cases.EffectLetter:
		return d.paperText(p, e.Name, lang)
	case cases.EffectPayment:
		return ui.T(lang, "Gửi yêu cầu thanh toán tới người nộp.", "A payment is asked of the applicant.")
	case cases.EffectSend:
		if m := p.Messages[e.Name]; m != nil {
			return ui.T(lang, "Gửi yêu cầu cập nhật tới: ", "A message is sent to: ") + d.registryName(lang)(m.To) + basisText(m.Law) + "."
		}
	case cases.EffectNotify:
		if n := p.Notices[e.Name]; n != nil {
			return ui.T(lang, "Nhắn ", "A message to ") + d.toWhom(c, n.To, lang) + ": “" + d.noticeText(c, n, lang) + "”"
		}
	}
	return fmt.Sprintf("%s %s", e.Type, e.Name)
}

// basisText is the law by which another agency is told, in brackets.
func basisText(law string) string {
	if law == "" {
		return ""
	}
	return " (" + law + ")"
}

// changeText is what a change of the resident database does.
func changeText(kind, lang string) string {
	switch kind {
	case resident.MovePermanent:
		return ui.T(lang, "nơi thường trú mới, hộ gia đình và quan hệ với chủ hộ", "the new permanent residence, the household and the relation to its head")
	case resident.RegisterBirth:
		return ui.T(lang, "việc khai sinh, cấp số định danh cho trẻ", "the birth, with a personal number for the child")
	}
	return kind
}

// paperText names the paper that is signed and issued.
func (d *desk) paperText(p *procedures.Procedure, kind, lang string) string {
	title := kind
	if kind == "apology" {
		title = ui.T(lang, "văn bản xin lỗi có ngày hẹn mới", "the letter of apology with the new date")
	}
	if doc := p.Documents[kind]; doc != nil {
		title = doc.Title.In(lang)
	}
	return ui.T(lang, "Ký số và phát hành: ", "Signed and issued: ") + title + "."
}

func (d *desk) toWhom(c *cases.Case, to, lang string) string {
	switch {
	case to == "applicant":
		return ui.T(lang, "người nộp", "the applicant")
	case strings.HasPrefix(to, "subjects."):
		if s := c.Procedure.Subject(strings.TrimPrefix(to, "subjects.")); s != nil {
			return s.Title.In(lang)
		}
	case to == "owner":
		return ui.T(lang, "cán bộ xử lý", "the officer in charge")
	}
	return to
}

// noticeText is the message as it will be sent. What only the sending knows
// stands as three dots.
func (d *desk) noticeText(c *cases.Case, n *procedures.Notice, lang string) string {
	parts := n.Text.VI
	if lang == "en" && len(n.Text.EN) > 0 {
		parts = n.Text.EN
	}
	var b strings.Builder
	for _, p := range parts {
		if p.Expr == nil {
			b.WriteString(p.Plain)
			continue
		}
		switch strings.TrimSpace(p.Expr.Source) {
		case "case.code":
			b.WriteString(string(c.Code))
		case "case.agency":
			b.WriteString(d.agencyName(c.Competent, lang))
		case "case.fee":
			b.WriteString(ui.Count(c.Fee))
		default:
			b.WriteString("…")
		}
	}
	return b.String()
}

// freshText names the subjects that are read again before the act is done.
func (d *desk) freshText(c *cases.Case, al cases.Allowed, lang string) string {
	var names []string
	for _, s := range freshOf(c, al.Event) {
		if sub := c.Procedure.Subject(strings.TrimPrefix(s, "subjects.")); sub != nil {
			names = append(names, sub.Title.In(lang))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ui.T(lang, "Khi xác nhận, hệ thống đọc lại dữ liệu gốc của: ", "On confirming, the registers are read again for: ") + strings.Join(names, ", ") +
		ui.T(lang, ". Nếu khác với hồ sơ, quyết định chưa được ghi và các khác biệt được hiện ra.", ". If they differ from the case, nothing is written and the differences are shown.")
}
