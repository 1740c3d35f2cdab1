package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// ReadView is one read of the caller's data.
type ReadView struct {
	ID      uuid.UUID        `json:"id"`
	At      time.Time        `json:"at"`
	Kind    agency.ActorKind `json:"kind" enum:"citizen,officer,system" doc:"Who read"`
	Self    bool             `json:"self" doc:"The caller"`
	Reader  string           `json:"reader,omitempty" doc:"Of the system: the job. Officers and other citizens are not named"`
	Agency  *Office          `json:"agency" doc:"Of an officer"`
	Case    *cases.Code      `json:"case"`
	Purpose string           `json:"purpose"`
	Basis   string           `json:"basis" doc:"self, guardian, household, consent, or law: the act"`
	Fields  []string         `json:"fields" nullable:"false" doc:"What was given out"`
}

type readsAnswer struct {
	Page
	Body struct {
		Items []ReadView `json:"items" nullable:"false"`
		Next  *string    `json:"next"`
	}
}

// FiguresView are the public figures of one procedure.
type FiguresView struct {
	Procedure procedures.ID            `json:"procedure"`
	Title     workflow.Text            `json:"title"`
	Filed     int                      `json:"filed" doc:"Cases filed in the period"`
	Ended     int                      `json:"ended" doc:"Cases ended in the period, which all other figures are about"`
	Outcomes  map[workflow.Outcome]int `json:"outcomes"`
	WithTerm  int                      `json:"with_term" doc:"Of those ended: the legal term had started"`
	OnTime    int                      `json:"on_time" doc:"Of those with a term: ended within it"`
	Total     HoursView                `json:"total" doc:"From filing to the end"`
	Agency    HoursView                `json:"agency" doc:"An agency had to act"`
	Citizen   HoursView                `json:"citizen" doc:"A citizen had to act"`
	Technical HoursView                `json:"technical" doc:"A registry or the system had to answer"`
	Rounds    float64                  `json:"rounds" doc:"Supplement requests a case"`
}

// HoursView are hours of office time; eight make a working day.
type HoursView struct {
	Median float64 `json:"median"`
	P90    float64 `json:"p90"`
}

type statisticsAnswer struct {
	Body struct {
		From       time.Time     `json:"from"`
		Until      time.Time     `json:"until"`
		Procedures []FiguresView `json:"procedures" nullable:"false"`
	}
}

func (a *api) figures() {
	add(a, huma.Operation{OperationID: "list-reads", Method: http.MethodGet, Path: "/me/reads", Tags: []string{tagOpen},
		Summary: "Who read my data, newest first"}, signedIn, a.reads)
	add(a, huma.Operation{OperationID: "get-statistics", Method: http.MethodGet, Path: "/statistics", Tags: []string{tagOpen},
		Summary: "Figures of the last twelve months, for anybody"}, anybody, a.statistics)
}

func (a *api) reads(ctx context.Context, actor agency.Actor, in *Paging) (*readsAnswer, error) {
	if actor.Kind != agency.Citizen {
		return nil, cases.ErrForbidden
	}
	if in.Cursor != "" && uuid.Validate(in.Cursor) != nil {
		return nil, &cases.CursorError{Cursor: in.Cursor}
	}
	entries, next, err := audit.Reads(ctx, a.DB, actor.ID, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &readsAnswer{}
	out.Body.Items = each(entries, func(e audit.Entry) ReadView { return a.read(actor, e) })
	out.Link, out.Body.Next = a.next("/me/reads", queryOf(), next, in.Limit)
	return out, nil
}

func (a *api) read(actor agency.Actor, e audit.Entry) ReadView {
	v := ReadView{ID: e.ID, At: *moment(e.At), Kind: agency.ActorKind(e.ReaderKind), Self: e.Reader == actor.ID, Agency: a.officeOrNone(agency.ID(e.Agency)),
		Case: orNone(cases.Code(e.Case)), Purpose: e.Purpose, Basis: e.Basis, Fields: each(e.Fields, strings.Clone)}
	if v.Kind == agency.System {
		v.Reader = e.Reader
	}
	return v
}

func (a *api) statistics(ctx context.Context, _ agency.Actor, _ *struct{}) (*statisticsAnswer, error) {
	s, err := a.Cases.Statistics(ctx)
	if err != nil {
		return nil, err
	}
	out := &statisticsAnswer{}
	out.Body.From, out.Body.Until = *moment(s.From), *moment(s.Until)
	out.Body.Procedures = each(s.Procedures, figures)
	return out, nil
}

func figures(p cases.ProcedureFigures) FiguresView {
	outcomes := p.Outcomes
	if outcomes == nil {
		outcomes = map[workflow.Outcome]int{}
	}
	return FiguresView{Procedure: p.Procedure, Title: p.Title, Filed: p.Filed, Ended: p.Ended, Outcomes: outcomes, WithTerm: p.WithTerm, OnTime: p.OnTime,
		Total: HoursView(p.Total), Agency: HoursView(p.Agency), Citizen: HoursView(p.Citizen), Technical: HoursView(p.Technical), Rounds: p.Rounds}
}
