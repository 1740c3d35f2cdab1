package portal

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// casePattern is a case by its code: H01.00070-261124-000123.
const casePattern = casesPath + "/{code:H[0-9.]+-[0-9]{6}-[0-9]{6}}"

// Paths besides those of a case.
const (
	messagesPath = "/tin-bao"
	papersPath   = "/giay-to"
	readsPath    = "/ai-da-xem"
	verifyPath   = "/verify/{id}" // the QR codes of papers lead there
	checkPath    = "/kiem-tra"
)

// caseRoutes adds the pages of what was filed, and those that need no sign-in.
func caseRoutes(r chi.Router, p *portal) {
	r.Group(func(r chi.Router) {
		r.Use(p.Identity.Require(2, agency.Citizen))
		r.Get(casesPath, p.Handle(p.mine))
		r.Get(casePattern, p.Handle(p.progress))
		r.Get(casePattern+"/noi-dung", p.Handle(p.filed))
		r.Get(casePattern+"/ket-qua", p.Handle(p.result))
		r.Get(casePattern+"/ai-da-xem", p.Handle(p.caseReads))
		r.Get(casePattern+"/nop-tien", p.Handle(p.showPayment))
		r.Get(casePattern+"/thanh-toan", p.Handle(p.payerReturned))
		r.Get(casePattern+"/giay-to/{document}", p.Handle(p.document))
		r.Get(casePattern+"/tep/{file}", p.Handle(p.caseFile))
		r.Get(papersPath, p.Handle(p.wallet))
		r.Get(messagesPath, p.Handle(p.messages))
		r.Post(messagesPath, p.Handle(p.readMessages))
		r.Get(readsPath, p.Handle(p.reads))
		r.Get(casePattern+"/thao-tac/{event}", p.Handle(p.showAct))
		r.Post(casePattern+"/thao-tac/{event}", p.Handle(p.act))
		r.Get(casePattern+"/bo-sung", p.Handle(p.showSupplement))
		r.Get(casePattern+"/bo-sung/kiem-tra", p.Handle(p.showHandIn))
		r.Post(casePattern+"/bo-sung/kiem-tra", p.Handle(p.handIn))
		r.Get(casePattern+"/bo-sung/khai/{section}", p.Handle(p.showAmend))
		r.Post(casePattern+"/bo-sung/khai/{section}", p.Handle(p.amend))
		r.Get(casePattern+"/bo-sung/giay-to/{attachment}", p.Handle(p.showSupply))
		r.Post(casePattern+"/bo-sung/giay-to/{attachment}", p.HandleUpload(uploadSize, p.supply))
	})
	r.Get(verifyPath, p.Handle(p.verify))
	r.Get(checkPath, p.Handle(p.showCheckPaper))
	r.Post(checkPath, p.HandleUpload(paperSize, p.checkPaper))
	r.Get("/tro-giup", p.Handle(p.help))
	r.Get("/bao-ve-du-lieu", p.Handle(p.privacy))
	r.Get("/tiep-can", p.Handle(p.accessibility))
}

// viewed is a case as its pages show it to who is signed in.
type viewed struct {
	*cases.Case
	Lang string
	p    *portal
	me   agency.Actor
	// amended is what the reader has done about an open supplement request; nil: none is open.
	amended *cases.Amendment
}

// view reads the case that the path names.
func (p *portal) view(r *http.Request) (*viewed, error) {
	c, err := p.Cases.Get(r.Context(), site.Actor(r), cases.Code(chi.URLParam(r, "code")))
	if err != nil {
		return nil, err
	}
	v := &viewed{Case: c, Lang: site.Lang(r), p: p, me: site.Actor(r)}
	if v.handsIn() != "" {
		if v.amended, err = p.Cases.Amendment(r.Context(), v.me, c.Code); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (v *viewed) t(vi, en string) string { return ui.T(v.Lang, vi, en) }

// link is a page of the case; "" is its first.
func (v *viewed) link(page string) string { return caseLink(v.Code, page) }

func caseLink(code cases.Code, page string) string {
	return strings.TrimSuffix(casesPath+"/"+string(code)+"/"+page, "/")
}

// mine tells whether the reader is who filed the case, or whom a sub-case asks.
func (v *viewed) mine() bool { return v.me.ID == v.Applicant }

// waitsForMe tells whether the case stands still until the reader does something.
func (v *viewed) waitsForMe() bool {
	def := v.Procedure.Machine.States[v.State]
	return v.mine() && v.ClosedAt.IsZero() && def != nil && def.Kind == workflow.Wait && def.For == "applicant"
}

// asksMe tells whether the case is a question to the reader by somebody else's case.
func (v *viewed) asksMe() bool {
	return v.Parent != nil && !v.Parent.Mine && v.waitsForMe() && len(v.answers()) > 0
}

// answers are what the reader may do, without withdrawing and without handing in a supplement.
func (v *viewed) answers() []cases.Allowed {
	var out []cases.Allowed
	for _, a := range v.Allowed {
		if a.Event != workflow.Event(workflow.ByWithdraw) && a.Event != v.handsIn() {
			out = append(out, a)
		}
	}
	return out
}

// handsIn is the action by which an open supplement request is answered; empty when none is open.
func (v *viewed) handsIn() workflow.Event {
	if len(v.Asked) == 0 || !v.waitsForMe() {
		return ""
	}
	first := workflow.Event("")
	for _, a := range v.Allowed {
		switch {
		case a.Event == workflow.Event(workflow.ByWithdraw):
		case a.Style == "primary":
			return a.Event
		case first == "":
			first = a.Event
		}
	}
	return first
}

// withdraws is the reader's way out; nil when there is none.
func (v *viewed) withdraws() *cases.Allowed {
	for i, a := range v.Allowed {
		if a.Event == workflow.Event(workflow.ByWithdraw) {
			return &v.Allowed[i]
		}
	}
	return nil
}

// agencyName is an agency in words.
func (p *portal) agencyName(id agency.ID, lang string) string {
	if a, ok := p.Agencies.Agency(id); ok {
		return a.Name(lang)
	}
	return string(id)
}

// withNames writes a list as a sentence does: a, b.
func withNames(list []string) string { return strings.Join(list, ", ") }

// lastDay is the day that an exclusive end falls on: 24:00 of the 3rd is the 3rd.
func lastDay(end time.Time) string {
	if end.IsZero() {
		return ""
	}
	return ui.Date(end.Add(-time.Nanosecond))
}

// inWords is a term as people say it: 7 ngày làm việc.
func inWords(d calendar.Duration, lang string) string {
	if d.N == 0 {
		return ""
	}
	vi, en := map[calendar.Unit]string{calendar.WorkingHours: "giờ làm việc", calendar.Days: "ngày", calendar.WorkingDays: "ngày làm việc"}[d.Unit],
		map[calendar.Unit]string{calendar.WorkingHours: "office hour", calendar.Days: "day", calendar.WorkingDays: "working day"}[d.Unit]
	if d.N != 1 {
		en += "s"
	}
	return ui.Count(int64(d.N)) + " " + ui.T(lang, vi, en)
}

// command is the id that makes pressing a button twice act once; false for a
// form that no page of ours has drawn.
func command(r *http.Request) (uuid.UUID, bool) {
	id, err := uuid.Parse(r.PostFormValue("command"))
	return id, err == nil
}

// cursorError is the answer to a place in a list that no page of ours named.
func cursorError(err error) error {
	if _, ok := errors.AsType[*cases.CursorError](err); ok {
		return cases.ErrNotFound
	}
	return err
}
