package cases

import (
	"context"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/workflow"
)

// maySee is the one rule of who may know of a case: the citizen who filed it,
// whom it is about or addressed to, and the officers of its agencies.
func maySee(a agency.Actor, c *snapshot) bool {
	switch a.Kind {
	case agency.Citizen:
		return a.ID == c.Applicant || a.ID == c.Subject
	case agency.Officer:
		for _, seat := range a.Seats {
			if seat.Agency == c.Receiving || seat.Agency == c.Competent {
				return true
			}
		}
		return false
	case agency.System:
		return true
	}
	return false
}

// visible loads a case that the actor may see; ErrNotFound for all others.
func (s *Service) visible(ctx context.Context, a agency.Actor, code Code) (*snapshot, error) {
	c, err := s.snapshotByCode(ctx, code, uuid.Nil)
	if err != nil {
		return nil, err
	}
	if !maySee(a, c) {
		return nil, ErrNotFound
	}
	return c, nil
}

// rolesOf are the machine's roles that the actor has in the case.
func rolesOf(a agency.Actor, c *snapshot) []workflow.Role {
	var roles []workflow.Role
	for name, def := range c.Procedure.Machine.Roles {
		switch {
		case def.Kind == "citizen":
			if a.Kind == agency.Citizen && a.ID == c.Applicant {
				roles = append(roles, name)
			}
		case a.Kind != agency.Officer:
		case def.At == workflow.AtReceiving && a.Has(string(name), c.Receiving),
			def.At != workflow.AtReceiving && a.Has(string(name), c.Competent):
			roles = append(roles, name)
		}
	}
	return roles
}

// seatOf is the agency for which the actor acts in the case; empty for citizens.
func seatOf(a agency.Actor, c *snapshot) agency.ID {
	if a.Kind != agency.Officer {
		return ""
	}
	for _, seat := range a.Seats {
		if seat.Agency == c.Competent || seat.Agency == c.Receiving {
			return seat.Agency
		}
	}
	return ""
}

// purpose says why an actor reads a register for a case.
func (s *Service) purpose(c *snapshot, a agency.Actor, text, basis string) registry.Purpose {
	return registry.Purpose{Reader: a.ID, ReaderKind: string(a.Kind), Agency: string(seatOf(a, c)), Case: string(c.Code), Text: text, Basis: basis}
}
