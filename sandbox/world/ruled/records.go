package ruled

import (
	"maps"
	"regexp"
	"strconv"
	"time"

	"github.com/hoso-gov/hoso/vietnamese"
)

// Changes are what operations have made of the records, and what of them lasts
// over a restart.
type Changes struct {
	Records map[string]map[string]map[string]any `json:"records,omitempty"` // by kind and key, whole; nil: removed
	Numbers map[string]int64                     `json:"numbers,omitempty"` // operations done, by registry
}

// Registers are the records of all registries at one moment: those of the files,
// and what has changed since. Only one goroutine may use them.
type Registers struct {
	set     *Set
	changes *Changes
	now     map[string]any // kind → key → values
	// Under gives a record that somebody else holds, onto which an operation writes; may be nil.
	Under func(kind, key string) map[string]any
}

// Open puts changes onto the records of the files, whose `today` is day (an ISO date).
func (s *Set) Open(day string, changes *Changes) (*Registers, error) {
	base, err := s.base(day)
	if err != nil {
		return nil, err
	}
	if changes.Records == nil {
		changes.Records = map[string]map[string]map[string]any{}
	}
	if changes.Numbers == nil {
		changes.Numbers = map[string]int64{}
	}
	r := &Registers{set: s, changes: changes, now: make(map[string]any, len(base))}
	for kind, records := range base {
		r.now[kind] = maps.Clone(records)
	}
	for kind, records := range changes.Records {
		if _, held := r.now[kind]; !held {
			continue // of a file that is no more
		}
		for key, values := range records {
			r.put(kind, key, values)
		}
	}
	return r, nil
}

// base are the records of the files as of a day; nobody changes them.
func (s *Set) base(day string) (map[string]map[string]any, error) {
	if known, ok := s.bases.Load(day); ok {
		return known.(map[string]map[string]any), nil
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil, err
	}
	out := map[string]map[string]any{}
	for name, k := range s.kinds {
		if k.records != nil {
			out[name], _ = dated(k.records, at).(map[string]any)
		}
	}
	known, _ := s.bases.LoadOrStore(day, out)
	return known.(map[string]map[string]any), nil
}

// put holds values under a key; nil: nothing.
func (r *Registers) put(kind, key string, values map[string]any) {
	records := r.now[kind].(map[string]any)
	if values == nil {
		delete(records, key)
		return
	}
	records[key] = values
}

// Put holds values under a key of a kind of records from now on; nil: nothing. It
// does not last over a restart. False: it is no such kind.
func (r *Registers) Put(kind, key string, values map[string]any) bool {
	if _, held := r.now[kind]; !held {
		return false
	}
	r.put(kind, r.spelt(kind, key), values)
	return true
}

// record is what is held under a key; nil: nothing.
func (r *Registers) record(kind, key string) map[string]any {
	records, _ := r.now[kind].(map[string]any)
	values, _ := records[r.spelt(kind, key)].(map[string]any)
	return values
}

// spelt is the key as the registry spells it: case, diacritics and blanks of what
// people typed do not matter.
func (r *Registers) spelt(kind, key string) string {
	records, _ := r.now[kind].(map[string]any)
	if _, exact := records[key]; exact {
		return key
	}
	folded := vietnamese.FoldWords(key, "")
	for k := range records {
		if vietnamese.FoldWords(k, "") == folded {
			return k
		}
	}
	return key
}

var relative = regexp.MustCompile(`^today(?:([+-]\d+)([dmy]))?$`)

// dated writes the dates for today, today-6d, today+3m and today+1y, at any depth.
func dated(v any, today time.Time) any {
	switch v := v.(type) {
	case string:
		m := relative.FindStringSubmatch(v)
		if m == nil {
			return v
		}
		n, _ := strconv.Atoi(m[1]) // none: today itself
		switch m[2] {
		case "m":
			return addMonths(today, n).Format(time.DateOnly)
		case "y":
			return addMonths(today, 12*n).Format(time.DateOnly)
		}
		return today.AddDate(0, 0, n).Format(time.DateOnly)
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, item := range v {
			out[k] = dated(item, today)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = dated(item, today)
		}
		return out
	}
	return v
}

// addMonths keeps to the end of a shorter month: a month after 31 January is 28 February.
func addMonths(d time.Time, n int) time.Time {
	first := time.Date(d.Year(), d.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return time.Date(first.Year(), first.Month(), min(d.Day(), last), 0, 0, 0, 0, time.UTC)
}
