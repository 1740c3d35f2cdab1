package portal

import (
	"net/http"
	"slices"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// confirmationView says that a case was filed, and what happens next.
type confirmationView struct {
	Lang      string
	Panel     ui.Panel
	Pay       *ui.Banner // money is due
	Next      []string
	Agency    string
	Steps     []ui.Row
	Documents []ui.Link
	Case      string // its page
}

// confirmation is the page after filing. Once the case has moved on by an
// officer's act, or has ended, its address leads to the page of the case.
func (p *portal) confirmation(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	moved := slices.ContainsFunc(v.Events, func(e cases.Event) bool { return e.ActorKind == agency.Officer })
	if moved || !v.ClosedAt.IsZero() || !v.mine() {
		return site.See(w, r, v.link(""))
	}
	title := v.t("Đã nhận hồ sơ", "Your case has been received")
	c := confirmationView{Lang: v.Lang, Case: v.link(""), Agency: p.agencyName(v.Receiving, v.Lang),
		Panel: ui.Panel{Heading: title, Label: v.t("Mã hồ sơ", "Case code"), Code: string(v.Code), Text: v.t("Nộp lúc ", "Filed at ") + ui.DateTime(v.FiledAt, v.Lang)}}
	if v.Fee > 0 && !v.Paid {
		c.Pay = &ui.Banner{Tone: ui.Warning, Heading: v.t("Còn phải nộp ", "Still to pay: ") + ui.Money(v.Fee),
			Text: v.t("Hồ sơ được giải quyết tiếp sau khi Ông/Bà nộp tiền.", "The case goes on once this is paid."),
			Link: &ui.Link{Text: v.t("Nộp tiền", "Pay"), Href: v.link("nop-tien")}}
	}
	c.Steps = p.nextSteps(v)
	for _, d := range v.Documents {
		c.Documents = append(c.Documents, ui.Link{Text: v.t("Tải ", "Download: ") + d.Title.In(v.Lang) + " (PDF)", Href: v.link("giay-to/" + d.ID.String())})
	}
	return p.Render(w, r, http.StatusOK, confirmationPage(p.Frame(r, title), c))
}

// nextSteps say who has the case, until when, and where the result comes.
func (p *portal) nextSteps(v *viewed) []ui.Row {
	rows := []ui.Row{
		{Label: v.t("Hiện tại", "Now"), Value: v.Status.In(v.Lang)},
		{Label: v.t("Cơ quan giải quyết", "Decided by"), Value: p.agencyName(v.Competent, v.Lang)},
	}
	switch limits := v.Procedure.Limits; {
	case !v.Promised.IsZero():
		rows = append(rows, ui.Row{Label: v.t("Hẹn trả kết quả", "Result by"), Value: lastDay(v.Promised)})
	case !v.DueAt.IsZero():
		rows = append(rows, ui.Row{Label: v.t("Hẹn trả kết quả", "Result by"), Value: lastDay(v.DueAt)})
	case len(limits) > 0:
		last := limits[len(limits)-1]
		rows = append(rows, ui.Row{Label: v.t("Thời hạn", "Term"), Lines: []string{termWords(last.Limit, v.Lang), last.Title.In(v.Lang)}, Source: last.Law})
	}
	return append(rows, ui.Row{Label: v.t("Tin báo", "Messages"), Value: v.t("Mỗi khi hồ sơ có thay đổi, chúng tôi báo cho Ông/Bà ở mục Tin báo và qua điện thoại hoặc thư điện tử đã khai. Tin nhắn không chứa dữ liệu cá nhân.",
		"Whenever the case moves we tell you under Messages and by the telephone number or e-mail address you gave. Messages hold no personal data."),
		Action: &ui.Link{Text: v.t("Xem tin báo", "See messages"), Href: messagesPath}})
}
