package procedures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/forms"
)

// VariantOf returns the id of the first variant that matches; "" for a
// procedure without variants. vars are the variables of the definition
// language, but variant.
func (p *Procedure) VariantOf(vars map[string]any) (string, error) {
	for _, v := range p.Variants {
		ok, err := holds(v.When, vars)
		if err != nil {
			return "", fmt.Errorf("variant %s: %w", v.ID, err)
		}
		if ok {
			p.observe(v)
			return v.ID, nil
		}
	}
	return "", nil
}

// observe tells `hoso test` which row of a table was chosen.
func (p *Procedure) observe(row any) {
	if p.Observe != nil {
		p.Observe(row)
	}
}

// Variant returns the variant of that id, nil when there is none.
func (p *Procedure) Variant(id string) *Variant {
	for _, v := range p.Variants {
		if v.ID == id {
			return v
		}
	}
	return nil
}

// Subject returns the subject of that name, nil when there is none.
func (p *Procedure) Subject(name string) *Subject {
	for _, s := range p.Subjects {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Fee returns the row of the fee table that applies on the day of filing
// (2026-11-24, in Hanoi), and its amount in đồng. A procedure without fees has
// no row and costs nothing.
func (p *Procedure) Fee(vars map[string]any, filedOn string) (*Fee, int64, error) {
	for _, f := range p.Fees {
		if !within(filedOn, f.From, f.Until) {
			continue
		}
		ok, err := holds(f.When, vars)
		if err != nil {
			return nil, 0, fmt.Errorf("fee %q: %w", f.Title.EN, err)
		}
		if !ok {
			continue
		}
		v, err := f.Amount.Eval(vars)
		if err != nil {
			return nil, 0, fmt.Errorf("fee %q: %w", f.Title.EN, err)
		}
		switch n := v.(type) {
		case int64:
			if n >= 0 {
				p.observe(f)
				return f, n, nil
			}
		case int:
			if n >= 0 {
				p.observe(f)
				return f, int64(n), nil
			}
		}
		return nil, 0, fmt.Errorf("fee %q: the amount is %v", f.Title.EN, v)
	}
	if len(p.Fees) == 0 {
		return nil, 0, nil
	}
	return nil, 0, fmt.Errorf("no fee of %s holds on %s", p.ID, filedOn)
}

// LimitOf returns the row of the legal term that applies on the day of filing;
// nil for a procedure without terms.
func (p *Procedure) LimitOf(vars map[string]any, filedOn string) (*Limit, error) {
	for _, l := range p.Limits {
		if !within(filedOn, l.From, l.Until) {
			continue
		}
		ok, err := holds(l.When, vars)
		if err != nil {
			return nil, fmt.Errorf("term %q: %w", l.Title.EN, err)
		}
		if ok {
			p.observe(l)
			return l, nil
		}
	}
	if len(p.Limits) == 0 {
		return nil, nil
	}
	return nil, fmt.Errorf("no term of %s holds on %s", p.ID, filedOn)
}

// Place says which agency is meant: the one of a kind for a unit, or one by id.
type Place struct {
	Kind   string // commune-police ...; empty when Agency is set
	Unit   string // code of the commune, or of the province
	Agency string
	Law    string
}

// ReceivingAt finds where a case arrives. The place is zero while the answers
// that decide it are missing, and for a procedure without competence.
func (p *Procedure) ReceivingAt(vars map[string]any) (Place, error) { return place(p.Receiving, vars) }

// CompetentAt finds who decides a case, as ReceivingAt does.
func (p *Procedure) CompetentAt(vars map[string]any) (Place, error) { return place(p.Competent, vars) }

func place(rows []*Competence, vars map[string]any) (Place, error) {
	for _, r := range rows {
		ok, err := holds(r.When, vars)
		if err != nil {
			return Place{}, fmt.Errorf("competence: %w", err)
		}
		if !ok {
			continue
		}
		if r.Agency != nil {
			id, err := text(r.Agency, vars)
			if err != nil || id == "" {
				return Place{}, err
			}
			return Place{Agency: id, Law: r.Law}, nil
		}
		unit, err := text(r.Commune, vars)
		if err != nil || unit == "" {
			return Place{}, err
		}
		return Place{Kind: r.Kind, Unit: unit, Law: r.Law}, nil
	}
	return Place{}, nil
}

// AttachmentsFor returns the papers that are asked for now, in order.
func (p *Procedure) AttachmentsFor(vars map[string]any) ([]*Attachment, error) {
	var out []*Attachment
	for _, a := range p.Attachments {
		ok, err := holds(a.When, vars)
		if err != nil {
			return nil, fmt.Errorf("attachment %s: %w", a.ID, err)
		}
		if ok {
			out = append(out, a)
		}
	}
	return out, nil
}

// SubjectKeys returns the keys of the subjects that are known now. A key may
// rest on records of subjects above it: read the records that were found, put
// them into vars, and ask again until nothing is new. A subject whose key is
// absent or empty is not in the map.
func (p *Procedure) SubjectKeys(vars map[string]any) (map[string]string, error) {
	return KeysOf(p.Subjects, vars)
}

// KeysOf is SubjectKeys for some subjects.
func KeysOf(subjects []*Subject, vars map[string]any) (map[string]string, error) {
	out := map[string]string{}
	for _, s := range subjects {
		key, err := text(s.Key, vars)
		if err != nil {
			return nil, fmt.Errorf("key of %s: %w", s.Name, err)
		}
		if key != "" {
			out[s.Name] = key
		}
	}
	return out, nil
}

// ChecklistFor returns the items that there is something to judge of: a
// section or question that exists in state, or a paper of attachments. An item
// that names neither is always there.
func (p *Procedure) ChecklistFor(state *forms.State, attachments []*Attachment) []*Check {
	var out []*Check
	for _, c := range p.Checklist {
		if len(c.At) == 0 && len(c.Attachments) == 0 || slices.ContainsFunc(c.At, func(at forms.Pointer) bool { return exists(state, at) }) ||
			slices.ContainsFunc(attachments, func(a *Attachment) bool { return slices.Contains(c.Attachments, a.ID) }) {
			out = append(out, c)
		}
	}
	return out
}

func exists(state *forms.State, at forms.Pointer) bool {
	if state == nil {
		return false
	}
	for _, s := range state.Sections {
		if s.Section.Pointer == at {
			return true
		}
		for _, a := range s.Answers {
			if a.Field.Pointer == at || strings.HasPrefix(string(at), string(a.Field.Pointer)+"/") {
				return true
			}
		}
	}
	return false
}

// holds evaluates a condition; an absent one holds.
func holds(p *expr.Program, vars map[string]any) (bool, error) {
	if p == nil {
		return true, nil
	}
	return p.Bool(vars)
}

// text evaluates a string; an absent one is "".
func text(p *expr.Program, vars map[string]any) (string, error) {
	if p == nil {
		return "", nil
	}
	v, err := p.Eval(vars)
	if err != nil || v == nil {
		return "", err
	}
	s, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("%s is %v, not a text", p.Source, v)
	}
	return s, nil
}
