package ui

import (
	"strconv"

	"github.com/a-h/templ"

	"github.com/hoso-gov/hoso/forms"
)

// FileWidget is the control that takes files; forms has no such question, the
// papers of a case are asked for beside its form.
const FileWidget forms.Widget = "file"

// Field is one question as [Control] shows it. The names of its inputs are what
// forms.Form.Parse reads. [FieldOf] makes it from an answer; questions outside a
// form are written by hand.
type Field struct {
	Lang     string
	Name     string       // of the inputs
	ID       string       // of the first input; empty: Name
	Kind     forms.Widget // empty: text
	Label    string
	Hint     string
	Why      string // why we ask; empty: it is plain
	WhyLaw   string // the article that demands the answer
	Help     string // more, behind "Hướng dẫn thêm"
	Error    string // what to do; empty: no problem
	Warning  string // does not block
	Optional bool
	Heading  bool // the label is the h1 of its page
	Focus    bool // the page opens with the cursor here

	Value        string   // text, number; of radios, yes-no and select the value chosen
	Values       []string // check boxes: the values chosen
	Options      []Option // radios, select, check boxes
	Type         string   // of a text input: text, email, tel, password; empty: text
	InputMode    string   // numeric, decimal ...; empty: by type
	Autocomplete string
	NoSpell      bool   // a name or a code: the browser must not mark it
	Suffix       string // unit after the input: đ, m²
	Width        int    // of the input in characters; 0: the whole column
	Rows         int    // of a textarea; 0: 5

	Day, Month, Year string   // date
	Address          *Address // address
	Items            []Item   // repeated group
	ItemName         string   // one entry: "Cháu", "Person"; empty: Mục, Entry
	CanAdd           bool     // a further entry is allowed

	Accept   string // files: .pdf,.jpg
	Multiple bool   // files: several at once
	Files    []File // files that are there already
}

// Option is one choice.
type Option struct {
	Value  string
	Text   string
	Detail string // a line below
}

// Address is what an address question offers.
type Address struct {
	Province, Commune, Line string
	Provinces               []Option
	Communes                []Option // of Province; empty until one is chosen
	Note                    string   // "phường Hàng Bông nay thuộc phường Hoàn Kiếm"
}

// Item is one entry of a repeated group.
type Item struct {
	Index  int
	Fields []Field
}

// File is a file that was sent.
type File struct {
	Name   string
	Size   string // "1,4 MB"
	State  Tag    // đang tải, đang kiểm tra, sẵn sàng, không nhận được
	Reason string // why it was not taken
	Href   string // opens it; empty: not yet
	Remove string // value of the button "remove"; empty: no such button
}

// The buttons within questions, by which a page is drawn again rather than
// gone on from: [Redraws] tells them from "Tiếp tục".
const (
	addButton    = "add"    // = name of the group
	removeButton = "remove" // = name of the group, dash, index
	unitsButton  = "units"  // = name of the address: the province was chosen
)

func (f Field) t(vi, en string) string { return T(f.Lang, vi, en) }

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

// Anchor is the id of the input that a link in the error summary leads to.
func (f Field) Anchor() string {
	switch f.Kind {
	case forms.DateWidget:
		return f.id() + "-day"
	case forms.AddressWidget:
		return f.id() + "-province"
	}
	return f.id()
}

func (f Field) hintID() string  { return f.id() + "-hint" }
func (f Field) errorID() string { return f.id() + "-error" }

// describedBy names the hint and then the error.
func (f Field) describedBy() string {
	s := ""
	if f.Hint != "" {
		s = f.hintID()
	}
	if f.Error != "" {
		if s != "" {
			s += " "
		}
		s += f.errorID()
	}
	return s
}

// attrs are the attributes that tie an input to its hint and error.
func (f Field) attrs() templ.Attributes {
	a := templ.Attributes{}
	if d := f.describedBy(); d != "" {
		a["aria-describedby"] = d
	}
	if f.Error != "" {
		a["aria-invalid"] = "true"
	}
	return a
}

// textAttrs are those of a text input beside.
func (f Field) textAttrs() templ.Attributes {
	a := f.attrs()
	set := func(name, value string) {
		if value != "" {
			a[name] = value
		}
	}
	set("autocomplete", f.Autocomplete)
	set("inputmode", f.InputMode)
	if f.NoSpell {
		a["spellcheck"] = "false"
		a["autocapitalize"] = "off"
	}
	if f.Focus {
		a["autofocus"] = true
	}
	return a
}

// optionID: the first option has the id of the question, so that the error
// summary leads to it.
func (f Field) optionID(i int) string {
	if i == 0 {
		return f.id()
	}
	return f.id() + "-" + strconv.Itoa(i+1)
}

func (f Field) inputType() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// width is the class for the width in characters; steps, because styles inside
// a page are not allowed.
func (f Field) width() string {
	switch {
	case f.Width == 0:
		return ""
	case f.Width <= 2:
		return "hs-w2"
	case f.Width <= 4:
		return "hs-w4"
	case f.Width <= 8:
		return "hs-w8"
	case f.Width <= 16:
		return "hs-w16"
	}
	return "hs-w30"
}

func (f Field) rows() string {
	if f.Rows == 0 {
		return "5"
	}
	return strconv.Itoa(f.Rows)
}

func (f Field) itemTitle(i int) string {
	name := f.ItemName
	if name == "" {
		name = f.t("Mục", "Entry")
	}
	return name + " " + strconv.Itoa(i+1)
}

func (f Field) chosen(value string) bool {
	for _, v := range f.Values {
		if v == value {
			return true
		}
	}
	return false
}

// part is an address's or a date's own input.
func (f Field) part(name string) string { return f.id() + "-" + name }
