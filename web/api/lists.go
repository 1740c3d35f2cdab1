package api

import (
	"context"
	"net/url"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// CaseEntry is a case in a list.
type CaseEntry struct {
	Code       cases.Code        `json:"code"`
	Procedure  procedures.ID     `json:"procedure"`
	Title      workflow.Text     `json:"title"`
	State      workflow.State    `json:"state"`
	StateTitle workflow.Text     `json:"state_title"`
	Outcome    *workflow.Outcome `json:"outcome"`
	Applicant  string            `json:"applicant" doc:"Name"`
	Subject    string            `json:"subject" doc:"Name of whom it is about"`
	Agency     Office            `json:"agency"`
	FiledAt    time.Time         `json:"filed_at"`
	DueAt      *time.Time        `json:"due_at"`
	ClosedAt   *time.Time        `json:"closed_at"`

	Status  *workflow.Text `json:"status,omitempty" doc:"For citizens: who has it, until when"`
	NeedsMe bool           `json:"needs_me,omitempty" doc:"For citizens: it waits for the caller"`
	Until   *time.Time     `json:"until,omitempty" doc:"For citizens: until when they must act"`

	Variant   string        `json:"variant,omitempty" doc:"For officers"`
	Receiving *Office       `json:"receiving,omitempty" doc:"For officers"`
	Role      workflow.Role `json:"role,omitempty" doc:"For officers: whose task it is"`
	Holder    string        `json:"holder,omitempty" doc:"For officers: name of who has taken it"`
	TaskDueAt *time.Time    `json:"task_due_at,omitempty" doc:"For officers"`
	Seen      *bool         `json:"seen,omitempty" doc:"For officers: the task was opened since it came"`
}

// CaseList is one page of cases.
type CaseList struct {
	Items []CaseEntry `json:"items" nullable:"false"`
	Next  *string     `json:"next" doc:"Address of the next page; null on the last one"`
}

// CountView is a number that is not counted beyond a bound.
type CountView struct {
	Number int  `json:"number"`
	More   bool `json:"more" doc:"There are more"`
}

// WorklistView is one page of an officer's queue.
type WorklistView struct {
	CaseList
	Tab    cases.Tab               `json:"tab"`
	Counts map[cases.Tab]CountView `json:"counts"`
}

type listIn struct {
	Paging
	Filter cases.MineFilter `query:"filter" enum:"needs-me,open,done" doc:"For citizens"`
}

type listAnswer struct {
	Page
	Body CaseList
}

type worklistIn struct {
	Paging
	Filters
}

// Filters are those of an officer's list.
type Filters struct {
	Agency    agency.ID      `query:"agency" maxLength:"40" doc:"One of the officer's"`
	Procedure procedures.ID  `query:"procedure" maxLength:"80"`
	State     workflow.State `query:"state" maxLength:"80"`
	Tab       cases.Tab      `query:"tab" enum:"unassigned,mine,applicant,others,decided,all" default:"unassigned" doc:"Tasks nobody has taken; the officer's; waiting for the applicant; for others; decided; all"`
	Due       cases.Due      `query:"due" enum:"overdue,today,week" doc:"Only open cases whose task, or else whose legal term, is over; ends today; ends this week"`
}

func (in *Filters) query(cursor string, limit int) cases.WorklistQuery {
	return cases.WorklistQuery{Agency: in.Agency, Procedure: in.Procedure, State: in.State, Tab: in.Tab, Due: in.Due, Cursor: cursor, Limit: limit}
}

func (in *Filters) values() url.Values {
	return queryOf("agency", string(in.Agency), "procedure", string(in.Procedure), "state", string(in.State), "tab", string(in.Tab), "due", string(in.Due))
}

type worklistAnswer struct {
	Page
	Body WorklistView
}

func (a *api) listCases(ctx context.Context, actor agency.Actor, in *listIn) (*listAnswer, error) {
	out := &listAnswer{}
	if actor.Kind == agency.Officer {
		w, err := a.Cases.Worklist(ctx, actor, cases.WorklistQuery{Tab: cases.TabAll, Cursor: in.Cursor, Limit: in.Limit})
		if err != nil {
			return nil, err
		}
		out.Body.Items = each(w.Rows, a.workEntry)
		out.Link, out.Body.Next = a.next("/cases", queryOf(), w.Next, in.Limit)
		return out, nil
	}
	list, next, err := a.Cases.Mine(ctx, actor, in.Filter, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out.Body.Items = each(list, a.mineEntry)
	out.Link, out.Body.Next = a.next("/cases", queryOf("filter", string(in.Filter)), next, in.Limit)
	return out, nil
}

func (a *api) worklist(ctx context.Context, actor agency.Actor, in *worklistIn) (*worklistAnswer, error) {
	w, err := a.Cases.Worklist(ctx, actor, in.query(in.Cursor, in.Limit))
	if err != nil {
		return nil, err
	}
	out := &worklistAnswer{Body: WorklistView{Tab: w.Tab, Counts: make(map[cases.Tab]CountView, len(w.Counts))}}
	out.Body.Items = each(w.Rows, a.workEntry)
	for tab, n := range w.Counts {
		out.Body.Counts[tab] = CountView{Number: n.N, More: n.More}
	}
	out.Link, out.Body.Next = a.next("/worklist", in.values(), w.Next, in.Limit)
	return out, nil
}

func (a *api) mineEntry(s cases.Summary) CaseEntry {
	return CaseEntry{Code: s.Code, Procedure: s.Procedure, Title: s.Title, State: s.State, StateTitle: s.StateTitle, Outcome: orNone(s.Outcome), Applicant: s.Applicant,
		Subject: s.Subject, Agency: a.office(s.Agency), FiledAt: *moment(s.FiledAt), DueAt: moment(s.DueAt), ClosedAt: moment(s.ClosedAt),
		Status: orNone(s.Status), NeedsMe: s.NeedsMe, Until: moment(s.Until)}
}

func (a *api) workEntry(w cases.WorkRow) CaseEntry {
	return CaseEntry{Code: w.Code, Procedure: w.Procedure, Title: w.Title, State: w.State, StateTitle: w.StateTitle, Outcome: orNone(w.Outcome), Applicant: w.Applicant,
		Subject: w.Subject, Agency: a.office(w.Competent), FiledAt: *moment(w.FiledAt), DueAt: moment(w.DueAt), ClosedAt: moment(w.ClosedAt),
		Variant: w.Variant, Receiving: a.officeOrNone(w.Receiving), Role: w.Role, Holder: w.HolderName, TaskDueAt: moment(w.TaskDueAt), Seen: &w.Seen}
}
