package desk

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/net/html"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/document"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/internal/pgtest"
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
	handler http.Handler

	mu  sync.Mutex
	now time.Time
}

func newHouse(t *testing.T) *house {
	t.Helper()
	ctx := t.Context()
	h := &house{t: t, db: pgtest.New(t), now: time.Date(2026, time.November, 2, 9, 0, 0, 0, calendar.Hanoi)} // a Monday
	h.ok(agency.LoadDemo(ctx, h.db))
	h.ok(resident.LoadDemo(ctx, h.db))
	var err error
	today := func() string { return h.clock().In(calendar.Hanoi).Format(time.DateOnly) }
	h.sandbox, err = sandbox.Start(ctx, sandbox.Config{HTTP: "127.0.0.1:0", SMTP: "127.0.0.1:0", Today: today, Log: slog.New(slog.DiscardHandler)})
	h.ok(err)
	t.Cleanup(h.sandbox.Close)
	at := h.sandbox.Addresses()
	h.agency, err = agency.New(ctx, agency.Config{DB: h.db, Now: h.clock})
	h.ok(err)
	catalogue, findings := procedures.LoadOn(procedures.FS, "2026-11-02")
	for _, f := range findings {
		if !f.Warning {
			t.Fatalf("the shipped procedures: %v", f)
		}
	}
	clients, err := exchange.Connect(at.Registries, h.sandbox.Signer(), today)
	h.ok(err)
	records := registry.Directory{}
	records.Add(&resident.Source{DB: h.db, Now: h.clock}, resident.Kinds...)
	for name, kind := range catalogue.Elements.Kinds {
		if kind.Registry != resident.Registry {
			records.Add(clients[kind.Registry], name)
		}
	}
	h.cases, err = cases.New(ctx, cases.Config{DB: h.db, Procedures: catalogue, Agencies: h.agency, Calendar: calendar.Vietnam(), Records: records, Outbox: jobs.Outbox{}, Now: h.clock})
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

// page is an answer, read as a browser reads it.
type page struct {
	h    *house
	path string
	*httptest.ResponseRecorder
	root *html.Node
}

// get opens a page as an officer of the demonstration.
func (h *house) get(officer, path string) *page { return h.do(officer, http.MethodGet, path, nil) }

func (h *house) do(officer, method, path string, values url.Values) *page {
	h.t.Helper()
	staff, err := h.agency.Officer(h.t.Context(), officer)
	h.ok(err)
	r := httptest.NewRequest(method, path, strings.NewReader(values.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r = r.WithContext(identity.With(r.Context(), &identity.Principal{Actor: staff.Actor(2), Subject: staff.ID, Lang: "vi"}))
	p := &page{h: h, path: path, ResponseRecorder: httptest.NewRecorder()}
	h.handler.ServeHTTP(p, r)
	p.root, err = html.Parse(strings.NewReader(p.Body.String()))
	h.ok(err)
	return p
}

// submit opens a page and sends its form whose address ends in action, with
// what the page holds and values on top; a nil entry takes an input out.
func (h *house) submit(officer, path, action string, values url.Values) *page {
	h.t.Helper()
	return h.get(officer, path).want(http.StatusOK).submit(officer, action, values)
}

// submit sends a form of the page.
func (p *page) submit(officer, action string, values url.Values) *page {
	p.h.t.Helper()
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || !strings.HasSuffix(attr(n, "action"), action) {
			continue
		}
		sent := submitted(n)
		for name, v := range values {
			sent[name] = v
		}
		return p.h.do(officer, http.MethodPost, attr(n, "action"), sent)
	}
	p.h.t.Fatalf("%s has no form that leads to %s:\n%s", p.path, action, p.text())
	return nil
}

// want holds the status against what the test expects.
func (p *page) want(status int) *page {
	p.h.t.Helper()
	if p.Code != status {
		p.h.t.Fatalf("%s: got %d, want %d:\n%s", p.path, p.Code, status, p.text())
	}
	return p
}

// says checks that the page has all the texts.
func (p *page) says(texts ...string) *page {
	p.h.t.Helper()
	all := p.text()
	for _, s := range texts {
		if !strings.Contains(all, s) {
			p.h.t.Errorf("%s does not say %q:\n%s", p.path, s, all)
		}
	}
	return p
}

// not checks that the page has none of the texts.
func (p *page) not(texts ...string) *page {
	p.h.t.Helper()
	for _, s := range texts {
		if strings.Contains(p.text(), s) {
			p.h.t.Errorf("%s says %q", p.path, s)
		}
	}
	return p
}

func (p *page) text() string {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "main" {
			return text(n)
		}
	}
	return text(p.root)
}

// link is the address of the link with the text.
func (p *page) link(words string) string {
	p.h.t.Helper()
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" && strings.Contains(text(n), words) {
			return attr(n, "href")
		}
	}
	p.h.t.Fatalf("%s has no link %q:\n%s", p.path, words, p.text())
	return ""
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// submitted are the values that a browser would send of a form, without any button.
func submitted(form *html.Node) url.Values {
	out := url.Values{}
	for n := range form.Descendants() {
		name := attr(n, "name")
		switch {
		case n.Type != html.ElementNode || name == "" || n.Data == "button":
		case n.Data == "textarea":
			out.Add(name, text(n))
		case n.Data == "select":
			chosen := ""
			for o := range n.Descendants() {
				if o.Data == "option" && hasAttr(o, "selected") {
					chosen = attr(o, "value")
				}
			}
			out.Add(name, chosen)
		case attr(n, "type") == "radio" || attr(n, "type") == "checkbox":
			if hasAttr(n, "checked") {
				out.Add(name, attr(n, "value"))
			}
		default:
			out.Add(name, attr(n, "value"))
		}
	}
	return out
}

func hasAttr(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
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

// with1 are values with one more.
func with1(v url.Values, name, value string) url.Values {
	out := maps.Clone(v)
	out[name] = []string{value}
	return out
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
	h.ok(pgx.BeginFunc(h.t.Context(), h.db, func(tx pgx.Tx) error {
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

func (p *page) title() string {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "title" {
			return text(n)
		}
	}
	return ""
}
