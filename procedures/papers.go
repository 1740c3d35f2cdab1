package procedures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/forms"
)

// papers reads the attachments and the checklist.
func (b *builder) papers() {
	n, p := b.f.procedure, b.p
	list := n.get("attachments")
	for _, r := range list.list() {
		a := &Attachment{ID: r.get("id").str(), Title: r.get("title").localized(), Proves: r.get("proves").strs(), ReplacedBy: r.get("replaced-by").str(),
			When: b.program(r.get("when"), boolType), Optional: r.get("optional").bool(), Because: r.get("because").localized(), Law: r.get("law").str(),
			Formats: r.get("formats").strs(), MaxMB: r.get("max-mb").int()}
		if w := r.get("waiver"); w != nil {
			a.Waiver = &forms.Waiver{Law: w.get("law").str(), Until: w.get("until").str()}
		}
		if len(a.Formats) == 0 {
			a.Formats = []string{"pdf", "jpg", "png"}
		}
		if a.MaxMB == 0 {
			a.MaxMB = 10
		}
		b.paper(a, r)
		p.Attachments = append(p.Attachments, a)
	}
	b.unique(list)
	b.checklist()
}

// paper holds the names of an attachment against the catalogue. Whether it asks
// for what a registry proves is decided with the rest of the once-only rule.
func (b *builder) paper(a *Attachment, r *node) {
	for i, e := range a.Proves {
		held, ok := b.l.elements.Forms().Get(e)
		if !ok {
			kind, _, _ := strings.Cut(e, ".")
			var near []string
			for name := range b.l.elements.Forms().ByName {
				if strings.HasPrefix(name, kind+".") || b.l.elements.Kinds[kind] == nil {
					near = append(near, name)
				}
			}
			b.report("REF", r.get("proves").list()[i], fmt.Sprintf("no registry holds %q", e), didYouMean(e, near))
			continue
		}
		if a.ReplacedBy != "" && held.Registry != a.ReplacedBy {
			b.report("PAPER", r.get("proves").list()[i], fmt.Sprintf("%s is held by %s, not by %s", e, held.Registry, a.ReplacedBy), "write replaced-by: "+held.Registry)
		}
	}
	if a.ReplacedBy == "" {
		return
	}
	if _, ok := b.l.elements.Registries[a.ReplacedBy]; !ok {
		b.report("REF", r.get("replaced-by"), fmt.Sprintf("there is no registry %q", a.ReplacedBy), didYouMean(a.ReplacedBy, b.l.elements.registries()))
		return
	}
	switch {
	case len(b.heldBy(a.ReplacedBy)) == 0:
		b.report("PAPER", r.get("replaced-by"), fmt.Sprintf("no subject is held by %s, so nothing replaces the paper %s", a.ReplacedBy, a.ID), "declare a subject of a kind that this registry holds, or leave replaced-by out")
	case len(a.Proves) == 0:
		b.report("PAPER", r.get("replaced-by"), fmt.Sprintf("nothing says what the paper %s proves, so nobody can tell when %s replaces it", a.ID, a.ReplacedBy), "write proves: [kind.element]")
	}
}

func (b *builder) heldBy(registry string) []string {
	var out []string
	for _, s := range b.p.Subjects {
		if b.l.elements.Registry(s.Kind) == registry {
			out = append(out, s.Name)
		}
	}
	return out
}

func (b *builder) checklist() {
	n, p := b.f.procedure, b.p
	var attachments []string
	for _, a := range p.Attachments {
		attachments = append(attachments, a.ID)
	}
	list := n.get("checklist")
	for _, r := range list.list() {
		c := &Check{ID: r.get("id").str(), Title: r.get("title").localized(), Attachments: r.get("attachments").strs()}
		for _, at := range r.get("at").list() {
			c.At = append(c.At, forms.Pointer(at.str()))
			if p.Form != nil && p.Form.Field(forms.Pointer(at.str())) == nil && sectionAt(p.Form, at.str()) == nil {
				b.report("REF", at, fmt.Sprintf("the form has nothing at %s", at.str()), didYouMean(at.str(), pointers(p.Form)))
			}
		}
		for i, id := range c.Attachments {
			if !slices.Contains(attachments, id) {
				b.report("REF", r.get("attachments").list()[i], fmt.Sprintf("there is no attachment %q", id), didYouMean(id, attachments))
			}
		}
		p.Checklist = append(p.Checklist, c)
	}
	b.unique(list)
	if list == nil && !p.Internal {
		p.Checklist = defaultChecklist(p)
	}
}

// defaultChecklist is every section in which something is asked, and every paper.
func defaultChecklist(p *Procedure) []*Check {
	var out []*Check
	if p.Form != nil {
		for _, s := range p.Form.Sections {
			if slices.ContainsFunc(s.Fields, func(f *forms.Field) bool { return f.Fill == "" }) {
				out = append(out, &Check{ID: kebab(s.Name), Title: s.Title, At: []forms.Pointer{s.Pointer}})
			}
		}
	}
	for _, a := range p.Attachments {
		id := a.ID
		if slices.ContainsFunc(out, func(c *Check) bool { return c.ID == id }) {
			id += "-paper"
		}
		out = append(out, &Check{ID: id, Title: a.Title, Attachments: []string{a.ID}})
	}
	return out
}

func kebab(s string) string {
	var out strings.Builder
	for i, r := range s {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				out.WriteByte('-')
			}
			r += 'a' - 'A'
		}
		out.WriteRune(r)
	}
	return out.String()
}

func sectionAt(f *forms.Form, at string) *forms.Section {
	for _, s := range f.Sections {
		if string(s.Pointer) == at {
			return s
		}
	}
	return nil
}

// pointers lists the sections and questions of a form.
func pointers(f *forms.Form) []string {
	var out []string
	for _, s := range f.Sections {
		out = append(out, string(s.Pointer))
		for _, q := range s.Fields {
			out = append(out, string(q.Pointer))
		}
	}
	return out
}
