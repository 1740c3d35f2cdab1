package cases

import (
	"context"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// particulars fills in what the form of the paper needs besides its text.
//
// Source: Circular 03/2025/TT-VPCP, Annex I, forms 01 to 04.
func (s *Service) particulars(ctx context.Context, p *Paper, e *Effect, v variables) error {
	c, in := e.c, e.step[0].Input
	switch p.Kind {
	case "receipt":
		files, err := s.filesOf(ctx, c.ID)
		if err != nil {
			return err
		}
		p.Files, p.Fee, p.Paid, p.Provenance = files, c.Fee, c.Memory.Paid, s.told(c.Procedure, v.b)
		cal, err := s.calendarOf(ctx, c.Term.Calendar)
		if err != nil {
			return err
		}
		due, err := c.Term.due(cal, e.At)
		if err != nil {
			return err
		}
		p.Due, p.Because, p.Term = due.At, due.Because, c.Term.Limit
	case "supplement":
		p.Items, p.Due = namedItems(c.Procedure, in.Items), c.Memory.AskedBy
	case "refusal":
		p.Items, p.Note = groundItems(c.Procedure, in.Grounds), in.Note
	case "apology":
		sayDelay(p, e)
	}
	return nil
}

// filesOf lists the papers of a case that are in force.
func (s *Service) filesOf(ctx context.Context, id ID) ([]File, error) {
	rows, err := s.cfg.DB.Query(ctx, `
		SELECT id, attachment, name, type, size, sha256, uploaded_at
		FROM case_files
		WHERE owner_id = $1 AND replaced_at IS NULL
		ORDER BY uploaded_at, id`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var files []File
	for rows.Next() {
		var f File
		if err := rows.Scan(&f.ID, &f.Attachment, &f.Name, &f.Type, &f.Size, &f.SHA256, &f.UploadedAt); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, rows.Err()
}

// told are the answers that registers gave, in the order of the form.
func (s *Service) told(p *procedures.Procedure, b *evaluated) []Told {
	var out []Told
	for _, section := range b.State.Sections {
		for _, a := range section.Answers {
			at := a.Field.Pointer
			f, ok := b.State.Filled[at]
			if !ok || f.State != forms.Fetched && f.State != forms.Stale {
				continue
			}
			value := a.Field.Print(f.Value, "vi", s.cfg.Agencies.AddressText("vi"))
			if value == "" {
				continue
			}
			asOf := f.AsOf
			if asOf.IsZero() {
				asOf = f.FetchedAt
			}
			out = append(out, Told{Label: a.Field.Title.VI, Value: value, Registry: s.cfg.Procedures.Elements.Registries[f.Registry].VI, AsOf: asOf})
		}
	}
	return out
}

// namedItems are the items of a supplement request with their titles.
func namedItems(p *procedures.Procedure, items []AskedItem) []AskedItem {
	out := slices.Clone(items)
	for i, it := range out {
		for _, check := range p.Checklist {
			if check.ID == it.Item {
				out[i].Title = check.Title
			}
		}
	}
	return out
}

// groundItems are the legal grounds of a refusal.
func groundItems(p *procedures.Procedure, ids []string) []AskedItem {
	var out []AskedItem
	for _, g := range p.Grounds {
		if slices.Contains(ids, g.ID) {
			out = append(out, AskedItem{Item: g.ID, Title: g.Title, Law: g.Law})
		}
	}
	return out
}

// addressed is how a letter addresses the applicant: Ông or Bà by the register,
// both when it does not say.
func addressed(b *evaluated, number string) string {
	title := "Ông/Bà "
	for _, r := range b.Records {
		if r.Kind != "person" || r.Key != number {
			continue
		}
		values, _ := r.Values.(map[string]any)
		switch values["sex"] {
		case "male":
			title = "Ông "
		case "female":
			title = "Bà "
		}
	}
	return title + strings.TrimSpace(b.ApplicantName)
}

// titleOfRole is the title of the role that takes an action in a state.
func titleOfRole(m *workflow.Machine, state, event string) string {
	def := m.States[workflow.State(state)]
	if def == nil {
		return ""
	}
	name := def.Owner
	if event == string(workflow.ByExtend) && m.Extend != nil {
		name = m.Extend.By
	}
	if ts := def.Actions[workflow.Event(event)]; len(ts) > 0 && ts[0].By != "" {
		name = ts[0].By
	}
	if role := m.Roles[name]; role != nil {
		return role.Title.VI
	}
	return ""
}
