package jobs

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/document"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/notice"
	"github.com/hoso-gov/hoso/payment"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/workflow"
)

// Two people of the demo population.
const (
	an   = "001196000101"
	binh = "001090000102"
)

// house is a whole Hoso without web, with peers that keep books.
type house struct {
	t     *testing.T
	db    *pgxpool.Pool
	cases *cases.Service
	jobs  *Jobs
	cfg   Config

	mu     sync.Mutex
	now    time.Time
	mails  []notice.Email
	orders map[string]payment.Order
	status map[string]payment.Status
	sent   []registry.Message
	done   map[string]bool // keys that the land registry has carried out
	// What the peers do; nil: they work.
	landFails func(m registry.Message) (registry.Reply, error)
	payFails  error
	mailFails error
}

// newHouse opens a house. The procedures are those of procedures/testdata/sound
// with every old text replaced by the new one that follows it.
func newHouse(t *testing.T, oldNew ...string) *house {
	t.Helper()
	ctx := t.Context()
	h := &house{t: t, db: pgtest.New(t), now: time.Date(2026, 11, 26, 2, 0, 0, 0, time.UTC), orders: map[string]payment.Order{},
		status: map[string]payment.Status{}, done: map[string]bool{}}
	must(t, agency.LoadDemo(ctx, pgtest.Owner(t, h.db)))
	must(t, resident.LoadDemo(ctx, pgtest.Owner(t, h.db)))
	agencies, err := agency.New(ctx, agency.Config{DB: h.db, Now: h.clock})
	must(t, err)
	catalogue, findings := procedures.LoadOn(sound(t, oldNew), "2026-11-26")
	for _, f := range findings {
		if f.Code == "TESTS" || f.Warning { // what scenarios cover is another affair
			continue
		}
		t.Fatalf("the procedures are not sound: %v", f)
	}
	records := registry.Directory{}
	records.Add(&resident.Source{DB: h.db, Now: h.clock}, resident.Kinds...)
	records.Add(registry.SourceFunc(func(_ context.Context, r registry.Request) (registry.Record, error) {
		return registry.Record{Registry: "land", Kind: r.Kind, Key: r.Key, State: registry.Fetched, Version: "1", AsOf: h.clock(), FetchedAt: h.clock(),
			Values: map[string]any{"area": 40.5, "owners": []any{map[string]any{"number": binh}}}}, nil
	}), "parcel")
	h.cases, err = cases.New(ctx, cases.Config{DB: h.db, Procedures: catalogue, Agencies: agencies, Calendar: calendar.Vietnam(), Records: records,
		Outbox: Outbox{}, Now: h.clock})
	must(t, err)
	keys, err := document.OpenKeyring(t.TempDir())
	must(t, err)
	papers, err := document.New(document.Config{BaseURL: "https://hoso.example.vn", Signer: keys})
	must(t, err)
	h.cfg = Config{DB: h.db, Cases: h.cases, Gateway: h, Writers: h, Notices: h, Papers: papers, Treasury: "3949.0.1001",
		CaseURL: func(c cases.Code) string { return "https://hoso.example.vn/cases/" + string(c) }, Now: h.clock, Log: slog.New(slog.DiscardHandler)}
	h.jobs, err = New(h.cfg)
	must(t, err)
	return h
}

func sound(t *testing.T, oldNew []string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	root := os.DirFS("../procedures/testdata/sound")
	must(t, fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(root, path)
		out[path] = &fstest.MapFile{Data: []byte(strings.NewReplacer(oldNew...).Replace(string(b)))}
		return err
	}))
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) set(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = at
}

func (h *house) wait(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) drain() {
	h.t.Helper()
	must(h.t, h.jobs.Drain(h.t.Context()))
}

// file files a stall; one of 5 m² and more costs 1000 đồng a square metre.
func (h *house) file(size int) *cases.Case {
	h.t.Helper()
	c, err := h.cases.File(h.t.Context(), citizen(an), cases.Filing{Key: uuid.New(), Procedure: "stall",
		Answers:     map[string]any{"stall": map[string]any{"parcel": "T1", "size": int64(size)}},
		Attachments: []cases.Upload{{Attachment: "drawing", Name: "drawing.pdf", Content: []byte("%PDF-1.4\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")}}})
	must(h.t, err)
	return c
}

func citizen(number string) agency.Actor {
	return agency.Actor{Kind: agency.Citizen, ID: number, Name: "Nguyễn Thị An", Level: 2}
}

func officer(role string, c *cases.Case) agency.Actor {
	return agency.Actor{Kind: agency.Officer, ID: role, Name: "Lê Văn Cán Bộ", Level: 2,
		Seats: []agency.Seat{{Agency: c.Receiving, Role: role}, {Agency: c.Competent, Role: role}}}
}

func (h *house) act(a agency.Actor, code cases.Code, event string, in cases.Input) *cases.Case {
	h.t.Helper()
	c, err := h.cases.Act(h.t.Context(), a, cases.Command{Code: code, ID: uuid.New(), Event: workflow.Event(event), Input: in})
	must(h.t, err)
	return c
}

// granted brings a case to the state in which the land registry is told.
func (h *house) granted() *cases.Case {
	h.t.Helper()
	c := h.file(2)
	h.act(officer("reception", c), c.Code, "accept", cases.Input{})
	h.drain()
	child := cases.Code(one[string](h, `SELECT code FROM cases WHERE parent_id = $1`, c.ID))
	h.act(citizen(binh), child, "agree", cases.Input{})
	h.drain()
	return h.act(officer("handler", c), c.Code, "grant", cases.Input{Judgements: []cases.Judgement{{Item: "stall", Verdict: cases.Satisfied}}})
}

func (h *house) state(c *cases.Case) string {
	h.t.Helper()
	return one[string](h, `SELECT state FROM cases WHERE id = $1`, c.ID)
}

// one reads one value.
func one[T any](h *house, sql string, args ...any) T {
	h.t.Helper()
	var v T
	if err := h.db.QueryRow(h.t.Context(), sql, args...).Scan(&v); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.db.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
}

// bell is the bell of the case's effect of a type.
func (h *house) bell(c *cases.Case, kind string) cases.Bell {
	h.t.Helper()
	b := cases.Bell{Case: c.ID, Queue: map[string]string{cases.EffectSend: "registry_land", cases.EffectNotify: cases.PeerNotices, cases.EffectPayment: cases.PeerPayments}[kind]}
	if err := h.db.QueryRow(h.t.Context(), `SELECT seq, idx FROM case_effects WHERE case_id = $1 AND type = $2 ORDER BY seq DESC, idx DESC LIMIT 1`,
		c.ID, kind).Scan(&b.Seq, &b.Idx); err != nil {
		h.t.Fatalf("effect %s: %v", kind, err)
	}
	return b
}

// Email is the mail server.
func (h *house) Email(_ context.Context, e notice.Email) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.mailFails != nil {
		return h.mailFails
	}
	h.mails = append(h.mails, e)
	return nil
}

// SMS is the SMS service.
func (h *house) SMS(context.Context, string, string, string) error { return nil }

// Order is the payment platform's: one order for each id.
func (h *house) Order(_ context.Context, o payment.Order) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.payFails != nil {
		return "", h.payFails
	}
	if former, ok := h.orders[o.ID]; ok && former != o {
		return "", payment.ErrRejected
	}
	h.orders[o.ID] = o
	return "https://pay.example/" + o.ID, nil
}

// Status is the payment platform's.
func (h *house) Status(_ context.Context, id string) (payment.Status, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.payFails != nil {
		return payment.Status{}, h.payFails
	}
	if st, ok := h.status[id]; ok {
		return st, nil
	}
	if o, ok := h.orders[id]; ok {
		return payment.Status{Order: id, State: payment.Pending, Amount: o.Amount}, nil
	}
	return payment.Status{Order: id, State: payment.Unknown}, nil
}

// Cancel is the payment platform's: one that was paid stays so.
func (h *house) Cancel(_ context.Context, id string) (payment.Status, error) {
	return h.settled(id, payment.Failed, payment.Paid, payment.Refunded)
}

// Refund is the payment platform's.
func (h *house) Refund(_ context.Context, id string) (payment.Status, error) {
	return h.settled(id, payment.Refunded)
}

// settled puts an order into a state, unless it is in one of others.
func (h *house) settled(id string, to payment.State, others ...payment.State) (payment.Status, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.payFails != nil {
		return payment.Status{}, h.payFails
	}
	st, ok := h.status[id]
	if !ok || !slices.Contains(others, st.State) {
		st = payment.Status{Order: id, State: to, Amount: h.orders[id].Amount, Receipt: st.Receipt, At: h.now}
		if to == payment.Refunded {
			st.Refund = "HT-" + st.Receipt
		}
		h.status[id] = st
	}
	return st, nil
}

// Send is the land registry's: it does each key once.
func (h *house) Send(_ context.Context, m registry.Message) (registry.Reply, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent = append(h.sent, m)
	if h.landFails != nil {
		return h.landFails(m)
	}
	h.done[m.Key] = true
	return registry.Reply{Outcome: registry.Done, Body: map[string]any{"entry": "S-1"}, Receipt: "R-1"}, nil
}
