package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/resident/population"
)

// people are residents who file and whom cases are about: each fifth of all, so
// that one has five cases of her own when there are as many cases as residents.
type people struct {
	numbers strings.Builder // twelve digits each
	names   strings.Builder
	ends    []uint32 // of the names
}

const (
	everyFifth = 5
	digits     = 12
)

// readPeople reads them.
func readPeople(ctx context.Context, db *pgxpool.Pool) (*people, error) {
	p := &people{}
	rows, _ := db.Query(ctx, "SELECT number, full_name FROM residents WHERE alive")
	var number, name string
	n := 0
	_, err := pgx.ForEachRow(rows, []any{&number, &name}, func() error {
		if n++; n%everyFifth == 0 {
			p.numbers.WriteString(number)
			p.names.WriteString(name)
			p.ends = append(p.ends, uint32(p.names.Len()))
		}
		return nil
	})
	if err == nil && len(p.ends) < 2 {
		err = fmt.Errorf("%d residents are too few to file cases", n)
	}
	return p, err
}

func (p *people) at(i int) person {
	from := uint32(0)
	if i > 0 {
		from = p.ends[i-1]
	}
	return person{p.numbers.String()[i*digits : (i+1)*digits], p.names.String()[from:p.ends[i]]}
}

// pair draws who files a case and whom it is about.
func (p *people) pair(r *rand.Rand) (applicant, subject person) {
	return p.at(r.IntN(len(p.ends))), p.at(r.IntN(len(p.ends)))
}

// residentTables are filled without their indexes when many people come.
var residentTables = []string{"residents", "identity_documents", "residences", "households", "household_members"}

// manyPeople is from how many on it is faster to make the indexes anew.
const manyPeople = 100_000

// addPeople makes up n residents.
func addPeople(ctx context.Context, db *pgxpool.Pool, n int, units []agency.Unit, tell *teller) error {
	tell.begin("residents", n)
	generate := func() error {
		_, err := population.Generate(ctx, db, population.Config{People: n, Units: units, Workers: atOnce, Progress: tell.at})
		return err
	}
	if n < manyPeople {
		return generate()
	}
	return withoutIndexes(ctx, db, residentTables, generate)
}
