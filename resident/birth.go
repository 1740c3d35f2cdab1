package resident

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/vietnamese"
)

// birthValues are the values of a register-birth.
type birthValues struct {
	FullName    string          `json:"fullName"`
	BirthDate   string          `json:"birthDate"` // ISO
	Sex         Sex             `json:"sex"`
	Ethnicity   string          `json:"ethnicity"`
	Nationality string          `json:"nationality"`
	HomePlace   *agency.Address `json:"homePlace"`
	BirthPlace  *agency.Address `json:"birthPlace"`
	Mother      string          `json:"mother"` // personal number; empty: not known, as of a child who was abandoned
	Father      string          `json:"father"` // personal number; empty: not acknowledged
}

// Ages between which a woman is believed to have given birth; a man is not
// believed to be a father earlier.
const (
	youngestParent = 12
	eldestMother   = 60
)

// birth takes a newborn into the database: a personal number, the links to the
// parents, and no permanent address until the residence is granted.
//
// Source: Law on Civil Status 60/2014/QH13, Art. 14; Decree 123/2015/NĐ-CP, Art.
// 14 and 15, on children whose parents are not known; Law on Identification
// 26/2023/QH15, Art. 12.
func (a *applier) birth(ctx context.Context, v birthValues) (map[string]any, error) {
	born, err := time.Parse(iso, v.BirthDate)
	if err != nil || strings.TrimSpace(v.FullName) == "" || v.Sex != Male && v.Sex != Female {
		return nil, fmt.Errorf("%w: a birth needs fullName, birthDate and sex", ErrUnknownChange)
	}
	name := strings.Join(strings.Fields(v.FullName), " ")
	if err := a.mayBeBorn(ctx, v, name, born); err != nil {
		return nil, err
	}
	province, err := a.placeOfRegistration(ctx, v)
	if err != nil {
		return nil, err
	}
	number, err := Allocate(ctx, a.tx, province, v.Sex, born)
	if err != nil {
		return nil, err
	}
	_, err = a.tx.Exec(ctx, `
		INSERT INTO residents (number, full_name, name_folded, birth_date, sex, ethnicity, nationality, home_place, birth_place, father_number, mother_number, updated_at)
		VALUES (@number, @name, @folded, @born, @sex, coalesce(nullif(@ethnicity, ''), 'Kinh'), coalesce(nullif(@nationality, ''), 'Việt Nam'),
			@home, @place, nullif(@father, ''), nullif(@mother, ''), @at)`,
		pgx.StrictNamedArgs{"number": string(number), "name": name, "folded": vietnamese.Fold(name), "born": born, "sex": string(v.Sex),
			"ethnicity": v.Ethnicity, "nationality": v.Nationality, "home": v.HomePlace, "place": v.BirthPlace,
			"father": v.Father, "mother": v.Mother, "at": a.at})
	if err != nil {
		return nil, err
	}
	a.before[string(number)] = map[string]any{}
	if err := a.picture(ctx, a.after, []string{string(number)}); err != nil {
		return nil, err
	}
	return map[string]any{"personalNumber": string(number)}, nil
}

// mayBeBorn checks the rules of the registry. The mother stays locked, so that
// the same child cannot be registered twice at once.
func (a *applier) mayBeBorn(ctx context.Context, v birthValues, name string, born time.Time) error {
	if born.After(a.today) {
		return refuse("not-born-yet", "Ngày sinh %s ở tương lai", "the date of birth %s is in the future", v.BirthDate)
	}
	rows, _ := a.tx.Query(ctx, "SELECT number FROM residents WHERE number = ANY($1) ORDER BY number FOR UPDATE", []string{v.Mother, v.Father})
	if _, err := pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return err
	}
	parents, err := load(ctx, a.tx, []string{v.Mother, v.Father})
	if err != nil {
		return err
	}
	mother, father := parents[v.Mother], parents[v.Father]
	newborn := &person{name: name}
	newborn.BirthDate = born
	if v.Mother != "" {
		if err := a.mayBeParent(ctx, newborn, v.Mother, mother, Female); err != nil {
			return err
		}
		if age := fullYears(mother.BirthDate, born); age > eldestMother {
			return refuse("parent-age", "Mẹ %d tuổi khi sinh con, quá %d tuổi", "the mother was %d years old at the birth, over %d", age, eldestMother)
		}
	}
	if v.Father != "" {
		if err := a.mayBeParent(ctx, newborn, v.Father, father, Male); err != nil {
			return err
		}
	}
	if v.Mother == "" && v.Father == "" {
		return nil
	}
	rows, _ = a.tx.Query(ctx, `
		SELECT full_name FROM residents
		WHERE (mother_number = @mother OR @mother = '' AND father_number = @father) AND birth_date = @born`,
		pgx.StrictNamedArgs{"mother": v.Mother, "father": v.Father, "born": born})
	siblings, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, s := range siblings {
		if vietnamese.Spell(s) == vietnamese.Spell(name) {
			return refuse("registered-already", "Trẻ %s sinh ngày %s là con của người này đã được đăng ký", "the child %s born on %s to this parent is registered already",
				name, born.Format("02/01/2006"))
		}
	}
	return nil
}

// placeOfRegistration is the province under which the child's number begins: of
// the mother's permanent address, without a mother of the father's, or else of birth.
func (a *applier) placeOfRegistration(ctx context.Context, v birthValues) (string, error) {
	parent := v.Mother
	if parent == "" {
		parent = v.Father
	}
	values, _, _, err := personValues(ctx, a.tx, parent, a.at)
	if err != nil {
		return "", err
	}
	if home, ok := agency.ParseAddress(values["permanentAddress"]); ok {
		return home.Province, nil
	}
	if v.BirthPlace != nil {
		return v.BirthPlace.Province, nil
	}
	return "", refuse("place-unknown", "Không xác định được tỉnh, thành phố đăng ký khai sinh", "the province of registration is not known: neither a parent's residence nor the place of birth says it")
}
