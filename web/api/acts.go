package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/workflow"
)

// ActIn is something to do with a case.
type ActIn struct {
	Event workflow.Event `json:"event" maxLength:"80" doc:"One of allowed, or withdraw" example:"accept"`
	Input InputIn        `json:"input,omitempty" doc:"What the event needs: see needs in allowed"`
}

// InputIn is what an act brings along.
type InputIn struct {
	Note       string                    `json:"note,omitempty" maxLength:"4000"`
	Grounds    []string                  `json:"grounds,omitempty" nullable:"false" maxItems:"40" doc:"Ids of grounds of refusal"`
	Items      []ItemIn                  `json:"items,omitempty" nullable:"false" maxItems:"80" doc:"Of a supplement request"`
	Findings   string                    `json:"findings,omitempty" maxLength:"8000"`
	Days       int                       `json:"days,omitempty" minimum:"0" maximum:"9999" doc:"Of an extension (extend): by how many units of the term"`
	Judgements []JudgementIn             `json:"judgements,omitempty" nullable:"false" maxItems:"80"`
	Answers    map[string]map[string]any `json:"answers,omitempty" doc:"Of a supplement: changed answers, by section and question"`
	Files      []uuid.UUID               `json:"files,omitempty" nullable:"false" maxItems:"60" doc:"Of a supplement: ids of files that were uploaded for it"`
}

// ItemIn is an item that the citizen has to supply.
type ItemIn struct {
	Item   string `json:"item" maxLength:"80" doc:"Of the checklist"`
	Reason string `json:"reason" maxLength:"2000"`
	Law    string `json:"law,omitempty" maxLength:"400"`
}

// JudgementIn is a verdict on an item of the checklist.
type JudgementIn struct {
	Item    string        `json:"item" maxLength:"80"`
	Verdict cases.Verdict `json:"verdict" enum:"satisfied,not-satisfied,not-needed"`
	Reason  string        `json:"reason,omitempty" maxLength:"2000" doc:"Needed when it is not satisfied"`
}

type actIn struct {
	CaseRef
	Key
	IfMatch
	Body ActIn
}

type judgeIn struct {
	CaseRef
	Body struct {
		Judgements []JudgementIn `json:"judgements" nullable:"false" minItems:"1" maxItems:"80"`
	}
}

type supplyIn struct {
	CaseRef
	Body UploadIn
}

type fileAnswer struct {
	Location string `header:"Location"`
	Body     FileView
}

func (a *api) acts() {
	add(a, huma.Operation{OperationID: "act", Method: http.MethodPost, Path: "/cases/{code}/events", Tags: []string{tagActs},
		Summary: "Act on a case", Description: "What the caller may do stands in allowed of the case. The answer is the case after it.",
		Errors: []int{http.StatusNotFound, http.StatusGone, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType}},
		signedIn, a.act)
	add(a, huma.Operation{OperationID: "judge", Method: http.MethodPost, Path: "/cases/{code}/judgements", Tags: []string{tagActs},
		Summary: "Judge items of the checklist", Description: "Of the officer whose task the case is. The last judgement of an item counts, so sending it again does no harm. The answer is the case.",
		Errors: []int{http.StatusNotFound, http.StatusGone, http.StatusConflict, http.StatusUnsupportedMediaType}}, signedIn, a.judge)
	add(a, huma.Operation{OperationID: "add-file", Method: http.MethodPost, Path: "/cases/{code}/files", Tags: []string{tagActs}, DefaultStatus: http.StatusCreated,
		MaxBodyBytes: uploadLimit, Summary: "Upload a paper for a supplement",
		Description: "While a supplement is asked for, and for what it asks. Officers see the paper once the supplement is handed in, by the event that allowed names.",
		Errors:      []int{http.StatusNotFound, http.StatusGone, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType}}, signedIn, a.addFile)
}

func (a *api) act(ctx context.Context, actor agency.Actor, in *actIn) (*caseAnswer, error) {
	key, err := in.uuid()
	if err != nil {
		return nil, err
	}
	seen, err := in.revision()
	if err != nil {
		return nil, err
	}
	c, err := a.Cases.Act(ctx, actor, cases.Command{Code: in.Code, ID: key, Revision: seen, Event: in.Body.Event, Input: in.Body.Input.input()})
	if err != nil {
		return nil, in.matched(err)
	}
	return a.answer(actor, c, false), nil
}

func (in InputIn) input() cases.Input {
	out := cases.Input{Note: in.Note, Grounds: in.Grounds, Findings: in.Findings, Days: in.Days, Judgements: judgements(in.Judgements), Files: in.Files}
	for _, i := range in.Items {
		out.Items = append(out.Items, cases.AskedItem{Item: i.Item, Reason: i.Reason, Law: i.Law})
	}
	if in.Answers != nil {
		out.Answers = sections(in.Answers)
	}
	return out
}

func judgements(in []JudgementIn) []cases.Judgement {
	var out []cases.Judgement
	for _, j := range in {
		out = append(out, cases.Judgement(j))
	}
	return out
}

func (a *api) judge(ctx context.Context, actor agency.Actor, in *judgeIn) (*caseAnswer, error) {
	if err := a.Cases.Judge(ctx, actor, in.Code, judgements(in.Body.Judgements)); err != nil {
		return nil, err
	}
	c, err := a.Cases.Get(ctx, actor, in.Code)
	if err != nil {
		return nil, err
	}
	return a.answer(actor, c, false), nil
}

func (a *api) addFile(ctx context.Context, actor agency.Actor, in *supplyIn) (*fileAnswer, error) {
	f, err := a.Cases.AddCaseFile(ctx, actor, in.Code, in.Body.Attachment, in.Body.Name, in.Body.Content)
	if err != nil {
		return nil, err
	}
	return &fileAnswer{Location: a.BaseURL + Path + "/cases/" + url.PathEscape(string(in.Code)) + "/files/" + f.ID.String(), Body: fileView(f)}, nil
}
