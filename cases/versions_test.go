package cases_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/doctor"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/workflow"
)

const residence procedures.ID = "permanent-residence"

// house is a stage whose definitions are rewritten while cases are open.
type house struct {
	*stage.Stage
	t    *testing.T
	db   *pgxpool.Pool
	c    *procedures.Catalogue
	tree fstest.MapFS
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, tree: fstest.MapFS{}, db: pgtest.New(t)}
	root := os.DirFS("../procedures")
	for _, pattern := range []string{"*/*.yaml", "*/*.json", "common/elements/*.yaml"} {
		names, _ := fs.Glob(root, pattern)
		for _, name := range names {
			data, err := fs.ReadFile(root, name)
			if err != nil {
				t.Fatal(err)
			}
			h.tree[name] = &fstest.MapFile{Data: data}
		}
	}
	var found []workflow.Finding
	h.c, found = procedures.LoadToPlay(h.tree)
	sound(t, found)
	var err error
	h.Stage, err = stage.New(t.Context(), h.db, h.c, time.Date(2026, 11, 2, 2, 0, 0, 0, time.UTC), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func sound(t *testing.T, found []workflow.Finding) {
	t.Helper()
	for _, f := range found {
		if !f.Warning {
			t.Fatal(f)
		}
	}
}

// open plays the first steps of a story and returns its case.
func (h *house) open(story string, steps int) cases.ID {
	h.t.Helper()
	p, _ := h.c.Get(residence)
	for _, s := range p.Scenarios {
		if s.ID != story {
			continue
		}
		part := *s
		part.Steps, part.Ends = s.Steps[:steps], procedures.Ends{}
		for _, st := range part.Steps { // the times of the story may be over
			if !st.At.After(h.Now()) {
				again := *st
				again.At = time.Time{}
				part.Steps = append(part.Steps[:0:0], part.Steps...)
				for i := range part.Steps {
					if part.Steps[i] == st {
						part.Steps[i] = &again
					}
				}
			}
		}
		if _, err := h.Play(h.t.Context(), p, &part); err != nil {
			h.t.Fatalf("%s: %v", story, err)
		}
		var id cases.ID
		if err := h.db.QueryRow(h.t.Context(), `SELECT id FROM cases WHERE procedure_id = $1 ORDER BY id DESC LIMIT 1`, residence).Scan(&id); err != nil {
			h.t.Fatal(err)
		}
		return id
	}
	h.t.Fatalf("no story %s", story)
	return cases.ID{}
}

// edit is a tree in which texts of files were replaced: file, old, new …
func (h *house) edit(edits ...string) fstest.MapFS {
	h.t.Helper()
	tree := fstest.MapFS{}
	for name, f := range h.tree {
		tree[name] = f
	}
	for i := 0; i < len(edits); i += 3 {
		src := ""
		if f := tree[edits[i]]; f != nil {
			src = string(f.Data)
		}
		if !strings.Contains(src, edits[i+1]) {
			h.t.Fatalf("%s has no %q", edits[i], edits[i+1])
		}
		if edits[i+1] == "" {
			src = edits[i+2]
		} else {
			src = strings.ReplaceAll(src, edits[i+1], edits[i+2])
		}
		tree[edits[i]] = &fstest.MapFile{Data: []byte(src)}
	}
	return tree
}

// load is the procedure of an edited tree, with its files.
func (h *house) load(tree fstest.MapFS) (*procedures.Procedure, map[string]string) {
	h.t.Helper()
	next, found := h.c.Reload(tree, []procedures.ID{residence})
	sound(h.t, found)
	p, _ := next.Get(residence)
	return p, next.Files(p.Hash)
}

func (h *house) act(id cases.ID, by string, event workflow.Event, input cases.Input) {
	h.t.Helper()
	ctx := h.t.Context()
	c, err := h.Case(ctx, id)
	if err != nil {
		h.t.Fatal(err)
	}
	actor, err := h.Actor(ctx, c, by)
	if err == nil {
		_, err = h.Cases().Act(ctx, actor, cases.Command{Code: c.Code, ID: uuid.New(), Revision: c.Revision, Event: event, Input: input})
	}
	if err == nil {
		err = h.Settle(ctx)
	}
	if err != nil {
		h.t.Fatalf("%s by %s: %v", event, by, err)
	}
}

func (h *house) at(id cases.ID) (state workflow.State, version procedures.Hash) {
	h.t.Helper()
	if err := h.db.QueryRow(h.t.Context(), `SELECT state, definition FROM cases WHERE id = $1`, id).Scan(&state, &version); err != nil {
		h.t.Fatal(err)
	}
	return state, version
}

// grant carries a case that is being examined to its end.
func (h *house) grant(id cases.ID, needless ...string) {
	h.t.Helper()
	judged := []cases.Judgement{{Item: "dwelling", Verdict: cases.Satisfied}}
	for _, item := range needless {
		judged = append(judged, cases.Judgement{Item: item, Verdict: cases.NotNeeded})
	}
	h.act(id, "handler", "propose", cases.Input{Judgements: judged})
	h.act(id, "approver", "grant", cases.Input{})
	if state, _ := h.at(id); state != "granted" {
		h.t.Errorf("the case is %s", state)
	}
}

// healthy holds the invariants that a database alone can tell.
func (h *house) healthy() {
	h.t.Helper()
	report, err := doctor.Check(h.t.Context(), h.db, doctor.Options{Only: []int{1, 2, 3, 4, 8, 10, 12, 13, 14, 16, 18, 19, 20, 21, 22, 23, 24}, Procedures: h.c, Now: h.Now})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, f := range report.Findings {
		for _, v := range f.Violations {
			h.t.Errorf("invariant %d: case %s: %s", f.N, v.Case, v.What)
		}
	}
}

const flow = "permanent-residence/workflow.yaml"

// plan is a migrate.yaml.
func plan(rest string) string {
	return "moves:\n  - from: 1\n    because: {vi: Tên bước thẩm định được sửa theo thông tư mới, en: The step is named as the new circular has it}\n" + rest
}

// A definition with live cases is changed: publishing tells what that does to
// them; one ends on its version, another is moved by a checked plan, and a plan
// that does not hold is refused.
func TestVersions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	ends, moves := h.open("own-dwelling-with-a-co-owner", 2), cases.ID{}
	_, old := h.at(ends)

	second := []string{flow, "examine", "study", "permanent-residence/scenarios.yaml", "examine", "study", "permanent-residence/procedure.yaml", "version: 1", "version: 2"}
	v2, files := h.load(h.edit(second...))
	impact, err := h.Cases().Impact(ctx, v2)
	if err != nil {
		t.Fatal(err)
	}
	if n := impact.Counts; n.Blocked != 1 || n.All() != 1 || len(impact.Reasons) != 1 || impact.Reasons[0].State != "examine" || !strings.Contains(impact.Reasons[0].Text.EN, "no state examine") {
		t.Errorf("impact: %+v, %+v", n, impact.Reasons)
	}
	if procedures.Worst(impact.Changes) != procedures.NeedsPlan {
		t.Errorf("a state that is gone is %s", procedures.Worst(impact.Changes))
	}
	if _, err := h.Cases().Publish(ctx, cases.Proposal{Procedure: v2, Files: files}); refusal(err) == "" {
		t.Errorf("published without approval: %v", err)
	}
	if _, err := h.Cases().Publish(ctx, cases.Proposal{Procedure: v2, Files: files, ApprovedBy: []string{"Trần Văn Bình"}, Impact: impact.Counts}); err != nil {
		t.Fatal(err)
	}
	if p, _ := h.c.Get(residence); p.Hash != v2.Hash {
		t.Error("what was published is not in force")
	}
	if again, err := h.Cases().Impact(ctx, v2); err != nil || len(again.Changes) != len(impact.Changes) {
		t.Errorf("against its own cases' version it has %d changes, error %v, want %d", len(again.Changes), err, len(impact.Changes))
	}
	other, otherFiles := h.load(h.edit(append(second, flow, "Đang thẩm định", "Đang xem xét")...))
	if _, err := h.Cases().Publish(ctx, cases.Proposal{Procedure: other, Files: otherFiles, ApprovedBy: []string{"Trần Văn Bình"}}); !strings.Contains(refusal(err), "version: 3") {
		t.Errorf("one number names two contents: %v", err)
	}
	if _, err := h.Cases().Migrate(ctx, residence, nil); !strings.Contains(refusal(err), "without a plan") {
		t.Errorf("moved without a plan: %v", err)
	}

	// The case ends on the version that it was filed under.
	h.grant(ends, "kinship", "members", "exemption")
	if _, on := h.at(ends); on != old {
		t.Error("the case changed its version without a plan")
	}

	// A case of the older version, as it was filed before.
	h.c.Publish(nil)
	h.c.Adopt(mustReload(t, h.c, h.tree))
	moves = h.open("rented-with-the-owners-consent", 3)
	if state, on := h.at(moves); state != "examine" || on != old {
		t.Fatalf("the other case is in %s on %.8s", state, on)
	}
	for name, bad := range map[string]string{
		"no place for a state":        plan("    states: {intake: intake}\n"),
		"another kind":                plan("    states: {examine: supplement}\n"),
		"past the point of no return": plan("    states: {examine: study, recording: supplement}\n"),
	} {
		tree := h.edit(second...)
		tree["permanent-residence/migrate.yaml"] = &fstest.MapFile{Data: []byte(bad)}
		p, files := h.load(tree)
		if p.Hash != v2.Hash {
			t.Error("a plan changes the version")
		}
		if _, err := h.Cases().Publish(ctx, cases.Proposal{Procedure: p, Files: files, ApprovedBy: []string{"A", "B"}}); err != nil {
			t.Fatal(err)
		}
		_, err := h.Cases().Migrate(ctx, residence, nil)
		if wrong, ok := errors.AsType[*cases.PlanError](err); !ok || wrong.Findings[0].Line == 0 || wrong.Findings[0].Remedy == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if state, on := h.at(moves); state != "examine" || on != old {
		t.Errorf("a plan that was refused moved the case to %s", state)
	}

	tree := h.edit(second...)
	tree["permanent-residence/migrate.yaml"] = &fstest.MapFile{Data: []byte(plan("    states: {examine: study}\n    law: Thông tư 53/2025/TT-BCA, Điều 3\n"))}
	p, files := h.load(tree)
	publish := func(by ...string) {
		if _, err := h.Cases().Publish(ctx, cases.Proposal{Procedure: p, Files: files, ApprovedBy: by}); err != nil {
			t.Fatal(err)
		}
	}
	publish("Trần Văn Bình", "Trần Văn Bình")
	if _, err := h.Cases().Migrate(ctx, residence, nil); !strings.Contains(refusal(err), "two persons") {
		t.Errorf("one person moved cases: %v", err)
	}
	publish("Trần Văn Bình", "Nguyễn Thị An")
	for range 2 { // again: nothing is moved twice
		if _, err := h.Cases().Migrate(ctx, residence, nil); err != nil {
			t.Fatal(err)
		}
	}
	if state, on := h.at(moves); state != "study" || on != v2.Hash {
		t.Errorf("the case is in %s on %.8s", state, on)
	}
	h.told(moves)
	h.healthy()
	h.grant(moves, "kinship", "exemption")
	h.healthy()
}

// told: the citizen and the officer read of the move in both languages, once, and
// what was before it is told as it was called then.
func (h *house) told(id cases.ID) {
	h.t.Helper()
	ctx := h.t.Context()
	c, err := h.Case(ctx, id)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, by := range []string{c.Applicant, "handler"} {
		actor, err := h.Actor(ctx, c, by)
		if err != nil {
			h.t.Fatal(err)
		}
		seen, err := h.Cases().Get(ctx, actor, c.Code)
		if err != nil {
			h.t.Fatal(err)
		}
		moved := 0
		for _, e := range seen.Events {
			if e.ToTitle.VI == "" {
				h.t.Errorf("%s reads no state after %s", by, e.Event)
			}
			if e.Event == string(cases.ByMigrate) {
				moved++
				if !strings.Contains(e.Title.VI, "thông tư mới") || !strings.Contains(e.Title.EN, "new circular") {
					h.t.Errorf("%s reads %+v", by, e.Title)
				}
			}
		}
		if moved != 1 {
			h.t.Errorf("%s reads of %d moves", by, moved)
		}
	}
}

func refusal(err error) string {
	if e, ok := errors.AsType[*cases.PublishError](err); ok {
		return e.Because
	}
	return ""
}

func mustReload(t *testing.T, c *procedures.Catalogue, tree fs.FS) (*procedures.Catalogue, []workflow.Finding) {
	t.Helper()
	next, found := c.Reload(tree, []procedures.ID{residence})
	sound(t, found)
	return next, found
}
