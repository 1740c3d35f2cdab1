package stage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
)

// load is a case as the system sees it.
func (x *play) load(ctx context.Context, id cases.ID) (*cases.Case, error) {
	var code cases.Code
	if err := x.db.QueryRow(ctx, `SELECT code FROM cases WHERE id = $1`, id).Scan(&code); err != nil {
		return nil, err
	}
	return x.cases.Get(ctx, agency.Actor{Kind: agency.System, ID: "story", Name: "Hoso"}, code)
}

// standing is what a step needs to know of a case: the whole of it, which takes
// a dozen statements, is read once, at the end of the story.
type standing struct {
	ID                   cases.ID
	Code                 cases.Code
	Definition           procedures.Hash
	State, Outcome       string
	Revision             int
	Applicant            string
	Receiving, Competent agency.ID
	DueAt                *time.Time
	ParentState          string // empty: it has no parent
}

func (x *play) standing(ctx context.Context, id cases.ID) (*standing, error) {
	rows, _ := x.db.Query(ctx, `
		SELECT c.id, c.code, c.definition, c.state, coalesce(c.outcome, ''), c.revision, c.applicant, c.receiving, c.competent, c.due_at, coalesce(p.state, '')
		FROM cases c
		LEFT JOIN cases p ON p.id = c.parent_id
		WHERE c.id = $1`, id)
	return pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[standing])
}

// procedure is the definition that a case rests on.
func (x *play) procedure(c *standing) (*procedures.Procedure, error) {
	p, ok := x.catalogue.ByHash(c.Definition)
	if !ok {
		return nil, fmt.Errorf("case %s rests on a definition that is not on stage", c.Code)
	}
	return p, nil
}

// expect holds a case against what must be true of it now.
func (x *play) expect(ctx context.Context, id cases.ID, e procedures.Expect) error {
	c, err := x.standing(ctx, id)
	if err != nil {
		return err
	}
	if e.State != "" {
		same(x, "the state", string(e.State), c.State)
	}
	if e.Outcome != "" {
		same(x, "the outcome", string(e.Outcome), c.Outcome)
	}
	if !e.Due.IsZero() {
		var due time.Time
		if c.DueAt != nil {
			due = *c.DueAt
		}
		same(x, "the due time", e.Due.In(calendar.Hanoi).Format("2006-01-02T15:04"), due.In(calendar.Hanoi).Format("2006-01-02T15:04"))
	}
	if e.Parent != "" && c.ParentState != "" {
		same(x, "the state of the parent", string(e.Parent), c.ParentState)
	}
	if e.Documents != nil {
		issued, err := x.documents(ctx, id)
		if err != nil {
			return err
		}
		x.subset("documents", e.Documents, issued)
	}
	if e.Notices != nil {
		sent, err := x.notices(ctx, id)
		if err != nil {
			return err
		}
		x.subset("notices", e.Notices, sent)
	}
	if e.Messages != nil {
		taken, err := x.messages(ctx, id)
		if err != nil {
			return err
		}
		x.subset("messages", e.Messages, taken)
	}
	return nil
}

func (x *play) end(ctx context.Context) error {
	e := x.story.Ends
	c, err := x.load(ctx, x.id)
	if err != nil {
		return err
	}
	if e.Outcome != "" {
		same(x, "the outcome", e.Outcome, c.Outcome)
	}
	if e.State != "" {
		same(x, "the state", e.State, c.State)
	}
	if e.Documents != nil {
		issued, err := x.documents(ctx, x.id)
		if err != nil {
			return err
		}
		x.set("documents", e.Documents, issued)
	}
	if e.Notices != nil {
		sent, err := x.notices(ctx, x.id)
		if err != nil {
			return err
		}
		x.set("notices", e.Notices, sent)
	}
	if e.Messages != nil {
		taken, err := x.messages(ctx, x.id)
		if err != nil {
			return err
		}
		x.set("messages", e.Messages, taken)
	}
	if e.Undone != nil {
		undone, err := x.undone(ctx, x.id)
		if err != nil {
			return err
		}
		same(x, "what was taken back", strings.Join(e.Undone, ", "), strings.Join(undone, ", "))
	}
	for number, want := range e.Resident {
		values, err := x.person(ctx, number)
		if err != nil {
			return err
		}
		for path, v := range want {
			same(x, number+" "+path, fmt.Sprint(v), fmt.Sprint(at(values, path)))
		}
	}
	return x.sound(ctx)
}

// sound holds what must be true after every story: no open case is without
// somebody or something that moves it.
func (x *play) sound(ctx context.Context) error {
	rows, err := x.db.Query(ctx, `
		SELECT 'case ' || c.code || ' in ' || c.state || ' waits for nothing' FROM cases c
		WHERE c.closed_at IS NULL
			AND NOT EXISTS (SELECT FROM case_tasks t WHERE t.case_id = c.id) AND NOT EXISTS (SELECT FROM case_timers t WHERE t.case_id = c.id)
			AND NOT EXISTS (SELECT FROM case_effects e WHERE e.case_id = c.id AND e.status IN (0, 1))`)
	if err != nil {
		return err
	}
	faults, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, f := range faults {
		x.differ("an open case", "moved by somebody or something", f)
	}
	return err
}

// notices are the names of the notices that were sent for a case, without those
// of the engine's own about its term.
func (x *play) notices(ctx context.Context, id cases.ID) ([]string, error) {
	rows, err := x.db.Query(ctx, `SELECT name FROM case_effects WHERE case_id = $1 AND type = 'notify' AND status = 2 AND name NOT LIKE 'hoso.%' ORDER BY seq, idx`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// messages are the names of those that registries have taken for a case.
func (x *play) messages(ctx context.Context, id cases.ID) ([]string, error) {
	rows, err := x.db.Query(ctx, `SELECT name FROM case_effects WHERE case_id = $1 AND type = 'send' AND status = 2 ORDER BY seq, idx`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// undone is what was taken back for a case, in the order in which it was.
func (x *play) undone(ctx context.Context, id cases.ID) ([]string, error) {
	rows, err := x.db.Query(ctx, `
		SELECT replace(e.type, 'undo-', '') || coalesce('-' || p.status, '')
		FROM case_effects e
		JOIN case_effects o ON o.case_id = e.case_id AND o.seq = e.undoes_seq AND o.idx = e.undoes_idx
		LEFT JOIN case_payments p ON p.order_id = o.key
		WHERE e.case_id = $1 AND e.status = 2
		ORDER BY e.done_at, e.idx`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// documents are the names of the papers that were issued for a case.
func (x *play) documents(ctx context.Context, id cases.ID) ([]string, error) {
	rows, err := x.db.Query(ctx, `
		SELECT CASE WHEN e.name <> '' THEN e.name ELSE replace(e.type, 'issue-', '') END
		FROM case_effects e
		JOIN case_documents d ON d.id = e.key
		WHERE e.case_id = $1`, id)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// set notes a difference between two lists, whatever their order and however
// often a thing stands in them.
func (x *play) set(what string, want, got []string) {
	if w, g := unique(want), unique(got); !slices.Equal(w, g) {
		x.differ(what, w, g)
	}
}

func (x *play) subset(what string, want, got []string) {
	for _, w := range want {
		if !slices.Contains(got, w) {
			x.differ(what, w+" among them", got)
		}
	}
}

func unique(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}

// at is the value at a dotted path.
func at(values map[string]any, path string) any {
	var v any = values
	for step := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[step]
	}
	return v
}
