package cases

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/procedures"
)

// reach is whose cases an actor may know of today. It is the one rule: maySee
// asks it of a case in memory, seesSQL of a row, the policy on the table cases
// of every row that is read on somebody's behalf. Tests hold the three together.
//
//   - A citizen: the cases that they filed or that are addressed to them, and
//     those about them.
//   - An officer with any role at an agency: the cases that it receives or
//     decides, and those of the agencies whose work it has taken over.
//   - A leader: those of the agencies below as well, to read.
//   - An author of definitions: none by that seat.
//
// Of the case above or below a sub-case its readers see the link, what is shared
// and what was issued, by the statements of [Service.parts]; they cannot open it.
type reach struct {
	all      bool        // the system
	citizen  string      // personal number; empty: not a citizen
	agencies []agency.ID // sorted
}

func (s *Service) reach(a agency.Actor) reach {
	switch a.Kind {
	case agency.System:
		return reach{all: true}
	case agency.Citizen:
		return reach{citizen: a.ID}
	case agency.Officer:
		return reach{agencies: s.reachOf(a.Seats)}
	}
	return reach{}
}

// reachOf are the agencies whose cases are seen from some seats.
func (s *Service) reachOf(seats []agency.Seat) []agency.ID {
	var out []agency.ID
	for _, seat := range seats {
		if seat.Role == agency.Author {
			continue
		}
		out = append(out, s.cfg.Agencies.WorkOf(seat.Agency)...)
		if seat.Role == agency.Leader {
			out = append(out, s.cfg.Agencies.Below(seat.Agency)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (r reach) sees(applicant, subject string, receiving, competent agency.ID) bool {
	if r.citizen != "" {
		return r.citizen == applicant || r.citizen == subject
	}
	return r.all || r.has(receiving) || r.has(competent)
}

func (r reach) has(id agency.ID) bool {
	_, ok := slices.BinarySearch(r.agencies, id)
	return ok
}

// maySee tells whether the actor may know of the case.
func (s *Service) maySee(a agency.Actor, c *snapshot) bool {
	return s.reach(a).sees(c.Applicant, c.Subject, c.Receiving, c.Competent)
}

// seesSQL is the rule as a condition on the row c of cases. It takes @citizen
// and @agencies as args gives them; nothing is seen by the system this way.
const seesSQL = `(c.applicant = @citizen OR c.subject = @citizen
	OR c.competent = ANY (@agencies::text[]) OR c.receiving = ANY (@agencies::text[]))`

// args are the arguments of seesSQL, ready for those of the statement.
func (r reach) args() pgx.NamedArgs {
	return pgx.NamedArgs{"citizen": r.citizen, "agencies": agencyTexts(r.agencies)}
}

// wall puts what the batch does next, up to the end of its transaction, behind
// the second wall: PostgreSQL shows the reader's rows alone, whatever is asked
// for. 00094_create_roles.sql has the policies. It costs no round trip.
//
// A statement that is also run outside of the wall should differ in its text:
// its plan belongs to the role.
func (r reach) wall(batch *pgx.Batch) {
	batch.Queue(`SELECT set_config('hoso.citizen', $1, true), set_config('hoso.agencies', $2::text[]::text, true), set_config('role', 'hoso_reader', true)`,
		r.citizen, agencyTexts(r.agencies))
}

// sender is a pool or a transaction.
type sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// behind runs one query behind the wall and collects its rows, in one round
// trip. The system reads as it works, outside.
func behind[T any](ctx context.Context, db sender, r reach, collect func(pgx.Rows) (T, error), sql string, args ...any) (out T, err error) {
	batch := &pgx.Batch{}
	if !r.all {
		r.wall(batch)
	}
	queue(batch, &out, collect, sql, args...)
	return out, db.SendBatch(ctx, batch).Close()
}

// visible loads a case that the actor may see; ErrNotFound for all others.
func (s *Service) visible(ctx context.Context, a agency.Actor, code Code) (*snapshot, error) {
	if !code.plausible() {
		return nil, ErrNotFound
	}
	c, err := s.visibleBy(ctx, a, `c.id = (SELECT case_id FROM case_codes WHERE code = $1)`+toBeRead, code)
	if errors.Is(err, ErrNotFound) {
		err = s.archivedOr(ctx, a, code, err)
	}
	return c, err
}

// visibleBy is visible by a condition on the case.
func (s *Service) visibleBy(ctx context.Context, a agency.Actor, where string, key any) (*snapshot, error) {
	var (
		r    = s.reach(a)
		hash procedures.Hash
	)
	c, err := behind(ctx, s.cfg.DB, r, func(rows pgx.Rows) (c *snapshot, err error) {
		if !rows.Next() {
			return nil, cmp.Or(rows.Err(), ErrNotFound)
		}
		c, hash, err = readSnapshot(rows)
		return c, err
	}, snapshotSQL+where, key, uuid.Nil)
	if err == nil && !r.sees(c.Applicant, c.Subject, c.Receiving, c.Competent) {
		err = ErrNotFound
	}
	if errors.Is(err, ErrNotFound) {
		err = s.unseen(ctx, a, where, key)
	}
	if err == nil {
		c.Procedure, err = s.definition(ctx, hash)
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func agencyTexts(ids []agency.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}
