package portal

import (
	"net/http"
	"time"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/ui"
)

// resultView is the decision and the papers (C16).
type resultView struct {
	Head    caseHead
	Lang    string
	Outcome string // plain words; empty: still open
	Reasons []reason
	Note    string // what the officer wrote with the decision
	Papers  []ui.Row
	Parts   []partPapers
	Appeal  []string
	Again   *ui.Link // files anew after a refusal
}

// reason is a ground with its source.
type reason struct{ Rule, Law string }

// partPapers are the papers of a sub-case.
type partPapers struct {
	Title string
	Rows  []ui.Row
}

// result shows what came of the case.
func (p *portal) result(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	out := resultView{Head: v.head("ket-qua"), Lang: v.Lang, Papers: v.papers(v.Documents)}
	for _, k := range v.Children {
		if rows := v.papers(k.Documents); len(rows) > 0 {
			out.Parts = append(out.Parts, partPapers{k.Link.Title.In(v.Lang), rows})
		}
	}
	if !v.ClosedAt.IsZero() {
		out.Outcome = v.StateTitle.In(v.Lang) + v.t(", ngày ", ", on ") + ui.Date(v.ClosedAt) + "."
		if e := v.decision(); e != nil {
			out.Reasons, out.Note = v.grounds(e.Input.Grounds), e.Input.Note
		}
		if v.Negative && v.decidedByOffice() {
			out.Appeal = v.appeal()
		}
		if v.Negative && !v.Procedure.Internal && v.mine() {
			out.Again = &ui.Link{Text: v.t("Nộp hồ sơ mới", "File a new case"), Href: proceduresPath + "/" + string(v.Procedure.ID)}
		}
	}
	return p.Render(w, r, http.StatusOK, resultPage(p.caseFrame(r, v), out))
}

// decision is the event that brought the case to its end.
func (v *viewed) decision() *cases.Event {
	for i := len(v.Events) - 1; i >= 0; i-- {
		if e := &v.Events[i]; e.To == v.State && e.From != e.To {
			return e
		}
	}
	return nil
}

// decidedByOffice tells whether an officer ended the case, so that there is a decision to appeal.
func (v *viewed) decidedByOffice() bool {
	e := v.decision()
	return e != nil && e.ActorKind == "officer"
}

// grounds are the legal grounds of a refusal in words.
func (v *viewed) grounds(ids []string) []reason {
	var out []reason
	for _, id := range ids {
		for _, g := range v.Procedure.Grounds {
			if g.ID == id {
				out = append(out, reason{g.Title.In(v.Lang), g.Law})
			}
		}
	}
	return out
}

// papers are issued documents with their file and the page that verifies them.
func (v *viewed) papers(list []cases.Document) []ui.Row {
	var out []ui.Row
	for _, d := range list {
		row := ui.Row{Label: d.Title.In(v.Lang), Value: v.t("Số ", "No. ") + d.Number,
			Source: v.t("Ngày ", "Issued on ") + ui.Date(d.IssuedAt) + v.t(" · mã kiểm tra ", " · verification code ") + d.ID.String(),
			Action: &ui.Link{Text: v.t("Tải về (PDF)", "Download (PDF)"), Href: v.link("giay-to/" + d.ID.String()), Hidden: d.Title.In(v.Lang)}}
		if d.Number == "" {
			row.Value = v.t("Không có số", "Without a number")
		}
		if !d.Withdrawn.IsZero() {
			row.Tag = ui.Tag{Text: v.t("Đã thu hồi ngày ", "Withdrawn on ") + ui.Date(d.Withdrawn), Tone: ui.Danger}
		}
		out = append(out, row)
	}
	return out
}

// appealDays is how long a first complaint can be made, in days from the day
// on which the decision became known.
//
// Source: Law on Complaints 02/2011/QH13, Art. 9.
const appealDays = 90

// appeal says what can be done against the decision and until when.
//
// Source: Law on Complaints 02/2011/QH13, Art. 7 and 9; Law on Administrative
// Procedure 93/2015/QH13, Art. 116.
func (v *viewed) appeal() []string {
	until := ui.Date(v.ClosedAt.Add(appealDays * 24 * time.Hour))
	name := v.p.agencyName(v.Competent, v.Lang)
	return []string{
		v.t("Khiếu nại lần đầu đến người đứng đầu "+name+" trong 90 ngày kể từ ngày Ông/Bà nhận được hoặc biết được quyết định; nếu biết ngay hôm ra quyết định thì đến hết ngày "+until+" (Luật Khiếu nại 02/2011/QH13, Điều 7 và Điều 9).",
			"Complain to the head of "+name+" within 90 days of receiving or learning of the decision; if you learned of it on its day, until the end of "+until+" (Law on Complaints 02/2011/QH13, Art. 7 and 9)."),
		v.t("Hoặc khởi kiện vụ án hành chính tại Tòa án trong 1 năm kể từ ngày nhận được hoặc biết được quyết định (Luật Tố tụng hành chính 93/2015/QH13, Điều 116).",
			"Or sue before the administrative court within 1 year of receiving or learning of it (Law on Administrative Procedure 93/2015/QH13, Art. 116)."),
	}
}
