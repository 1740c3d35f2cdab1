package agency

import (
	"slices"
	"time"
)

// order is who does whose work from one day on, until another: between them no
// agency ends.
type order struct {
	from  time.Time
	until time.Time   // zero: for ever
	heir  map[ID]ID   // every agency → which one does its work
	work  map[ID][]ID // every agency that works → those whose work it does, itself among them, sorted
	below map[ID][]ID // every agency that works → those that it oversees, sorted
}

// order returns who does whose work on a day; it is put together when the first
// day is asked for on which it is another, and after each reading of the database.
func (s *snapshot) order(day time.Time) *order {
	if o := s.ordered.Load(); o != nil && !day.Before(o.from) && (o.until.IsZero() || day.Before(o.until)) {
		return o
	}
	o := &order{heir: make(map[ID]ID, len(s.agencies)), work: make(map[ID][]ID, len(s.agencies)), below: map[ID][]ID{}}
	for id, a := range s.agencies {
		switch end := a.ValidTo; {
		case end == nil:
		case day.Before(*end):
			if o.until.IsZero() || end.Before(o.until) {
				o.until = *end
			}
		case o.from.Before(*end):
			o.from = *end
		}
		o.heir[id] = s.heir(id, day)
		o.work[o.heir[id]] = append(o.work[o.heir[id]], id)
	}
	for id, a := range s.agencies {
		// Who took over from an agency oversees those below it; who took over from one below belongs to where it stands itself.
		if up, ok := o.heir[a.ParentID]; ok && o.heir[id] == id && up != id {
			o.below[up] = append(o.below[up], id)
		}
	}
	for _, list := range []map[ID][]ID{o.work, o.below} {
		for _, ids := range list {
			slices.Sort(ids)
		}
	}
	s.ordered.Store(o)
	return o
}

// heir is which agency does an agency's work on a day. One that ended without a
// successor winds up what it has.
func (s *snapshot) heir(id ID, day time.Time) ID {
	at := id
	for range s.agencies {
		a, ok := s.agencies[at]
		if !ok || a.SucceededBy == "" || a.ValidTo == nil || day.Before(*a.ValidTo) {
			return at
		}
		at = a.SucceededBy
	}
	return id // a circle of successors, which Succeed refuses
}

// Heir returns the agency that does today the work of the agency with the id:
// itself, the last of those who took over, or again itself when it ended and
// nobody did. Of an id that is none it is the id.
func (d *Directory) Heir(id ID) ID {
	if heir, ok := d.now().order(d.today()).heir[id]; ok {
		return heir
	}
	return id
}

// WorkOf are the agencies whose work the agency does today: itself and all from
// which it took over, by way of others too; none for an agency whose own work
// another does. Sorted; the caller must not change the slice.
func (d *Directory) WorkOf(id ID) []ID { return d.now().order(d.today()).work[id] }

// Below are the agencies whose work is done today by agencies that stand below
// the agency, at any depth. The agency's own work is not among them.
func (d *Directory) Below(id ID) []ID {
	o := d.now().order(d.today())
	var out []ID
	seen := map[ID]bool{id: true}
	for todo := slices.Clone(o.below[id]); len(todo) > 0; {
		at := todo[0]
		todo = todo[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		out, todo = append(out, o.work[at]...), append(todo, o.below[at]...)
	}
	return out
}
