package agency

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNoOfficer reports an id that no officer has.
var ErrNoOfficer = errors.New("no such officer")

// Staff is an officer as the agencies know them.
type Staff struct {
	ID     string
	Name   string
	Email  string
	Active bool   // may act at all
	Seats  []Seat // roles held today; none when not active
}

// Actor is the officer as one who acts, signed in at an assurance level.
func (s Staff) Actor(level int) Actor {
	return Actor{Kind: Officer, ID: s.ID, Name: s.Name, Level: level, Seats: s.Seats}
}

// Officer returns the officer with an id and the roles of today; the error
// wraps [ErrNoOfficer]. It asks the database each time.
func (d *Directory) Officer(ctx context.Context, id string) (Staff, error) {
	list, err := d.staff(ctx, "o.id = @id", pgx.NamedArgs{"id": id})
	if err == nil && len(list) == 0 {
		err = ErrNoOfficer
	}
	if err != nil {
		return Staff{}, fmt.Errorf("read officer %s: %w", id, err)
	}
	return list[0], nil
}

// Officers are the active officers who hold the role at the agency today, or
// any role when role is empty, by name. Their Seats are all that they hold.
func (d *Directory) Officers(ctx context.Context, at ID, role string) ([]Staff, error) {
	list, err := d.staff(ctx, `o.active AND EXISTS (
			SELECT FROM officer_roles h
			WHERE h.officer_id = o.id AND h.agency_id = @agency AND @role IN ('', h.role)
				AND h.valid_from <= @today AND (h.valid_to IS NULL OR h.valid_to > @today))`,
		pgx.NamedArgs{"agency": at, "role": role})
	if err != nil {
		return nil, fmt.Errorf("read officers of %s: %w", at, err)
	}
	return list, nil
}

func (d *Directory) staff(ctx context.Context, where string, args pgx.NamedArgs) ([]Staff, error) {
	args["today"] = d.today()
	rows, _ := d.cfg.DB.Query(ctx, `
		SELECT o.id, o.name, o.email, o.active, coalesce(r.agency_id, ''), coalesce(r.role, '')
		FROM officers o
		LEFT JOIN officer_roles r ON r.officer_id = o.id AND o.active
			AND r.valid_from <= @today AND (r.valid_to IS NULL OR r.valid_to > @today)
		WHERE `+where+`
		ORDER BY o.name, o.id, r.agency_id, r.role`, args)
	var list []Staff
	var one Staff
	var seat Seat
	_, err := pgx.ForEachRow(rows, []any{&one.ID, &one.Name, &one.Email, &one.Active, &seat.Agency, &seat.Role}, func() error {
		if len(list) == 0 || list[len(list)-1].ID != one.ID {
			list = append(list, one)
		}
		if seat.Agency != "" {
			last := &list[len(list)-1]
			last.Seats = append(last.Seats, seat)
		}
		return nil
	})
	return list, err
}

// SaveOfficer makes an officer or changes name, address and whether active.
// Roles are given and taken by [Grant] and [Revoke].
func SaveOfficer(ctx context.Context, db Querier, s Staff) error {
	_, err := db.Exec(ctx, `
		INSERT INTO officers (id, name, email, active)
		VALUES (@id, @name, @email, @active)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, active = excluded.active`,
		pgx.StrictNamedArgs{"id": s.ID, "name": s.Name, "email": s.Email, "active": s.Active})
	if err != nil {
		return fmt.Errorf("save officer %s: %w", s.ID, err)
	}
	return nil
}

// Grant gives an officer a role at an agency from a day on. A role held on that
// day already is kept as it is.
func Grant(ctx context.Context, db Querier, officer string, seat Seat, from time.Time) error {
	_, err := db.Exec(ctx, `
		INSERT INTO officer_roles (officer_id, agency_id, role, valid_from)
		SELECT @officer, @agency, @role, @from::date
		WHERE NOT EXISTS (
			SELECT FROM officer_roles
			WHERE officer_id = @officer AND agency_id = @agency AND role = @role
				AND valid_from <= @from::date AND (valid_to IS NULL OR valid_to > @from::date))`,
		pgx.StrictNamedArgs{"officer": officer, "agency": string(seat.Agency), "role": seat.Role, "from": from.Format(time.DateOnly)})
	if err != nil {
		return fmt.Errorf("grant %s at %s to %s: %w", seat.Role, seat.Agency, officer, err)
	}
	return nil
}

// Revoke takes a role from an officer from a day on; one that was to begin on
// that day or later never does.
func Revoke(ctx context.Context, db Querier, officer string, seat Seat, from time.Time) error {
	_, err := db.Exec(ctx, `
		WITH never AS (
			DELETE FROM officer_roles
			WHERE officer_id = @officer AND agency_id = @agency AND role = @role AND valid_from >= @from::date
		)
		UPDATE officer_roles
		SET valid_to = @from::date
		WHERE officer_id = @officer AND agency_id = @agency AND role = @role
			AND valid_from < @from::date AND (valid_to IS NULL OR valid_to > @from::date)`,
		pgx.StrictNamedArgs{"officer": officer, "agency": string(seat.Agency), "role": seat.Role, "from": from.Format(time.DateOnly)})
	if err != nil {
		return fmt.Errorf("revoke %s at %s from %s: %w", seat.Role, seat.Agency, officer, err)
	}
	return nil
}
