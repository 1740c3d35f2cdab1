package ui

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/forms"
)

// FieldOptions say how a question is shown.
type FieldOptions struct {
	Lang    string
	Heading bool // alone on its page
	// Typed are the inputs as they came, when the page is drawn again; nil: the answer as it is kept.
	Typed url.Values
	// Problems are those of the section; the ones of this question are picked out.
	Problems []forms.Problem
	Units    *agency.Units // for addresses
}

// FieldOf is the question with its answer, or with what was typed.
func FieldOf(a forms.Answer, o FieldOptions) Field {
	q := a.Field
	f := question(q, a.Widget, o)
	f.Name, f.Heading = q.Name, o.Heading
	f.Options = options(a.Choices, q.Choices != nil, o.Lang)
	values := o.Typed
	if values == nil {
		values = q.Inputs(a.Value, q.Name)
		if a.Widget == forms.TextareaWidget && q.Type == "array" { // choices that no record gave: one a line
			values = url.Values{q.Name: {strings.Join(values[q.Name], "\n")}}
		}
	}
	fill(&f, q, a.Widget, values, o)
	for _, p := range o.Problems {
		if p.At == q.Pointer {
			say(&f, p, o)
		}
	}
	return f
}

// Redraws tells that a button within a question was pressed (a further entry,
// one entry less, the province was chosen): the page is shown again with what
// was typed, and nothing is checked.
func Redraws(typed url.Values) bool {
	return typed.Has(addButton) || typed.Has(removeButton) || typed.Has(unitsButton)
}

// say puts a problem beside its question. One a question: the first stays.
func say(f *Field, p forms.Problem, o FieldOptions) {
	switch text := T(o.Lang, p.VI, p.EN); {
	case p.Warning && f.Warning == "":
		f.Warning = text
	case !p.Warning && f.Error == "":
		f.Error = text
	}
}

// question is what does not depend on the answer.
func question(q *forms.Field, w forms.Widget, o FieldOptions) Field {
	f := Field{Lang: o.Lang, Kind: w, Label: q.Title.In(o.Lang), Hint: q.Description.In(o.Lang), Help: q.Help.In(o.Lang),
		Optional: !q.Required, Autocomplete: q.Autocomplete}
	if q.Asked != nil {
		f.Why, f.WhyLaw = q.Asked.Because.In(o.Lang), q.Asked.Law
	}
	switch {
	case q.PersonalNumber:
		f.InputMode, f.NoSpell, f.Width = "numeric", true, 16
	case q.Format == "phone":
		f.Type, f.NoSpell, f.Width = "tel", true, 16
	case q.Format == "email":
		f.Type, f.NoSpell = "email", true
	case strings.HasSuffix(q.Element, ".fullName"):
		f.NoSpell = true
	case q.Money:
		f.InputMode, f.Suffix, f.Width = "numeric", "đ", 16
	case w == forms.NumberWidget && q.Type == "number":
		f.InputMode, f.Width = "decimal", 8
	case w == forms.NumberWidget:
		f.InputMode, f.Width = "numeric", 8
	case w == forms.TextWidget && q.MaxLength > 0 && q.MaxLength <= 30:
		f.Width = max(q.MaxLength, 8)
	}
	return f
}

// options are the choices; a record's own details are shown in either language,
// those of the form are Vietnamese.
func options(choices []forms.Choice, fromRecord bool, lang string) []Option {
	out := make([]Option, 0, len(choices))
	for _, c := range choices {
		one := Option{Value: c.Value, Text: c.Title.In(lang)}
		if fromRecord || lang != "en" {
			one.Detail = ISODate(c.Detail)
		}
		out = append(out, one)
	}
	return out
}

// fill takes the values from inputs named as Parse reads them.
func fill(f *Field, q *forms.Field, w forms.Widget, values url.Values, o FieldOptions) {
	name := f.Name
	switch w {
	case forms.DateWidget:
		f.Day, f.Month, f.Year = values.Get(name+"-day"), values.Get(name+"-month"), values.Get(name+"-year")
	case forms.AddressWidget:
		f.Address = address(values, name, o)
	case forms.ChecksWidget:
		f.Values = values[name]
	case forms.GroupWidget:
		group(f, q, values, o)
	case forms.YesNoWidget:
		f.Value = values.Get(name)
		f.Options = []Option{{Value: "yes", Text: T(o.Lang, "Có", "Yes")}, {Value: "no", Text: T(o.Lang, "Không", "No")}}
	default:
		f.Value = values.Get(name)
	}
}

func address(values url.Values, name string, o FieldOptions) *Address {
	a := &Address{Province: values.Get(name + "-province"), Commune: values.Get(name + "-commune"), Line: values.Get(name + "-line")}
	if o.Units == nil {
		return a
	}
	a.Provinces = unitOptions(o.Units.Provinces(), o.Lang)
	a.Communes = unitOptions(o.Units.Communes(a.Province), o.Lang)
	return a
}

// unitOptions are in the order of the names without their kind.
func unitOptions(units []agency.Unit, lang string) []Option {
	units = slices.Clone(units)
	slices.SortStableFunc(units, func(a, b agency.Unit) int { return strings.Compare(a.NameEN, b.NameEN) })
	out := make([]Option, 0, len(units))
	for _, u := range units {
		out = append(out, Option{Value: u.Code, Text: u.Title(lang)})
	}
	return out
}

// group lays out the entries. The buttons in the page add an empty one and take
// one away.
func group(f *Field, q *forms.Field, values url.Values, o FieldOptions) {
	indexes := entries(values, f.Name)
	next := 0 // index of a new entry; one that was taken away must not come back
	if len(indexes) > 0 {
		next = indexes[len(indexes)-1] + 1
	}
	if gone, ok := strings.CutPrefix(values.Get(removeButton), f.Name+"-"); ok {
		indexes = slices.DeleteFunc(indexes, func(i int) bool { return strconv.Itoa(i) == gone })
	}
	added := -1
	if values.Get(addButton) == f.Name && (q.MaxItems == 0 || len(indexes) < q.MaxItems) {
		added = next
		indexes = append(indexes, added)
	}
	if len(indexes) == 0 {
		indexes = []int{next}
	}
	f.CanAdd = q.MaxItems == 0 || len(indexes) < q.MaxItems
	kept := 0 // entries with an answer, as the problems count them
	for _, i := range indexes {
		item := Item{Index: i}
		position := forms.Pointer("")
		if answered(values, f.Name+"-"+strconv.Itoa(i)+"-") {
			position = forms.Pointer("/" + strconv.Itoa(kept))
			kept++
		}
		for n, sub := range q.Items {
			one := question(sub, sub.Widget, o)
			one.Name = f.Name + "-" + strconv.Itoa(i) + "-" + sub.Name
			one.Options = options(sub.Enum, false, o.Lang)
			one.Focus = n == 0 && i == added
			fill(&one, sub, sub.Widget, values, o)
			for _, p := range o.Problems {
				if position != "" && p.At == q.Pointer+position+sub.Pointer {
					say(&one, p, o)
				}
			}
			item.Fields = append(item.Fields, one)
		}
		f.Items = append(f.Items, item)
	}
}

// answered tells whether the entry holds anything: forms drops those that do not.
func answered(values url.Values, prefix string) bool {
	for key, sent := range values {
		if strings.HasPrefix(key, prefix) && strings.TrimSpace(strings.Join(sent, "")) != "" {
			return true
		}
	}
	return false
}

// entries are the indexes of a group's entries among the inputs, in order.
func entries(values url.Values, name string) []int {
	var found []int
	for key := range values {
		rest, ok := strings.CutPrefix(key, name+"-")
		if !ok {
			continue
		}
		digits, _, ok := strings.Cut(rest, "-")
		i, err := strconv.Atoi(digits)
		if ok && err == nil && i >= 0 && i < 1000 && strconv.Itoa(i) == digits && !slices.Contains(found, i) {
			found = append(found, i)
		}
	}
	slices.Sort(found)
	return found
}
