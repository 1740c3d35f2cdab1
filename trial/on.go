package trial

import (
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/stage"
)

// On makes ready to play in a database that is there already, one story after
// the other; its user closes the database. The catalogue is the caller's own:
// decisions are watched in it.
func On(db *stage.Database, c *procedures.Catalogue) *Trial {
	w := &worker{db: db, catalogue: c, seen: &seen{}}
	w.seen.watch(c)
	return &Trial{load: func() (*procedures.Catalogue, error) { return c, nil }, workers: []*worker{w}}
}
