package ui

// CSRFName is the name of the input that carries the token of the session.
const CSRFName = "csrf"

// FormView is a form with its hidden inputs. The session's token is always
// sent; what else a step needs (the number of the draft, the command's id) is
// in Hidden.
type FormView struct {
	Action    string // empty: the page's own address
	CSRF      string
	Hidden    []Hidden
	Multipart bool   // the form sends files
	Autosave  string // the script sends changes there; empty: it does not
	Warn      bool   // the script warns before unsaved changes are left
}

// Hidden is an input that is not shown.
type Hidden struct{ Name, Value string }

func (f FormView) enctype() string {
	if f.Multipart {
		return "multipart/form-data"
	}
	return "application/x-www-form-urlencoded"
}

// ButtonKind is the weight of a button.
type ButtonKind string

// The kinds of button. A page has one Primary.
const (
	Primary   ButtonKind = ""
	Secondary ButtonKind = "secondary"
	Quiet     ButtonKind = "tertiary"
	Grave     ButtonKind = "grave" // refuses, withdraws, takes away
)

// ButtonView is a button, or with Href a link that looks like one.
type ButtonView struct {
	Text        string
	Kind        ButtonKind
	Href        string
	Name, Value string // what the form sends when this button is pressed
	Action      string // another address for the form
	Hidden      string // read out after Text
	Key         string // of the keyboard: "a"; also shown in the list of keys
	// Why is the reason that the action is not open now. The button then stays
	// visible, does nothing, and the reason stands below it.
	Why string
	ID  string // needed with Why; default: from Name and Value
}

func (b ButtonView) variant() string {
	if b.Kind == Grave {
		return string(Secondary)
	}
	return string(b.Kind)
}

func (b ButtonView) color() string {
	if b.Kind == Grave {
		return string(Danger)
	}
	return "accent"
}

func (b ButtonView) whyID() string {
	if b.ID != "" {
		return b.ID + "-why"
	}
	return "why-" + b.Name + "-" + b.Value
}
