package world

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/hoso-gov/hoso/sandbox/data"
)

// state is all that a world holds and that survives a restart.
type state struct {
	Loaded string              `json:"loaded"` // ISO date that `today` in the data stands for
	Books  map[string][]*Entry `json:"books"`

	finesData
	civilData
	healthData
	landData
}

// Store keeps the state of a world over restarts.
type Store interface {
	Load(into any) (found bool, err error)
	Save(state any) error
}

// New makes a world from the demo data as of day, or goes on with what store
// holds. A nil store keeps nothing.
func New(day time.Time, store Store) (*World, error) {
	w := &World{save: func(any) error { return nil }, put: map[string]map[string]map[string]any{}}
	if store != nil {
		w.save = store.Save
		var s state
		found, err := store.Load(&s)
		if err != nil {
			return nil, err
		}
		if found {
			w.s = &s
			return w, nil
		}
	}
	return w, w.Reset(day)
}

// Reset forgets all that happened and reads the demo data again as of day.
func (w *World) Reset(day time.Time) error {
	s := &state{Loaded: day.Format(time.DateOnly), Books: map[string][]*Entry{}}
	for file, into := range map[string]any{"fines.yaml": &s.finesData, "civil-status.yaml": &s.civilData, "health-insurance.yaml": &s.healthData, "land.yaml": &s.landData} {
		text, err := data.Files.ReadFile(file)
		if err != nil {
			return err
		}
		if err := yaml.UnmarshalWithOptions(relative(text, day), into, yaml.Strict()); err != nil {
			return fmt.Errorf("sandbox data %s: %w", file, err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.s = s
	clear(w.put)
	return w.save(s)
}

var relativeDay = regexp.MustCompile(`(?m): today(?:([+-]\d+)d)?$`)

// relative writes the dates for today, today-6d and today+4d that stand as values.
func relative(text []byte, day time.Time) []byte {
	return relativeDay.ReplaceAllFunc(text, func(m []byte) []byte {
		n := 0
		if sub := relativeDay.FindSubmatch(m); len(sub[1]) > 0 {
			n, _ = strconv.Atoi(string(sub[1]))
		}
		return []byte(": " + strconv.Quote(day.AddDate(0, 0, n).Format(time.DateOnly)))
	})
}
