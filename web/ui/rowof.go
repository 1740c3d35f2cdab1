package ui

import (
	"strings"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/forms"
)

// hidden is what a screen reader adds to the action of a row.
func (r Row) hidden() string {
	if r.Action.Hidden != "" {
		return r.Action.Hidden
	}
	return strings.ToLower(r.Label)
}

// RowOptions say how an answer is shown in a summary list.
type RowOptions struct {
	Lang     string
	Units    *agency.Units            // for addresses
	Registry func(name string) string // the name of a registry for people; nil: its name in the catalogue
	Desk     bool                     // read by an officer, not by the citizen
}

// RowOf is an answer for a summary list: its value in words, where it comes
// from, and whether the citizen says that it is wrong. Actions are the caller's.
func RowOf(a forms.Answer, o RowOptions) Row {
	var units func(map[string]any) string
	if o.Units != nil {
		units = o.Units.AddressText(o.Lang)
	}
	q := a.Field
	r := Row{Label: q.Title.In(o.Lang), Value: a.Print(o.Lang, units)}
	if s, ok := a.Value.(string); ok && len(a.Choices) == 0 && (q.PersonalNumber || q.Format == "phone") {
		r.Value, r.Digits = s, true
	}
	if r.Value == "" {
		r.Value = T(o.Lang, "Không cung cấp", "Not provided")
	}
	if a.Filled != nil {
		r.Source = SourceLine(*a.Filled, o)
	}
	switch {
	case a.Contest != nil:
		r.Tag, r.Note = contested(a, o, units)
	case a.Unverified:
		r.Note = T(o.Lang, "Chưa đối chiếu được với cơ sở dữ liệu", "Could not be checked against the register")
	case a.Filled != nil:
		r.Note = q.Caveat.In(o.Lang)
	}
	return r
}

// contested says that a value is in doubt, and which one the citizen holds right.
func contested(a forms.Answer, o RowOptions, units func(map[string]any) string) (Tag, string) {
	tag, by := T(o.Lang, "Ông/bà báo chưa đúng", "You say this is not right"), T(o.Lang, "Giá trị đúng theo ông/bà: ", "The right value according to you: ")
	if o.Desk {
		tag, by = T(o.Lang, "Người dân báo chưa đúng", "Contested by the citizen"), T(o.Lang, "Giá trị đúng theo người dân: ", "The right value according to the citizen: ")
	}
	note := ""
	if said := a.Field.Print(a.Contest.Value, o.Lang, units); said != "" {
		note = by + said
	}
	return Tag{tag, Warning}, note
}

// SourceLine says which registry a value is from and as of when.
func SourceLine(f forms.Filled, o RowOptions) string {
	name := f.Registry
	if o.Registry != nil {
		name = o.Registry(f.Registry)
	}
	at := f.AsOf
	if at.IsZero() {
		at = f.FetchedAt
	}
	line := name
	if !at.IsZero() {
		line += " · " + T(o.Lang, "cập nhật ", "as of ") + Date(at)
	}
	if f.State == forms.Stale {
		line += " · " + T(o.Lang, "bản lưu, cơ sở dữ liệu chưa trả lời", "kept copy, the register did not answer")
	}
	return line
}
