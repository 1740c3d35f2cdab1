package ui

import "github.com/a-h/templ"

// Banner is a message on a page that blocks nothing. Problems of a form are in
// an [ErrorSummary] instead.
type Banner struct {
	Tone    Tone
	Heading string
	Text    string
	Link    *Link
	ID      string
}

// Row is one line of a summary list.
type Row struct {
	Label  string
	Value  string
	Lines  []string        // instead of Value: one below the other
	Body   templ.Component // instead of Value: anything
	Digits bool            // Value is a personal or telephone number: parted for the eye
	Source string          // "Cơ sở dữ liệu quốc gia về dân cư · cập nhật 12/03/2026"
	Tag    Tag             // "Ông/bà báo chưa đúng"
	Note   string          // a line that the reader has to know
	Old    string          // the value before it was changed after filing; empty: unchanged
	Action *Link           // at most one: Thay đổi, Chưa đúng?
}

// Task is a row of a task list.
type Task struct {
	Title string
	Hint  string
	Href  string // empty: cannot be opened yet
	Tag   Tag
}

// Step is one step of a timeline.
type Step struct {
	Title string
	Who   string // who does it, or did
	When  string // "10:42 26/11/2026", "dự kiến 03/12/2026"
	Stamp string // the time for machines; empty: none
	Note  string // what was said, the legal limit, why it waits
	Cause Tag    // of a wait: ông/bà, cơ quan, hệ thống
	State StepState
	Link  *Link
}

// StepState says where a step stands.
type StepState string

// The states of a step.
const (
	Past    StepState = "past"
	Present StepState = "present"
	Future  StepState = "future"
)

func (s Step) state(lang string) string {
	switch s.State {
	case Present:
		return T(lang, "Hiện tại:", "Now:")
	case Future:
		return T(lang, "Sắp tới:", "Next:")
	}
	return T(lang, "Đã qua:", "Done:")
}

// Card is a procedure, a case or another thing that leads to its own page.
type Card struct {
	Title  string
	Href   string
	Tag    Tag
	Text   string
	Meta   []string // small lines: code, subject, date
	Action *ButtonView
}

// Due is when something is due, and how that was reckoned.
type Due struct {
	Date  string // 03/12/2026
	Left  Tag    // of [Left]
	Lines []string
}

// Fact is a short value with its name, in the column beside a case.
type Fact struct {
	Label string
	Value string
	Body  templ.Component // instead of Value
}

// Panel says that something is done, with the code to keep.
type Panel struct {
	Heading string
	Label   string // "Mã hồ sơ"
	Code    string
	Text    string
}

// Shortcut is a key of the keyboard and what it does.
type Shortcut struct{ Key, Does string }

// Table is a list with columns. Sorting, filters and pages are links.
type Table struct {
	Lang    string
	Caption string
	Quiet   bool // the caption is read out, not shown
	Columns []Column
	Rows    []TableRow
	Empty   string // said when there is no row
	Select  string // name of the check box in each row; empty: none
}

// Column heads a column.
type Column struct {
	Title  string
	Sort   string // link that sorts by it; empty: does not sort
	Sorted string // ascending, descending; empty: not sorted by it
	Number bool   // figures, to the right
}

// TableRow is one row; the keys j and k go through those with Href.
type TableRow struct {
	Value  string // of the check box
	Name   string // what the check box chooses, read out
	Href   string // what Enter opens: the link of the first cell
	Unseen bool   // something happened that the reader has not seen
	Cells  []Cell
}

// Cell is one value.
type Cell struct {
	Text   string
	Href   string
	Tag    Tag
	Sub    string // a second, small line
	Digits bool
	Body   templ.Component // instead of the others
}

func (c Column) sort() templ.Attributes {
	if c.Sorted == "" {
		return nil
	}
	return templ.Attributes{"aria-sort": c.Sorted}
}

func (t Table) number(i int) bool { return i < len(t.Columns) && t.Columns[i].Number }

// label is what a cell of the column is, for where the head is not seen.
func (t Table) label(i int) string {
	if i < len(t.Columns) {
		return t.Columns[i].Title
	}
	return ""
}

// Pager leads through a list by its keys: only forwards and back, and to the
// first page.
type Pager struct {
	Lang              string
	First, Prev, Next string // links; empty: none
	Shown             string // "Hiển thị 50 trên 12.431"
}
