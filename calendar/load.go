package calendar

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
)

//go:embed data/vietnam.yaml
var vietnamText []byte

var vietnam = sync.OnceValue(func() []*Calendar {
	revisions, err := Parse(vietnamText)
	if err != nil {
		panic(fmt.Errorf("calendar/data/vietnam.yaml: %w", err)) // the program was built from a broken source
	}
	return revisions
})

// Vietnam is the newest shipped revision of the calendar of state offices.
func Vietnam() *Calendar { r := vietnam(); return r[len(r)-1] }

// VietnamRevisions are all shipped revisions, oldest first. A closed case is
// explained by the one that it ran under.
func VietnamRevisions() []*Calendar { return slices.Clone(vietnam()) }

// document is a calendar as its file is written; data/vietnam.yaml explains it.
type document struct {
	Calendar  string             `yaml:"calendar"`
	Covers    rangeText          `yaml:"covers"`
	Week      []string           `yaml:"week"`
	Hours     []rangeText        `yaml:"hours"`
	Acts      map[string]actText `yaml:"acts"`
	Revisions []revisionText     `yaml:"revisions"`
	Days      []dayText          `yaml:"days"`
}

type rangeText struct {
	From string `yaml:"from"`
	To   string `yaml:"to"`
}

type actText struct {
	Title Text   `yaml:"title"`
	Date  string `yaml:"date"`
	Doubt string `yaml:"doubt"`
}

type revisionText struct {
	Since string `yaml:"since"`
	Why   Text   `yaml:"why"`
}

type dayText struct {
	Off   string `yaml:"off"`  // a day or "2026-02-14 to 2026-02-22"
	Work  string `yaml:"work"` // the same, for make-up days
	Why   Text   `yaml:"why"`
	Act   string `yaml:"act"`
	Rev   int    `yaml:"rev"`   // first revision that has it; 0: from the first on
	Until int    `yaml:"until"` // last revision that has it; 0: no last one
}

// Parse reads a calendar file and returns its revisions, oldest first. Every
// mistake is told, not only the first.
func Parse(text []byte) ([]*Calendar, error) {
	var doc document
	if err := yaml.UnmarshalWithOptions(text, &doc, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read calendar: %w", err)
	}
	base, week, err := doc.base()
	if err != nil {
		return nil, err
	}
	if len(doc.Revisions) == 0 {
		return nil, errors.New("the calendar has no revision")
	}
	var (
		out  []*Calendar
		errs []error
	)
	for _, row := range doc.Days {
		if last := len(doc.Revisions); row.Rev < 0 || row.Rev > last || row.Until < 0 || row.Until > last || row.Until != 0 && row.Until < row.Rev {
			errs = append(errs, fmt.Errorf("day %s%s: there are no revisions %d to %d", row.Off, row.Work, row.Rev, row.Until))
		}
	}
	for i, r := range doc.Revisions {
		c := *base
		c.rev = Revision{Calendar: doc.Calendar, Number: i + 1, Since: r.Since, Why: r.Why}
		if _, err := dateOf(r.Since); err != nil || i > 0 && r.Since < doc.Revisions[i-1].Since {
			errs = append(errs, fmt.Errorf("revision %d: %q is no day after the last revision's", i+1, r.Since))
		}
		errs = append(errs, doc.fill(&c, week))
		c.source = text
		out = append(out, &c)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return out, nil
}

// base reads what all revisions share: the years covered, the working week, the office hours.
func (doc *document) base() (*Calendar, map[time.Weekday]bool, error) {
	first, last, err := doc.Covers.days()
	if err != nil {
		return nil, nil, fmt.Errorf("covers: %w", err)
	}
	c := &Calendar{first: first, days: make([]dayKind, last-first+1)}
	week := map[time.Weekday]bool{}
	for _, name := range doc.Week {
		d := slices.Index([]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, name)
		if d < 0 {
			return nil, nil, fmt.Errorf("week: %q is no day as mon", name)
		}
		week[time.Weekday(d)] = true
	}
	if len(week) == 0 {
		return nil, nil, errors.New("week: no working day")
	}
	for _, h := range doc.Hours {
		open, err1 := clockTime(h.From)
		closing, err2 := clockTime(h.To)
		if err := errors.Join(err1, err2); err != nil {
			return nil, nil, fmt.Errorf("hours: %w", err)
		}
		if closing <= open || len(c.hours) > 0 && open < c.hours[len(c.hours)-1].close {
			return nil, nil, fmt.Errorf("hours: %s to %s is empty, or begins before the part above ends", h.From, h.To)
		}
		c.hours = append(c.hours, hours{open, closing})
	}
	if len(c.hours) == 0 {
		return nil, nil, errors.New("hours: none")
	}
	return c, week, nil
}

// fill lays the days of a revision over the working week.
func (doc *document) fill(c *Calendar, week map[time.Weekday]bool) error {
	c.days = make([]dayKind, len(c.days))
	for i := range c.days {
		c.days[i].working = week[(c.first + day(i)).weekday()]
	}
	acts := map[string]*Act{}
	var errs []error
	for _, row := range doc.Days {
		if row.Rev > c.rev.Number || row.Until != 0 && row.Until < c.rev.Number {
			continue
		}
		act := acts[row.Act]
		if act == nil {
			a, ok := doc.Acts[row.Act]
			if !ok {
				errs = append(errs, fmt.Errorf("day %s%s: there is no act %q", row.Off, row.Work, row.Act))
				continue
			}
			act = &Act{ID: row.Act, Title: a.Title, Date: a.Date, Doubt: a.Doubt}
			acts[row.Act] = act
			c.rev.Acts = append(c.rev.Acts, *act)
		}
		if err := c.lay(row, &reason{text: row.Why, act: act}); err != nil {
			errs = append(errs, fmt.Errorf("revision %d, day %s%s: %w", c.rev.Number, row.Off, row.Work, err))
		}
	}
	slices.SortStableFunc(c.rev.Acts, func(a, b Act) int { return strings.Compare(a.Date, b.Date) })
	return errors.Join(errs...)
}

// lay marks the days of a row. A row must change something, and no day may have two.
func (c *Calendar) lay(row dayText, why *reason) error {
	if (row.Off == "") == (row.Work == "") {
		return errors.New("give either off or work")
	}
	if why.text.VI == "" || why.text.EN == "" {
		return errors.New("the reason is missing in a language")
	}
	var r rangeText
	var several bool
	if r.From, r.To, several = strings.Cut(row.Off+row.Work, " to "); !several {
		r.To = r.From
	}
	from, to, err := r.days()
	if err != nil {
		return err
	}
	changed := false
	for d := from; d <= to; d++ {
		k, err := c.kind(d)
		if err != nil {
			return err
		}
		if k.why != nil {
			return fmt.Errorf("%s has a row already", d)
		}
		working := row.Work != ""
		changed = changed || k.working != working
		c.days[d-c.first] = dayKind{working: working, why: why}
	}
	if !changed {
		return errors.New("the week has it so already")
	}
	return nil
}

// days reads a range of days.
func (r rangeText) days() (from, to day, err error) {
	from, err1 := dateOf(r.From)
	to, err2 := dateOf(r.To)
	if err := errors.Join(err1, err2); err != nil {
		return 0, 0, err
	}
	if to < from {
		return 0, 0, fmt.Errorf("%s comes before %s", r.To, r.From)
	}
	return from, to, nil
}
