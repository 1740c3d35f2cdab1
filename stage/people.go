package stage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/workflow"
)

// actor is who a step is done by: a citizen by number, the applicant, or an
// officer who holds the role at the case's agency.
func (x *play) actor(ctx context.Context, p *procedures.Procedure, c *standing, by string) (agency.Actor, error) {
	if by == "applicant" {
		return x.citizen(ctx, c.Applicant)
	}
	if _, err := resident.ParseNumber(by); err == nil {
		return x.citizen(ctx, by)
	}
	role := p.Machine.Roles[workflow.Role(by)]
	if role == nil {
		return agency.Actor{}, fmt.Errorf("%s has no role %s", p.ID, by)
	}
	at := c.Competent
	if role.At == workflow.AtReceiving {
		at = c.Receiving
	}
	staff, err := x.agencies.Officers(ctx, at, by)
	if err != nil {
		return agency.Actor{}, err
	}
	if len(staff) == 0 {
		return agency.Actor{}, fmt.Errorf("nobody is %s at %s", by, at)
	}
	return staff[0].Actor(2), nil
}

func (x *play) citizen(ctx context.Context, number string) (agency.Actor, error) {
	values, err := x.person(ctx, number)
	if err != nil {
		return agency.Actor{}, err
	}
	name, _ := values["fullName"].(string)
	return agency.Actor{Kind: agency.Citizen, ID: number, Name: name, Level: 2}, nil
}

func (x *play) person(ctx context.Context, number string) (map[string]any, error) {
	r, err := (&resident.Source{DB: x.db}).Fetch(ctx, registry.Request{Kind: "person", Key: number,
		Purpose: registry.Purpose{Reader: "story", ReaderKind: "system", Text: "story", Basis: "law: story"}})
	if err != nil {
		return nil, err
	}
	if r.State != registry.Fetched {
		return nil, fmt.Errorf("nobody has the number %s", number)
	}
	return Plain(r.Values), nil
}

// columns are what a story may say otherwise of a person of the demonstration.
var columns = map[string]string{"birthDate": "birth_date", "alive": "alive", "restricted": "restricted", "nationality": "nationality",
	"fatherNumber": "father_number", "motherNumber": "mother_number"}

// PutPerson changes a person's record in the resident database for a story.
func PutPerson(ctx context.Context, db *pgxpool.Pool, number string, values map[string]any) error {
	for name, v := range values {
		column, ok := columns[name]
		if !ok {
			return fmt.Errorf("a story gives %s of a person, not %s", strings.Join(slices.Sorted(maps.Keys(columns)), ", "), name)
		}
		tag, err := db.Exec(ctx, `UPDATE residents SET `+column+` = $2 WHERE number = $1`, number, v)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fmt.Errorf("nobody has the number %s", number)
		}
	}
	return nil
}
