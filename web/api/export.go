package api

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// jsonLines is one JSON value a line.
const jsonLines = "application/jsonl"

type exportIn struct {
	Filters
	Cursor string `query:"cursor" maxLength:"200" doc:"From next of the export before; leave it out for the first"`
	Limit  int    `query:"limit" minimum:"1" maximum:"20000" default:"20000" doc:"Cases"`
}

type exportAnswer struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        func(huma.Context)
}

// ExportEnd is the last line of an export: without it the export is not whole.
type ExportEnd struct {
	Cases int     `json:"cases" doc:"Lines before this one"`
	Next  *string `json:"next" doc:"Cursor of what was left; null: nothing"`
}

// HappeningView is an event in the feed. It holds nothing of anybody but the code of the case.
type HappeningView struct {
	Case      cases.Code           `json:"case"`
	Procedure procedures.ID        `json:"procedure"`
	Seq       int                  `json:"seq" doc:"1 for the filing; the revision of the case after the event"`
	Kind      workflow.TriggerKind `json:"kind" doc:"file, action, signal, after, join, withdraw, cancel, operator ..."`
	Event     workflow.Event       `json:"event"`
	From      *workflow.State      `json:"from" doc:"null: it was filed"`
	To        workflow.State       `json:"to"`
	At        time.Time            `json:"at" doc:"When it happened"`
	Recorded  time.Time            `json:"recorded_at" doc:"The order of the feed"`
}

type feedIn struct {
	After string `query:"after" maxLength:"200" doc:"From next of the answer before; leave it out to begin with the first event"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Events"`
}

type feedAnswer struct {
	Body struct {
		Items []HappeningView `json:"items" nullable:"false"`
		Next  string          `json:"next" doc:"Cursor behind the last event, for after; also when there is none yet"`
		More  bool            `json:"more" doc:"There are more already: ask on at once"`
	}
}

func (a *api) bulk() {
	add(a, huma.Operation{OperationID: "export-worklist", Method: http.MethodGet, Path: "/worklist/export", Tags: []string{tagCases}, Summary: "An officer's list, whole",
		Description: "One case a line, with the filters and the members of get-worklist, and a last line {cases, next}. Each case is entered into the log of reads of its people. " +
			"The list is read while it is sent: a case that moves meanwhile may be missing or stand in twice.",
		Responses: map[string]*huma.Response{"200": {Description: "The cases", Content: map[string]*huma.MediaType{
			jsonLines: {Schema: &huma.Schema{Type: huma.TypeString, Description: "Lines of CaseEntry, the last one of ExportEnd"}}}}}}, signedIn, a.export)
	add(a, huma.Operation{OperationID: "list-events", Method: http.MethodGet, Path: "/events", Tags: []string{tagCases}, Summary: "What happened in all cases that the caller may see",
		Description: "In the order of recording. Who asks on with next gets every event once: an event is given out only when none can be recorded before it any more, " +
			"which takes as long as the steps in flight. Cases that come into sight later, by a new seat or a merger of agencies, come with what is recorded from then on."},
		signedIn, a.feed)
	a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[ExportEnd](), true, "ExportEnd")
}

func (a *api) export(ctx context.Context, actor agency.Actor, in *exportIn) (*exportAnswer, error) {
	e, err := a.Cases.Export(ctx, actor, in.query(in.Cursor, in.Limit))
	if err != nil {
		return nil, err
	}
	return &exportAnswer{Type: jsonLines, Disposition: attachmentNamed("cases.jsonl"), Body: func(hc huma.Context) {
		hc.SetStatus(http.StatusOK)
		lines, end := json.NewEncoder(hc.BodyWriter()), ExportEnd{}
		next, err := e.Each(hc.Context(), func(rows []cases.WorkRow) error {
			for _, row := range rows {
				if err := lines.Encode(a.workEntry(row)); err != nil {
					return err
				}
			}
			end.Cases += len(rows)
			return nil
		})
		if err == nil {
			end.Next = orNone(next)
			err = lines.Encode(end)
		}
		if err != nil { // the status has been sent: a broken connection says that it is not whole
			a.Log.ErrorContext(hc.Context(), "an export ended early", "error", err)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

func (a *api) feed(ctx context.Context, actor agency.Actor, in *feedIn) (*feedAnswer, error) {
	f, err := a.Cases.Events(ctx, actor, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &feedAnswer{}
	out.Body.Next, out.Body.More = f.Next, f.More
	out.Body.Items = each(f.Events, func(h cases.Happening) HappeningView {
		return HappeningView{Case: h.Case, Procedure: h.Procedure, Seq: h.Seq, Kind: h.Kind, Event: h.Event, From: orNone(h.From), To: h.To,
			At: *moment(h.At), Recorded: *moment(h.Recorded)}
	})
	return out, nil
}
