package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
)

// Key is the header that makes a repeated request take effect once.
type Key struct {
	Key string `header:"Idempotency-Key" maxLength:"64" doc:"A UUID of the caller's, the same when the request is sent again: it then takes effect once and is answered with the same case. Recommended; without it a repeated request is a new one"`
}

// uuid reads the key, with or without the quotes of a structured field; the nil
// UUID when there is none.
func (k Key) uuid() (uuid.UUID, error) {
	text := strings.Trim(strings.TrimSpace(k.Key), `"`)
	if text == "" {
		return uuid.Nil, nil
	}
	id, err := uuid.Parse(text)
	if err != nil || id == uuid.Nil {
		return uuid.Nil, &site.RequestError{Status: http.StatusBadRequest, Faults: []site.Fault{{At: "header.Idempotency-Key", Rule: "uuid",
			VI: "Idempotency-Key phải là một UUID", EN: "Idempotency-Key has to be a UUID"}}}
	}
	return id, nil
}

// FilingIn is a case to file.
type FilingIn struct {
	Procedure   procedures.ID             `json:"procedure" maxLength:"80" example:"marriage-extract"`
	Variant     string                    `json:"variant,omitempty" maxLength:"80" doc:"Leave it out: the answers decide. Another than they make it is refused"`
	Subject     string                    `json:"subject,omitempty" pattern:"^[0-9]{12}$" doc:"Personal number of whom it is about; default: the caller"`
	Answers     map[string]map[string]any `json:"answers" doc:"By section and question, only those that were asked; see the form's schema"`
	Contests    map[string]ContestIn      `json:"contests,omitempty" doc:"By the pointer of the answer: the citizen's word against a locked value"`
	Attachments []UploadIn                `json:"attachments,omitempty" nullable:"false" maxItems:"60"`
}

// ContestIn is a citizen's word against a registry's.
type ContestIn struct {
	Value  any    `json:"value" doc:"The right value"`
	Reason string `json:"reason" minLength:"1" maxLength:"2000" doc:"How the citizen knows"`
}

// UploadIn is a paper to hand in.
type UploadIn struct {
	Attachment string `json:"attachment" maxLength:"80" doc:"Id of the procedure's attachment, or evidence for a contest"`
	Name       string `json:"name" maxLength:"400" example:"hop-dong-thue.pdf"`
	Content    []byte `json:"content" doc:"The file, in base64; its type is told from the content"`
}

type fileCaseIn struct {
	Key
	Body FilingIn
}

type caseAnswer struct {
	ETag     string `header:"ETag" doc:"The revision, for If-Match"`
	Location string `header:"Location"`
	Body     CaseView
}

// CaseRef is the case of a path.
type CaseRef struct {
	Code cases.Code `path:"code" maxLength:"40" example:"H01.00004-261126-000123"`
}

func (a *api) cases() {
	add(a, huma.Operation{OperationID: "file-case", Method: http.MethodPost, Path: "/cases", Tags: []string{tagCases}, DefaultStatus: http.StatusCreated,
		MaxBodyBytes: filingLimit, Summary: "File a case",
		Description: "Files in the name of the citizen of the token. What registries know is filled in; answers only give what is asked.",
		Errors:      []int{http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType}}, signedIn, a.fileCase)
	add(a, huma.Operation{OperationID: "list-cases", Method: http.MethodGet, Path: "/cases", Tags: []string{tagCases},
		Summary: "A citizen's cases; an officer's: every case of their agencies"}, signedIn, a.listCases)
	add(a, huma.Operation{OperationID: "get-case", Method: http.MethodGet, Path: "/cases/{code}", Tags: []string{tagCases},
		Summary: "One case", Description: "An officer's look is entered into the log of reads, which the citizen sees.",
		Errors: []int{http.StatusNotFound, http.StatusGone}}, signedIn, a.getCase)
	add(a, huma.Operation{OperationID: "get-worklist", Method: http.MethodGet, Path: "/worklist", Tags: []string{tagCases},
		Summary: "An officer's queue"}, signedIn, a.worklist)
}

func (a *api) fileCase(ctx context.Context, actor agency.Actor, in *fileCaseIn) (*caseAnswer, error) {
	key, err := in.uuid()
	if err != nil {
		return nil, err
	}
	f := cases.Filing{Key: key, Procedure: in.Body.Procedure, Variant: in.Body.Variant, Subject: in.Body.Subject, Answers: sections(in.Body.Answers),
		Contests: contests(in.Body.Contests)}
	for _, u := range in.Body.Attachments {
		f.Attachments = append(f.Attachments, cases.Upload(u))
	}
	c, err := a.Cases.File(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	return a.answer(actor, c, true), nil
}

func (a *api) getCase(ctx context.Context, actor agency.Actor, in *CaseRef) (*caseAnswer, error) {
	c, err := a.Cases.Get(ctx, actor, in.Code)
	if err != nil {
		return nil, err
	}
	return a.answer(actor, c, false), nil
}

// answer is a case with its revision; a new one says where it is.
func (a *api) answer(actor agency.Actor, c *cases.Case, fresh bool) *caseAnswer {
	out := &caseAnswer{ETag: strconv.Quote(strconv.Itoa(c.Revision)), Body: a.caseView(actor, c)}
	if fresh {
		out.Location = a.BaseURL + Path + "/cases/" + url.PathEscape(string(c.Code))
	}
	return out
}

// sections makes answers of the shape that forms read.
func sections(in map[string]map[string]any) map[string]any {
	out := make(map[string]any, len(in))
	for name, values := range in {
		if values == nil {
			values = map[string]any{}
		}
		out[name] = values
	}
	return out
}

// IfMatch is the header with which a caller names the revision that they saw.
type IfMatch struct {
	Match string `header:"If-Match" maxLength:"40" doc:"The ETag of the case as the caller saw it. When it changed meanwhile the answer is 412 with what changed; without the header the act takes the case as it is"`
}

// revision is the revision named; 0 for any.
func (m IfMatch) revision() (int, error) {
	text := strings.TrimSpace(m.Match)
	if text == "" || text == "*" {
		return 0, nil
	}
	var tag string
	if err := json.Unmarshal([]byte(text), &tag); err != nil {
		tag = text // some clients drop the quotes
	}
	n, err := strconv.Atoi(tag)
	if err != nil || n < 1 {
		return 0, &site.RequestError{Status: http.StatusBadRequest, Faults: []site.Fault{{At: "header.If-Match", Rule: "etag",
			VI: "If-Match phải là ETag của một hồ sơ", EN: "If-Match has to be the ETag of a case"}}}
	}
	return n, nil
}

// matched makes a conflict with the revision of If-Match one of HTTP.
func (m IfMatch) matched(err error) error {
	if conflict, ok := errors.AsType[*cases.ConflictError](err); ok && conflict.Seen != 0 {
		return &staleError{conflict}
	}
	return err
}
