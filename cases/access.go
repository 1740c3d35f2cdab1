package cases

import (
	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/workflow"
)

// roleAt is the agency at which the case's officers of a role sit today: the
// receiving or the competent one, or who has taken over from it.
func (s *Service) roleAt(c *snapshot, role workflow.Role) agency.ID {
	if def := c.Procedure.Machine.Roles[role]; def != nil && def.At == workflow.AtReceiving {
		return s.cfg.Agencies.Heir(c.Receiving)
	}
	return s.cfg.Agencies.Heir(c.Competent)
}

// rolesOf are the machine's roles that the actor has in the case.
func (s *Service) rolesOf(a agency.Actor, c *snapshot) []workflow.Role {
	var roles []workflow.Role
	for name, def := range c.Procedure.Machine.Roles {
		switch {
		case def.Kind == "citizen":
			if a.Kind == agency.Citizen && a.ID == c.Applicant {
				roles = append(roles, name)
			}
		case a.Has(string(name), s.roleAt(c, name)):
			roles = append(roles, name)
		}
	}
	return roles
}

// seatFor is the agency for which the actor acts in the case in a role: that of
// the seat that gives the role, so that the event alone tells by which right it
// happened. Empty for all but officers.
func (s *Service) seatFor(a agency.Actor, c *snapshot, role workflow.Role) agency.ID {
	if at := s.roleAt(c, role); a.Has(string(role), at) {
		return at
	}
	return s.seatBy(a, c.Receiving, c.Competent)
}

// seatBy is the agency by which the actor knows of a case of two agencies; empty
// for all but officers, and for one who may not know of it.
func (s *Service) seatBy(a agency.Actor, receiving, competent agency.ID) agency.ID {
	for _, at := range []agency.ID{s.cfg.Agencies.Heir(competent), s.cfg.Agencies.Heir(receiving)} {
		if a.At(at) {
			return at
		}
	}
	if a.Kind != agency.Officer {
		return ""
	}
	for _, seat := range a.Seats { // a leader, of an agency above
		if r := (reach{agencies: s.reachOf([]agency.Seat{seat})}); r.has(competent) || r.has(receiving) {
			return seat.Agency
		}
	}
	return ""
}

// purpose says why an actor reads a register for a case.
func (s *Service) purpose(c *snapshot, a agency.Actor, text, basis string) registry.Purpose {
	return registry.Purpose{Reader: a.ID, ReaderKind: string(a.Kind), Agency: string(s.seatBy(a, c.Receiving, c.Competent)), Case: string(c.Code), Text: text, Basis: basis}
}
