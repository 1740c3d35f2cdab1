package cases

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/internal/shipped"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/sandbox/world"
)

// newTown is a Service with the shipped procedures, the demonstration's people
// and the sandbox's registries.
func newTown(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, db: pgtest.New(t), time: time.Date(2026, time.November, 2, 9, 0, 0, 0, calendar.Hanoi)}
	o.ok(agency.LoadDemo(t.Context(), pgtest.Owner(t, o.db)))
	o.ok(resident.LoadDemo(t.Context(), pgtest.Owner(t, o.db)))
	now := func() time.Time { return o.time }
	agencies, err := agency.New(t.Context(), agency.Config{DB: o.db, Now: now})
	o.ok(err)
	catalogue := shipped.Procedures()
	w, err := world.New(o.time, nil)
	o.ok(err)
	records := registry.Directory{}
	records.Add(&resident.Source{DB: o.db, Now: now}, resident.Kinds...)
	for kind, k := range catalogue.Elements.Kinds {
		if k.Registry == resident.Registry {
			continue
		}
		records.Add(registry.SourceFunc(func(_ context.Context, r registry.Request) (registry.Record, error) {
			rec := registry.Record{Registry: k.Registry, Kind: r.Kind, Key: r.Key, State: registry.Empty, FetchedAt: o.time}
			values, version, ok, err := w.Read(k.Registry, r.Kind, r.Key, dayOf(o.time))
			if ok {
				rec.State, rec.Values, rec.Version = registry.Fetched, values, version
			}
			return rec, err
		}), kind)
	}
	o.Service, err = New(t.Context(), Config{DB: o.db, Procedures: catalogue, Agencies: agencies, Calendar: calendar.Vietnam(), Records: records, Outbox: noBells{}, Now: now})
	o.ok(err)
	return o
}

const residence procedures.ID = "permanent-residence"

var an = agency.Actor{Kind: agency.Citizen, ID: "001196000101", Name: "Nguyễn Thị An", Level: 2}

// joining are the answers of a wife who joins her husband's household.
func joining() map[string]any {
	return map[string]any{
		"dwelling":  map[string]any{"title": "family", "address": map[string]any{"province": "01", "commune": "00004", "line": "12 phố Lê Lợi"}},
		"household": map[string]any{"headNumber": "001090000102"},
		"delivery":  map[string]any{"result": "electronic"},
	}
}

// draft is An's draft with the answers saved, section by section.
func (o *office) draft(answers map[string]any) *Draft {
	o.t.Helper()
	d, err := o.StartDraft(o.t.Context(), an, residence, "")
	o.ok(err)
	for _, section := range d.Procedure.Form.Sections {
		if a, ok := answers[section.Name].(map[string]any); ok {
			d, _, err = o.SaveSection(o.t.Context(), an, d.ID, d.Revision, section.Pointer, a, true)
			o.ok(err)
		}
	}
	return d
}

func (o *office) count(sql string, args ...any) (n int) {
	o.t.Helper()
	o.ok(o.db.QueryRow(o.t.Context(), sql, args...).Scan(&n))
	return n
}

// However often and from however many tabs a draft is filed, one case comes of it.
func TestDraftIsFiledOnce(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	d := o.draft(joining())
	r, err := o.Review(t.Context(), an, d.ID)
	o.ok(err)
	if len(r.Problems)+len(r.Missing) > 0 {
		t.Fatal(r.Problems, r.Missing)
	}
	codes := make([]Code, 8)
	var all sync.WaitGroup
	for i := range codes {
		all.Go(func() {
			c, err := o.FileDraft(context.WithoutCancel(t.Context()), an, d.ID, r.Digest)
			if err != nil {
				t.Error(err)
				return
			}
			codes[i] = c.Code
		})
	}
	all.Wait()
	for _, c := range codes {
		if c != codes[0] || c == "" {
			t.Fatalf("codes %v", codes)
		}
	}
	if n := o.count(`SELECT count(*) FROM cases`); n != 1 {
		t.Errorf("%d cases", n)
	}
	if !strings.HasPrefix(string(codes[0]), "H01.00004-261102-") {
		t.Errorf("code %s", codes[0])
	}
	if _, _, err := o.SaveSection(t.Context(), an, d.ID, 0, "/delivery", map[string]any{"result": "sms"}, true); err == nil {
		t.Error("a filed draft was changed")
	}
}

// What is filed is what the check page showed: a change in another tab is told,
// with both values, and nothing is filed.
func TestChangedSinceTheCheckPage(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	d := o.draft(joining())
	r, err := o.Review(t.Context(), an, d.ID)
	o.ok(err)
	_, _, err = o.SaveSection(t.Context(), an, d.ID, 0, "/delivery", map[string]any{"result": "sms"}, true)
	o.ok(err)
	_, err = o.FileDraft(t.Context(), an, d.ID, r.Digest)
	conflict, ok := errors.AsType[*ConflictError](err)
	if !ok || len(conflict.Changes) != 1 || conflict.Changes[0].Before == conflict.Changes[0].After {
		t.Fatalf("got %v, changes %+v", err, conflict)
	}
	if n := o.count(`SELECT count(*) FROM cases`); n != 0 {
		t.Errorf("%d cases", n)
	}
	if r, err = o.Review(t.Context(), an, d.ID); err != nil {
		t.Fatal(err)
	}
	_, err = o.FileDraft(t.Context(), an, d.ID, r.Digest)
	o.ok(err)
}

// A page of an older revision does not overwrite a newer one; autosave does not care.
func TestStaleDraftPage(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	d := o.draft(nil)
	first, _, err := o.SaveSection(t.Context(), an, d.ID, d.Revision, "/delivery", map[string]any{"result": "sms"}, true)
	o.ok(err)
	_, _, err = o.SaveSection(t.Context(), an, d.ID, d.Revision, "/delivery", map[string]any{"result": "electronic"}, true)
	if conflict, ok := errors.AsType[*ConflictError](err); !ok || conflict.Now != first.Revision {
		t.Fatalf("got %v", err)
	}
	now, err := o.Draft(t.Context(), an, d.ID)
	o.ok(err)
	if got := now.State.Values["delivery"].(map[string]any)["result"]; got != "sms" {
		t.Errorf("the answer is %v", got)
	}
}

// What was typed is saved although it is wrong, and the problem is told.
func TestWrongAnswersAreKept(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	d := o.draft(map[string]any{"dwelling": joining()["dwelling"]})
	d, problems, err := o.SaveSection(t.Context(), an, d.ID, 0, "/household", map[string]any{"headNumber": "12"}, true)
	o.ok(err)
	if len(problems) == 0 {
		t.Fatal("no problem")
	}
	if got := d.Answers["household"].(map[string]any)["headNumber"]; got != "12" {
		t.Errorf("kept %v", got)
	}
	for _, at := range d.Done {
		if at == "/household" {
			t.Error("the section counts as passed")
		}
	}
}

// A program's key files one case, however often it comes; another content under
// the same key is refused.
func TestFilingKey(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	f := Filing{Key: uuid.New(), Procedure: residence, Answers: joining()}
	codes := make([]Code, 6)
	var all sync.WaitGroup
	for i := range codes {
		all.Go(func() {
			c, err := o.File(context.WithoutCancel(t.Context()), an, f)
			if err != nil {
				t.Error(err)
				return
			}
			codes[i] = c.Code
		})
	}
	all.Wait()
	for _, c := range codes {
		if c != codes[0] || c == "" {
			t.Fatalf("codes %v", codes)
		}
	}
	f.Variant = "own-dwelling"
	if _, err := o.File(t.Context(), an, f); !errors.Is(err, ErrReused) {
		t.Errorf("another content under the key: %v", err)
	}
}

// Two open cases do not share what the definition says is once only.
func TestOnceOnlyCase(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	c, err := o.File(t.Context(), an, Filing{Procedure: residence, Answers: joining()})
	o.ok(err)
	_, err = o.File(t.Context(), an, Filing{Procedure: residence, Answers: joining()})
	if twice, ok := errors.AsType[*DuplicateError](err); !ok || twice.Code != c.Code {
		t.Fatalf("got %v", err)
	}
	_, err = o.Act(t.Context(), an, Command{Code: c.Code, Event: "withdraw"})
	o.ok(err)
	if _, err = o.File(t.Context(), an, Filing{Procedure: residence, Answers: joining()}); err != nil {
		t.Errorf("after the first was withdrawn: %v", err)
	}
}

// Who may file: at the procedure's level, for oneself and one's own children; a
// draft belongs to whom it belongs to.
func TestWhoMayFile(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	ctx := t.Context()
	low := an
	low.Level = 1
	if _, err := o.StartDraft(ctx, low, residence, ""); !isLevel(err) {
		t.Errorf("level 1: %v", err)
	}
	father := agency.Actor{Kind: agency.Citizen, ID: "001091000115", Name: "Phan Anh Tuấn", Level: 2}
	p, _ := o.cfg.Procedures.Get(residence)
	people, err := o.Subjects(ctx, father, p)
	o.ok(err)
	if len(people) < 2 || people[0].Relation != "self" || people[1].Relation != "child" {
		t.Fatalf("he may file for %+v", people)
	}
	d, err := o.StartDraft(ctx, father, residence, people[1].Number)
	o.ok(err)
	if _, err := o.StartDraft(ctx, an, residence, people[1].Number); !errors.Is(err, ErrForbidden) {
		t.Errorf("for another's child: %v", err)
	}
	if _, err := o.Draft(ctx, an, d.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("another's draft: %v", err)
	}
	if _, err := o.StartDraft(ctx, an, "consent", ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("an internal procedure: %v", err)
	}
	officer := agency.Actor{Kind: agency.Officer, ID: "ca-00004-tiepnhan", Level: 2}
	if _, err := o.StartDraft(ctx, officer, residence, ""); !errors.Is(err, ErrForbidden) {
		t.Errorf("an officer: %v", err)
	}
}

func isLevel(err error) bool { _, ok := errors.AsType[*LevelError](err); return ok }

// The citizen's word against a register stands beside its value, needs a reason,
// and can be taken back.
func TestContest(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	d := o.draft(joining())
	at := forms.Pointer("/applicant/birthDate")
	if _, err := o.Contest(t.Context(), an, d.ID, 0, at, &forms.Contest{Value: "1996-04-21"}); err == nil {
		t.Error("without a reason")
	}
	d, err := o.Contest(t.Context(), an, d.ID, 0, at, &forms.Contest{Value: "1996-04-21", Reason: "Giấy khai sinh ghi ngày 21"})
	o.ok(err)
	a := d.State.Answer(at)
	if a == nil || a.Contest == nil || a.Value != "1996-04-21" || a.Filled == nil || a.Filled.Value != "1996-04-12" {
		t.Fatalf("the answer is %+v", a)
	}
	if d, err = o.Contest(t.Context(), an, d.ID, 0, at, nil); err != nil {
		t.Fatal(err)
	}
	if a := d.State.Answer(at); a.Contest != nil || a.Value != "1996-04-12" {
		t.Errorf("after it was taken back: %+v", a)
	}
	if _, err := o.Contest(t.Context(), an, d.ID, 0, "/delivery/result", &forms.Contest{Value: "sms", Reason: "x"}); err == nil {
		t.Error("an asked answer was contested")
	}
}

// A paper's type is told from its content; a wrong, empty or too large one is refused in words.
func TestUploads(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	d := o.draft(joining())
	pdf := []byte("%PDF-1.4\n%%EOF\n")
	for _, tt := range []struct {
		name, attachment string
		content          []byte
		rule             string
	}{
		{"a paper", "lease", pdf, ""},
		{"a program by another name", "lease", []byte("MZ\x90\x00"), "format"},
		{"half a paper", "lease", []byte("%PDF-1.4\nnothing"), "format"},
		{"nothing", "lease", nil, "required"},
		{"too large", "lease", append([]byte("%PDF-1.4\n"), make([]byte, 11<<20)...), "max-size"},
		{"of no procedure", "novel", pdf, "enum"},
		{"evidence", Evidence, pdf, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := o.AddFile(t.Context(), an, d.ID, tt.attachment, `C:\Users\an\hợp đồng".pdf`, tt.content)
			invalid, _ := errors.AsType[*InvalidError](err)
			switch {
			case tt.rule == "" && (err != nil || f.Name != "hợp đồng-.pdf"):
				t.Errorf("got %v, %q", err, f.Name)
			case tt.rule != "" && (invalid == nil || invalid.Problems[0].Rule != tt.rule):
				t.Errorf("got %v, want %s", err, tt.rule)
			}
		})
	}
}

// An address outside of what agencies serve, or a refusing answer, files nothing.
func TestNothingIsFiledWithProblems(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	answers := joining()
	answers["dwelling"].(map[string]any)["title"] = "uncertified"
	_, err := o.File(t.Context(), an, Filing{Procedure: residence, Answers: answers})
	if invalid, ok := errors.AsType[*InvalidError](err); !ok || invalid.Problems[0].Rule != "stop" {
		t.Errorf("an answer that ends the journey: %v", err)
	}
	if _, err = o.File(t.Context(), an, Filing{Procedure: residence}); err == nil {
		t.Error("without answers")
	}
	if n := o.count(`SELECT count(*) FROM cases`); n != 0 {
		t.Errorf("%d cases", n)
	}
}
