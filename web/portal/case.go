package portal

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/ui"
)

// caseHead is what stands above the parts of a case (C13).
type caseHead struct {
	Lang   string
	Title  string
	Lines  []string     // code, day, for whom
	Now    []caseAction // what the reader is waited for
	Status ui.Banner
	Unsent *ui.Banner // corrections that are not handed in; nil: none
	Due    *ui.Due    // nil: the term does not run
	DueFor string     // what the date is
	Moved  string     // that it is another one than on the receipt; empty: the same
	Parent *ui.Link
	Tabs   []ui.Link
}

// head is the upper part of every page of the case; part is the tab that is open.
func (v *viewed) head(part string) caseHead {
	h := caseHead{Lang: v.Lang, Title: v.Procedure.Name.In(v.Lang), Status: v.status(), Unsent: v.unsent()}
	filed := v.t(" · nộp ngày ", " · filed on ")
	if v.Parent != nil {
		filed = v.t(" · gửi đến ngày ", " · sent on ")
	}
	h.Lines = []string{v.t("Mã hồ sơ ", "Case ") + string(v.Code) + filed + ui.Date(v.FiledAt)}
	switch {
	case v.Parent != nil && v.Parent.Mine:
		h.Parent = &ui.Link{Text: v.Parent.Title.In(v.Lang) + " · " + string(v.Parent.Code), Href: caseLink(v.Parent.Code, "")}
	case v.Parent != nil:
		h.Lines = append(h.Lines, v.t("Theo hồ sơ: ", "For the case: ")+v.Parent.Title.In(v.Lang)+v.t(", của ", ", of ")+v.Parent.Applicant)
	case v.SubjectName != "" && v.Subject != v.Applicant:
		h.Lines = append(h.Lines, v.t("Cho ", "For ")+v.SubjectName+v.t(", người nộp: ", ", filed by ")+v.ApplicantName)
	}
	if !v.DueAt.IsZero() && v.ClosedAt.IsZero() {
		h.Due = &ui.Due{Date: lastDay(v.DueAt), Left: ui.Left(v.DueAt, v.p.Now(), v.Lang)}
		h.DueFor = v.t("Hẹn trả kết quả", "Result due")
		for _, l := range v.DueBecause {
			h.Due.Lines = append(h.Due.Lines, ui.T(v.Lang, l.VI, l.EN))
		}
		if !v.Promised.IsZero() && ui.Date(v.Promised) != ui.Date(v.DueAt) {
			h.Moved = v.t("Giấy hẹn ghi ngày ", "The receipt said ") + lastDay(v.Promised) + v.t("; ngày hẹn đã đổi, lý do ở trên.", "; the date has moved, as explained above.")
		}
		if v.NewDate.After(v.DueAt) {
			h.Moved = v.t("Cơ quan đã xin lỗi vì hồ sơ không kịp thời hạn này; dự kiến trả kết quả trước hết ngày ", "The agency has apologised that this date cannot be kept; the result is expected by the end of ") + lastDay(v.NewDate) + "."
		}
	}
	for _, tab := range []struct{ page, vi, en string }{{"", "Tiến trình", "Progress"}, {"noi-dung", "Nội dung đã nộp", "What was filed"},
		{"ket-qua", "Kết quả và giấy tờ", "Result and papers"}, {"ai-da-xem", "Ai đã xem dữ liệu", "Who read my data"}} {
		h.Tabs = append(h.Tabs, ui.Link{Text: v.t(tab.vi, tab.en), Href: v.link(tab.page), Current: tab.page == part})
	}
	return h
}

// status is the one sentence on the case.
func (v *viewed) status() ui.Banner {
	b := ui.Banner{Tone: ui.Info, Text: v.Status.In(v.Lang) + "."}
	switch {
	case v.waitsForMe():
		b.Tone = ui.Warning
	case v.ClosedAt.IsZero():
	case v.Negative:
		b.Tone = ui.Danger
	case slices.ContainsFunc(v.Children, func(k cases.Child) bool { return k.Mine && k.Negative }):
		b.Tone = ui.Warning // granted in part
	default:
		b.Tone = ui.Success
	}
	return b
}

// progressView is the first page of a case.
type progressView struct {
	Head     caseHead
	Lang     string
	Steps    []ui.Step
	Children []ui.Card
	ChildOf  string // heading of the children
	Withdraw *ui.Link
}

// caseAction is something that the reader may do: a link to its own page, or a
// form that does it at once.
type caseAction struct {
	Button ui.ButtonView
	Form   *ui.FormView
	Text   string // beside it
}

// progress shows where the case stands: past, present and future steps.
func (p *portal) progress(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	if v.asksMe() {
		return p.showConsent(w, r, v)
	}
	f := p.caseFrame(r, v)
	out := progressView{Head: v.head(""), Lang: v.Lang, Steps: v.steps(), Children: v.childCards(),
		ChildOf: v.t("Các phần và ý kiến liên quan", "Parts and opinions")}
	out.Head.Now = v.actions(f.CSRF)
	if a := v.withdraws(); a != nil && a.Enabled {
		out.Withdraw = &ui.Link{Text: a.Title.In(v.Lang), Href: v.link("thao-tac/" + string(a.Event))}
	}
	return p.Render(w, r, http.StatusOK, progressPage(f, out))
}

func (p *portal) caseFrame(r *http.Request, v *viewed) ui.Frame {
	f := p.Frame(r, v.Procedure.Name.In(v.Lang)+" · "+string(v.Code))
	f.Back = casesPath
	return f
}

// actions are what the case waits for the reader to do, the most urgent first.
func (v *viewed) actions(csrf string) []caseAction {
	var out []caseAction
	if e := v.handsIn(); e != "" {
		out = append(out, caseAction{Button: ui.ButtonView{Text: v.t("Bổ sung hồ sơ", "Supply what is asked for"), Href: v.link("bo-sung")},
			Text: v.t("Cán bộ yêu cầu sửa hoặc nộp thêm ", "The officer asks for ") + ui.Count(int64(len(v.Asked))) + v.t(" mục.", " item(s).")})
	}
	if v.payable() {
		out = append(out, caseAction{Button: ui.ButtonView{Text: v.t("Thanh toán", "Pay") + v.amount(), Href: v.link("nop-tien")}})
	}
	for _, a := range v.answers() {
		out = append(out, v.action(a, csrf))
	}
	return out
}

// action is one event as a button.
func (v *viewed) action(a cases.Allowed, csrf string) caseAction {
	b := ui.ButtonView{Text: a.Title.In(v.Lang), Why: a.Why.In(v.Lang), ID: "thao-tac-" + string(a.Event)}
	switch a.Style {
	case "primary":
	case "danger":
		b.Kind = ui.Grave
	default:
		b.Kind = ui.Secondary
	}
	if !a.Enabled {
		return caseAction{Button: b}
	}
	if a.Confirm || len(a.Needs) > 0 {
		b.Href = v.link("thao-tac/" + string(a.Event))
		return caseAction{Button: b}
	}
	return caseAction{Button: b, Form: v.commandForm(a, csrf)}
}

// commandForm is the form that carries an event out; pressing its button twice acts once.
func (v *viewed) commandForm(a cases.Allowed, csrf string) *ui.FormView {
	return &ui.FormView{Action: v.link("thao-tac/" + string(a.Event)), CSRF: csrf,
		Hidden: []ui.Hidden{{Name: "command", Value: uuid.NewString()}, {Name: "revision", Value: strconv.Itoa(v.Revision)}}}
}

// childCards are the sub-cases: those of agencies, and the answers of other people.
func (v *viewed) childCards() []ui.Card {
	var out []ui.Card
	for _, k := range v.Children {
		c := ui.Card{Title: k.Link.Title.In(v.Lang), Text: k.State.In(v.Lang)}
		if c.Title == "" {
			c.Title = k.State.In(v.Lang)
			c.Text = ""
		}
		if k.Mine && k.Link.Code != "" {
			c.Href = caseLink(k.Link.Code, "")
		}
		if k.Outcome == "" && !k.Cancelled && !k.Mine && k.Addressed != "" {
			c.Text = v.t("Đã hỏi, chưa có trả lời", "Asked, no answer yet") // the state's title speaks to whom is asked
		}
		switch {
		case k.Cancelled:
			c.Tag = ui.Tag{Text: v.t("Không cần nữa", "No longer needed")}
		case k.Outcome == "":
			c.Tag = ui.Tag{Text: v.t("Đang chờ", "Waiting"), Tone: ui.Info}
		case !k.Mine && k.Addressed != "":
			c.Tag = ui.Tag{Text: v.t("Đã trả lời", "Answered")}
		case k.Negative:
			c.Tag = ui.Tag{Text: v.t("Không được chấp thuận", "Not granted"), Tone: ui.Warning}
		default:
			c.Tag = ui.Tag{Text: v.t("Đã xong", "Done"), Tone: ui.Success}
		}
		if !k.Mine && k.Addressed != "" {
			c.Meta = append(c.Meta, v.t("Hỏi ý kiến: ", "Asked: ")+k.Addressed)
		} else if k.Agency != "" {
			c.Meta = append(c.Meta, v.p.agencyName(k.Agency, v.Lang))
		}
		if k.Link.Code != "" {
			c.Meta = append(c.Meta, string(k.Link.Code))
		}
		if k.Outcome == "" && !k.Cancelled && !k.DueAt.IsZero() && k.Mine {
			c.Meta = append(c.Meta, v.t("Hẹn trả ", "Due ")+lastDay(k.DueAt))
		}
		out = append(out, c)
	}
	return out
}

// personOr names who acted: the reader, another citizen, an officer's agency, the system.
func (v *viewed) personOr(e cases.Event) string {
	switch e.ActorKind {
	case "citizen":
		if e.Actor == v.me.ID {
			return v.t("Ông/Bà", "You")
		}
		return e.ActorName
	case "officer":
		return strings.Join(nonEmpty(v.p.agencyName(e.Agency, v.Lang), e.ActorName), " · ")
	}
	return v.t("Hệ thống", "The system")
}

func nonEmpty(list ...string) []string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// filesOf lists the papers handed in, newest version of each last.
func (v *viewed) filesOf(list []cases.File) []ui.Row {
	var out []ui.Row
	for _, file := range list {
		label := v.t("Giấy tờ", "Paper")
		for _, a := range v.Procedure.Attachments {
			if a.ID == file.Attachment {
				label = a.Title.In(v.Lang)
			}
		}
		if file.Attachment == cases.Evidence {
			label = v.t("Bằng chứng cho thông tin chưa đúng", "Evidence for a wrong value")
		}
		out = append(out, ui.Row{Label: label, Value: file.Name,
			Source: ui.Size(int64(file.Size), v.Lang) + " · " + v.t("nộp ", "sent ") + ui.DateTime(file.UploadedAt, v.Lang) + " · SHA-256 " + short(file.SHA256),
			Action: &ui.Link{Text: v.t("Mở", "Open"), Href: v.link("tep/" + file.ID.String()), Hidden: file.Name}})
	}
	return out
}

// short is the beginning of a fingerprint, enough to compare by eye.
func short(sum string) string {
	if len(sum) <= 12 {
		return sum
	}
	return sum[:12] + "…"
}

// filedView is the second tab.
type filedView struct {
	Head     caseHead
	Lang     string
	Sections []rowsOf
	Files    []ui.Row
	Changed  bool // a supplement changed answers
}

// rowsOf is a part of the form with its answers.
type rowsOf struct {
	Title string
	Rows  []ui.Row
}

// filed shows exactly what was sent, with what supplements changed.
func (p *portal) filed(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	out := filedView{Head: v.head("noi-dung"), Lang: v.Lang, Sections: v.sections(), Files: v.filesOf(v.Files), Changed: len(v.Changed) > 0}
	return p.Render(w, r, http.StatusOK, filedPage(p.caseFrame(r, v), out))
}

// sections are the answers of the form in its order.
func (v *viewed) sections() []rowsOf {
	var out []rowsOf
	options := v.p.rowOptions(v.Lang)
	units := v.p.Agencies.AddressText(v.Lang)
	if v.Form == nil {
		return nil
	}
	for _, s := range v.Form.Sections {
		one := rowsOf{Title: s.Section.Title.In(v.Lang)}
		for _, a := range s.Answers {
			row := ui.RowOf(a, options)
			if old, ok := v.Changed[a.Field.Pointer]; ok {
				row.Old = a.Field.Print(old, v.Lang, units)
				if row.Old == "" {
					row.Old = v.t("Không cung cấp", "Not provided")
				}
				row.Tag = ui.Tag{Text: v.t("Đã bổ sung", "Supplied later"), Tone: ui.Info}
			}
			one.Rows = append(one.Rows, row)
		}
		if len(one.Rows) > 0 {
			out = append(out, one)
		}
	}
	if rows := valueRows(v.Values, v.Lang); len(rows) > 0 {
		out = append(out, rowsOf{Title: v.t("Kết quả tính từ hồ sơ", "What comes of it"), Rows: rows})
	}
	return out
}
