package desk

import (
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// queueView is the page of a list of cases.
type queueView struct {
	Heading string
	Taken   *ui.Banner // what was just taken; nil: nothing
	Outages []ui.Banner
	Tabs    []ui.Link
	Filters []ui.Field // selects; one that has no choice is left out
	Keep    []ui.Hidden
	Clear   string // link that drops the filters; empty: none is set
	Action  string
	Table   ui.Table
	Pager   ui.Pager
	Export  string // link to the list as a file; empty: there is nothing in it
	Keys    []ui.Shortcut
}

// queue shows a list of cases: /hang-doi, or those of one procedure below it.
func (d *desk) queue(w http.ResponseWriter, r *http.Request) error {
	if p := r.URL.Query().Get("thu-tuc"); p != "" { // the filter's form: the procedure belongs into the path
		l := listOf(p, r.URL.Query())
		if p == allProcedures {
			l.Procedure = ""
		}
		if string(l.Procedure) != chi.URLParam(r, "procedure") {
			l.State = "" // a step of another procedure
		}
		return site.See(w, r, l.at("").path())
	}
	l := listOf(chi.URLParam(r, "procedure"), r.URL.Query())
	if _, ok := d.Procedures.Get(l.Procedure); l.Procedure != "" && !ok {
		return cases.ErrNotFound
	}
	work, err := d.load(r, l)
	if err != nil {
		return err
	}
	lang := site.Lang(r)
	f := d.frame(r, d.listTitle(l, lang))
	for i := range f.Nav {
		f.Nav[i].Current = f.Nav[i].Href == site.QueuePath
	}
	v := queueView{Heading: f.Title, Tabs: d.tabs(l, work, lang), Table: d.workTable(f, l, work, site.Actor(r)), Pager: pagerOf(l, work, lang), Keys: queueKeys(lang)}
	v.Filters, v.Keep, v.Clear = d.filters(l, site.Actor(r), lang)
	if len(work.Rows) > 0 && (l.Urgent == "" || l.Urgent == overdue || l.Urgent == dueToday) {
		v.Export = l.exportPath()
	}
	if code := r.URL.Query().Get("da-nhan"); codeShape.MatchString(code) {
		v.Taken = &ui.Banner{Tone: ui.Success, Text: ui.T(lang, "Ông/Bà đã nhận hồ sơ "+code+".", "You have taken case "+code+"."),
			Link: &ui.Link{Text: ui.T(lang, "Mở hồ sơ", "Open the case"), Href: pathOf(cases.Code(code), "", l.path())}}
	}
	outages, err := d.Cases.Outages(r.Context())
	if err != nil {
		return err
	}
	for _, o := range outages {
		v.Outages = append(v.Outages, outageBanner(o, lang))
	}
	return d.Render(w, r, http.StatusOK, queuePage(f, v))
}

// codeShape is the shape of case codes: an address cannot put other words on the page.
var codeShape = regexp.MustCompile(`^H\d{2}(\.\d{5})?-\d{6}-\d{6,}$`)

// allProcedures is the choice of the filter that is no procedure.
const allProcedures = "tat-ca"

// listTitle names the list: its urgency, or its procedure.
func (d *desk) listTitle(l list, lang string) string {
	of := ""
	if p, ok := d.Procedures.Get(l.Procedure); ok {
		of = ": " + p.Name.In(lang)
	}
	switch l.Urgent {
	case overdue:
		return ui.T(lang, "Việc quá hạn", "Overdue tasks") + of
	case dueToday:
		return ui.T(lang, "Việc đến hạn hôm nay", "Tasks due today") + of
	case unseen:
		return ui.T(lang, "Việc mới, chưa ai xem", "New tasks that nobody has opened") + of
	}
	return ui.T(lang, "Hàng đợi", "Queue") + of
}

// tabTitle is a tab in words.
func tabTitle(t cases.Tab, lang string) string {
	switch t {
	case cases.TabUnassigned:
		return ui.T(lang, "Chưa nhận", "Not taken")
	case cases.TabMine:
		return ui.T(lang, "Của tôi", "Mine")
	case cases.TabApplicant:
		return ui.T(lang, "Chờ người dân", "Waiting for the citizen")
	case cases.TabOthers:
		return ui.T(lang, "Chờ nơi khác", "Waiting for others")
	case cases.TabDecided:
		return ui.T(lang, "Đã quyết định", "Decided")
	}
	return ui.T(lang, "Tất cả", "All")
}

// tabMeaning says which cases a tab holds.
func tabMeaning(t cases.Tab, lang string) string {
	switch t {
	case cases.TabUnassigned:
		return ui.T(lang, "việc thuộc vai trò của Ông/Bà mà chưa ai nhận; việc gấp nhất ở trên", "tasks of your roles that nobody has taken; the most urgent on top")
	case cases.TabMine:
		return ui.T(lang, "việc Ông/Bà đã nhận", "tasks that you hold")
	case cases.TabApplicant:
		return ui.T(lang, "người dân phải bổ sung, thanh toán hoặc trả lời", "the citizen has to supply, pay or answer")
	case cases.TabOthers:
		return ui.T(lang, "cơ quan khác, cơ sở dữ liệu hoặc hệ thống đang thực hiện", "another agency, a register or the system is at it")
	case cases.TabDecided:
		return ui.T(lang, "hồ sơ đã kết thúc, mới nhất ở trên", "cases that have ended, the newest on top")
	}
	return ui.T(lang, "mọi hồ sơ của cơ quan Ông/Bà, mới nhất ở trên", "every case of your agency, the newest on top")
}

func (d *desk) tabs(l list, w *cases.Worklist, lang string) []ui.Link {
	out := make([]ui.Link, len(cases.Tabs))
	for i, t := range cases.Tabs {
		out[i] = ui.Link{Text: tabTitle(t, lang), Href: l.of(t).path(), Count: countText(w.Counts[t]), Current: t == l.Tab && l.Urgent == ""}
	}
	return out
}

// countText is a figure that may have stopped counting: 12, 10.000+.
func countText(c cases.Count) string {
	s := ui.Count(int64(c.N))
	if c.More {
		s += "+"
	}
	return s
}

// filters are the selects above the table, and what else the address keeps.
func (d *desk) filters(l list, a agency.Actor, lang string) (fields []ui.Field, keep []ui.Hidden, drop string) {
	all := ui.T(lang, "Tất cả", "All")
	chosen := string(l.Procedure)
	if chosen == "" {
		chosen = allProcedures
	}
	procedure := ui.Field{Lang: lang, Kind: "select", Name: "thu-tuc", Label: ui.T(lang, "Thủ tục", "Procedure"), Value: chosen,
		Options: []ui.Option{{Value: allProcedures, Text: all}}}
	for _, p := range d.Procedures.All() {
		procedure.Options = append(procedure.Options, ui.Option{Value: string(p.ID), Text: p.Name.In(lang)})
	}
	fields = append(fields, procedure)
	if p, ok := d.Procedures.Get(l.Procedure); ok && l.Urgent == "" {
		fields = append(fields, ui.Field{Lang: lang, Kind: "select", Name: "buoc", Label: ui.T(lang, "Bước", "Step"), Value: string(l.State), Options: stepsOf(p, l.Tab, lang)})
	}
	if l.Urgent == "" && l.Tab != cases.TabDecided {
		f := ui.Field{Lang: lang, Kind: "select", Name: "han", Label: ui.T(lang, "Hạn", "Due"), Value: dueNames[l.Due]}
		for _, due := range cases.Dues {
			f.Options = append(f.Options, ui.Option{Value: dueNames[due], Text: dueText(due, lang)})
		}
		fields = append(fields, f)
	}
	if ids := a.Agencies(); len(ids) > 1 {
		f := ui.Field{Lang: lang, Kind: "select", Name: "co-quan", Label: ui.T(lang, "Cơ quan", "Agency"), Value: string(l.Agency)}
		for _, id := range ids {
			f.Options = append(f.Options, ui.Option{Value: string(id), Text: d.agencyName(id, lang)})
		}
		fields = append(fields, f)
	}
	if l.Tab != cases.TabUnassigned {
		keep = append(keep, ui.Hidden{Name: "muc", Value: tabNames[l.Tab]})
	}
	if l.Urgent != "" {
		keep = append(keep, ui.Hidden{Name: "gap", Value: string(l.Urgent)})
	}
	if l.Procedure != "" || l.State != "" || l.Agency != "" || l.Due != "" {
		drop = list{Tab: l.Tab, Urgent: l.Urgent}.path()
	}
	return fields, keep, drop
}

// dueText is a choice of due dates in words.
func dueText(due cases.Due, lang string) string {
	switch due {
	case cases.DueOverdue:
		return ui.T(lang, "Quá hạn", "Overdue")
	case cases.DueToday:
		return ui.T(lang, "Đến hạn hôm nay", "Due today")
	}
	return ui.T(lang, "Đến hạn trong tuần này", "Due this week")
}

// stepsOf are the states that cases of a tab can be in.
func stepsOf(p *procedures.Procedure, t cases.Tab, lang string) []ui.Option {
	var out []ui.Option
	for _, name := range p.Machine.Order {
		s := p.Machine.States[name]
		task, final := s.Kind == "task", s.Kind == "final"
		fits := t == cases.TabAll || t == cases.TabDecided && final ||
			(t == cases.TabUnassigned || t == cases.TabMine) && task ||
			t == cases.TabApplicant && s.Kind == "wait" && s.For == "applicant" ||
			t == cases.TabOthers && (s.Kind == "subcases" || s.Kind == "wait" && s.For != "applicant")
		if fits && s.Kind != "auto" {
			out = append(out, ui.Option{Value: string(name), Text: s.Title.In(lang)})
		}
	}
	return out
}

// workTable is the table of a list.
func (d *desk) workTable(f ui.Frame, l list, w *cases.Worklist, a agency.Actor) ui.Table {
	lang := f.Lang
	t := ui.Table{Lang: lang, Caption: f.Title, Quiet: true, Empty: emptyText(l, lang), Columns: []ui.Column{
		{Title: ui.T(lang, "Mã hồ sơ", "Case")}, {Title: ui.T(lang, "Người được giải quyết", "Person concerned")},
		{Title: ui.T(lang, "Thủ tục, trường hợp", "Procedure, variant")}, {Title: ui.T(lang, "Bước", "Step")},
		{Title: dueTitle(l, lang)}, {Title: ui.T(lang, "Người xử lý", "Holder")}}}
	for _, row := range w.Rows {
		t.Rows = append(t.Rows, ui.TableRow{Href: pathOf(row.Code, "", l.path()), Unseen: !row.Seen, Cells: []ui.Cell{
			{Text: string(row.Code), Sub: ui.T(lang, "nộp ", "filed ") + ui.Date(row.FiledAt)},
			personCell(row, lang),
			{Text: row.Title.In(lang), Sub: row.VariantOf.In(lang)},
			{Text: row.StateTitle.In(lang), Sub: sinceText(row.Since, d.Now(), lang)},
			dueCell(row, d.Now(), lang),
			d.holderCell(f, row, a, l.path()),
		}})
	}
	return t
}

func emptyText(l list, lang string) string {
	switch {
	case l.Urgent != "" || l.Due != "":
		return ui.T(lang, "Không có việc nào.", "There is none.")
	case l.Cursor != "":
		return ui.T(lang, "Đã hết danh sách.", "The list ends here.")
	case l.Tab == cases.TabUnassigned:
		return ui.T(lang, "Không có hồ sơ nào chờ nhận.", "No case is waiting to be taken.")
	case l.Tab == cases.TabMine:
		return ui.T(lang, "Ông/Bà chưa nhận hồ sơ nào.", "You hold no case.")
	}
	return ui.T(lang, "Không có hồ sơ nào ở mục này.", "There is no case here.")
}

func dueTitle(l list, lang string) string {
	if l.Tab == cases.TabDecided && l.Urgent == "" {
		return ui.T(lang, "Kết thúc", "Ended")
	}
	return ui.T(lang, "Hạn", "Due")
}

// personCell shows whom the case is about, and who filed it when that is another.
func personCell(row cases.WorkRow, lang string) ui.Cell {
	c := ui.Cell{Text: row.Subject}
	if row.Applicant != row.Subject && row.Subject != "" {
		c.Sub = ui.T(lang, "người nộp: ", "filed by: ") + row.Applicant
	} else if row.Subject == "" {
		c.Text = row.Applicant
	}
	return c
}

// dueCell shows when the officer's task ends and, below, the case.
func dueCell(row cases.WorkRow, now time.Time, lang string) ui.Cell {
	if !row.ClosedAt.IsZero() {
		return ui.Cell{Text: ui.Date(row.ClosedAt), Sub: ui.T(lang, "đã kết thúc", "ended")}
	}
	c := ui.Cell{}
	whole := ""
	if !row.DueAt.IsZero() {
		whole = ui.T(lang, "hạn trả ", "case due ") + dueDay(row.DueAt)
	}
	switch {
	case !row.TaskDueAt.IsZero():
		c.Tag, c.Sub = ui.Left(row.TaskDueAt, now, lang), whole
	case !row.DueAt.IsZero():
		c.Tag, c.Sub = ui.Left(row.DueAt, now, lang), whole
	default:
		c.Text = ui.T(lang, "chưa tính hạn", "not running")
	}
	return c
}

// dueDay is the last day of a term: an end at midnight belongs to the day before.
func dueDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ui.Date(t.Add(-time.Nanosecond))
}

func sinceText(since, now time.Time, lang string) string {
	if since.IsZero() {
		return ""
	}
	return ui.Ago(since, now, lang)
}

// holderCell names who has the task, or offers it.
func (d *desk) holderCell(f ui.Frame, row cases.WorkRow, a agency.Actor, from string) ui.Cell {
	switch {
	case row.Role == "":
		return ui.Cell{Text: "–"}
	case row.Holder == a.ID:
		return ui.Cell{Text: ui.T(f.Lang, "Tôi", "Me")}
	case row.Holder != "":
		return ui.Cell{Text: row.HolderName}
	case !a.Has(string(row.Role), d.Agencies.Heir(row.Receiving)) && !a.Has(string(row.Role), d.Agencies.Heir(row.Competent)):
		return ui.Cell{Text: ui.T(f.Lang, "chưa ai nhận", "nobody yet")}
	}
	form := token(f, pathOf(row.Code, "/nhan", ""), from)
	form.Hidden = append(form.Hidden, ui.Hidden{Name: "ve", Value: "danh-sach"})
	return ui.Cell{Body: takeButton(form, f.Lang, string(row.Code))}
}

func pagerOf(l list, w *cases.Worklist, lang string) ui.Pager {
	p := ui.Pager{Lang: lang}
	if len(w.Rows) == 0 && l.Cursor == "" {
		return p // the page says itself that there is nothing
	}
	shown := ui.Count(int64(len(w.Rows)))
	if l.Urgent != "" {
		p.Shown = ui.T(lang, "Hiển thị "+shown, shown+" shown")
		if len(w.Rows) >= urgentShown {
			p.Shown = ui.T(lang, "Hiển thị "+shown+" việc gấp nhất", "The "+shown+" most urgent ones are shown")
		}
		return p
	}
	total := countText(w.Counts[w.Tab])
	p.Shown = ui.T(lang, "Hiển thị "+shown+" trên "+total, shown+" of "+total+" shown")
	if l.Cursor != "" {
		p.First = l.at("").path()
	}
	if w.Next != "" {
		p.Next = l.at(w.Next).path()
	}
	return p
}

func queueKeys(lang string) []ui.Shortcut {
	return []ui.Shortcut{
		{Key: "j", Does: ui.T(lang, "hồ sơ dưới", "next row")}, {Key: "k", Does: ui.T(lang, "hồ sơ trên", "row above")},
		{Key: "Enter", Does: ui.T(lang, "mở hồ sơ", "open the case")}, {Key: "a", Does: ui.T(lang, "nhận xử lý hồ sơ đang chọn", "take the case in focus")},
		{Key: "?", Does: ui.T(lang, "danh sách phím tắt", "this list")},
	}
}

// number is a whole number as an address writes it; 0 for anything else.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
