package cases

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/forms"
)

// SaveSection saves the answers of a section or of one question, as
// forms.Form.Parse gives them. They are saved whether or not they are right;
// the problems are those of the section or question. final marks the section as
// passed when there are none. revision 0 takes the draft as it is now.
func (s *Service) SaveSection(ctx context.Context, a agency.Actor, id uuid.UUID, revision int, at forms.Pointer, answers map[string]any, final bool) (*Draft, []forms.Problem, error) {
	var problems []forms.Problem
	section := sectionOf(at)
	d, err := s.change(ctx, a, id, revision, func(d *Draft) error {
		name := strings.TrimPrefix(string(section), "/")
		old, _ := d.Answers[name].(map[string]any)
		merged := cloneMap(old)
		for q, v := range answers {
			if v == nil {
				delete(merged, q)
			} else {
				merged[q] = v
			}
		}
		d.Answers = cloneMap(d.Answers)
		d.Answers[name] = merged
		if _, err := s.settleDraft(ctx, d, false); err != nil {
			return err
		}
		_, found := d.Procedure.Form.ValidateSection(s.formContext(d), section)
		for _, p := range found {
			if at == section || covered([]forms.Pointer{at}, p.At) {
				problems = append(problems, p)
			}
		}
		wrong := slices.ContainsFunc(problems, func(p forms.Problem) bool { return !p.Warning })
		d.Done = slices.DeleteFunc(slices.Clone(d.Done), func(p forms.Pointer) bool { return p == section && wrong })
		if final && !wrong && !slices.Contains(d.Done, section) {
			d.Done = append(d.Done, section)
		}
		return nil
	})
	return d, problems, err
}

// sectionOf is the section that a question stands in.
func sectionOf(at forms.Pointer) forms.Pointer {
	name, _, _ := strings.Cut(strings.TrimPrefix(string(at), "/"), "/")
	return forms.Pointer("/" + name)
}

func (s *Service) formContext(d *Draft) forms.Context {
	return forms.Context{Answers: d.Answers, Contests: d.Contests, Records: formRecords(d.records), Session: sessionVars(d.Owner, d.level, d.Subject),
		Today: dayOf(s.now()), Variant: d.Variant, CheckUnit: s.checkUnit}
}

// Contest keeps the citizen's word against a locked value; nil takes it back.
// Errors: *InvalidError when the value is not one that can be contested.
func (s *Service) Contest(ctx context.Context, a agency.Actor, id uuid.UUID, revision int, at forms.Pointer, c *forms.Contest) (*Draft, error) {
	return s.change(ctx, a, id, revision, func(d *Draft) error {
		if _, err := s.settleDraft(ctx, d, false); err != nil {
			return err
		}
		answer := d.State.Answer(at)
		if answer == nil || answer.Source == nil || !answer.Source.Locked {
			return &InvalidError{Problems: []forms.Problem{{At: at, Rule: "contest", VI: "Mục này Ông/Bà tự khai được, không cần báo chưa đúng",
				EN: "You can answer this yourself; there is nothing to report"}}}
		}
		d.Contests = maps.Clone(d.Contests)
		delete(d.Contests, at)
		if c == nil {
			_, err := s.settleDraft(ctx, d, false)
			return err
		}
		if strings.TrimSpace(c.Reason) == "" {
			return &InvalidError{Problems: []forms.Problem{{At: at, Rule: "required", VI: "Cho biết vì sao Ông/Bà biết giá trị đúng", EN: "Say how you know the right value"}}}
		}
		d.Contests[at] = *c
		if _, err := s.settleDraft(ctx, d, false); err != nil {
			return err
		}
		if got := d.State.Answer(at); got == nil || got.Contest == nil {
			return &InvalidError{Problems: []forms.Problem{{At: at, Rule: "contest", VI: "Nhập giá trị đúng, khác với giá trị đang có", EN: "Enter the right value; it must differ from the present one"}}}
		}
		return nil
	})
}

// change makes one change of a draft: load, check the revision, change, write.
func (s *Service) change(ctx context.Context, a agency.Actor, id uuid.UUID, revision int, edit func(*Draft) error) (*Draft, error) {
	for try := 1; ; try++ {
		d, err := s.openDraft(ctx, a, id)
		if err != nil {
			return nil, err
		}
		if revision != 0 && d.Revision != revision {
			return d, s.draftConflict(ctx, d, revision)
		}
		if err := edit(d); err != nil {
			return d, fmt.Errorf("draft %s: %w", id, err)
		}
		written, err := s.writeDraft(ctx, d)
		if err != nil {
			return nil, fmt.Errorf("draft %s: %w", id, err)
		}
		if written {
			return d, nil
		}
		if try == triesOfSystem {
			return d, s.draftConflict(ctx, d, revision)
		}
	}
}

// draftConflict evaluates the draft as it is now, for the page that shows it.
func (s *Service) draftConflict(ctx context.Context, d *Draft, seen int) error {
	if _, err := s.settleDraft(ctx, d, false); err != nil {
		return err
	}
	return &ConflictError{Seen: seen, Now: d.Revision}
}

func (s *Service) writeDraft(ctx context.Context, d *Draft) (bool, error) {
	var columns [5][]byte
	for i, v := range []any{d.Answers, orEmpty(d.Contests), d.records, d.Done, d.reviewed} {
		b, err := json.Marshal(v)
		if err != nil {
			return false, err
		}
		if string(b) == "null" {
			b = []byte("[]")
		}
		columns[i] = b
	}
	now := s.now()
	tag, err := s.cfg.DB.Exec(ctx, `
		UPDATE drafts
		SET answers = @answers, contests = @contests, records = @records, done = @done, reviewed = @reviewed, owner_level = @level,
			revision = revision + 1, saved_at = @now, expires_at = @expires
		WHERE id = @id AND revision = @revision AND filed IS NULL`, pgx.StrictNamedArgs{
		"answers": columns[0], "contests": columns[1], "records": columns[2], "done": columns[3], "reviewed": columns[4], "level": d.level,
		"now": now, "expires": now.Add(draftLife), "id": d.ID, "revision": d.Revision})
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	d.Revision++
	d.SavedAt, d.ExpiresAt = now, now.Add(draftLife)
	return true, nil
}

// Discard removes a draft with its papers.
func (s *Service) Discard(ctx context.Context, a agency.Actor, id uuid.UUID) error {
	if _, err := s.openDraft(ctx, a, id); err != nil {
		return err
	}
	_, err := s.cfg.DB.Exec(ctx, `
		WITH gone AS (DELETE FROM drafts WHERE id = $1 AND filed IS NULL RETURNING id)
		DELETE FROM case_files f USING gone WHERE f.owner_id = gone.id`, id)
	return err
}
