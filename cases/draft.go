package cases

import (
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
)

// Draft is a form being filled in. It is saved page by page and can be gone on with on another device.
type Draft struct {
	ID        uuid.UUID
	Procedure *procedures.Procedure
	Owner     string // personal number of who fills it in
	Subject   string // whom it is about
	Revision  int
	Answers   map[string]any // as typed and parsed, by section
	Contests  map[forms.Pointer]forms.Contest
	Done      []forms.Pointer // sections passed with "continue"
	Files     []File
	SavedAt   time.Time
	ExpiresAt time.Time
	Filed     Code // of the case it became; empty: still a draft
	Waits     bool // it was filed and waits until there is room: it cannot be changed

	State   *forms.State // evaluated now
	Variant string       // empty while it cannot be told
	Sources []Source     // the records behind it and how reading went

	ownerName string
	level     int
	records   map[string]subjectRecord
	reviewed  []reviewed
	vars      map[string]any // of the definition language; nil until evaluated
}

// Source is a registry record that a draft or case rests on.
type Source struct {
	Subject  string
	Kind     string
	Registry string
	State    string
	AsOf     time.Time
}

// Review is what the check page shows before filing.
type Review struct {
	Draft       *Draft
	Problems    []forms.Problem // errors block, warnings are shown
	Attachments []*procedures.Attachment
	Missing     []*procedures.Attachment
	Fee         int64
	FeeRow      *procedures.Fee
	Values      []procedures.Result // all of them, in order
	Receiving   agency.Agency
	Limit       *procedures.Limit
	DueIfToday  time.Time // were it accepted now; zero: the term starts later
	Because     []calendar.Line
	Digest      string // of everything shown; filing names it
}
