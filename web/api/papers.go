package api

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

type paperIn struct {
	CaseRef
	ID uuid.UUID `path:"id" format:"uuid"`
}

type contentAnswer struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

type verifyIn struct {
	ID uuid.UUID `path:"id" format:"uuid" doc:"Of the document: its QR code and its last page have it"`
}

type verifyAnswer struct{ Body VerifiedView }

// VerifiedView is what anybody may know of a document. It holds no personal data.
type VerifiedView struct {
	ID        uuid.UUID     `json:"id"`
	Kind      string        `json:"kind"`
	Title     workflow.Text `json:"title"`
	Number    string        `json:"number"`
	Agency    Office        `json:"agency" doc:"Issued it"`
	Procedure workflow.Text `json:"procedure"`
	IssuedAt  time.Time     `json:"issued_at"`
	SHA256    string        `json:"sha256" doc:"Fingerprint of the file, to hold a copy against"`
	Signature any           `json:"signature" doc:"The agency's signature (JWS) over the fingerprint; null: not signed"`
	Withdrawn *time.Time    `json:"withdrawn_at" doc:"null: in force"`
}

// PaperView is a paper in a citizen's list, with the case that issued it.
type PaperView struct {
	DocumentView
	Agency    Office         `json:"agency" doc:"Issued it"`
	Validity  *workflow.Text `json:"validity" doc:"How long it holds, in words; null: the definition does not say"`
	Case      cases.Code     `json:"case" doc:"That issued it: get-document takes it with id"`
	Procedure procedures.ID  `json:"procedure"`
	CaseTitle workflow.Text  `json:"case_title" doc:"Name of the procedure"`
	Subject   *string        `json:"subject" doc:"Name of whom the case is about; null: the caller"`
}

// PaperList is one page of papers.
type PaperList struct {
	Items []PaperView `json:"items" nullable:"false"`
	Next  *string     `json:"next" doc:"Address of the next page; null on the last one"`
}

type papersIn struct {
	Paging
	Filter cases.ResultFilter `query:"filter" enum:"all" doc:"all: receipts and letters too; left out: results alone"`
}

type papersAnswer struct {
	Page
	Body PaperList
}

func (a *api) papers() {
	binary := func(types ...string) map[string]*huma.Response {
		content := map[string]*huma.MediaType{}
		for _, t := range types {
			content[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
		}
		return map[string]*huma.Response{"200": {Description: "The file", Content: content}}
	}
	add(a, huma.Operation{OperationID: "get-document", Method: http.MethodGet, Path: "/cases/{code}/documents/{id}", Tags: []string{tagPapers},
		Summary: "A paper that was issued, as PDF", Responses: binary("application/pdf"), Errors: []int{http.StatusNotFound, http.StatusGone}}, signedIn, a.document)
	add(a, huma.Operation{OperationID: "list-papers", Method: http.MethodGet, Path: "/me/papers", Tags: []string{tagPapers},
		Summary: "What was issued in a citizen's cases, newest first", Description: "Of the cases that the caller filed and of those about the caller. Papers that were withdrawn stay in the list."},
		signedIn, a.listPapers)
	add(a, huma.Operation{OperationID: "get-file", Method: http.MethodGet, Path: "/cases/{code}/files/{id}", Tags: []string{tagPapers},
		Summary: "A paper that was handed in", Responses: binary("application/pdf", "image/jpeg", "image/png"), Errors: []int{http.StatusNotFound, http.StatusGone}}, signedIn, a.file)
	add(a, huma.Operation{OperationID: "verify-document", Method: http.MethodGet, Path: "/verify/{id}", Tags: []string{tagPapers},
		Summary: "Whether a document was issued, for anybody", Errors: []int{http.StatusNotFound}}, anybody, a.verify)
}

func (a *api) document(ctx context.Context, actor agency.Actor, in *paperIn) (*contentAnswer, error) {
	d, content, err := a.Cases.Document(ctx, actor, in.Code, in.ID)
	if err != nil {
		return nil, err
	}
	return &contentAnswer{Type: "application/pdf", Disposition: attachmentNamed(string(in.Code) + "-" + d.Kind + ".pdf"), Body: content}, nil
}

func (a *api) listPapers(ctx context.Context, actor agency.Actor, in *papersIn) (*papersAnswer, error) {
	list, next, err := a.Cases.Results(ctx, actor, in.Filter, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &papersAnswer{}
	out.Body.Items = each(list, a.paperView)
	out.Link, out.Body.Next = a.next("/me/papers", queryOf("filter", string(in.Filter)), next, in.Limit)
	return out, nil
}

func (a *api) paperView(d cases.Issued) PaperView {
	return PaperView{DocumentView: documentView(d.Document), Agency: a.office(d.Agency), Validity: orNone(d.Validity), Case: d.Code, Procedure: d.Procedure,
		CaseTitle: d.ProcedureTitle, Subject: orNone(d.Subject)}
}

func (a *api) file(ctx context.Context, actor agency.Actor, in *paperIn) (*contentAnswer, error) {
	f, content, err := a.Cases.FileContent(ctx, actor, in.Code, in.ID)
	if err != nil {
		return nil, err
	}
	return &contentAnswer{Type: f.Type, Disposition: attachmentNamed(f.Name), Body: content}, nil
}

// attachmentNamed lets a browser save the file instead of opening it.
func attachmentNamed(name string) string {
	if v := mime.FormatMediaType("attachment", map[string]string{"filename": name}); v != "" {
		return v
	}
	return "attachment"
}

func (a *api) verify(ctx context.Context, _ agency.Actor, in *verifyIn) (*verifyAnswer, error) {
	v, err := a.Cases.Verify(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := VerifiedView{ID: v.ID, Kind: v.Kind, Title: v.Title, Number: v.Number, Agency: Office{ID: v.Agency, Name: v.AgencyName}, Procedure: v.Procedure,
		IssuedAt: *moment(v.IssuedAt), SHA256: v.SHA256, Withdrawn: moment(v.Withdrawn)}
	if len(v.Signature) > 0 {
		out.Signature = json.RawMessage(v.Signature)
	}
	return &verifyAnswer{Body: out}, nil
}
