package studio

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// publishPage is where a version comes into force, below a procedure.
const publishPage = "cong-bo"

// The inputs of the page.
const (
	fromName    = "from"
	byName      = "by"
	hashName    = "hash"
	confirmName = "confirm"
)

// publishView is what a version would mean to the open cases, and the form that
// publishes it (A5).
type publishView struct {
	Name     string
	About    string
	Tabs     []ui.Link
	Done     *ui.Banner // it was published just now
	Problems []ui.Problem
	Impact   ui.Table
	Reasons  ui.Table
	Plan     []findingView // mistakes of migrate.yaml
	Past     ui.Table
	Nothing  string // why there is nothing to publish; empty: there is
	Fields   []ui.Field
	Confirm  []ui.Row // what is about to be published; nil: it is not to be confirmed yet
	Form     ui.FormView
	Button   ui.ButtonView
	Back     string
}

// askPublish shows the impact and asks from when, and who approved it.
func (t *studio) askPublish(w http.ResponseWriter, r *http.Request) error {
	return t.drawPublish(w, r, http.StatusOK, nil, nil, nil)
}

func (t *studio) drawPublish(w http.ResponseWriter, r *http.Request, status int, typed url.Values, wrong map[string]string, done *ui.Banner) error {
	shelf, err := t.library.now()
	if err != nil {
		return err
	}
	id, lang := procedures.ID(chi.URLParam(r, "procedure")), site.Lang(r)
	p, ok := shelf.catalogue.Get(id)
	if !ok || !shelf.runs(id) {
		return errNotFound
	}
	impact, err := t.Cases.Impact(r.Context(), p)
	if err != nil {
		return err
	}
	past, err := t.Cases.Publications(r.Context(), id)
	if err != nil {
		return err
	}
	f := t.frame(r, ui.T(lang, "Công bố: ", "Publish: ")+p.Name.In(lang), site.StudioPath)
	f.Path = link(id, publishPage)
	v := publishView{Name: p.Name.In(lang), About: ui.T(lang, "Phiên bản ", "Version ") + strconv.Itoa(p.Version) + " · " + short(p.Hash), Tabs: t.tabs(id, publishPage, lang, true), Done: done,
		Impact: impactTable(impact, lang), Reasons: reasonsTable(impact, lang), Plan: t.findingViews(impact.Findings, lang), Past: pastTable(past, lang), Back: link(id, publishPage),
		Form: ui.FormView{CSRF: f.CSRF, Action: link(id, publishPage), Hidden: []ui.Hidden{{Name: hashName, Value: string(p.Hash)}}}}
	switch {
	case len(past) > 0 && past[len(past)-1].Hash == p.Hash:
		v.Nothing = ui.T(lang, "Phiên bản trong thư mục chính là phiên bản đã công bố gần nhất.", "The version in the folder is the one that was published last.")
	case len(impact.Findings) > 0:
		v.Nothing = ui.T(lang, "Chưa công bố được: kế hoạch chuyển (migrate.yaml) còn lỗi.", "It cannot be published yet: the plan (migrate.yaml) has mistakes.")
	}
	from, by := t.publishFields(p, typed, lang)
	from.Error, by.Error = wrong[fromName], wrong[byName]
	v.Fields = []ui.Field{from, by}
	v.Problems = ui.Problems(v.Fields)
	if text := wrong[hashName]; text != "" {
		v.Problems = append(v.Problems, ui.Problem{Text: text})
	}
	v.Button = ui.ButtonView{Text: ui.T(lang, "Xem lại trước khi công bố", "Look at it again before publishing")}
	if typed != nil && len(v.Problems) == 0 && v.Nothing == "" {
		v.confirm(p, impact, typed, lang)
	}
	f.Error = len(v.Problems) > 0
	return t.Render(w, r, status, publishDrawn(f, v))
}

func (t *studio) publishFields(p *procedures.Procedure, typed url.Values, lang string) (from, by ui.Field) {
	day := t.Now().In(calendar.Hanoi)
	if p.Valid.From != "" {
		if at, err := time.Parse(time.DateOnly, p.Valid.From); err == nil && at.After(day) {
			day = at
		}
	}
	from = ui.Field{Lang: lang, Kind: forms.DateWidget, Name: fromName, Label: ui.T(lang, "Áp dụng cho hồ sơ nộp từ ngày", "In force for filings from"),
		Hint: ui.T(lang, "Hồ sơ đang giải quyết kết thúc theo phiên bản cũ.", "Cases under way end under their own version."), Day: day.Format("2"), Month: day.Format("1"), Year: day.Format("2006")}
	by = ui.Field{Lang: lang, Kind: forms.TextareaWidget, Name: byName, Rows: 3, Label: ui.T(lang, "Ai đã phê duyệt?", "Who approved it?"),
		Hint: ui.T(lang, "Mỗi dòng một họ tên. Tên được ghi lại cùng phiên bản. Muốn chuyển hồ sơ đang giải quyết thì cần hai người.", "One full name a line. The names are recorded with the version. Moving cases under way needs two persons.")}
	if typed != nil {
		from.Day, from.Month, from.Year, by.Value = typed.Get(fromName+"-day"), typed.Get(fromName+"-month"), typed.Get(fromName+"-year"), typed.Get(byName)
	}
	return from, by
}

// confirm turns the page into the one on which the author says yes.
func (v *publishView) confirm(p *procedures.Procedure, impact *cases.Impact, typed url.Values, lang string) {
	at, _ := dayOf(typed)
	v.Confirm = []ui.Row{{Label: ui.T(lang, "Thủ tục", "Procedure"), Value: p.Name.In(lang)}, {Label: ui.T(lang, "Phiên bản", "Version"), Value: strconv.Itoa(p.Version)},
		{Label: ui.T(lang, "Mã băm nội dung", "Hash of the content"), Body: hashText(string(p.Hash))},
		{Label: ui.T(lang, "Từ ngày", "From"), Value: ui.ISODate(at)}, {Label: ui.T(lang, "Người phê duyệt", "Approved by"), Lines: namesOf(typed)},
		{Label: ui.T(lang, "Hồ sơ đang giải quyết", "Cases under way"), Value: strconv.Itoa(impact.Counts.All()) + ui.T(lang, ", ở lại phiên bản của mình", ", which stay on their version")}}
	v.Form.Hidden = append(v.Form.Hidden, ui.Hidden{Name: confirmName, Value: "yes"})
	for _, name := range []string{fromName + "-day", fromName + "-month", fromName + "-year", byName} {
		v.Form.Hidden = append(v.Form.Hidden, ui.Hidden{Name: name, Value: typed.Get(name)})
	}
	v.Button.Text = ui.T(lang, "Công bố phiên bản này", "Publish this version")
}

// dayOf is the day that was typed, as 2027-01-01.
func dayOf(typed url.Values) (string, bool) {
	at, err := time.Parse("2006-1-2", strings.TrimSpace(typed.Get(fromName+"-year"))+"-"+strings.TrimSpace(typed.Get(fromName+"-month"))+"-"+strings.TrimSpace(typed.Get(fromName+"-day")))
	return at.Format(time.DateOnly), err == nil
}

// namesOf are the names of who approved.
func namesOf(typed url.Values) []string {
	var out []string
	for line := range strings.Lines(typed.Get(byName)) {
		if name := strings.TrimSpace(line); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// publish asks once more, and then records the version.
func (t *studio) publish(w http.ResponseWriter, r *http.Request) error {
	shelf, err := t.library.now()
	if err != nil {
		return err
	}
	id, lang, typed, wrong := procedures.ID(chi.URLParam(r, "procedure")), site.Lang(r), r.PostForm, map[string]string{}
	p, ok := shelf.catalogue.Get(id)
	if !ok || !shelf.runs(id) {
		return errNotFound
	}
	from, ok := dayOf(typed)
	if !ok {
		wrong[fromName] = ui.T(lang, "Nhập ngày bắt đầu áp dụng, ví dụ 01/01/2027", "Enter the first day, as 01/01/2027")
	}
	by := namesOf(typed)
	if len(by) == 0 {
		wrong[byName] = ui.T(lang, "Nhập họ tên người phê duyệt", "Enter the name of who approved it")
	}
	if typed.Get(hashName) != string(p.Hash) {
		wrong[hashName] = ui.T(lang, "Tệp trong thư mục đã thay đổi kể từ khi mở trang này. Xem lại tác động rồi công bố.", "The files of the folder have changed since this page was opened. Look at the impact again, then publish.")
	}
	if len(wrong) > 0 {
		return t.drawPublish(w, r, http.StatusUnprocessableEntity, typed, wrong, nil)
	}
	if typed.Get(confirmName) == "" {
		return t.drawPublish(w, r, http.StatusOK, typed, nil, nil)
	}
	impact, err := t.Cases.Impact(r.Context(), p)
	if err != nil {
		return err
	}
	if len(impact.Findings) > 0 {
		return t.drawPublish(w, r, http.StatusUnprocessableEntity, typed, nil, nil)
	}
	out, err := t.Cases.Publish(r.Context(), cases.Proposal{Procedure: p, Files: shelf.catalogue.Files(p.Hash), From: from, ApprovedBy: by, Impact: impact.Counts})
	if refused, ok := errors.AsType[*cases.PublishError](err); ok {
		return t.drawPublish(w, r, http.StatusUnprocessableEntity, typed, map[string]string{hashName: ui.T(lang, "Chưa công bố được: ", "It was not published: ") + refused.Because}, nil)
	}
	if err != nil {
		return err
	}
	return t.drawPublish(w, r, http.StatusOK, nil, nil, &ui.Banner{Tone: ui.Success, Heading: ui.T(lang, "Đã công bố", "Published"),
		Text: ui.T(lang, "Hồ sơ nộp từ ngày ", "Filings from ") + ui.ISODate(out.From) + ui.T(lang, " theo phiên bản ", " fall under version ") + strconv.Itoa(out.Version) + ". " + ui.T(lang, "Các máy chủ nhận phiên bản này trong vài giây.", "Running nodes take it over within seconds.")})
}

func impactTable(i *cases.Impact, lang string) ui.Table {
	table := ui.Table{Lang: lang, Caption: ui.T(lang, "Tác động tới hồ sơ đang giải quyết", "What it means to cases under way"), Columns: []ui.Column{{Title: ui.T(lang, "Phiên bản của hồ sơ", "Version of the cases")},
		{Title: ui.T(lang, "Không đổi", "Unchanged"), Number: true}, {Title: ui.T(lang, "Chuyển được", "Movable"), Number: true}, {Title: ui.T(lang, "Cần người dân", "Needs the citizen"), Number: true}, {Title: ui.T(lang, "Không chuyển được", "Blocked"), Number: true}},
		Empty: ui.T(lang, "Không có hồ sơ nào đang giải quyết theo phiên bản cũ.", "No case is under way under an older version.")}
	row := func(name, sub string, n cases.Standings) ui.TableRow {
		return ui.TableRow{Cells: []ui.Cell{{Text: name, Sub: sub}, {Text: strconv.Itoa(n.Unchanged)}, {Text: strconv.Itoa(n.Movable)}, {Text: strconv.Itoa(n.NeedsCitizen)}, {Text: strconv.Itoa(n.Blocked)}}}
	}
	for _, o := range i.Versions {
		table.Rows = append(table.Rows, row(strconv.Itoa(o.Version), short(o.Hash), o.Counts))
	}
	if len(table.Rows) > 1 {
		table.Rows = append(table.Rows, row(ui.T(lang, "Tất cả", "All"), "", i.Counts))
	}
	return table
}

func reasonsTable(i *cases.Impact, lang string) ui.Table {
	table := ui.Table{Lang: lang, Caption: ui.T(lang, "Vì sao", "Why"), Columns: []ui.Column{{Title: ui.T(lang, "Lý do", "Reason")}, {Title: ui.T(lang, "Trạng thái", "State")}, {Title: ui.T(lang, "Số hồ sơ", "Cases"), Number: true}}}
	tags := map[cases.Standing]ui.Tag{cases.Unchanged: {Text: ui.T(lang, "không đổi", "unchanged"), Tone: ui.Success}, cases.Movable: {Text: ui.T(lang, "chuyển được", "movable"), Tone: ui.Info},
		cases.NeedsCitizen: {Text: ui.T(lang, "cần người dân", "needs the citizen"), Tone: ui.Warning}, cases.Blocked: {Text: ui.T(lang, "không chuyển được", "blocked"), Tone: ui.Danger}}
	for _, r := range i.Reasons {
		table.Rows = append(table.Rows, ui.TableRow{Cells: []ui.Cell{{Text: r.Text.In(lang), Tag: tags[r.Standing]}, {Text: r.State}, {Text: strconv.Itoa(r.Cases)}}})
	}
	return table
}

func pastTable(past []cases.Publication, lang string) ui.Table {
	table := ui.Table{Lang: lang, Caption: ui.T(lang, "Đã công bố", "Published before"), Columns: []ui.Column{{Title: ui.T(lang, "Phiên bản", "Version")}, {Title: ui.T(lang, "Từ ngày", "From")}, {Title: ui.T(lang, "Người phê duyệt", "Approved by")}, {Title: ui.T(lang, "Công bố lúc", "Published at")}}}
	for i := len(past) - 1; i >= 0; i-- {
		p := past[i]
		table.Rows = append(table.Rows, ui.TableRow{Cells: []ui.Cell{{Text: strconv.Itoa(p.Version), Sub: short(p.Hash)}, {Text: ui.ISODate(p.From)}, {Text: strings.Join(p.ApprovedBy, ", ")}, {Text: ui.DateTime(p.At, lang)}}})
	}
	return table
}
