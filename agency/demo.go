package agency

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed data/units.csv
var demoUnits []byte

//go:embed data/demo-officers.csv
var demoOfficers []byte

// DemoOfficer is an officer of the demonstration, and where they sit.
type DemoOfficer struct {
	ID     string
	Name   string
	Email  string
	Role   string // reception, handler, approver, leader, operator, author
	Agency Agency
}

// demoSince is when the demonstration's officers took their seats.
var demoSince = time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)

type demo struct {
	units    []Unit
	officers []DemoOfficer
}

// readDemo reads the files that the binary carries, once.
var readDemo = sync.OnceValues(func() (demo, error) {
	units, err := ParseUnits(bytes.NewReader(demoUnits))
	if err != nil {
		return demo{}, fmt.Errorf("data/units.csv: %w", err)
	}
	agencies := map[ID]Agency{}
	for _, p := range posts {
		for _, u := range units {
			if p.at(u) {
				a := p.agencyAt(u)
				agencies[a.ID] = a
			}
		}
	}
	rows, err := csv.NewReader(bytes.NewReader(demoOfficers)).ReadAll()
	if err != nil {
		return demo{}, fmt.Errorf("data/demo-officers.csv: %w", err)
	}
	var officers []DemoOfficer
	for i, row := range rows[1:] { // id, name, email, role, agency
		a, ok := agencies[ID(row[4])]
		if !ok {
			return demo{}, fmt.Errorf("data/demo-officers.csv, line %d: no agency %s", i+2, row[4])
		}
		officers = append(officers, DemoOfficer{ID: row[0], Name: row[1], Email: row[2], Role: row[3], Agency: a})
	}
	return demo{units, officers}, nil
})

// DemoOfficers are the officers whom [LoadDemo] makes, for the sandbox's list
// of people who can sign in.
func DemoOfficers() ([]DemoOfficer, error) {
	d, err := readDemo()
	return slices.Clone(d.officers), err
}

// DemoUnits is the list of units that [LoadDemo] imports: all provinces, the
// communes of Hà Nội and Hồ Chí Minh, and a few of every other province. It
// needs no database.
func DemoUnits() (*Units, error) {
	d, err := readDemo()
	return NewUnits(d.units), err
}

// ImportShipped imports the units of [DemoUnits] with their agencies, and no
// officers. It returns how many units there are.
func ImportShipped(ctx context.Context, db *pgxpool.Pool) (int, error) {
	return ImportUnits(ctx, db, bytes.NewReader(demoUnits))
}

// LoadDemo imports the demonstration's units with their agencies and its
// officers with their roles. Done again it changes nothing that is there.
func LoadDemo(ctx context.Context, db *pgxpool.Pool) error {
	d, err := readDemo()
	if err != nil {
		return fmt.Errorf("load the demonstration's agencies: %w", err)
	}
	if _, err := ImportShipped(ctx, db); err != nil {
		return fmt.Errorf("load the demonstration's agencies: %w", err)
	}
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		for _, o := range d.officers {
			made, err := tx.Exec(ctx, `
				INSERT INTO officers (id, name, email)
				VALUES (@id, @name, @email)
				ON CONFLICT (id) DO NOTHING`,
				pgx.StrictNamedArgs{"id": o.ID, "name": o.Name, "email": o.Email})
			if err != nil {
				return err
			}
			if made.RowsAffected() == 0 {
				continue // a role that somebody took away stays away
			}
			if err := Grant(ctx, tx, o.ID, Seat{Agency: o.Agency.ID, Role: o.Role}, demoSince); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("load the demonstration's officers: %w", err)
	}
	return nil
}
