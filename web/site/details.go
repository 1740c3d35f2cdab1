package site

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5/middleware"
	"golang.org/x/text/language"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/workflow"
)

// APIPath is where the programming interface begins. Errors below it are told
// as problem details instead of a page.
const APIPath = "/api/v1"

// Details are the problem details of an error, for programs.
//
// Source: RFC 9457.
type Details struct {
	Type     string           `json:"type" format:"uri" doc:"Kind of the problem; its last part is stable, see docs/integrators.md" example:"https://dvc.example.vn/problems/invalid"`
	Title    string           `json:"title" doc:"The kind in words, in the language of Accept-Language (vi, en)"`
	Status   int              `json:"status" doc:"The HTTP status"`
	Detail   string           `json:"detail" doc:"What happened, in the same language"`
	Instance string           `json:"instance,omitempty" doc:"Names the request in our log; only of faults that are ours"`
	Errors   []Fault          `json:"errors,omitempty" nullable:"false" doc:"What to correct, one entry for each place (type invalid, request)"`
	Changes  []Difference     `json:"changes,omitempty" nullable:"false" doc:"What changed meanwhile (type conflict, stale-records)"`
	Reason   string           `json:"reason,omitempty" doc:"Why the event is not possible (type not-allowed)"`
	State    workflow.State   `json:"state,omitempty" doc:"State that the case is in (type not-allowed)"`
	Open     []workflow.Event `json:"open,omitempty" nullable:"false" doc:"Events that the caller may trigger instead (type not-allowed)"`
	Code     cases.Code       `json:"code,omitempty" doc:"The open case that is in the way (type duplicate); absent when it is not the caller's"`
	Revision int              `json:"revision,omitempty" doc:"Revision of the case now (type conflict)"`
}

// Fault is one thing to correct.
type Fault struct {
	At   string `json:"at" doc:"JSON Pointer: of an answer (/household/headNumber), an attachment (/attachments/lease) or an input (/items/0/reason). Of a request that does not fit this document: of the body's member, or query.NAME, header.NAME, path.NAME"`
	Rule string `json:"rule" doc:"required, type, format, enum, locked, the id of a rule of the form, or schema when the request does not fit this document"`
	VI   string `json:"vi"`
	EN   string `json:"en"`
	Law  string `json:"law,omitempty" doc:"Act and article behind the rule"`
}

// Difference is one thing that changed, in words.
type Difference struct {
	What   workflow.Text `json:"what"`
	Before workflow.Text `json:"before"`
	After  workflow.Text `json:"after"`
}

// RequestError reports a request that does not get as far as a method: a body
// that is no JSON, a method that a path does not have, a cursor of nobody's.
type RequestError struct {
	Status int
	Faults []Fault // where, and why; may be empty
}

func (e *RequestError) Error() string {
	if len(e.Faults) == 0 {
		return http.StatusText(e.Status)
	}
	return http.StatusText(e.Status) + ": " + e.Faults[0].EN
}

// DetailsOf puts an error into problem details, in the language of the request.
// One that is ours is logged whole, under the number that the details show.
func (s *Site) DetailsOf(r *http.Request, err error) Details {
	a, lang := StatusOf(err), AcceptedLang(r.Header.Get("Accept-Language"))
	d := Details{Type: s.BaseURL + "/problems/" + a.Type, Title: a.Heading.In(lang), Status: a.Status, Detail: a.Text.In(lang)}
	if !a.Known && r.Context().Err() == nil { // else the program has left, and nothing is wrong
		number := middleware.GetReqID(r.Context())
		d.Instance = "urn:hoso:request:" + number
		s.Log.ErrorContext(r.Context(), "call failed", "request", number, "method", r.Method, "path", r.URL.Path, "error", err)
	}
	var (
		invalid    *cases.InvalidError
		conflict   *cases.ConflictError
		stale      *cases.StaleError
		notAllowed *workflow.NotAllowedError
		duplicate  *cases.DuplicateError
		request    *RequestError
	)
	switch {
	case errors.As(err, &invalid):
		for _, p := range invalid.Problems {
			d.Errors = append(d.Errors, Fault{At: string(p.At), Rule: p.Rule, VI: p.VI, EN: p.EN, Law: p.Law})
		}
	case errors.As(err, &conflict):
		d.Changes, d.Revision = differences(conflict.Changes), conflict.Now
	case errors.As(err, &stale):
		d.Changes = differences(stale.Changes)
	case errors.As(err, &notAllowed):
		d.Reason, d.State, d.Open = notAllowed.Reason, notAllowed.State, notAllowed.Open
	case errors.As(err, &duplicate):
		d.Code = duplicate.Code
	case errors.As(err, &request):
		d.Errors = request.Faults
	}
	return d
}

func differences(changes []cases.Change) []Difference {
	out := make([]Difference, len(changes))
	for i, c := range changes {
		out[i] = Difference(c)
	}
	return out
}

// failCall answers a program with problem details.
func (s *Site) failCall(w http.ResponseWriter, r *http.Request, err error) {
	d := s.DetailsOf(r, err)
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	if d.Status == http.StatusUnauthorized && h.Get("WWW-Authenticate") == "" {
		h.Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(d.Status)
	if err := json.NewEncoder(w).Encode(d); err != nil {
		s.Log.WarnContext(r.Context(), "write problem details", "error", err)
	}
}

// isCall tells whether a program makes the request, not a browser.
func isCall(r *http.Request) bool {
	return r.URL.Path == APIPath || strings.HasPrefix(r.URL.Path, APIPath+"/")
}

var spoken = language.NewMatcher([]language.Tag{language.Vietnamese, language.English})

// AcceptedLang is the language to answer in, vi or en, for an Accept-Language header.
func AcceptedLang(header string) string {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return "vi"
	}
	if _, i, sure := spoken.Match(tags...); i == 1 && sure != language.No {
		return "en"
	}
	return "vi"
}
