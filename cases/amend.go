package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/workflow"
)

// Amendment is what the applicant has done about a supplement request and has
// not handed in yet. Nobody else sees it.
type Amendment struct {
	Items   []AmendedItem
	Answers map[string]any // by section and question: those that differ from what was filed
	State   *forms.State   // the form with these answers
	Files   []File         // uploaded since the request
	Changes []Change       // the differing answers, in words
	SavedAt time.Time      // of the answers; zero: none
}

// AmendedItem is an asked item with what may be changed for it.
type AmendedItem struct {
	AskedItem
	Answers     []forms.Answer // questions that are open to the applicant, as they are to be
	Attachments []string       // papers that are asked for now or were handed in
	Others      []string       // papers of the item that the case needs none of, as far as the system knows
	Changed     bool           // an answer differs or a paper came
}

// Amendment returns the open supplement request with what the applicant has done
// about it. Errors to act upon: ErrNotFound, *workflow.NotAllowedError when
// nothing is asked of the actor.
func (s *Service) Amendment(ctx context.Context, a agency.Actor, code Code) (*Amendment, error) {
	c, err := s.amendable(ctx, a, code)
	if err != nil {
		return nil, fmt.Errorf("amendment of case %s: %w", code, err)
	}
	am, err := s.amendment(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("amendment of case %s: %w", code, err)
	}
	return am, nil
}

// Amend keeps corrected answers, by section and question, until the supplement
// is handed in. They are kept with their problems, which are returned; only
// those of the questions given. Errors to act upon: ErrNotFound,
// *workflow.NotAllowedError, *InvalidError for a question that was not asked for.
func (s *Service) Amend(ctx context.Context, a agency.Actor, code Code, answers map[string]any) ([]forms.Problem, error) {
	c, err := s.amendable(ctx, a, code)
	if err != nil {
		return nil, fmt.Errorf("amend case %s: %w", code, err)
	}
	problems, err := s.amend(ctx, c, answers)
	if err != nil {
		return nil, fmt.Errorf("amend case %s: %w", code, err)
	}
	return problems, nil
}

// HandIn answers the supplement request with what was corrected and uploaded.
// cmd.Event is the action of the state; its input may bring a note. Errors are
// those of Act, and *InvalidError when nothing was corrected nor said.
func (s *Service) HandIn(ctx context.Context, a agency.Actor, cmd Command) (*Case, error) {
	c, err := s.amendable(ctx, a, cmd.Code)
	if err != nil {
		return nil, fmt.Errorf("hand in a supplement to case %s: %w", cmd.Code, err)
	}
	am, err := s.amendment(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("hand in a supplement to case %s: %w", cmd.Code, err)
	}
	if len(am.Answers) == 0 && len(am.Files) == 0 && strings.TrimSpace(cmd.Input.Note) == "" {
		return nil, &InvalidError{Problems: []forms.Problem{{At: "/note", Rule: "required",
			VI: "Sửa ít nhất một mục, hoặc viết cho cán bộ biết vì sao không cần sửa", EN: "Correct at least one item, or tell the officer why nothing needs correcting"}}}
	}
	cmd.Input.Answers, cmd.Input.Files = am.Answers, nil
	for _, f := range am.Files {
		cmd.Input.Files = append(cmd.Input.Files, f.ID)
	}
	done, err := s.Act(ctx, a, cmd)
	if err != nil {
		return nil, err
	}
	if _, err := s.cfg.DB.Exec(ctx, `DELETE FROM case_amendments WHERE case_id = $1`, c.ID); err != nil {
		return nil, fmt.Errorf("hand in a supplement to case %s: %w", cmd.Code, err)
	}
	return done, nil
}

// RemoveCaseFile takes back a paper that was uploaded for a supplement and not
// handed in yet. Errors to act upon: ErrNotFound, *workflow.NotAllowedError.
func (s *Service) RemoveCaseFile(ctx context.Context, a agency.Actor, code Code, file uuid.UUID) error {
	c, err := s.amendable(ctx, a, code)
	if err != nil {
		return fmt.Errorf("remove a file of case %s: %w", code, err)
	}
	if _, err := s.cfg.DB.Exec(ctx, `
		DELETE FROM case_files
		WHERE id = $1 AND owner_id = $2 AND uploaded_by = $3
			AND uploaded_at >= (SELECT max(at) FROM case_events WHERE case_id = $2 AND from_state <> to_state)`, file, c.ID, a.ID); err != nil {
		return fmt.Errorf("remove a file of case %s: %w", code, err)
	}
	return nil
}

// amendable loads a case of which the actor is asked for a supplement now.
func (s *Service) amendable(ctx context.Context, a agency.Actor, code Code) (*snapshot, error) {
	c, err := s.visible(ctx, a, code)
	if err != nil {
		return nil, err
	}
	refuse := func(reason string) (*snapshot, error) {
		return nil, &workflow.NotAllowedError{State: c.State, Event: "amend", Reason: reason}
	}
	switch {
	case a.Kind != agency.Citizen || a.ID != c.Applicant:
		return refuse(workflow.ReasonRole)
	case !asksSupplement(c):
		return refuse(workflow.ReasonNone)
	}
	return c, nil
}

func (s *Service) amend(ctx context.Context, c *snapshot, answers map[string]any) ([]forms.Problem, error) {
	e, err := s.body(ctx, c)
	if err != nil {
		return nil, err
	}
	kept, _, err := s.keptAmendment(ctx, c)
	if err != nil {
		return nil, err
	}
	given := map[forms.Pointer]bool{}
	for section, values := range answers {
		vs, _ := values.(map[string]any)
		merged, _ := kept[section].(map[string]any)
		merged = cloneMap(merged)
		for q, val := range vs {
			given[forms.Pointer("/"+section+"/"+q)] = true
			merged[q] = val
		}
		kept[section] = merged
	}
	w, err := s.amended(ctx, c, e, kept)
	if err != nil {
		return nil, err
	}
	if w.locked != nil {
		return nil, &InvalidError{Problems: w.locked}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return nil, err
	}
	if _, err := s.cfg.DB.Exec(ctx, `
		INSERT INTO case_amendments (case_id, gen, answers, saved_at)
		VALUES (@case, @gen, @answers, @at)
		ON CONFLICT (case_id) DO UPDATE SET gen = excluded.gen, answers = excluded.answers, saved_at = excluded.saved_at`,
		pgx.StrictNamedArgs{"case": c.ID, "gen": c.Memory.Gen, "answers": text, "at": s.now()}); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(w.problems, func(p forms.Problem) bool {
		for at := range given {
			if p.At == at || strings.HasPrefix(string(p.At), string(at)+"/") {
				return false
			}
		}
		return true
	}), nil
}

// keptAmendment is what was kept since the case came to wait; empty when nothing was.
func (s *Service) keptAmendment(ctx context.Context, c *snapshot) (map[string]any, time.Time, error) {
	var at time.Time
	answers := map[string]any{}
	err := s.cfg.DB.QueryRow(ctx, `
		SELECT answers, saved_at
		FROM case_amendments
		WHERE case_id = $1 AND gen = $2`, c.ID, c.Memory.Gen).Scan(&answers, &at)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, at, err
	}
	return answers, at, nil
}

func (s *Service) amendment(ctx context.Context, c *snapshot) (*Amendment, error) {
	e, err := s.body(ctx, c)
	if err != nil {
		return nil, err
	}
	am := &Amendment{Answers: map[string]any{}}
	kept, at, err := s.keptAmendment(ctx, c)
	if err != nil {
		return nil, err
	}
	am.SavedAt = at
	// The page is drawn with the records as they were read; they are read again when it is saved.
	w := withAnswers(c, e, kept)
	if am.State, err = c.Procedure.Form.Evaluate(w.body.context(c.Variant, dayOf(c.FiledAt), s.checkUnit)); err != nil {
		return nil, err
	}
	am.Answers = w.differing
	if am.Files, err = s.filesSince(ctx, c.ID); err != nil {
		return nil, err
	}
	papers, err := s.papersOf(ctx, c, &evaluated{body: &w.body, State: am.State})
	if err != nil {
		return nil, err
	}
	am.describe(s, c, e, papers)
	return am, nil
}

// papersOf are the attachments that the case needs by its answers, and those that are there.
func (s *Service) papersOf(ctx context.Context, c *snapshot, e *evaluated) ([]string, error) {
	_, papers, err := s.bodyAndFiles(ctx, c)
	if err != nil {
		return nil, err
	}
	needed, err := c.Procedure.AttachmentsFor(variables{c: c, b: e, files: papers, now: s.now()}.vars())
	if err != nil {
		return nil, err
	}
	for _, a := range needed {
		papers = append(papers, a.ID)
	}
	return papers, nil
}

// filesSince are the papers uploaded since the case came into its state.
func (s *Service) filesSince(ctx context.Context, id ID) ([]File, error) {
	rows, err := s.cfg.DB.Query(ctx, `
		SELECT id, attachment, name, type, size, sha256, uploaded_at
		FROM case_files
		WHERE owner_id = $1 AND replaced_at IS NULL
			AND uploaded_at >= (SELECT max(at) FROM case_events WHERE case_id = $1 AND from_state <> to_state)
		ORDER BY uploaded_at, id`, id)
	if err != nil {
		return nil, err
	}
	return collectFiles(rows)
}

// describe fills in the items and the changes in words.
func (am *Amendment) describe(s *Service, c *snapshot, e *evaluated, papers []string) {
	differs := func(at forms.Pointer) bool {
		section, q, _ := strings.Cut(strings.TrimPrefix(string(at), "/"), "/")
		m, _ := am.Answers[section].(map[string]any)
		_, ok := m[q]
		return ok
	}
	for _, it := range askedItems(c) {
		item := AmendedItem{AskedItem: it}
		var at []forms.Pointer
		for _, check := range c.Procedure.Checklist {
			if check.ID != it.Item {
				continue
			}
			at = check.At
			for _, id := range check.Attachments {
				if slices.Contains(papers, id) {
					item.Attachments = append(item.Attachments, id)
				} else {
					item.Others = append(item.Others, id)
				}
			}
		}
		for _, section := range am.State.Sections {
			for _, ans := range section.Answers {
				if ans.Asked && covered(at, ans.Field.Pointer) {
					item.Answers = append(item.Answers, ans)
					item.Changed = item.Changed || differs(ans.Field.Pointer)
				}
			}
		}
		item.Changed = item.Changed || slices.ContainsFunc(am.Files, func(f File) bool {
			return slices.Contains(item.Attachments, f.Attachment) || slices.Contains(item.Others, f.Attachment)
		})
		am.Items = append(am.Items, item)
	}
	for _, section := range c.Procedure.Form.Sections {
		before, _ := e.Answers[section.Name].(map[string]any)
		after, _ := am.Answers[section.Name].(map[string]any)
		for _, q := range section.Fields {
			if v, ok := after[q.Name]; ok {
				am.Changes = append(am.Changes, Change{What: q.Title, Before: s.print(q, before[q.Name]), After: s.print(q, v)})
			}
		}
	}
}

// amendedBody is a body with corrected answers.
type amendedBody struct {
	body      body
	state     *forms.State   // nil before amended
	differing map[string]any // by section and question
	locked    []forms.Problem
	problems  []forms.Problem // errors of the whole form
}

// amended is the body with corrected answers, its subjects read again, and what
// is wrong with the form as a whole.
func (s *Service) amended(ctx context.Context, c *snapshot, e *evaluated, answers map[string]any) (*amendedBody, error) {
	w := withAnswers(c, e, answers)
	b := &w.body
	var err error
	if b.Records, err = s.readSubjects(ctx, c.Procedure, readSubjects{Answers: b.Answers, Contests: b.Contests, Records: b.Records, Session: b.Session,
		Given: b.Given, Today: dayOf(c.FiledAt), Variant: c.Variant, Purpose: registry.Purpose{Reader: c.Applicant, ReaderKind: string(agency.Citizen), Case: string(c.Code),
			Text: "supplement"}}); err != nil {
		return nil, err
	}
	var found []forms.Problem
	w.state, found = c.Procedure.Form.Validate(b.context(c.Variant, dayOf(c.FiledAt), s.checkUnit))
	for _, p := range found {
		if !p.Warning {
			w.problems = append(w.problems, p)
		}
	}
	return w, nil
}

// withAnswers puts answers into a copy of the body: those that differ and are asked
// for. Others are reported as locked.
func withAnswers(c *snapshot, e *evaluated, answers map[string]any) *amendedBody {
	open := askedSections(c)
	w := &amendedBody{body: *e.body, differing: map[string]any{}}
	w.body.Answers, w.body.Changed = cloneMap(e.Answers), cloneMap(e.Changed)
	for section, values := range answers {
		vs, ok := values.(map[string]any)
		if !ok {
			continue
		}
		before, _ := e.Answers[section].(map[string]any)
		merged, differing := cloneMap(before), map[string]any{}
		for q, val := range vs {
			at := forms.Pointer("/" + section + "/" + q)
			if reflect.DeepEqual(normal(before[q]), normal(val)) {
				continue
			}
			if !covered(open, at) {
				w.locked = append(w.locked, forms.Problem{At: at, Rule: "locked", VI: "Mục này không được yêu cầu bổ sung nên không sửa được",
					EN: "This was not asked for, so it cannot be changed"})
				continue
			}
			w.body.Changed[at] = before[q]
			merged[q], differing[q] = val, val
		}
		w.body.Answers[section] = merged
		if len(differing) > 0 {
			w.differing[section] = differing
		}
	}
	return w
}
