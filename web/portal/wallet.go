package portal

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// walletView is what the citizen holds: their card, and what was issued to them.
type walletView struct {
	Lang    string
	Card    []ui.Row   // none: it is not shown on this page
	Silent  *ui.Banner // the card could not be asked for
	Filters []ui.Link
	Years   []walletYear
	Empty   string
	Pager   *ui.Pager
}

// walletYear are the papers of a year, newest first.
type walletYear struct {
	Title  string
	Papers []walletPaper
}

// walletPaper is an issued paper in words.
type walletPaper struct {
	Title string
	Tag   ui.Tag // it was withdrawn
	Lines []string
	Case  ui.Link // that it came from
	Links []ui.Link
}

const (
	walletLimit = 20
	soonExpires = 60 // days before a card expires on which the page says so
)

// wallet shows the citizen's card and the papers of their cases.
func (p *portal) wallet(w http.ResponseWriter, r *http.Request) error {
	lang, me, q := site.Lang(r), site.Actor(r), r.URL.Query()
	filter, at := cases.ResultFilter(q.Get("loc")), q.Get("sau")
	if filter != cases.AllPapers {
		filter = ""
	}
	v := walletView{Lang: lang, Filters: []ui.Link{
		{Text: ui.T(lang, "Kết quả", "Results"), Href: papersPath, Current: filter == ""},
		{Text: ui.T(lang, "Mọi giấy tờ", "All papers"), Href: papersPath + "?loc=" + string(cases.AllPapers), Current: filter == cases.AllPapers}}}
	list, next, err := p.Cases.Results(r.Context(), me, filter, at, walletLimit)
	if err != nil {
		return cursorError(err)
	}
	v.Years, v.Pager = p.walletYears(list, lang), filterPager(lang, papersPath, string(filter), at, next)
	if len(list) == 0 {
		v.Empty = ui.T(lang, "Chưa có giấy tờ nào. Khi hồ sơ của Ông/Bà có kết quả, giấy tờ được cấp sẽ nằm ở đây: Ông/Bà tải về và đưa người khác kiểm tra lúc nào cũng được.",
			"There are no papers yet. When one of your cases has a result, what is issued will be here, to download and to be verified by others at any time.")
	}
	if at == "" {
		card, err := p.Cases.Card(r.Context(), me)
		if err != nil {
			return err
		}
		v.Card, v.Silent = p.cardRows(card, lang)
	}
	return p.Render(w, r, http.StatusOK, walletPage(p.Frame(r, ui.T(lang, "Giấy tờ của tôi", "My papers")), v))
}

// walletYears parts a list, newest first, by the year in which a paper was issued.
func (p *portal) walletYears(list []cases.Issued, lang string) []walletYear {
	var out []walletYear
	for _, d := range list {
		year := strconv.Itoa(d.IssuedAt.In(calendar.Hanoi).Year())
		year = ui.T(lang, "Năm "+year, year)
		if len(out) == 0 || out[len(out)-1].Title != year {
			out = append(out, walletYear{Title: year})
		}
		last := &out[len(out)-1]
		last.Papers = append(last.Papers, p.walletPaper(d, lang))
	}
	return out
}

func (p *portal) walletPaper(d cases.Issued, lang string) walletPaper {
	title, id := d.Title.In(lang), d.ID.String()
	out := walletPaper{Title: title, Case: ui.Link{Text: d.ProcedureTitle.In(lang) + " · " + string(d.Code), Href: caseLink(d.Code, "")}, Links: []ui.Link{
		{Text: ui.T(lang, "Tải về (PDF)", "Download (PDF)"), Hidden: title + " " + d.Number, Href: caseLink(d.Code, "giay-to/"+id)},
		{Text: ui.T(lang, "Kiểm tra", "Verify"), Hidden: title + " " + d.Number, Href: "/verify/" + id}}}
	if d.Number != "" {
		out.Lines = append(out.Lines, ui.T(lang, "Số ", "No. ")+d.Number)
	}
	out.Lines = append(out.Lines, ui.T(lang, "Cấp ngày ", "Issued on ")+ui.Date(d.IssuedAt)+ui.T(lang, ", ", " by ")+p.agencyName(d.Agency, lang))
	if d.Subject != "" {
		out.Lines = append(out.Lines, ui.T(lang, "Cho ", "For ")+d.Subject)
	}
	switch {
	case !d.Withdrawn.IsZero():
		out.Tag = ui.Tag{Text: ui.T(lang, "Đã thu hồi ngày ", "Withdrawn on ") + ui.Date(d.Withdrawn), Tone: ui.Danger}
	case d.Validity.In(lang) != "":
		out.Lines = append(out.Lines, ui.T(lang, "Giá trị sử dụng: ", "Validity: ")+lowerFirst(d.Validity.In(lang)))
	}
	return out
}

// cardRows is the identity card in words; a banner instead when the resident
// database did not answer.
func (p *portal) cardRows(c cases.Card, lang string) ([]ui.Row, *ui.Banner) {
	source := p.registry(resident.Registry, lang)
	row := ui.Row{Label: ui.T(lang, "Thẻ căn cước", "Identity card"), Source: source}
	switch c.State {
	case registry.Fetched, registry.Stale:
	case registry.Empty:
		row.Value = ui.T(lang, "Không có thẻ nào đang dùng được", "There is no card in use")
		return []ui.Row{row}, nil
	default:
		return nil, &ui.Banner{Tone: ui.Warning, Heading: ui.T(lang, "Chưa xem được thẻ căn cước", "The identity card cannot be shown now"),
			Text: source + ui.T(lang, " chưa trả lời. Những giấy tờ dưới đây không bị ảnh hưởng; thẻ sẽ hiện khi Ông/Bà mở lại trang sau ít phút.",
				" does not answer. The papers below are not affected; open the page again in a few minutes to see the card.")}
	}
	row.Lines = []string{ui.T(lang, "Số có bốn chữ số cuối ", "Number ending in ") + c.Number[max(0, len(c.Number)-4):],
		ui.T(lang, "Cấp ngày ", "Issued on ") + ui.Date(c.IssuedOn)}
	if c.ExpiresOn.IsZero() {
		row.Lines = append(row.Lines, ui.T(lang, "Không thời hạn", "Never expires"))
		return []ui.Row{row}, nil
	}
	row.Lines = append(row.Lines, ui.T(lang, "Có giá trị đến ngày ", "Valid until ")+ui.Date(c.ExpiresOn))
	if row.Tag = expiryTag(c.ExpiresOn, p.Now(), lang); row.Tag.Text != "" {
		row.Action = &ui.Link{Text: ui.T(lang, "Tìm thủ tục", "Find a procedure"), Hidden: ui.T(lang, "về thẻ căn cước", "on the identity card"),
			Href: "/?" + url.Values{"q": {ui.T(lang, "thẻ căn cước", "identity card")}}.Encode()}
	}
	return []ui.Row{row}, nil
}

// expiryTag says that a card has expired, or does so soon; on the day itself it
// still holds. day is a date, at midnight UTC.
func expiryTag(day, now time.Time, lang string) ui.Tag {
	y, m, d := now.In(calendar.Hanoi).Date()
	left := int(day.Sub(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)).Hours() / 24)
	switch {
	case left < 0:
		return ui.Tag{Text: ui.T(lang, "Đã hết hạn", "Expired"), Tone: ui.Danger}
	case left == 0:
		return ui.Tag{Text: ui.T(lang, "Hết hạn hôm nay", "Expires today"), Tone: ui.Warning}
	case left == 1:
		return ui.Tag{Text: ui.T(lang, "Còn 1 ngày là hết hạn", "Expires in 1 day"), Tone: ui.Warning}
	case left <= soonExpires:
		n := strconv.Itoa(left)
		return ui.Tag{Text: ui.T(lang, "Còn "+n+" ngày là hết hạn", "Expires in "+n+" days"), Tone: ui.Warning}
	}
	return ui.Tag{}
}
