package resident

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/vietnamese"
)

// DemoPerson is a person of the demo population.
type DemoPerson struct {
	Number    string
	Name      string
	Note      Text           // what to try with them; zero: not in the list of whom to sign in as
	Permanent agency.Address // where they are registered; zero: nowhere
	Temporary agency.Address
	Father    string // personal number; empty: not known
	Mother    string
	Spouse    string
	Household string // id; empty: none
	Head      string // personal number of its head
}

// Text is a text in Vietnamese and English.
type Text struct {
	VI string `yaml:"vi"`
	EN string `yaml:"en"`
}

//go:embed data/demo*.yaml
var demoFiles embed.FS

// demoFile is data/demo.yaml, or one of those that add to it. Everybody in it is made up.
type demoFile struct {
	Since      string          `yaml:"since"` // of registrations that do not say otherwise
	People     []demoPerson    `yaml:"people"`
	Households []demoHousehold `yaml:"households"`
}

type demoPerson struct {
	Number     string          `yaml:"number"`
	Name       string          `yaml:"name"`
	Sex        Sex             `yaml:"sex"`
	Born       string          `yaml:"born"`
	Ethnicity  string          `yaml:"ethnicity"` // empty: Kinh
	Religion   string          `yaml:"religion"`
	Father     string          `yaml:"father"`
	Mother     string          `yaml:"mother"`
	Spouse     string          `yaml:"spouse"`
	Widowed    bool            `yaml:"widowed"`
	Divorced   bool            `yaml:"divorced"`
	Dead       bool            `yaml:"dead"`
	Restricted bool            `yaml:"restricted"`
	Digital    bool            `yaml:"digital"`
	HomePlace  agency.Address  `yaml:"homePlace"`
	BirthPlace *agency.Address `yaml:"birthPlace"` // none: the home place
	Temporary  *agency.Address `yaml:"temporary"`
	Until      string          `yaml:"temporaryUntil"` // empty: 2028-01-15
	Absence    *demoAbsence    `yaml:"absence"`        // declared, still to come or under way
	Card       *demoCard       `yaml:"card"`           // none: one of 15 July 2024 for those who are grown
	Note       *Text           `yaml:"note"`           // none: nobody to sign in as
}

// demoCard is an identity card; the zero one stands for somebody who has none.
type demoCard struct {
	Issued  string `yaml:"issued"`
	Expires string `yaml:"expires"` // empty: as the law says for the holder's age on that day
}

// demoAbsence is a declared absence.
type demoAbsence struct {
	From  string `yaml:"from"`
	Until string `yaml:"until"` // last day
}

type demoHousehold struct {
	ID      int64          `yaml:"id"`
	Address agency.Address `yaml:"address"`
	Since   string         `yaml:"since"`
	Members []demoMember   `yaml:"members"` // the head first
}

type demoMember struct {
	Number   string `yaml:"number"`
	Relation string `yaml:"relation"`
	Since    string `yaml:"since"`
}

// DemoPeople are the people of the demo population to sign in as, in the order
// of the files.
func DemoPeople() ([]DemoPerson, error) {
	all, err := DemoPopulation()
	return slices.DeleteFunc(all, func(p DemoPerson) bool { return p.Note == Text{} }), err
}

// DemoPopulation is everybody of the demo population, in the order of the files.
func DemoPopulation() ([]DemoPerson, error) {
	f, err := demo()
	if err != nil {
		return nil, err
	}
	home := map[string]demoHousehold{}
	for _, h := range f.Households {
		for _, m := range h.Members {
			home[m.Number] = h
		}
	}
	var list []DemoPerson
	for _, p := range f.People {
		one := DemoPerson{Number: p.Number, Name: p.Name, Father: p.Father, Mother: p.Mother, Spouse: p.Spouse}
		if h, lives := home[p.Number]; lives {
			one.Permanent, one.Household, one.Head = h.Address, strconv.FormatInt(h.ID, 10), h.Members[0].Number
		}
		if p.Note != nil {
			one.Note = *p.Note
		}
		if p.Temporary != nil {
			one.Temporary = *p.Temporary
		}
		list = append(list, one)
	}
	return list, nil
}

// LoadDemo puts the demo population into the database. People and households who
// are there stay as they are, with whatever cases have changed meanwhile.
func LoadDemo(ctx context.Context, db *pgxpool.Pool) error {
	f, err := demo()
	if err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		fresh := map[string]bool{}
		for _, p := range f.People {
			tag, err := p.insert(ctx, tx)
			if err != nil {
				return fmt.Errorf("%s: %w", p.Name, err)
			}
			fresh[p.Number] = tag
		}
		for _, h := range f.Households {
			h.Since = cmp.Or(h.Since, f.Since)
			if err := h.insert(ctx, tx, fresh); err != nil {
				return fmt.Errorf("household %d: %w", h.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("load the demo population: %w", err)
	}
	return nil
}

func (p demoPerson) insert(ctx context.Context, tx pgx.Tx) (fresh bool, err error) {
	born, err := time.Parse(iso, p.Born)
	if err != nil {
		return false, err
	}
	marital := "single"
	switch {
	case p.Spouse != "":
		marital = "married"
	case p.Widowed:
		marital = "widowed"
	case p.Divorced:
		marital = "divorced"
	}
	phone, email := "", ""
	grown := !born.After(time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC)) && !p.Dead
	if grown {
		// 0900 000 1xx is given to nobody; example.vn receives no mail.
		words := strings.Fields(vietnamese.Fold(p.Name))
		phone, email = "0900000"+p.Number[9:], words[len(words)-1]+p.Number[9:]+"@example.vn"
	}
	birthPlace := p.BirthPlace
	if birthPlace == nil {
		birthPlace = &p.HomePlace
	}
	tag, err := tx.Exec(ctx, `
		INSERT INTO residents (number, full_name, name_folded, birth_date, sex, ethnicity, religion, home_place, birth_place,
			marital_status, father_number, mother_number, spouse_number, phone, email, alive, restricted, digital_citizen)
		VALUES (@number, @name, @folded, @born, @sex, @ethnicity, nullif(@religion, ''), @home, @place,
			@marital, nullif(@father, ''), nullif(@mother, ''), nullif(@spouse, ''), nullif(@phone, ''), nullif(@email, ''), @alive, @restricted, @digital)
		ON CONFLICT (number) DO NOTHING`, pgx.StrictNamedArgs{"number": p.Number, "name": p.Name, "folded": vietnamese.Fold(p.Name), "born": born, "sex": string(p.Sex),
		"ethnicity": cmp.Or(p.Ethnicity, "Kinh"), "religion": p.Religion, "home": p.HomePlace, "place": birthPlace, "marital": marital,
		"father": p.Father, "mother": p.Mother, "spouse": p.Spouse, "phone": phone, "email": email, "alive": !p.Dead, "restricted": p.Restricted, "digital": p.Digital})
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	if p.Temporary != nil {
		if err := insertResidence(ctx, tx, p.Number, "temporary", *p.Temporary, "2026-01-15", cmp.Or(p.Until, "2028-01-15")); err != nil {
			return false, err
		}
	}
	if p.Absence != nil {
		if _, err := tx.Exec(ctx, `
			INSERT INTO absences (resident, valid)
			VALUES (@number, daterange(@from::text::date, @until::text::date, '[]'))`,
			pgx.StrictNamedArgs{"number": p.Number, "from": p.Absence.From, "until": p.Absence.Until}); err != nil {
			return false, err
		}
	}
	card := p.Card
	if card == nil && grown {
		card = &demoCard{Issued: "2024-07-15"}
	}
	if card == nil || card.Issued == "" {
		return true, nil
	}
	issued, err := time.Parse(iso, card.Issued)
	if err != nil {
		return false, err
	}
	expires := card.Expires
	if e := CardExpiry(born, issued); expires == "" && !e.IsZero() {
		expires = e.Format(iso)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO identity_documents (resident, kind, number, issued_on, expires_on)
		VALUES (@number::char(12), 'identity-card', @number::text, @issued, nullif(@expires::text, '')::date)`,
		pgx.StrictNamedArgs{"number": p.Number, "issued": issued, "expires": expires})
	return true, err
}

// insertResidence registers one address; not before birth;
// until is its last day and may be empty.
func insertResidence(ctx context.Context, tx pgx.Tx, number, kind string, a agency.Address, since, until string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO residences (resident, kind, province, commune, line, address_key, valid)
		VALUES (@resident, @kind, @province, @commune, @line, @key,
			daterange(greatest(@since::text::date, (SELECT birth_date FROM residents WHERE number = @resident)), nullif(@until::text, '')::date, '[]'))`,
		pgx.StrictNamedArgs{"resident": number, "kind": kind, "province": a.Province, "commune": a.Commune, "line": a.Line, "key": a.Key(), "since": since, "until": until})
	return err
}

func (h demoHousehold) insert(ctx context.Context, tx pgx.Tx, fresh map[string]bool) error {
	if !slices.ContainsFunc(h.Members, func(m demoMember) bool { return fresh[m.Number] }) {
		return nil
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO households (id, head, province, commune, line, address_key)
		VALUES (@id, @head, @province, @commune, @line, @key)
		ON CONFLICT (id) DO NOTHING`, pgx.StrictNamedArgs{"id": h.ID, "head": h.Members[0].Number, "province": h.Address.Province,
		"commune": h.Address.Commune, "line": h.Address.Line, "key": h.Address.Key()})
	if err != nil {
		return err
	}
	for _, m := range h.Members {
		if !fresh[m.Number] {
			continue
		}
		since := cmp.Or(m.Since, h.Since)
		_, err := tx.Exec(ctx, `
			INSERT INTO household_members (household, resident, relation, valid)
			VALUES (@household, @resident, nullif(@relation, ''),
				daterange(greatest(@since::text::date, (SELECT birth_date FROM residents WHERE number = @resident)), NULL))`,
			pgx.StrictNamedArgs{"household": h.ID, "resident": m.Number, "relation": m.Relation, "since": since})
		if err != nil {
			return err
		}
		for _, kind := range []string{"permanent", "present"} {
			if err := insertResidence(ctx, tx, m.Number, kind, h.Address, since, ""); err != nil {
				return err
			}
		}
	}
	return nil
}
