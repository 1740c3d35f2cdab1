package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/workflow"
)

// list is one page of an officer's cases, as its address says it: it can be
// saved, sent to a colleague, and walked through case by case.
type list struct {
	Procedure procedures.ID
	Tab       cases.Tab
	State     workflow.State
	Agency    agency.ID
	Urgent    urgency // empty: no such filter
	Due       cases.Due
	Cursor    string
}

// urgency picks tasks across the officer's own and the untaken ones.
type urgency string

// The urgencies, as addresses write them.
const (
	overdue  urgency = "qua-han"
	dueToday urgency = "hom-nay"
	unseen   urgency = "moi"
)

// tabNames are the tabs as addresses write them.
var tabNames = map[cases.Tab]string{
	cases.TabUnassigned: "chua-nhan", cases.TabMine: "cua-toi", cases.TabApplicant: "cho-dan",
	cases.TabOthers: "cho-co-quan", cases.TabDecided: "da-quyet-dinh", cases.TabAll: "tat-ca",
}

// dueNames are the choices of due dates as addresses write them.
var dueNames = map[cases.Due]string{cases.DueOverdue: "qua-han", cases.DueToday: "hom-nay", cases.DueWeek: "tuan-nay"}

// parseList reads an address that [list.path] wrote. It takes no other: a link
// back must not lead away from the queue.
func parseList(address string) (list, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "" || u.Host != "" || address == "" {
		return list{}, false
	}
	rest, ok := strings.CutPrefix(u.Path, site.QueuePath)
	if !ok || rest != "" && rest[0] != '/' {
		return list{}, false
	}
	return listOf(strings.TrimPrefix(rest, "/"), u.Query()), true
}

func listOf(procedure string, q url.Values) list {
	l := list{Procedure: procedures.ID(procedure), Tab: cases.TabUnassigned, State: workflow.State(q.Get("buoc")), Agency: agency.ID(q.Get("co-quan")), Cursor: q.Get("tiep")}
	for tab, name := range tabNames {
		if name == q.Get("muc") {
			l.Tab = tab
		}
	}
	for due, name := range dueNames {
		if name == q.Get("han") && l.Tab != cases.TabDecided {
			l.Due = due
		}
	}
	if u := urgency(q.Get("gap")); u == overdue || u == dueToday || u == unseen {
		l.Urgent = u
	}
	return l
}

// path is the address of the list.
func (l list) path() string {
	p := site.QueuePath
	if l.Procedure != "" {
		p += "/" + url.PathEscape(string(l.Procedure))
	}
	q := url.Values{}
	set := func(key, value string) {
		if value != "" {
			q.Set(key, value)
		}
	}
	if l.Tab != cases.TabUnassigned {
		set("muc", tabNames[l.Tab])
	}
	set("buoc", string(l.State))
	set("co-quan", string(l.Agency))
	set("han", dueNames[l.Due])
	set("gap", string(l.Urgent))
	set("tiep", l.Cursor)
	if len(q) == 0 {
		return p
	}
	return p + "?" + q.Encode()
}

// at is the same list at another page.
func (l list) at(cursor string) list { l.Cursor = cursor; return l }

// of is the same list with another tab, from its first page.
func (l list) of(tab cases.Tab) list {
	l.Tab, l.State, l.Urgent, l.Due, l.Cursor = tab, "", "", "", ""
	return l
}

func (l list) query() cases.WorklistQuery {
	return cases.WorklistQuery{Agency: l.Agency, Procedure: l.Procedure, State: l.State, Tab: l.Tab, Due: l.Due, Cursor: l.Cursor}
}

const (
	urgentPage  = 200 // rows that are read at once for an urgency
	urgentPages = 50  // pages that are read at most
	urgentShown = 200 // rows that are shown
)

// load reads the list.
func (d *desk) load(r *http.Request, l list) (*cases.Worklist, error) {
	if l.Urgent == "" {
		w, err := d.Cases.Worklist(r.Context(), site.Actor(r), l.query())
		if _, stale := errors.AsType[*cases.CursorError](err); stale {
			return d.Cases.Worklist(r.Context(), site.Actor(r), l.at("").query())
		}
		return w, err
	}
	out, err := d.Cases.Worklist(r.Context(), site.Actor(r), cases.WorklistQuery{Agency: l.Agency, Procedure: l.Procedure, Tab: cases.TabMine, Limit: 1})
	if err != nil {
		return nil, err
	}
	out.Rows, out.Next = nil, ""
	tabs := []cases.Tab{cases.TabMine, cases.TabUnassigned}
	if l.Urgent == unseen {
		tabs = tabs[1:]
	}
	for _, tab := range tabs {
		rows, err := d.urgent(r.Context(), site.Actor(r), l, tab)
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, rows...)
	}
	slices.SortStableFunc(out.Rows, func(a, b cases.WorkRow) int { return a.TaskDueAt.Compare(b.TaskDueAt) })
	out.Rows = out.Rows[:min(len(out.Rows), urgentShown)]
	return out, nil
}

// urgencyDue are the urgencies that are due dates.
var urgencyDue = map[urgency]cases.Due{overdue: cases.DueOverdue, dueToday: cases.DueToday}

// urgent reads the rows of a tab that the urgency picks; the soonest come first.
func (d *desk) urgent(ctx context.Context, a agency.Actor, l list, tab cases.Tab) ([]cases.WorkRow, error) {
	var out []cases.WorkRow
	q := cases.WorklistQuery{Agency: l.Agency, Procedure: l.Procedure, State: l.State, Tab: tab, Due: urgencyDue[l.Urgent], Limit: urgentPage}
	for range urgentPages {
		w, err := d.Cases.Worklist(ctx, a, q)
		if err != nil {
			return nil, err
		}
		for _, row := range w.Rows {
			if l.Urgent != unseen || !row.Seen {
				out = append(out, row)
			}
		}
		if w.Next == "" || len(out) >= urgentShown {
			return out, nil
		}
		q.Cursor = w.Next
	}
	return out, nil
}

// neighbours are the pages of the cases before and after one in the list that
// it was opened from; empty where there is none. A case that has left the list
// meanwhile is followed by the list's first.
func (d *desk) neighbours(r *http.Request, l list, code cases.Code) (before, after string, err error) {
	w, err := d.load(r, l)
	if err != nil {
		return "", "", err
	}
	i := slices.IndexFunc(w.Rows, func(row cases.WorkRow) bool { return row.Code == code })
	if i > 0 {
		before = pathOf(w.Rows[i-1].Code, "", l.path())
	}
	if i+1 == len(w.Rows) && w.Next != "" {
		l = l.at(w.Next)
		if w, err = d.load(r, l); err != nil {
			return "", "", err
		}
		i = -1
	}
	if i+1 < len(w.Rows) {
		after = pathOf(w.Rows[i+1].Code, "", l.path())
	}
	return before, after, nil
}
