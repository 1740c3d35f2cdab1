package doctor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
)

// sightLimit is how many cases of one actor are compared one by one.
const sightLimit = 200

// checkSight is invariant 29: sampled actors are asked for their cases by every
// way that there is, and each has to show what the rule says, written here anew.
func checkSight(ctx context.Context, x *examiner) error {
	if x.opts.Cases == nil {
		x.unable(29, "no service is given to ask")
		return nil
	}
	actors, err := x.actors(ctx)
	if err != nil {
		return err
	}
	for _, a := range actors {
		want, err := x.allowed(ctx, a)
		if err != nil {
			return err
		}
		x.saw(29, 1)
		parts, err := x.parts(ctx, a)
		if err != nil {
			return err
		}
		for name, ask := range ways {
			if a.Kind == agency.Citizen && name == "export" || name == "feed" && len(want) > sightLimit {
				continue
			}
			got, err := ask(ctx, x.opts.Cases, a, want)
			if err != nil {
				return fmt.Errorf("%s of an actor of kind %s: %w", name, a.Kind, err)
			}
			want := want
			if name == "list" { // parts stand on the page of the case that they are a part of
				part := func(c cases.Code) bool { return slices.Contains(parts, c) }
				want, got = slices.DeleteFunc(slices.Clone(want), part), slices.DeleteFunc(got, part)
			}
			if missing, more := differ(want, got); missing+more > 0 {
				x.bad(29, first(want, got), "an actor of kind %s sees by %s %d cases too few and %d too many", a.Kind, name, missing, more)
			}
		}
		if err := x.strangers(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// actors are some officers, and some citizens who have cases.
func (x *examiner) actors(ctx context.Context) ([]agency.Actor, error) {
	var out []agency.Actor
	today := x.now.In(calendar.Hanoi).Format(time.DateOnly)
	rows, err := x.db.Query(ctx, `
		SELECT r.officer_id, array_agg(r.agency_id ORDER BY r.agency_id, r.role), array_agg(r.role ORDER BY r.agency_id, r.role)
		FROM officer_roles r
		JOIN officers o ON o.id = r.officer_id AND o.active
		WHERE r.valid_from <= $1::date AND (r.valid_to IS NULL OR r.valid_to > $1::date)
			AND EXISTS (SELECT FROM cases c WHERE c.competent = r.agency_id OR c.receiving = r.agency_id)
		GROUP BY r.officer_id
		ORDER BY md5(r.officer_id)
		LIMIT $2`, today, x.opts.Actors)
	if err != nil {
		return nil, err
	}
	var id string
	var at []agency.ID
	var roles []string
	if _, err := pgx.ForEachRow(rows, []any{&id, &at, &roles}, func() error {
		a := agency.Actor{Kind: agency.Officer, ID: id, Name: id, Level: 2}
		for i := range at {
			a.Seats = append(a.Seats, agency.Seat{Agency: at[i], Role: roles[i]})
		}
		out = append(out, a)
		return nil
	}); err != nil {
		return nil, err
	}
	rows, err = x.db.Query(ctx, `SELECT applicant FROM (SELECT DISTINCT applicant FROM (SELECT applicant FROM cases LIMIT 100000) AS few) AS c ORDER BY md5(applicant) LIMIT $1`, x.opts.Actors)
	if err != nil {
		return nil, err
	}
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error {
		out = append(out, agency.Actor{Kind: agency.Citizen, ID: id, Level: 2})
		return nil
	})
	return out, err
}

// allowed are the codes that an actor may see: a citizen what they filed and what
// is about them, an officer what an agency of theirs, or one that it took over,
// receives or decides.
func (x *examiner) allowed(ctx context.Context, a agency.Actor) ([]cases.Code, error) {
	var agencies []string
	for of := range x.house.parents {
		if x.house.reaches(a, of) {
			agencies = append(agencies, string(of))
		}
	}
	citizen := ""
	if a.Kind == agency.Citizen {
		citizen = a.ID
	}
	rows, err := x.db.Query(ctx, `
		SELECT code
		FROM cases
		WHERE applicant = $1 OR subject = $1 OR competent = ANY ($2) OR receiving = ANY ($2)
		ORDER BY code`, citizen, agencies)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[cases.Code])
}

// reaches tells whether an officer sees the cases of an agency: they sit at the
// one that does its work now, or lead one above it.
func (h *house) reaches(a agency.Actor, of agency.ID) bool {
	at := h.heir(of)
	if a.At(at) {
		return true
	}
	for up, n := h.parents[at], 0; up != "" && n < len(h.parents); up, n = h.parents[up], n+1 {
		if up = h.heir(up); a.Has(agency.Leader, up) {
			return true
		}
	}
	return false
}

// parts are the sub-cases of cases that a citizen sees anyway.
func (x *examiner) parts(ctx context.Context, a agency.Actor) ([]cases.Code, error) {
	if a.Kind != agency.Citizen {
		return nil, nil
	}
	rows, err := x.db.Query(ctx, `
		SELECT c.code
		FROM cases c
		JOIN cases p ON p.id = c.parent_id
		WHERE (c.applicant = $1 OR c.subject = $1) AND (p.applicant = $1 OR p.subject = $1)`, a.ID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[cases.Code])
}

// ways are those by which an actor gets to see cases. want is what they should
// see: the item is asked for one by one.
var ways = map[string]func(ctx context.Context, s *cases.Service, a agency.Actor, want []cases.Code) ([]cases.Code, error){
	"list": func(ctx context.Context, s *cases.Service, a agency.Actor, _ []cases.Code) ([]cases.Code, error) {
		var out []cases.Code
		cursor := ""
		for {
			if a.Kind == agency.Citizen {
				list, next, err := s.Mine(ctx, a, "", cursor, 100)
				if err != nil {
					return nil, err
				}
				for _, c := range list {
					out = append(out, c.Code)
				}
				cursor = next
			} else {
				w, err := s.Worklist(ctx, a, cases.WorklistQuery{Tab: cases.TabAll, Cursor: cursor, Limit: 100})
				if err != nil {
					return nil, err
				}
				for _, c := range w.Rows {
					out = append(out, c.Code)
				}
				if cursor = w.Next; cursor == "" && !w.Counts[cases.TabAll].More && w.Counts[cases.TabAll].N != len(out) {
					return nil, fmt.Errorf("%d cases are counted and %d listed", w.Counts[cases.TabAll].N, len(out))
				}
			}
			if cursor == "" {
				return out, nil
			}
		}
	},
	"export": func(ctx context.Context, s *cases.Service, a agency.Actor, _ []cases.Code) ([]cases.Code, error) {
		var out []cases.Code
		e, err := s.Export(ctx, a, cases.WorklistQuery{Tab: cases.TabAll})
		if err != nil {
			return nil, err
		}
		_, err = e.Each(ctx, func(rows []cases.WorkRow) error {
			for _, c := range rows {
				out = append(out, c.Code)
			}
			return nil
		})
		return out, err
	},
	"feed": func(ctx context.Context, s *cases.Service, a agency.Actor, _ []cases.Code) ([]cases.Code, error) {
		seen := map[cases.Code]bool{}
		for after, more := "", true; more; {
			f, err := s.Events(ctx, a, after, 100)
			if err != nil {
				return nil, err
			}
			for _, e := range f.Events {
				seen[e.Case] = true
			}
			after, more = f.Next, f.More
		}
		return slices.Collect(maps.Keys(seen)), nil
	},
	"item": func(ctx context.Context, s *cases.Service, a agency.Actor, want []cases.Code) ([]cases.Code, error) {
		out := slices.Clone(want[min(len(want), sightLimit):])
		for _, code := range want[:min(len(want), sightLimit)] {
			switch _, err := s.Get(ctx, a, code); {
			case err == nil:
				out = append(out, code)
			case !errors.Is(err, cases.ErrNotFound):
				return nil, err
			}
		}
		return out, nil
	},
}

// strangers asks for cases that an actor may not see.
func (x *examiner) strangers(ctx context.Context, a agency.Actor) error {
	allowed, err := x.allowed(ctx, a)
	if err != nil {
		return err
	}
	rows, err := x.db.Query(ctx, `SELECT code FROM cases WHERE code <> ALL ($1) ORDER BY md5(code || $2) LIMIT 5`, allowed, a.ID)
	if err != nil {
		return err
	}
	others, err := pgx.CollectRows(rows, pgx.RowTo[cases.Code])
	if err != nil {
		return err
	}
	for _, code := range others {
		if _, err := x.opts.Cases.Get(ctx, a, code); err == nil {
			x.bad(29, code, "an actor of kind %s opens a case that is not theirs to see", a.Kind)
		} else if !errors.Is(err, cases.ErrNotFound) {
			return err
		}
	}
	return nil
}

// differ counts what is missing in got and what is too much.
func differ(want, got []cases.Code) (missing, more int) {
	have := map[cases.Code]bool{}
	for _, c := range got {
		have[c] = true
	}
	for _, c := range want {
		if !have[c] {
			missing++
		}
		delete(have, c)
	}
	return missing, len(have)
}

// first is a code in which two sets differ.
func first(want, got []cases.Code) cases.Code {
	for _, pair := range [][2][]cases.Code{{want, got}, {got, want}} {
		for _, c := range pair[0] {
			if !slices.Contains(pair[1], c) {
				return c
			}
		}
	}
	return ""
}
