package resident

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
)

// temporaryValues are the values of a register-temporary.
type temporaryValues struct {
	People []string       `json:"people"`
	To     agency.Address `json:"to"`
	Until  string         `json:"until"` // last day, ISO
}

// extendValues are the values of an extend-temporary.
type extendValues struct {
	People []string `json:"people"`
	Until  string   `json:"until"` // last day, ISO
}

// endValues are the values of an end-temporary.
type endValues struct {
	People []string `json:"people"`
}

// longestTemporary is for how many years one registration or extension lasts at most.
//
// Source: Law on Residence 68/2020/QH14, Art. 27(2).
const longestTemporary = 2

// tenancy is the temporary registration of a person that has not ended.
type tenancy struct {
	Resident    string
	Province    string
	Commune     string
	AddressKey  string
	Valid       string
	Until       *time.Time // last day; nil: until further notice
	HomeCommune *string    // of the permanent address; nil: none
}

// tenancies are those of people, by number; a person without one has only the
// commune of the permanent address.
func (a *applier) tenancies(ctx context.Context, people []string) (map[string]tenancy, error) {
	rows, _ := a.tx.Query(ctx, `
		SELECT n AS resident, coalesce(t.province, '') AS province, coalesce(t.commune, '') AS commune, coalesce(t.address_key, '') AS address_key,
			coalesce(t.valid::text, '') AS valid, upper(t.valid) - 1 AS until, p.commune AS home_commune
		FROM unnest(@people::bpchar[]) AS u (n)
		LEFT JOIN residences t ON t.resident = n AND t.kind = 'temporary' AND NOT isempty(t.valid) AND (upper_inf(t.valid) OR upper(t.valid) > @today)
		LEFT JOIN residences p ON p.resident = n AND p.kind = 'permanent' AND upper_inf(p.valid)`,
		pgx.StrictNamedArgs{"people": people, "today": a.today})
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[tenancy])
	m := map[string]tenancy{}
	for _, t := range list {
		m[t.Resident] = t
	}
	return m, err
}

// registerTemporary registers people temporarily: one temporary address at a
// time, which is the present one too. Household and permanent address stay.
//
// Source: Law on Residence 68/2020/QH14, Art. 27 and 28.
func (a *applier) registerTemporary(ctx context.Context, v temporaryValues) (map[string]any, error) {
	until, err := day("until", v.Until)
	if err != nil {
		return nil, err
	}
	l, err := lock(ctx, a.tx, v.People)
	if err != nil {
		return nil, err
	}
	have, err := a.tenancies(ctx, v.People)
	if err != nil {
		return nil, err
	}
	if err := a.mayStayTemporarily(l, v, until, have); err != nil {
		return nil, err
	}
	return map[string]any{"temporaryAddress": v.To.Map(), "temporaryUntil": v.Until}, a.pictured(ctx, v.People, func() error {
		if err := a.endKinds(ctx, v.People, []string{"temporary", "present"}, ""); err != nil {
			return err
		}
		return a.reside(ctx, v.People, v.To, map[string]*time.Time{"temporary": &until, "present": nil})
	})
}

func (a *applier) mayStayTemporarily(l *locked, v temporaryValues, until time.Time, have map[string]tenancy) error {
	if err := l.living(v.People); err != nil {
		return err
	}
	if err := whole(v.To); err != nil {
		return err
	}
	if err := notBefore(until, a.today); err != nil {
		return err
	}
	if until.After(a.today.AddDate(longestTemporary, 0, 0)) {
		return tooLong()
	}
	for _, n := range v.People {
		switch t := have[n]; {
		case t.HomeCommune != nil && *t.HomeCommune == v.To.Commune: // Art. 27(1)
			return refuse("same-commune", "%s đăng ký thường trú trong chính xã, phường, đặc khu này nên không đăng ký tạm trú",
				"%s is permanently registered in this very commune: no temporary registration there", l.people[n].name)
		case t.AddressKey == v.To.Key():
			return refuse("already-there", "%s đang đăng ký tạm trú tại địa chỉ này; đề nghị gia hạn", "%s is temporarily registered at this address: extend it instead", l.people[n].name)
		}
	}
	return nil
}

func tooLong() error {
	return refuse("too-long", "Thời hạn tạm trú tối đa %d năm", "a temporary registration lasts %d years at most", longestTemporary)
}

// extendTemporary moves the end of a temporary registration.
//
// Source: Law on Residence 68/2020/QH14, Art. 27(2) and 28(3).
func (a *applier) extendTemporary(ctx context.Context, v extendValues) (map[string]any, error) {
	until, err := day("until", v.Until)
	if err != nil {
		return nil, err
	}
	l, err := lock(ctx, a.tx, v.People)
	if err != nil {
		return nil, err
	}
	have, err := a.tenancies(ctx, v.People)
	if err != nil {
		return nil, err
	}
	if err := l.living(v.People); err != nil {
		return nil, err
	}
	for _, n := range v.People {
		switch t := have[n]; {
		case t.Valid == "":
			return nil, noTemporary(l.people[n])
		case t.Until == nil || !until.After(*t.Until):
			return nil, refuse("not-longer", "Thời hạn mới không dài hơn thời hạn tạm trú hiện tại của %s", "the new end is no later than the one that %s has", l.people[n].name)
		case until.After(t.Until.AddDate(longestTemporary, 0, 0)):
			return nil, tooLong()
		}
	}
	return map[string]any{"temporaryUntil": v.Until}, a.pictured(ctx, v.People, func() error {
		_, err := a.tx.Exec(ctx, `
			UPDATE residences
			SET valid = daterange(lower(valid), @until::date + 1)
			WHERE resident = ANY(@people) AND kind = 'temporary' AND NOT isempty(valid) AND upper(valid) > @today`,
			pgx.StrictNamedArgs{"people": v.People, "until": until, "today": a.today})
		return err
	})
}

func noTemporary(p *person) error {
	return refuse("no-temporary", "%s không có đăng ký tạm trú còn hiệu lực", "%s has no temporary registration in force", p.name)
}

// endTemporary ends a temporary registration; who was present there is present
// at the permanent address again.
//
// Source: Law on Residence 68/2020/QH14, Art. 29.
func (a *applier) endTemporary(ctx context.Context, v endValues) (map[string]any, error) {
	l, err := lock(ctx, a.tx, v.People)
	if err != nil {
		return nil, err
	}
	have, err := a.tenancies(ctx, v.People)
	if err != nil {
		return nil, err
	}
	if err := l.living(v.People); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(v.People, func(n string) bool { return have[n].Valid == "" }); i >= 0 {
		return nil, noTemporary(l.people[v.People[i]])
	}
	return map[string]any{"temporaryEndedOn": a.today.Format(iso)}, a.pictured(ctx, v.People, func() error {
		_, err := a.tx.Exec(ctx, `
			UPDATE residences p
			SET valid = daterange(lower(valid), greatest(lower(valid), @today))
			WHERE resident = ANY(@people) AND kind = 'present' AND upper_inf(valid)
				AND EXISTS (SELECT FROM residences t WHERE t.resident = p.resident AND t.kind = 'temporary' AND t.address_key = p.address_key
					AND NOT isempty(t.valid) AND (upper_inf(t.valid) OR upper(t.valid) > @today))`, pgx.StrictNamedArgs{"people": v.People, "today": a.today})
		if err != nil {
			return err
		}
		if err := a.endKinds(ctx, v.People, []string{"temporary"}, ""); err != nil {
			return err
		}
		_, err = a.tx.Exec(ctx, `
			INSERT INTO residences (resident, kind, province, commune, line, address_key, valid)
			SELECT p.resident, 'present', p.province, p.commune, p.line, p.address_key,
				daterange(greatest(@today, (SELECT max(upper(r.valid)) FROM residences r WHERE r.resident = p.resident AND r.kind = 'present')), NULL)
			FROM residences p
			WHERE p.resident = ANY(@people) AND p.kind = 'permanent' AND upper_inf(p.valid)
				AND NOT EXISTS (SELECT FROM residences r WHERE r.resident = p.resident AND r.kind = 'present' AND upper_inf(r.valid))`,
			pgx.StrictNamedArgs{"people": v.People, "today": a.today})
		return err
	})
}

// pictured makes a change that concerns exactly these people.
func (a *applier) pictured(ctx context.Context, people []string, change func() error) error {
	if err := a.picture(ctx, a.before, people); err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	if err := a.touch(ctx, people); err != nil {
		return err
	}
	return a.picture(ctx, a.after, people)
}

// endKinds ends people's addresses of some kinds today. Because is kept with
// them; it may be empty.
func (a *applier) endKinds(ctx context.Context, people, kinds []string, because string) error {
	_, err := a.tx.Exec(ctx, `
		UPDATE residences
		SET valid = daterange(lower(valid), greatest(lower(valid), @today)), because = nullif(@because, '')
		WHERE resident = ANY(@people) AND kind = ANY(@kinds) AND NOT isempty(valid) AND (upper_inf(valid) OR upper(valid) > @today)`,
		pgx.StrictNamedArgs{"people": people, "kinds": kinds, "today": a.today, "because": because})
	return err
}

// reside registers people at an address from today on, as each of the kinds, to
// its last day; nil: until further notice.
func (a *applier) reside(ctx context.Context, people []string, at agency.Address, kinds map[string]*time.Time) error {
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		// A clock that was set back must not make two addresses overlap: the new one begins when the last has ended.
		_, err := a.tx.Exec(ctx, `
			INSERT INTO residences (resident, kind, province, commune, line, address_key, valid)
			SELECT n, @kind, @province, @commune, @line, @key, daterange(b.begins, CASE WHEN @until::date IS NOT NULL THEN greatest(b.begins, @until::date + 1) END)
			FROM unnest(@people::bpchar[]) AS p (n),
				LATERAL (SELECT greatest(@today, (SELECT max(upper(r.valid)) FROM residences r WHERE r.resident = p.n AND r.kind = @kind)) AS begins) b`,
			pgx.StrictNamedArgs{"people": people, "kind": kind, "province": at.Province, "commune": at.Commune, "line": at.Line, "key": at.Key(),
				"today": a.today, "until": kinds[kind]})
		if err != nil {
			return err
		}
	}
	return nil
}
