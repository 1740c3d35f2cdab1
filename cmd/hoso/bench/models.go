package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// model is a case that the engine brought to a state, as rows to copy.
type model struct {
	state     workflow.State
	events    int
	open      bool
	base      time.Time // when it was filed
	copies    map[string][]*template
	histories []*history
}

// The people of the models: a father registers his child under 6 at his home,
// which asks nobody and costs nothing, so that a case is small.
var (
	modelApplicant = person{"001091000115", "Phan Anh Tuấn"}
	modelSubject   = person{"001326000117", "Phan Bảo Châu"}
)

// person is somebody with a personal number.
type person struct{ number, name string }

// modeller lets the engine make the models, in the database that is filled.
type modeller struct {
	db     *pgxpool.Pool
	node   *Node
	tables []*filledTable
	office *office // that the models are at
	code   cases.Code
	id     uuid.UUID
	now    time.Time
	models map[workflow.State]*model
}

// light is the model that most ended cases are copies of, so that ten million
// fit on a disk: two events, and neither the registers' records nor the attempts
// at its effects, which no page that is measured reads.
const light workflow.State = "declined"

// models plays four cases: one declined, one withdrawn, one refused, one granted,
// and keeps the rows that they have at every state on the way.
func models(ctx context.Context, db *pgxpool.Pool, node *Node, tables []*filledTable, at *office) (map[workflow.State]*model, error) {
	m := &modeller{db: db, node: node, tables: tables, office: at, models: map[workflow.State]*model{}}
	defer node.Set(time.Time{})
	// A Monday in working hours, three weeks ago, so that steps of the same week lie behind us.
	y, mo, d := time.Now().In(calendar.Hanoi).AddDate(0, 0, -21).Date()
	monday := time.Date(y, mo, d, 9, 13, 27, 123_456_000, calendar.Hanoi)
	for monday.Weekday() != time.Monday {
		monday = monday.AddDate(0, 0, -1)
	}
	good := cases.Input{Judgements: []cases.Judgement{{Item: "child", Verdict: "satisfied"}}}
	bad := cases.Input{Judgements: []cases.Judgement{{Item: "child", Verdict: "not-satisfied", Reason: "Ảnh mờ"}},
		Items: []cases.AskedItem{{Item: "child", Reason: "Ảnh mờ, không đọc được"}}}
	for _, step := range []struct {
		day   int
		hour  int
		by    int // of the office; -1: the applicant
		event workflow.Event
		in    cases.Input
		keep  workflow.State // the state whose rows are kept; empty: none
		late  bool           // what follows from the step is done after the rows are kept
	}{
		{0, 0, -1, "file", cases.Input{}, "", false},
		{0, 1, byReception, "decline", cases.Input{Grounds: []string{"wrong-agency"}}, "declined", false},
		{0, 0, -1, "file", cases.Input{}, "intake", false},
		{0, 1, byReception, "accept", cases.Input{}, "examine", false},
		{1, 0, byHandler, "ask-supplement", bad, "supplement", false},
		{2, 0, -1, "withdraw", cases.Input{}, "withdrawn", false},
		{0, 0, -1, "file", cases.Input{}, "", false},
		{0, 1, byReception, "accept", cases.Input{}, "", false},
		{1, 0, byHandler, "propose", good, "approve", false},
		{2, 0, byApprover, "refuse", cases.Input{Grounds: []string{"no-dwelling"}}, "refused", false},
		{0, 0, -1, "file", cases.Input{}, "", false},
		{0, 1, byReception, "accept", cases.Input{}, "", false},
		{1, 0, byHandler, "propose", good, "", false},
		{2, 0, byApprover, "grant", cases.Input{}, "recording", true},
		{2, 0, -1, "", cases.Input{}, "granted", false},
	} {
		m.now = monday.AddDate(0, 0, step.day).Add(time.Duration(step.hour) * time.Hour)
		node.Set(m.now)
		if err := m.step(ctx, step.by, step.event, step.in); err != nil {
			return nil, fmt.Errorf("make a model case, %s: %w", step.event, err)
		}
		if !step.late {
			if err := node.Drain(ctx); err != nil {
				return nil, fmt.Errorf("make a model case, after %s: %w", step.event, err)
			}
		}
		if step.keep == "" {
			continue
		}
		if err := m.keep(ctx, step.keep, monday); err != nil {
			return nil, fmt.Errorf("keep the rows of a model case in %s: %w", step.keep, err)
		}
	}
	return m.models, nil
}

// step does one thing with the case under way; an empty event does nothing.
func (m *modeller) step(ctx context.Context, by int, event workflow.Event, in cases.Input) error {
	citizen := agency.Actor{Kind: agency.Citizen, ID: modelApplicant.number, Name: modelApplicant.name, Level: 2}
	switch {
	case event == "":
		return nil
	case event == "file":
		f, err := readFiling("child.json")
		if err != nil {
			return err
		}
		answers := map[string]any{}
		for section, a := range f.Answers {
			answers[section] = a
		}
		c, err := m.node.Cases.File(ctx, citizen, cases.Filing{Key: uuid.New(), Procedure: procedures.ID(f.Procedure), Subject: modelSubject.number, Answers: answers})
		if err != nil {
			return err
		}
		if c.Competent != m.office.id {
			return fmt.Errorf("the case is %s's, not %s's", c.Competent, m.office.id)
		}
		m.code, m.id = c.Code, c.ID
		return nil
	}
	who := citizen
	if by >= 0 {
		staff, err := m.node.Agencies.Officer(ctx, m.office.officers[by].number)
		if err != nil {
			return err
		}
		who = staff.Actor(2)
	}
	_, err := m.node.Cases.Act(ctx, who, cases.Command{Code: m.code, ID: uuid.New(), Event: event, Input: in})
	return err
}

// keep reads the rows of the case under way as they are now.
func (m *modeller) keep(ctx context.Context, want workflow.State, base time.Time) error {
	out := &model{state: want, base: base, copies: map[string][]*template{}}
	var state workflow.State
	if err := m.db.QueryRow(ctx, `SELECT state, revision, closed_at IS NULL FROM cases WHERE id = $1`, m.id).Scan(&state, &out.events, &out.open); err != nil {
		return err
	}
	if state != want {
		return fmt.Errorf("it is in %s", state)
	}
	marks := m.marks()
	conn, err := m.db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	for _, t := range m.tables {
		if want == light && t.name == "case_effect_attempts" {
			continue
		}
		rows, err := t.read(ctx, conn.Conn(), m.id)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if at := slices.Index(t.columns, "records"); want == light && at >= 0 {
				row[at] = "{}"
			}
			out.copies[t.name] = append(out.copies[t.name], marks.template(t, row))
			if t.name == "case_events" {
				out.histories = append(out.histories, marks.history(t, row))
			}
		}
	}
	m.models[want] = out
	return nil
}

// marks are the texts of the case under way that differ from case to case.
func (m *modeller) marks() *marks {
	texts := map[string]slot{
		m.id.String(): {kind: slotID}, string(m.code): {kind: slotCode}, string(m.office.id): {kind: slotAgency},
		modelApplicant.number: {kind: slotApplicant}, modelApplicant.name: {kind: slotApplicantName},
		modelSubject.number: {kind: slotSubject}, modelSubject.name: {kind: slotSubjectName},
	}
	for i, o := range m.office.officers {
		texts[o.number], texts[o.name] = slot{kind: slotOfficer, n: i}, slot{kind: slotOfficerName, n: i}
	}
	return newMarks(texts)
}

// read returns the rows of a case in the form of COPY, split into columns.
func (t *filledTable) read(ctx context.Context, conn *pgx.Conn, id uuid.UUID) ([][]string, error) {
	return copyOut(ctx, conn, fmt.Sprintf(`COPY (SELECT %s FROM %s WHERE %s = '%s' ORDER BY %s) TO STDOUT`, t.list(), t.name, t.key, id, t.order))
}
