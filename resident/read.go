package resident

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/registry"
)

// iso is how dates stand in records.
const iso = time.DateOnly

// Person reads the record of kind person. The log of reads names the fields
// given out; a number that nobody has is logged too, with the field none.
func Person(ctx context.Context, tx pgx.Tx, p registry.Purpose, number string, now time.Time) (registry.Record, error) {
	rec := record("person", number, now)
	values, version, asOf, err := personValues(ctx, tx, number, now)
	if err != nil {
		return rec, fmt.Errorf("read a person: %w", err)
	}
	fields := []string{"none"}
	if values != nil {
		rec.State, rec.Values, rec.Version, rec.AsOf = registry.Fetched, values, strconv.FormatInt(version, 10), asOf
		fields = slices.Collect(maps.Keys(values))
	}
	if err := audit.Read(ctx, tx, entry(p, number, now, fields...)); err != nil {
		return rec, err
	}
	return rec, nil
}

// Contact reads the record of kind contact: phone and e-mail of a person. The
// log of reads names just these.
func Contact(ctx context.Context, tx pgx.Tx, p registry.Purpose, number string, now time.Time) (registry.Record, error) {
	rec := record(ContactKind, number, now)
	var (
		phone, email *string
		version      int64
	)
	err := tx.QueryRow(ctx, `
		SELECT phone, email, version, updated_at
		FROM residents
		WHERE number = $1`, number).Scan(&phone, &email, &version, &rec.AsOf)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return rec, fmt.Errorf("read how to reach a person: %w", err)
	default:
		rec.State, rec.Version, rec.Values = registry.Fetched, strconv.FormatInt(version, 10), map[string]any{}
		if phone != nil {
			rec.Values["phone"] = *phone
		}
		if email != nil {
			rec.Values["email"] = *email
		}
	}
	return rec, audit.Read(ctx, tx, entry(p, number, now, "phone", "email"))
}

// Card reads the record of kind identityCard: number, issuedOn and expiresOn of
// the card that a person holds; without expiresOn it never expires. Who holds
// none has an empty record. The log of reads names the card alone.
func Card(ctx context.Context, tx pgx.Tx, p registry.Purpose, number string, now time.Time) (registry.Record, error) {
	rec := record(CardKind, number, now)
	var (
		card    string
		version int64
		issued  time.Time
		expires *time.Time
	)
	err := tx.QueryRow(ctx, `
		SELECT d.number, d.issued_on, d.expires_on, r.version, r.updated_at
		FROM residents r
		JOIN identity_documents d ON d.resident = r.number AND d.kind = 'identity-card' AND d.revoked_on IS NULL
		WHERE r.number = $1`, number).Scan(&card, &issued, &expires, &version, &rec.AsOf)
	field := "identityCard"
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		field = "none"
	case err != nil:
		return rec, fmt.Errorf("read an identity card: %w", err)
	default:
		rec.State, rec.Version = registry.Fetched, strconv.FormatInt(version, 10)
		rec.Values = map[string]any{"number": card, "issuedOn": issued.Format(iso)}
		if expires != nil {
			rec.Values["expiresOn"] = expires.Format(iso)
		}
	}
	return rec, audit.Read(ctx, tx, entry(p, number, now, field))
}

// personValues reads one person without logging it; values are nil when there
// is none.
func personValues(ctx context.Context, tx pgx.Tx, number string, now time.Time) (values map[string]any, version int64, asOf time.Time, err error) {
	var r struct {
		name, sex, ethnicity, nationality, marital                           string
		birth                                                                time.Time
		religion, phone, email, father, mother, spouse, relation, cardNumber *string
		home, birthPlace                                                     *agency.Address
		alive, restricted, digital                                           bool
		household                                                            *int64
		issued, expires, died, until                                         *time.Time
		absentFrom, absentUntil                                              *time.Time
		places                                                               map[string]agency.Address
	}
	err = tx.QueryRow(ctx, `
		SELECT r.full_name, r.birth_date, r.sex, r.ethnicity, r.religion, r.nationality, r.home_place, r.birth_place,
			r.phone, r.email, r.marital_status, r.spouse_number, r.father_number, r.mother_number,
			r.alive, r.restricted, r.digital_citizen, r.version, r.updated_at,
			m.household, m.relation, d.number, d.issued_on, d.expires_on, r.died_on, t.until, w.since, w.until,
			(SELECT jsonb_object_agg(a.kind, jsonb_build_object('province', a.province, 'commune', a.commune, 'line', a.line))
				FROM residences a
				WHERE a.resident = r.number AND NOT isempty(a.valid) AND (upper_inf(a.valid) OR upper(a.valid) > @today))
		FROM residents r
		LEFT JOIN household_members m ON m.resident = r.number AND upper_inf(m.valid)
		LEFT JOIN LATERAL (
			SELECT number, issued_on, expires_on
			FROM identity_documents
			WHERE resident = r.number AND kind = 'identity-card' AND revoked_on IS NULL) d ON true
		LEFT JOIN LATERAL (
			SELECT upper(valid) - 1 AS until
			FROM residences
			WHERE resident = r.number AND kind = 'temporary' AND NOT isempty(valid) AND upper(valid) > @today
			LIMIT 1) t ON true
		LEFT JOIN LATERAL (
			SELECT lower(valid) AS since, upper(valid) - 1 AS until
			FROM absences
			WHERE resident = r.number AND NOT isempty(valid) AND (upper_inf(valid) OR upper(valid) > @today)
			ORDER BY valid
			LIMIT 1) w ON true
		WHERE r.number = @number`, pgx.StrictNamedArgs{"number": number, "today": dayOf(now)}).Scan(
		&r.name, &r.birth, &r.sex, &r.ethnicity, &r.religion, &r.nationality, &r.home, &r.birthPlace,
		&r.phone, &r.email, &r.marital, &r.spouse, &r.father, &r.mother,
		&r.alive, &r.restricted, &r.digital, &version, &asOf,
		&r.household, &r.relation, &r.cardNumber, &r.issued, &r.expires, &r.died, &r.until, &r.absentFrom, &r.absentUntil, &r.places)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, 0, asOf, nil
	}
	if err != nil {
		return nil, 0, asOf, err
	}
	v := map[string]any{"number": number, "fullName": r.name, "birthDate": r.birth.Format(iso), "sex": r.sex, "ethnicity": r.ethnicity,
		"nationality": r.nationality, "maritalStatus": r.marital, "alive": r.alive, "restricted": r.restricted, "digitalCitizen": r.digital}
	for name, text := range map[string]*string{"religion": r.religion, "phone": r.phone, "email": r.email, "spouseNumber": r.spouse,
		"fatherNumber": r.father, "motherNumber": r.mother, "householdRelation": r.relation} {
		if text != nil {
			v[name] = *text
		}
	}
	for name, a := range map[string]*agency.Address{"homePlace": r.home, "birthPlace": r.birthPlace} {
		if a != nil {
			v[name] = a.Map()
		}
	}
	for kind, a := range r.places {
		v[kind+"Address"] = a.Map()
	}
	if r.household != nil {
		v["householdId"] = strconv.FormatInt(*r.household, 10)
	}
	if r.cardNumber != nil {
		card := map[string]any{"number": *r.cardNumber, "issuedOn": r.issued.Format(iso)}
		if r.expires != nil {
			card["expiresOn"] = r.expires.Format(iso)
		}
		v["identityCard"] = card
	}
	for name, d := range map[string]*time.Time{"deathDate": r.died, "temporaryUntil": r.until} {
		if d != nil {
			v[name] = d.Format(iso)
		}
	}
	if r.absentFrom != nil {
		absence := map[string]any{"from": r.absentFrom.Format(iso)}
		if r.absentUntil != nil {
			absence["until"] = r.absentUntil.Format(iso)
		}
		v["absence"] = absence
	}
	return v, version, asOf, nil
}

// someone is a person in a list.
type someone struct {
	Number    string
	FullName  string
	BirthDate time.Time
	Sex       string
	Relation  *string
	UpdatedAt time.Time
}

func (s someone) record() map[string]any {
	v := map[string]any{"number": s.Number, "fullName": s.FullName, "birthDate": s.BirthDate.Format(iso), "sex": s.Sex}
	if s.Relation != nil {
		v["relation"] = *s.Relation
	}
	return v
}

// Children reads the record of kind children: the living children of a parent,
// eldest first. Each child's read is logged.
func Children(ctx context.Context, tx pgx.Tx, p registry.Purpose, parent string, now time.Time) (registry.Record, error) {
	rec := record("children", parent, now)
	rows, _ := tx.Query(ctx, `
		SELECT number, full_name, birth_date, sex, NULL::text AS relation, updated_at
		FROM residents
		WHERE (father_number = @parent OR mother_number = @parent) AND alive
		ORDER BY birth_date, number`, pgx.StrictNamedArgs{"parent": parent})
	children, err := pgx.CollectRows(rows, pgx.RowToStructByName[someone])
	if err != nil {
		return rec, fmt.Errorf("read children: %w", err)
	}
	entries := []audit.Entry{entry(p, parent, now, "children")}
	list := []any{}
	for _, c := range children {
		list = append(list, c.record())
		entries = append(entries, entry(p, c.Number, now, "number", "fullName", "birthDate", "sex"))
		rec.AsOf = later(rec.AsOf, c.UpdatedAt)
	}
	if len(children) > 0 {
		if err := fill(&rec, map[string]any{"list": list}); err != nil {
			return rec, err
		}
	}
	return rec, audit.Read(ctx, tx, entries...)
}

// Household reads the record of kind household: an open household, its head and
// its members, the head first and then by age. Each member's read is logged.
func Household(ctx context.Context, tx pgx.Tx, p registry.Purpose, id string, now time.Time) (registry.Record, error) {
	rec := record("household", id, now)
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return rec, nil // no household has such an id
	}
	var head, headName string
	var a agency.Address
	err = tx.QueryRow(ctx, `
		SELECT h.head, r.full_name, h.province, h.commune, h.line, h.updated_at
		FROM households h
		JOIN residents r ON r.number = h.head
		WHERE h.id = $1 AND h.closed_at IS NULL`, n).Scan(&head, &headName, &a.Province, &a.Commune, &a.Line, &rec.AsOf)
	if errors.Is(err, pgx.ErrNoRows) {
		return rec, nil
	}
	if err != nil {
		return rec, fmt.Errorf("read a household: %w", err)
	}
	rows, _ := tx.Query(ctx, `
		SELECT r.number, r.full_name, r.birth_date, r.sex, m.relation, r.updated_at
		FROM household_members m
		JOIN residents r ON r.number = m.resident
		WHERE m.household = @id AND upper_inf(m.valid)
		ORDER BY r.number <> @head, r.birth_date, r.number`, pgx.StrictNamedArgs{"id": n, "head": head})
	members, err := pgx.CollectRows(rows, pgx.RowToStructByName[someone])
	if err != nil {
		return rec, fmt.Errorf("read a household: %w", err)
	}
	list := []any{}
	var entries []audit.Entry
	for _, m := range members {
		list = append(list, m.record())
		entries = append(entries, entry(p, m.Number, now, "number", "fullName", "birthDate", "sex", "householdRelation", "permanentAddress"))
	}
	if err := fill(&rec, map[string]any{"id": id, "headNumber": head, "headName": headName, "address": a.Map(), "members": list, "count": int64(len(members))}); err != nil {
		return rec, err
	}
	return rec, audit.Read(ctx, tx, entries...)
}

// HomeOf reads the record of kind homeOf: the open households at a dwelling and
// how many people are permanently registered there. The read of each head is
// logged; a dwelling where nobody is registered is an Empty record.
func HomeOf(ctx context.Context, tx pgx.Tx, p registry.Purpose, a agency.Address, now time.Time) (registry.Record, error) {
	rec := record("homeOf", a.Key(), now)
	var count int64
	if err := tx.QueryRow(ctx, `
		SELECT count(*)
		FROM residences
		WHERE address_key = $1 AND kind = 'permanent' AND upper_inf(valid)`, a.Key()).Scan(&count); err != nil {
		return rec, fmt.Errorf("read who is registered at a dwelling: %w", err)
	}
	rows, err := tx.Query(ctx, `
		SELECT h.id, h.head, r.full_name, h.updated_at
		FROM households h
		JOIN residents r ON r.number = h.head
		WHERE h.address_key = $1 AND h.closed_at IS NULL
		ORDER BY h.id`, a.Key())
	if err != nil {
		return rec, fmt.Errorf("read who is registered at a dwelling: %w", err)
	}
	list := []any{}
	var entries []audit.Entry
	var id int64
	var head, name string
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &head, &name, &at}, func() error {
		list = append(list, map[string]any{"id": strconv.FormatInt(id, 10), "headNumber": head, "headName": name})
		entries = append(entries, entry(p, head, now, "number", "fullName", "permanentAddress"))
		rec.AsOf = later(rec.AsOf, at)
		return nil
	})
	if err != nil {
		return rec, fmt.Errorf("read who is registered at a dwelling: %w", err)
	}
	if count == 0 && len(list) == 0 {
		return rec, nil
	}
	if err := fill(&rec, map[string]any{"households": list, "permanentCount": count}); err != nil {
		return rec, err
	}
	return rec, audit.Read(ctx, tx, entries...)
}

// fill puts values into a record, with a version that follows from them.
func fill(rec *registry.Record, values map[string]any) (err error) {
	rec.State, rec.Values = registry.Fetched, values
	rec.Version, err = contentVersion(values)
	return err
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
