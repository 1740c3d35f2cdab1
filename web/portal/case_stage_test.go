package portal

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/document"
	"github.com/hoso-gov/hoso/jobs"
	"github.com/hoso-gov/hoso/notice"
	"github.com/hoso-gov/hoso/payment"
	"github.com/hoso-gov/hoso/registry/exchange"
	"github.com/hoso-gov/hoso/registry/signed"
	"github.com/hoso-gov/hoso/workflow"
)

const khang = "001060000106" // owner of 40 phố Kim Mã

// office is a stage with officers and the workers behind it.
type office struct {
	*stage
	jobs *jobs.Jobs
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{stage: newStage(t)}
	at := o.sandbox.Addresses()
	now := func() time.Time { return *o.time.Load() }
	clients, err := exchange.Connect(at.Registries, o.sandbox.Signer(), nil)
	must(t, err)
	gateway, err := payment.New(payment.Config{URL: at.Pay, Keys: signed.NewRemote(at.Pay+"/jwks.json", nil), Signer: o.sandbox.Signer(), CallbackURL: o.callback()})
	must(t, err)
	o.site.Keys, err = document.OpenKeyring(t.TempDir())
	must(t, err)
	papers, err := document.New(document.Config{BaseURL: o.site.BaseURL, Signer: o.site.Keys})
	must(t, err)
	sender, err := notice.New(notice.Config{SMTP: at.SMTP, From: "Hoso <no-reply@hoso.example>", SMS: at.SMS})
	must(t, err)
	o.jobs, err = jobs.New(jobs.Config{DB: o.db, Cases: o.cases, Gateway: gateway, Writers: exchange.Writers(clients), Notices: sender, Papers: papers, Treasury: "7111.0.1054321",
		CaseURL:   func(c cases.Code) string { return o.server.URL + caseLink(c, "") },
		ReturnURL: func(c cases.Code) string { return o.server.URL + caseLink(c, "thanh-toan") }, Now: now})
	must(t, err)
	return o
}

// callback is where the platform reports. It is never believed to have come: these
// tests have the platform asked, so that nothing depends on when it calls.
func (o *office) callback() string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	o.t.Cleanup(s.Close)
	return s.URL
}

// work does all that is due.
func (o *office) work() {
	o.t.Helper()
	must(o.t, o.jobs.Drain(o.t.Context()))
}

// pass lets time go by.
func (o *office) pass(d time.Duration) {
	at := o.time.Load().Add(d)
	o.time.Store(&at)
}

func citizen(number, name string) agency.Actor {
	return agency.Actor{Kind: agency.Citizen, ID: number, Name: name, Level: 2}
}

// file files a case as the citizen and lets the workers work.
func (o *office) file(a agency.Actor, f cases.Filing) cases.Code {
	o.t.Helper()
	f.Key = uuid.New()
	c, err := o.cases.File(o.t.Context(), a, f)
	must(o.t, err)
	o.work()
	return c.Code
}

// wife files the story of the wife who joins her husband: no fee, and the head has to agree.
func (o *office) wife() cases.Code {
	o.t.Helper()
	return o.file(citizen(an, "Nguyễn Thị An"), cases.Filing{Procedure: "permanent-residence", Answers: map[string]any{
		"dwelling":  map[string]any{"title": "family", "address": map[string]any{"province": "01", "commune": "00004", "line": "12 phố Lê Lợi"}},
		"household": map[string]any{"headNumber": binh}, "delivery": map[string]any{"result": "electronic"}}})
}

// tenant files the story of the rented dwelling: a fee, a lease, and the owner has to agree.
func (o *office) tenant() cases.Code {
	o.t.Helper()
	return o.file(citizen(huy, "Phạm Quốc Huy"), cases.Filing{Procedure: "permanent-residence", Answers: map[string]any{
		"dwelling":  map[string]any{"title": "rented", "address": map[string]any{"province": "01", "commune": "00004", "line": "40 phố Kim Mã"}, "area": 50},
		"household": map[string]any{"mode": "new"}, "delivery": map[string]any{"result": "electronic"}},
		Attachments: []cases.Upload{{Attachment: "lease", Name: "hop-dong.pdf", Content: pdf}}})
}

// officer acts as the police of Ba Đình, a minute later, and lets the workers work.
func (o *office) officer(role string, code cases.Code, event workflow.Event, in cases.Input) {
	o.t.Helper()
	o.pass(time.Minute)
	a := agency.Actor{Kind: agency.Officer, ID: "ca-00004-" + role, Name: "Cán bộ " + role, Level: 2, Seats: []agency.Seat{{Agency: "CA-00004", Role: role}}}
	_, err := o.cases.Act(o.t.Context(), a, cases.Command{Code: code, ID: uuid.New(), Event: event, Input: in})
	must(o.t, err)
	o.work()
}

// get is the case as the citizen sees it.
func (o *office) get(a agency.Actor, code cases.Code) *cases.Case {
	o.t.Helper()
	c, err := o.cases.Get(o.t.Context(), a, code)
	must(o.t, err)
	return c
}

// asked is the sub-case that asks the citizen.
func (o *office) asked(a agency.Actor) cases.Code {
	o.t.Helper()
	list, _, err := o.cases.Mine(o.t.Context(), a, cases.MineNeedsMe, "", 10)
	must(o.t, err)
	if len(list) != 1 {
		o.t.Fatalf("%s is asked %d things", a.Name, len(list))
	}
	return list[0].Code
}

// agree answers the request that waits for the citizen.
func (o *office) agree(a agency.Actor) {
	o.t.Helper()
	_, err := o.cases.Act(o.t.Context(), a, cases.Command{Code: o.asked(a), ID: uuid.New(), Event: "agree"})
	must(o.t, err)
	o.work()
}
