package desk

import (
	"net/http"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// homeView is the page an officer begins the day with.
type homeView struct {
	Counters   []ui.Link
	Procedures []procedureView
}

// procedureView is one of the officer's procedures with the steps its cases are at.
type procedureView struct {
	Title string
	Href  string
	Table ui.Table
}

// home shows what is urgent and how many cases of each procedure stand where.
func (d *desk) home(w http.ResponseWriter, r *http.Request) error {
	counts, err := d.Cases.Counts(r.Context(), site.Actor(r))
	if err != nil {
		return err
	}
	lang := site.Lang(r)
	f := d.frame(r, ui.T(lang, "Bàn làm việc", "Desk"))
	return d.Render(w, r, http.StatusOK, homePage(f, homeView{Counters: counters(counts, lang), Procedures: procedureViews(counts, lang)}))
}

func counters(c *cases.Counts, lang string) []ui.Link {
	return []ui.Link{
		{Text: ui.T(lang, "Đến hạn hôm nay", "Due today"), Count: countText(c.DueToday), Href: list{Urgent: dueToday, Tab: cases.TabUnassigned}.path()},
		{Text: ui.T(lang, "Quá hạn", "Overdue"), Count: countText(c.Overdue), Href: list{Urgent: overdue, Tab: cases.TabUnassigned}.path()},
		{Text: ui.T(lang, "Tôi đang giữ", "Waiting on me"), Count: countText(c.Mine), Href: list{Tab: cases.TabMine}.path()},
		{Text: ui.T(lang, "Mới trong đơn vị", "New in my unit"), Count: countText(c.New), Href: list{Urgent: unseen, Tab: cases.TabUnassigned}.path()},
	}
}

// procedureViews are the procedures with open cases, each step a link to its list.
func procedureViews(c *cases.Counts, lang string) []procedureView {
	var out []procedureView
	at := map[procedures.ID]int{}
	for _, n := range c.Procedures {
		i, ok := at[n.Procedure]
		if !ok {
			i = len(out)
			at[n.Procedure] = i
			out = append(out, procedureView{Title: n.Title.In(lang), Href: list{Procedure: n.Procedure, Tab: cases.TabAll}.path(),
				Table: ui.Table{Lang: lang, Caption: n.Title.In(lang), Quiet: true, Columns: []ui.Column{
					{Title: ui.T(lang, "Bước", "Step")}, {Title: ui.T(lang, "Đang chờ", "Waits for")}, {Title: ui.T(lang, "Số hồ sơ", "Cases"), Number: true}}}})
		}
		l := list{Procedure: n.Procedure, State: n.State, Tab: cases.TabAll}
		whom := ui.T(lang, "cán bộ", "an officer")
		switch n.Waits {
		case "applicant":
			l.Tab, whom = cases.TabApplicant, ui.T(lang, "người dân", "the citizen")
		case "others":
			l.Tab, whom = cases.TabOthers, ui.T(lang, "nơi khác hoặc hệ thống", "others or the system")
		}
		out[i].Table.Rows = append(out[i].Table.Rows, ui.TableRow{Href: l.path(), Cells: []ui.Cell{
			{Text: n.StateTitle.In(lang)}, {Text: whom}, {Text: ui.Count(int64(n.N))}}})
	}
	return out
}
