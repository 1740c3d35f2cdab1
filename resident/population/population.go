// Package population makes up a population for development, demonstrations and
// benchmarks: families over three generations with names, ages, marriages,
// households and addresses as they are usual in Viet Nam. Nobody in it exists.
//
// The same seed over the same units and the same database gives the same
// people. The package writes the tables of package resident by COPY, beside its
// typed changes, and is never used on the data of real people.
package population

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/resident"
)

// human is a person who was made up.
type human struct {
	number                 string
	name, surname          string
	born                   time.Time
	male, alive            bool
	father, mother, spouse *human
	children               []*human
	marital                string
	religion               string // empty: none
	home                   *commune
	household              *household // nil: none
}

type household struct {
	id      int64
	head    *human
	address agency.Address
	key     string
	home    *commune
	since   time.Time
	members []*human
}

func (h *human) kin() resident.Kin {
	k := resident.Kin{Number: h.number, Sex: resident.Female, BirthDate: h.born}
	if h.male {
		k.Sex = resident.Male
	}
	k.Father, k.Mother, k.Spouse = h.father.known(), h.mother.known(), h.spouse.known()
	return k
}

// known is the number of a relative; empty when there is none.
func (h *human) known() string {
	if h == nil {
		return ""
	}
	return h.number
}

func (h *human) age(on time.Time) int {
	n := on.Year() - h.born.Year()
	if on.Month() < h.born.Month() || on.Month() == h.born.Month() && on.Day() < h.born.Day() {
		n--
	}
	return n
}

// maker makes people up, one batch of families after the other.
type maker struct {
	seed      uint64
	today     time.Time
	communes  []*commune
	used      map[string]int  // numbers given out, by prefix
	taken     map[string]bool // numbers out of turn: of the demo population, imported
	household int64           // last id given out
	twins     *seen           // name and birth date of everybody so far
	r         *rand.Rand      // of the batch
	batchNo   uint64
}

// seen is a set of hashes, sized for a population.
type seen struct {
	slots []uint64
}

func newSeen(n int) *seen {
	size := 1024
	for size < 2*n {
		size *= 2
	}
	return &seen{slots: make([]uint64, size)}
}

// add tells whether the hash is new, and keeps it.
func (s *seen) add(hash uint64) bool {
	hash |= 1
	for i := hash >> 1; ; i++ {
		switch slot := &s.slots[i&uint64(len(s.slots)-1)]; *slot {
		case 0:
			*slot = hash
			return true
		case hash:
			return false
		}
	}
}

// fnv is FNV-1a over a name and a day: the same on every machine.
func fnv(name string, day int64) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	for range 4 {
		h = (h ^ uint64(day&0xff)) * 1099511628211
		day >>= 8
	}
	return h
}

// person makes up one person born on a day in a commune. No two people have the
// same name and birth date.
func (m *maker) person(male bool, born time.Time, home *commune, surname string) *human {
	h := &human{male: male, born: born, home: home, surname: surname, alive: true, marital: "single"}
	if surname == "" {
		list := surnamesNorth
		if home.south {
			list = surnamesSouth
		}
		h.surname = list.draw(m.r)
	}
	for try := 0; ; try++ {
		h.name = fullName(m.r, h.surname, male, born.Year(), try >= 20) // a day may have used up the short ones
		if m.twins.add(fnv(h.name, born.Unix()/86400)) {
			break
		}
	}
	return h
}

// number gives a person a personal number.
func (m *maker) number(h *human) error {
	sex := resident.Female
	if h.male {
		sex = resident.Male
	}
	prefix, err := resident.Prefix(h.home.birthCode(m.r, h.born.Year()), sex, h.born.Year())
	if err != nil {
		return err
	}
	for {
		n := m.used[prefix]
		if n == 1_000_000 {
			return fmt.Errorf("prefix %s: %w", prefix, resident.ErrNoNumberLeft)
		}
		m.used[prefix]++
		h.number = string(resident.Nth(prefix, n))
		if !m.taken[h.number] {
			return nil
		}
	}
}

// between draws a day from years..years+span after a day.
func (m *maker) between(from time.Time, years, span float64) time.Time {
	days := (years + m.r.Float64()*span) * 365.25
	return from.AddDate(0, 0, int(days))
}

// chance is true in p of 100 cases.
func (m *maker) chance(p int) bool { return m.r.IntN(100) < p }
