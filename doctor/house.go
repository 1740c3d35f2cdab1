package doctor

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
)

// house is who sits where: small enough to be held in memory.
type house struct {
	heirs   map[agency.ID]agency.ID // who took an agency over
	parents map[agency.ID]agency.ID // of every agency; empty: none
	seats   map[string][]seat       // by officer
}

type seat struct {
	agency agency.ID
	role   string
	from   time.Time
	to     *time.Time // the first day on which it is no more; nil: open
}

func readHouse(ctx context.Context, db *pgxpool.Pool) (*house, error) {
	h := &house{heirs: map[agency.ID]agency.ID{}, parents: map[agency.ID]agency.ID{}, seats: map[string][]seat{}}
	rows, err := db.Query(ctx, `SELECT id, coalesce(succeeded_by, ''), coalesce(parent_id, '') FROM agencies`)
	if err != nil {
		return nil, err
	}
	var id, heir, parent agency.ID
	if _, err := pgx.ForEachRow(rows, []any{&id, &heir, &parent}, func() error {
		if h.parents[id] = parent; heir != "" {
			h.heirs[id] = heir
		}
		return nil
	}); err != nil {
		return nil, err
	}
	rows, err = db.Query(ctx, `SELECT officer_id, agency_id, role, valid_from, valid_to FROM officer_roles`)
	if err != nil {
		return nil, err
	}
	var officer string
	var s seat
	_, err = pgx.ForEachRow(rows, []any{&officer, &s.agency, &s.role, &s.from, &s.to}, func() error {
		h.seats[officer] = append(h.seats[officer], s)
		return nil
	})
	return h, err
}

// heir is the agency that does another's work now.
func (h *house) heir(of agency.ID) agency.ID {
	for range h.heirs {
		next, ok := h.heirs[of]
		if !ok {
			break
		}
		of = next
	}
	return of
}

// acts tells whether an agency is another one, or took it over.
func (h *house) acts(as, of agency.ID) bool {
	for range len(h.heirs) + 1 {
		if as == of {
			return true
		}
		next, ok := h.heirs[of]
		if !ok {
			return false
		}
		of = next
	}
	return false
}

// held tells whether an officer held a role at an agency, or at one that took it
// over, on the day of an instant in Hanoi.
func (h *house) held(officer, role string, of agency.ID, at time.Time) bool {
	day := at.In(calendar.Hanoi).Format(time.DateOnly)
	for _, s := range h.seats[officer] {
		if s.role == role && h.acts(s.agency, of) && s.from.Format(time.DateOnly) <= day && (s.to == nil || day < s.to.Format(time.DateOnly)) {
			return true
		}
	}
	return false
}
