package forms

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// recognised is the element that an asked question without x-element has the
// title of: that of a question which this form fills, or of a datum that the
// catalogue lists for a declared subject. A title in other words is not
// recognised; common/ has questions that bring their element along.
func (p *prover) recognised(q *Field) (element, named string) {
	title := plainTitle(q.Title.VI)
	for _, s := range p.world.form.Sections {
		for _, other := range s.Fields {
			if other.Fill != "" && other.Element != "" && plainTitle(other.Title.VI) == title {
				return other.Element, string(other.Pointer)
			}
		}
	}
	var found []string
	for name, e := range p.Elements.byName() {
		kind, _, _ := strings.Cut(name, ".")
		if plainTitle(e.Title.VI) == title && slices.ContainsFunc(p.Subjects, func(s SubjectDecl) bool { return s.Kind == kind }) {
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		return "", ""
	}
	element = slices.Min(found)
	return element, element
}

func (e *Elements) byName() map[string]Element {
	if e == nil {
		return nil
	}
	return e.ByName
}

// plainTitle is a title whatever its capitals, spaces, marks at the end and
// Unicode form.
func plainTitle(s string) string {
	s = strings.Join(strings.Fields(norm.NFC.String(s)), " ")
	return strings.ToLower(strings.TrimRight(s, " ?.:*"))
}

// reads tells whether the key of the subject is made of the question's answer.
func (w *world) reads(subject string, at Pointer, above []string) bool {
	s := w.subject(subject)
	if s == nil || s.Key == nil || contains(above, subject) {
		return false
	}
	above = append(above[:len(above):len(above)], subject)
	for _, ref := range s.Key.Refs {
		if refPointer(ref) == at {
			return true
		}
		if rest, ok := strings.CutPrefix(ref, "subjects."); ok {
			other, _, _ := strings.Cut(rest, ".")
			if w.reads(other, at, above) {
				return true
			}
		}
	}
	return false
}
