package bench

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// slotKind is what stands in a place of a row that differs from case to case.
type slotKind int

const (
	slotID slotKind = iota
	slotCode
	slotApplicant
	slotApplicantName
	slotSubject
	slotSubjectName
	slotAgency
	slotOfficer     // n: of the office
	slotOfficerName // n: of the office
	slotUUID        // n: which of the model's
	slotTime        // at, in the layout
	slotTokens      // what the case is searched by
	slotHead        // hash of the last event
	slotPrev        // n: sequence number of the event
	slotHash        // n: as above
	slotInputHash   // n: as above
	slotAssignee
	slotSeen
)

type slot struct {
	kind   slotKind
	n      int
	at     time.Time
	layout string
}

// template is a text with slots: literal, slot, literal, slot, …, literal.
type template struct {
	literals []string
	slots    []slot
}

// The two ways in which rows write instants: columns, and JSON. Both end in UTC.
const (
	columnTime = "2006-01-02 15:04:05.999999-07"
	jsonTime   = "2006-01-02T15:04:05.999999999Z07:00"
)

const (
	uuidShape = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
	timeShape = `2[0-9]{3}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}(?::[0-9]{2})?)`
)

// marks finds the texts of a model that differ from case to case.
type marks struct {
	texts map[string]slot
	find  *regexp.Regexp
	uuids map[string]int // in the order in which they were found
}

func newMarks(texts map[string]slot) *marks {
	words := slices.Collect(maps.Keys(texts))
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) }) // a longer one may begin with a shorter
	shapes := make([]string, len(words))
	for i, w := range words {
		shapes[i] = regexp.QuoteMeta(w)
	}
	return &marks{texts: texts, find: regexp.MustCompile(strings.Join(append(shapes, uuidShape, timeShape), "|")), uuids: map[string]int{}}
}

// text makes a template of a text.
func (m *marks) text(s string) *template {
	t := &template{}
	from := 0
	for _, at := range m.find.FindAllStringIndex(s, -1) {
		found := s[at[0]:at[1]]
		one, ok := m.texts[found]
		if !ok {
			if one, ok = m.other(found); !ok {
				continue
			}
		}
		t.literals, t.slots = append(t.literals, s[from:at[0]]), append(t.slots, one)
		from = at[1]
	}
	t.literals = append(t.literals, s[from:])
	return t
}

// other is a slot for an instant or for an id that is not the case's.
func (m *marks) other(found string) (slot, bool) {
	if _, err := uuid.Parse(found); err == nil {
		if _, ok := m.uuids[found]; !ok {
			m.uuids[found] = len(m.uuids)
		}
		return slot{kind: slotUUID, n: m.uuids[found]}, true
	}
	for _, layout := range []string{columnTime, jsonTime} {
		if at, err := time.Parse(layout, found); err == nil {
			return slot{kind: slotTime, at: at, layout: layout}, true
		}
	}
	return slot{}, false
}

// one is a template that is nothing but a slot.
func one(s slot) *template { return &template{literals: []string{"", ""}, slots: []slot{s}} }

// join puts columns together, as COPY wants them.
func join(columns []*template) *template {
	out := &template{literals: []string{""}}
	add := func(text string) { out.literals[len(out.literals)-1] += text }
	for i, c := range columns {
		if i > 0 {
			add("\t")
		}
		add(c.literals[0])
		for j, s := range c.slots {
			out.slots, out.literals = append(out.slots, s), append(out.literals, c.literals[j+1])
		}
	}
	add("\n")
	return out
}

// template makes a template of a row. Columns that stand for something else
// than their text are known by their names.
func (m *marks) template(t *filledTable, row []string) *template {
	columns := make([]*template, len(row))
	seq := 0
	for i, name := range t.columns {
		if name == "seq" {
			seq = number(row[i])
		}
	}
	for i, name := range t.columns {
		switch {
		case t.name == "case_bodies" && name == "tokens":
			columns[i] = one(slot{kind: slotTokens})
		case t.name == "cases" && name == "head_hash":
			columns[i] = one(slot{kind: slotHead})
		case t.name == "case_events" && name == "prev_hash":
			columns[i] = one(slot{kind: slotPrev, n: seq})
		case t.name == "case_events" && name == "hash":
			columns[i] = one(slot{kind: slotHash, n: seq})
		case t.name == "case_events" && name == "input_hash":
			columns[i] = one(slot{kind: slotInputHash, n: seq})
		case t.name == "case_events" && name == "recorded_at": // the model was written down when it was made, not when it is set
			columns[i] = m.text(row[slices.Index(t.columns, "at")])
		case t.name == "case_tasks" && name == "assignee":
			columns[i] = one(slot{kind: slotAssignee})
		case t.name == "case_tasks" && name == "seen_at":
			columns[i] = one(slot{kind: slotSeen})
		case (name == "next_at" || name == "fire_at") && row[i] != null: // the time of what is open has not come
			columns[i] = &template{literals: []string{time.Now().AddDate(0, 0, 30).UTC().Format(columnTime)}}
		default:
			columns[i] = m.text(row[i])
		}
	}
	return join(columns)
}

// null is NULL in COPY.
const null = `\N`

// number is a whole number as a column has it.
func number(text string) (n int) {
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}
