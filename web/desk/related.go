package desk

import (
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// relatedView is what a case hangs together with.
type relatedView struct {
	Parent   *ui.Link
	Children ui.Table
	Others   ui.Table // of the same person, at the officer's agencies
	Troubles ui.Table // effects that do not get through
}

// showRelated shows linked cases with their answers, other cases of the person,
// and what the system has trouble with.
func (d *desk) showRelated(w http.ResponseWriter, r *http.Request) error {
	c, err := d.open(r)
	if err != nil {
		return err
	}
	a, lang, from := site.Actor(r), site.Lang(r), fromOf(r)
	v := relatedView{Children: d.childrenTable(c, a, lang, from), Troubles: d.troubleTable(c, lang)}
	if c.Parent != nil {
		v.Parent = &ui.Link{Text: string(c.Parent.Code) + " – " + c.Parent.Title.In(lang), Href: pathOf(c.Parent.Code, answersPage, from)}
	}
	about := c.Subject
	if about == "" {
		about = c.Applicant
	}
	found, err := d.Cases.Search(r.Context(), a, about)
	if err != nil {
		return err
	}
	v.Others = d.foundTable(slices.DeleteFunc(found, func(f cases.Found) bool { return linked(c, f.ID) }), lang)
	v.Others.Empty = ui.T(lang, "Người này không có hồ sơ nào khác ở cơ quan của Ông/Bà.", "This person has no other case at your agency.")
	return d.part(w, r, c, relatedPage, func(f ui.Frame) templ.Component { return relatedPart(f, v) })
}

// linked tells whether a case is this one, its parent or one of its sub-cases.
func linked(c *cases.Case, id cases.ID) bool {
	return id == c.ID || c.Parent != nil && id == c.Parent.ID || slices.ContainsFunc(c.Children, func(k cases.Child) bool { return k.Link.ID == id })
}

// childrenTable lists the linked cases; those at the officer's own agencies can be opened.
func (d *desk) childrenTable(c *cases.Case, a agency.Actor, lang, from string) ui.Table {
	t := ui.Table{Lang: lang, Caption: ui.T(lang, "Hồ sơ liên thông", "Linked cases"), Quiet: true, Empty: ui.T(lang, "Hồ sơ này không có hồ sơ liên thông.", "The case has no linked cases."),
		Columns: []ui.Column{{Title: ui.T(lang, "Mã hồ sơ", "Case")}, {Title: ui.T(lang, "Thủ tục", "Procedure")}, {Title: ui.T(lang, "Hỏi ai", "Asked of")}, {Title: ui.T(lang, "Kết quả", "Outcome")}, {Title: ui.T(lang, "Hạn", "Due")}}}
	for _, k := range c.Children {
		who := k.Addressed
		if who == "" {
			who = d.agencyName(k.Agency, lang)
		}
		code := string(k.Link.Code)
		if code == "" {
			code = "–"
		}
		row := ui.TableRow{Cells: []ui.Cell{{Text: code}, {Text: k.Link.Title.In(lang)}, {Text: who}, {Tag: childTag(c, k, lang)}, {Text: dueDay(k.DueAt)}}}
		if k.Link.Code != "" && k.Open {
			row.Href = pathOf(k.Link.Code, answersPage, from)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// childTag says how a linked case stands; one that ended as its parent needs it is good news.
func childTag(c *cases.Case, k cases.Child, lang string) ui.Tag {
	t := ui.Tag{Text: k.State.In(lang), Tone: ui.Info}
	switch {
	case k.Silent:
		t = ui.Tag{Text: ui.T(lang, "Không trả lời trong thời hạn", "No answer in time"), Tone: ui.Warning}
	case k.Cancelled:
		t.Tone = ui.Neutral
	case k.Outcome == "":
	case slices.ContainsFunc(c.Procedure.Machine.Order, func(s workflow.State) bool {
		j := c.Procedure.Machine.States[s].Join
		return j != nil && j.Rule != workflow.RuleSettled && j.Class(k.Outcome) == workflow.ClassOK
	}):
		t.Tone = ui.Success
	default:
		t.Tone = ui.Danger
	}
	return t
}

// troubleBanner tells that something of the case does not get through.
func troubleBanner(c *cases.Case, from, lang string) *ui.Banner {
	if len(c.Troubles) == 0 {
		return nil
	}
	for _, x := range c.Troubles {
		if o := x.Outage; o != nil {
			return &ui.Banner{Tone: ui.Warning, Heading: o.Title.In(lang) + ui.T(lang, " không trả lời từ ", " is unavailable since ") + ui.DateTime(o.Since, lang),
				Text: ui.T(lang, "Việc của hồ sơ đang chờ và được gửi tiếp khi nơi này trả lời; cán bộ không phải làm gì.", "What the case needs of it waits and goes on once it answers; nothing is to be done by officers."),
				Link: &ui.Link{Text: ui.T(lang, "Xem chi tiết", "See the details"), Href: pathOf(c.Code, relatedPage, from) + "#vuong-mac"}}
		}
	}
	n := ui.Count(int64(len(c.Troubles)))
	return &ui.Banner{Tone: ui.Danger, Heading: ui.T(lang, "Vướng mắc kỹ thuật", "Technical trouble"),
		Text: ui.T(lang, n+" việc của hồ sơ chưa đi được. Hệ thống tự thử lại; bộ phận vận hành đã thấy.", n+" of the case's effects did not get through. The system tries again by itself, and the operators see it."),
		Link: &ui.Link{Text: ui.T(lang, "Xem chi tiết", "See the details"), Href: pathOf(c.Code, relatedPage, from) + "#vuong-mac"}}
}

// undoBanner tells that something that was done for an ended case is still to be taken back.
func (d *desk) undoBanner(c *cases.Case, from, lang string) *ui.Banner {
	if len(c.Undoing) == 0 {
		return nil
	}
	var what []string
	for _, x := range c.Undoing {
		what = append(what, d.troubleText(c, x, lang))
	}
	return &ui.Banner{Tone: ui.Warning, Heading: ui.T(lang, "Đang hoàn tác những việc đã làm cho hồ sơ", "What was done for the case is being taken back"),
		Text: strings.Join(what, "; ") + ".",
		Link: &ui.Link{Text: ui.T(lang, "Xem chi tiết", "See the details"), Href: pathOf(c.Code, relatedPage, from) + "#vuong-mac"}}
}

func (d *desk) troubleTable(c *cases.Case, lang string) ui.Table {
	t := ui.Table{Lang: lang, Caption: ui.T(lang, "Vướng mắc kỹ thuật", "Technical trouble"), Quiet: true, Empty: ui.T(lang, "Không có vướng mắc nào.", "There is none."),
		Columns: []ui.Column{{Title: ui.T(lang, "Việc chưa xong", "What is not done")}, {Title: ui.T(lang, "Từ lúc", "Since")}, {Title: ui.T(lang, "Số lần thử", "Attempts"), Number: true}, {Title: ui.T(lang, "Thử lại lúc", "Next try")}, {Title: ui.T(lang, "Nơi nhận trả lời", "What was answered")}}}
	list := slices.Clone(c.Troubles)
	for _, x := range c.Undoing { // what is late already stands there
		if !slices.ContainsFunc(list, func(t cases.Trouble) bool { return t.Seq == x.Seq && t.Idx == x.Idx }) {
			list = append(list, x)
		}
	}
	for _, x := range list {
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: d.troubleText(c, x, lang)}, {Text: ui.DateTime(x.Since, lang)}, {Text: ui.Count(int64(x.Attempts))}, {Text: nextTry(x.NextAt, x.Outage != nil, lang)}, {Text: x.Error}}})
	}
	return t
}

// troubleText says in words which effect does not get through.
func (d *desk) troubleText(c *cases.Case, x cases.Trouble, lang string) string {
	to := ""
	if m := c.Procedure.Messages[x.Name]; m != nil {
		to = d.registryName(lang)(m.To)
	}
	return effectText(x.Type, x.Name, to, lang)
}

// effectText says in words what an effect does; to is whom a message goes to.
func effectText(kind, name, to, lang string) string {
	switch kind {
	case cases.EffectNotify:
		return ui.T(lang, "Gửi tin cho người dân", "A message to the citizen")
	case cases.EffectReceipt, cases.EffectLetter, cases.EffectResult:
		return ui.T(lang, "Ký và phát hành giấy tờ", "Signing and issuing a paper")
	case cases.EffectPayment:
		return ui.T(lang, "Lập yêu cầu thanh toán", "Asking for the payment")
	case cases.EffectResident:
		return ui.T(lang, "Ghi vào Cơ sở dữ liệu quốc gia về dân cư", "Writing into the national resident database")
	case cases.EffectUndoPayment:
		return ui.T(lang, "Hủy lệnh thanh toán hoặc hoàn tiền cho người nộp", "Cancelling the order, or paying the money back")
	case cases.EffectUndoResident:
		return ui.T(lang, "Khôi phục thông tin trong Cơ sở dữ liệu quốc gia về dân cư", "Restoring the record in the national resident database")
	case cases.EffectUndoResult:
		return ui.T(lang, "Thu hồi giấy tờ đã phát hành", "Withdrawing a paper that was issued")
	case cases.EffectOpen, cases.EffectReport, cases.EffectCancel, cases.EffectRemind:
		return ui.T(lang, "Trao đổi với hồ sơ liên thông", "Exchange with a linked case")
	}
	switch {
	case to == "":
	case kind == cases.EffectSend:
		return ui.T(lang, "Gửi tới ", "Sending to ") + to
	case kind == cases.EffectUndoSend:
		return ui.T(lang, "Đề nghị hủy thông tin đã gửi tới ", "Taking back what was sent to ") + to
	}
	return kind + " " + name
}
