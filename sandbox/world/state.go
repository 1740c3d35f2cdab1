package world

import (
	"regexp"
	"strconv"
	"time"

	"github.com/hoso-gov/hoso/sandbox/world/ruled"
)

// state is all that a world holds and that survives a restart.
type state struct {
	Loaded string              `json:"loaded"` // ISO date that `today` in the data stands for
	Books  map[string][]*Entry `json:"books"`
	Ruled  ruled.Changes       `json:"ruled"` // of what is data

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

// New makes a world from the data that the binary carries, as of day, or goes on
// with what store holds. A nil store keeps nothing.
func New(day time.Time, store Store) (*World, error) {
	d, err := Shipped()
	if err != nil {
		return nil, err
	}
	return d.World(day, store)
}

// World makes a world from the data as of day, or goes on with what store holds:
// what operations changed, put onto the records that the files have now. A nil
// store keeps nothing.
func (d *Data) World(day time.Time, store Store) (*World, error) {
	w := &World{data: d, save: func(any) error { return nil }, put: map[string]map[string]map[string]any{}}
	if store != nil {
		w.save = store.Save
		var s state
		found, err := store.Load(&s)
		if err != nil {
			return nil, err
		}
		if found {
			return w, w.take(&s)
		}
	}
	return w, w.Reset(day)
}

// Reset forgets all that happened and begins anew as of day.
func (w *World) Reset(day time.Time) error {
	s, err := w.data.begin(day.Format(time.DateOnly))
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.put)
	if err := w.take(s); err != nil {
		return err
	}
	return w.save(s)
}

// take goes on from a state.
func (w *World) take(s *state) (err error) {
	if w.ruled, err = w.data.rules.Open(s.Loaded, &s.Ruled); err != nil {
		return err
	}
	w.s = s
	w.ruled.Under = func(kind, key string) map[string]any {
		if k, written := kinds[kind]; written {
			if found := k.read(w.s, key, s.Loaded); found != nil {
				values, _ := plain(found) // a record of ours is JSON
				return values
			}
		}
		return nil
	}
	return nil
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
