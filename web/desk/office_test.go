package desk

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit/anchor"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/document"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/internal/shipped"
	"github.com/hoso-gov/hoso/jobs"
	"github.com/hoso-gov/hoso/notice"
	"github.com/hoso-gov/hoso/payment"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/registry/exchange"
	"github.com/hoso-gov/hoso/registry/signed"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/sandbox"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// Officers of the demonstration at the police of ward 00004, and one elsewhere.
const (
	reception = "ca-00004-tiepnhan"
	handler   = "ca-00004-thuly"
	approver  = "ca-00004-pheduyet"
	stranger  = "ca-26737-thuly"
)

// An applicant and the head of the household she joins.
const (
	wife    = "001196000101"
	husband = "001090000102"
)

// house is a whole Hoso with the shipped procedures, the sandbox outside of it,
// and the officer's pages.
type house struct {
	t       *testing.T
	db      *pgxpool.Pool
	cases   *cases.Service
	jobs    *jobs.Jobs
	agency  *agency.Directory
	sandbox *sandbox.Sandbox
	anchors *anchor.Anchors // nil: nobody asks for time-stamps
	handler http.Handler

	mu  sync.Mutex
	now time.Time
}

func newHouse(t *testing.T) *house { return newHouseWith(t, shipped.Procedures()) }

// newHouseOf is a house with the procedures of a tree.
func newHouseOf(t *testing.T, tree fs.FS) *house {
	t.Helper()
	catalogue, findings := procedures.LoadToRun(tree)
	for _, f := range findings {
		if !f.Warning {
			t.Fatal(f)
		}
	}
	return newHouseWith(t, catalogue)
}

func newHouseWith(t *testing.T, catalogue *procedures.Catalogue) *house {
	t.Helper()
	ctx := t.Context()
	h := &house{t: t, db: pgtest.New(t), now: time.Date(2026, time.November, 2, 9, 0, 0, 0, calendar.Hanoi)} // a Monday
	h.ok(agency.LoadDemo(ctx, pgtest.Owner(t, h.db)))
	h.ok(resident.LoadDemo(ctx, pgtest.Owner(t, h.db)))
	var err error
	today := func() string { return h.clock().In(calendar.Hanoi).Format(time.DateOnly) }
	h.sandbox, err = sandbox.Start(ctx, sandbox.Config{HTTP: "127.0.0.1:0", SMTP: "127.0.0.1:0", Now: h.clock, Log: slog.New(slog.DiscardHandler)})
	h.ok(err)
	t.Cleanup(h.sandbox.Close)
	at := h.sandbox.Addresses()
	h.agency, err = agency.New(ctx, agency.Config{DB: h.db, Now: h.clock})
	h.ok(err)
	clients, err := exchange.Connect(at.Registries, h.sandbox.Signer(), today)
	h.ok(err)
	records := registry.Directory{}
	records.Add(&resident.Source{DB: h.db, Now: h.clock}, resident.Kinds...)
	for name, kind := range catalogue.Elements.Kinds {
		if kind.Registry != resident.Registry {
			records.Add(clients[kind.Registry], name)
		}
	}
	h.cases, err = cases.New(ctx, cases.Config{DB: h.db, Procedures: catalogue, Agencies: h.agency, Calendar: calendar.Vietnam(), Records: records, Outbox: jobs.Outbox{}, MayDecide: h.mayDecide, Now: h.clock})
	h.ok(err)
	keys, err := document.OpenKeyring(t.TempDir())
	h.ok(err)
	h.work(keys, clients)
	s := &site.Site{DB: h.db, Cases: h.cases, Procedures: catalogue, Agencies: h.agency, Keys: keys, BaseURL: "http://hoso.example", Now: h.clock, Log: slog.New(slog.DiscardHandler)}
	s.Identity, err = identity.New(identity.Config{DB: h.db, Issuer: at.Issuer, ClientID: at.ClientID, BaseURL: s.BaseURL, Callback: site.CallbackPath, SignIn: site.SignInPath,
		Officer: func(context.Context, string) (agency.Actor, bool, error) { return agency.Actor{}, false, nil },
		Problem: func(w http.ResponseWriter, r *http.Request, _ int, err error) { s.Fail(w, r, err) }})
	h.ok(err)
	r := chi.NewRouter()
	r.Use(ui.Headers(), ui.Language)
	Routes(r, s)
	h.handler = r
	return h
}

func (h *house) work(keys *document.Keyring, clients map[string]*exchange.Client) {
	h.t.Helper()
	at := h.sandbox.Addresses()
	gateway, err := payment.New(payment.Config{URL: at.Pay, Keys: signed.NewRemote(at.Pay+"/jwks.json", nil), Signer: h.sandbox.Signer(), CallbackURL: "http://hoso.example/thanh-toan/bao"})
	h.ok(err)
	sender, err := notice.New(notice.Config{SMTP: at.SMTP, From: "Hồ sơ <no-reply@hoso.example>", SMS: at.SMS})
	h.ok(err)
	papers, err := document.New(document.Config{BaseURL: "http://hoso.example", Signer: keys})
	h.ok(err)
	h.jobs, err = jobs.New(jobs.Config{DB: h.db, Cases: h.cases, Gateway: gateway, Writers: exchange.Writers(clients), Notices: sender, Papers: papers,
		CaseURL: func(c cases.Code) string { return "http://hoso.example/ho-so/" + string(c) }, Treasury: "7111.0.1054321", Now: h.clock, Log: slog.New(slog.DiscardHandler)})
	h.ok(err)
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// at sets the clock to a time of November 2026 in Hanoi.
func (h *house) at(day, hour int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = time.Date(2026, time.November, day, hour, 0, 0, 0, calendar.Hanoi)
}

// drain does the jobs that are due.
func (h *house) drain() {
	h.t.Helper()
	h.ok(h.jobs.Drain(h.t.Context()))
}

// filed is the case of a wife who joins her husband: no fee, and he has to agree.
func (h *house) filed() cases.Code {
	h.t.Helper()
	c, err := h.cases.File(h.t.Context(), citizen(wife), cases.Filing{Key: uuid.New(), Procedure: "permanent-residence", Answers: map[string]any{
		"dwelling":  map[string]any{"title": "family", "address": map[string]any{"province": "01", "commune": "00004", "line": "12 phố Lê Lợi"}},
		"household": map[string]any{"headNumber": husband},
		"delivery":  map[string]any{"result": "electronic"}},
		Contests: map[forms.Pointer]forms.Contest{"/applicant/fullName": {Value: "Nguyễn Thị Ân", Reason: "Giấy khai sinh ghi Ân"}}})
	h.ok(err)
	h.drain()
	return c.Code
}

// examined is filed after acceptance and the husband's agreement.
func (h *house) examined() cases.Code {
	h.t.Helper()
	code := h.filed()
	h.submit(reception, pathOf(code, "", ""), "/viec/accept", nil).want(http.StatusSeeOther)
	h.drain()
	h.agree()
	return code
}

func citizen(number string) agency.Actor {
	return agency.Actor{Kind: agency.Citizen, ID: number, Name: map[string]string{wife: "Nguyễn Thị An", husband: "Trần Văn Bình"}[number], Level: 2}
}

func (h *house) state(code cases.Code) workflow.State {
	h.t.Helper()
	var s workflow.State
	h.ok(h.db.QueryRow(h.t.Context(), `SELECT state FROM cases WHERE code = $1`, code).Scan(&s))
	return s
}

// agree has the husband answer the question that was put to him.
func (h *house) agree() {
	h.t.Helper()
	var child cases.Code
	h.ok(h.db.QueryRow(h.t.Context(), `SELECT code FROM cases WHERE parent_id IS NOT NULL`).Scan(&child))
	_, err := h.cases.Act(h.t.Context(), citizen(husband), cases.Command{Code: child, ID: uuid.New(), Event: "agree"})
	h.ok(err)
	h.drain()
}

// proposed is a case that officer has judged well and proposed.
func (h *house) proposed(officer string) cases.Code {
	h.t.Helper()
	code := h.examined()
	h.submit(officer, pathOf(code, "", ""), "/danh-gia", allGood).want(http.StatusSeeOther)
	h.submit(officer, pathOf(code, "/viec/propose", ""), "/viec/propose", nil).want(http.StatusSeeOther)
	return code
}

// fileFor files a residence case of another person.
func (h *house) fileFor(applicant, subject string, answers map[string]any) {
	h.t.Helper()
	answers["delivery"] = map[string]any{"result": "electronic"}
	_, err := h.cases.File(h.t.Context(), citizen(applicant), cases.Filing{Key: uuid.New(), Procedure: "permanent-residence", Subject: subject, Answers: answers})
	h.ok(err)
	h.drain()
}

// seat gives an officer a further role at the police of ward 00004.
func (h *house) seat(officer, role string) {
	h.t.Helper()
	h.ok(pgx.BeginFunc(h.t.Context(), pgtest.Owner(h.t, h.db), func(tx pgx.Tx) error {
		return agency.Grant(h.t.Context(), tx, officer, agency.Seat{Agency: "CA-00004", Role: role}, time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC))
	}))
}

// moved changes where the register says that the wife lives.
func (h *house) moved() {
	h.t.Helper()
	h.ok(pgx.BeginFunc(h.t.Context(), h.db, func(tx pgx.Tx) error {
		_, err := resident.Apply(h.t.Context(), tx, resident.Change{Type: resident.MovePermanent, Cause: resident.Cause{CaseID: uuid.NewString()}, Values: map[string]any{
			"people": []any{wife}, "head": "", "relation": "head", "to": map[string]any{"province": "01", "commune": "00070", "line": "1 phố Tràng Tiền"}}})
		return err
	}))
}

func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	_, err := h.db.Exec(h.t.Context(), sql, args...)
	h.ok(err)
}
