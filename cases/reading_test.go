package cases

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/workflow"
)

// office is a Service on a fresh database, with the demonstration's agencies
// and the procedures stall and opinion, to which a supplement is added.
type office struct {
	*Service
	t    *testing.T
	db   *pgxpool.Pool
	time time.Time
}

// noBells stands where River does in the program: these tests ring nothing.
type noBells struct{}

func (noBells) InsertSQL(bells string) string {
	return "SELECT 1 FROM " + bells
}

// noRecords are registries out of reach.
type noRecords struct{}

func (noRecords) Fetch(_ context.Context, r registry.Request) (registry.Record, error) {
	return registry.Record{Kind: r.Kind, Key: r.Key, State: registry.Unavailable}, nil
}

func newOffice(t *testing.T) *office {
	t.Helper()
	return newOfficeOf(t, withSupplement(t))
}

// newOfficeOf is an office with those procedures.
func newOfficeOf(t *testing.T, tree fs.FS) *office {
	t.Helper()
	o := &office{t: t, db: pgtest.New(t), time: time.Date(2026, time.November, 2, 9, 0, 0, 0, calendar.Hanoi)} // a Monday
	if err := agency.LoadDemo(t.Context(), pgtest.Owner(t, o.db)); err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return o.time }
	agencies, err := agency.New(t.Context(), agency.Config{DB: o.db, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	catalogue, findings := procedures.Load(tree)
	for _, f := range findings {
		if !f.Warning && !slices.Contains(owedByAuthors, f.Code) {
			t.Fatalf("the test's procedures: %+v", f)
		}
	}
	if o.Service, err = New(t.Context(), Config{DB: o.db, Procedures: catalogue, Agencies: agencies, Calendar: calendar.Vietnam(),
		Records: noRecords{}, Outbox: noBells{}, Now: now}); err != nil {
		t.Fatal(err)
	}
	return o
}

// withSupplement is testdata/sound with a second item to judge, two supplement
// requests, a second pair of eyes and a note on the way.
func withSupplement(t *testing.T) fstest.MapFS {
	t.Helper()
	src, out := os.DirFS("../procedures/testdata/sound"), fstest.MapFS{}
	err := fs.WalkDir(src, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(src, path)
		out[path] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	change := func(path, old, now string) {
		text := string(out[path].Data)
		if strings.Count(text, old) != 1 {
			t.Fatalf("%s has %q %d times", path, old, strings.Count(text, old))
		}
		out[path].Data = []byte(strings.Replace(text, old, now, 1))
	}
	change("stall/procedure.yaml", "checklist:\n", "checklist:\n  - {id: who, title: {vi: Người nộp, en: Applicant}, at: [/applicant]}\n")
	change("stall/workflow.yaml", "      refuse: {title: {vi: Từ chối, en: Refuse}, to: refused",
		"      ask: {title: {vi: Yêu cầu bổ sung, en: Ask for a supplement}, to: supplement, max: 2, needs: [items], effects: [notify: done]}\n"+
			"      refuse: {title: {vi: Từ chối, en: Refuse}, to: refused, unlike: [ask]")
	change("stall/workflow.yaml", "extend: {by: handler, up-to: 10wd, in: [examine], law: \"Luật Chợ, Điều 7\"}\n", "")
	change("stall/workflow.yaml", "  entering:\n", `  supplement:
    title: {vi: Chờ Ông/Bà bổ sung, en: Awaiting your supplement}
    kind: wait
    for: applicant
    clock: paused
    actions:
      supply: {title: {vi: Nộp bổ sung, en: Send the supplement}, to: examine}
    after: {30d: {to: lapsed, effects: [notify: done]}}
  entering:
`)
	return out
}

func (o *office) ok(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// filing is a case for the office to have received.
type received struct {
	Applicant, Name      string
	Subject, SubjectName string // empty: the applicant
	Receiving, Competent agency.ID
	Procedure            procedures.ID // empty: stall
	Fee                  int64
	Parent               *Case // of an opinion
}

// receive files a case as the filing side does, below the form.
func (o *office) receive(r received) *Case {
	o.t.Helper()
	if r.Subject == "" {
		r.Subject, r.SubjectName = r.Applicant, r.Name
	}
	if r.Procedure == "" {
		r.Procedure = "stall"
	}
	p, ok := o.cfg.Procedures.Get(r.Procedure)
	if !ok {
		o.t.Fatalf("no procedure %s", r.Procedure)
	}
	answers := map[string]any{"applicant": map[string]any{"fullName": r.Name}}
	variant := ""
	if r.Procedure == "stall" {
		answers["stall"], variant = map[string]any{"parcel": "12", "size": int64(3)}, "small"
	}
	b := &body{Revision: 1, ApplicantName: r.Name, SubjectName: r.SubjectName, Answers: answers, Digest: "digest",
		Session: map[string]any{"personalNumber": r.Applicant, "level": int64(2)}, Given: map[string]any{},
		Records: map[string]subjectRecord{"applicant": {Kind: "person", Key: r.Applicant, Record: forms.Record{Registry: "resident", State: "fetched",
			Values: map[string]any{"fullName": r.Name}}}, "place": {Kind: "parcel", Key: "12", Record: forms.Record{State: "unavailable"}}}}
	c := &snapshot{ID: uuid.Must(uuid.NewV7()), Procedure: p, Variant: variant, Applicant: r.Applicant, Subject: r.Subject,
		Receiving: r.Receiving, Competent: r.Competent, Fee: r.Fee}
	if r.Parent != nil {
		c.ParentID, c.ParentSlot, c.ParentGen = &r.Parent.ID, "owner", 1
	}
	state, err := p.Form.Evaluate(b.context(variant, dayOf(o.time), o.checkUnit))
	o.ok(err)
	at, ok := o.cfg.Agencies.Agency(r.Receiving)
	if !ok {
		o.t.Fatalf("no agency %s", r.Receiving)
	}
	who := agency.Actor{Kind: agency.Citizen, ID: r.Applicant, Name: r.Name, Level: 2}
	written, err := o.open(o.t.Context(), &step{c: c, body: b}, at, &evaluated{body: b, State: state},
		order{Command: c.ID, Trigger: workflow.Trigger{Kind: workflow.ByFile, Event: "file"}, Actor: who})
	o.ok(err)
	if !written {
		o.t.Fatal("the case was not written")
	}
	got, err := o.view(o.t.Context(), who, c.ID, "")
	o.ok(err)
	return got
}

// act carries an event out and returns the case as the actor sees it then.
func (o *office) act(a agency.Actor, c *Case, e workflow.Event, in Input) *Case {
	o.t.Helper()
	got, err := o.Act(o.t.Context(), a, Command{Code: c.Code, Event: e, Input: in})
	o.ok(err)
	return got
}

func (o *office) signal(c *Case, e workflow.Event) {
	o.t.Helper()
	o.ok(o.Signal(o.t.Context(), c.ID, uuid.New(), e, "test", nil))
}

func (o *office) get(a agency.Actor, code Code) *Case {
	o.t.Helper()
	c, err := o.Get(o.t.Context(), a, code)
	o.ok(err)
	return c
}

// pass lets time go by.
func (o *office) pass(d time.Duration) { o.time = o.time.Add(d) }

func citizen(number, name string) agency.Actor {
	return agency.Actor{Kind: agency.Citizen, ID: number, Name: name, Level: 2}
}

func officer(id string, seats ...agency.Seat) agency.Actor {
	return agency.Actor{Kind: agency.Officer, ID: id, Name: id, Level: 2, Seats: seats}
}

// The people of these tests.
var (
	lan    = citizen("001196000101", "Nguyễn Thị Lan")
	minh   = citizen("001090000102", "Trần Văn Minh")
	desk70 = officer("ub-00070-tiepnhan", agency.Seat{Agency: "UB-00070", Role: "reception"})
	hand70 = officer("ub-00070-thuly", agency.Seat{Agency: "UB-00070", Role: "handler"})
	chief  = officer("ub-00070-pheduyet", agency.Seat{Agency: "UB-00070", Role: "handler"}, agency.Seat{Agency: "UB-00070", Role: "leader"})
	hand04 = officer("ub-00004-thuly", agency.Seat{Agency: "UB-00004", Role: "handler"})
)

// examined is Lan's case on the handler's desk: accepted, and the owner's opinion not needed any more.
func (o *office) examined() *Case {
	o.t.Helper()
	c := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	o.setState(c, "examine", "UB-00070", "handler")
	return o.get(hand70, c.Code)
}

// setState puts a case into a task state as its step would, for tests that start in the middle.
func (o *office) setState(c *Case, state workflow.State, at agency.ID, role workflow.Role) {
	o.t.Helper()
	_, err := o.db.Exec(o.t.Context(), `
		WITH moved AS (UPDATE cases SET state = $2 WHERE id = $1)
		UPDATE case_tasks SET state = $2, agency = $3, role = $4, assignee = NULL, seen_at = NULL WHERE case_id = $1`, c.ID, state, at, role)
	o.ok(err)
	o.recent.mu.Lock()
	defer o.recent.mu.Unlock()
	delete(o.recent.rows, c.ID) // its row was not written by a step
}

func number(n int) string { return fmt.Sprintf("0010%08d", n) }
