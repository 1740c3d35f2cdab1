package resident

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/vietnamese"
)

// correctValues are the values of a correct-person.
type correctValues struct {
	Person string     `json:"person"`
	Values correction `json:"values"`
}

// correction is what was wrong, each as it is from now on; an empty one stays.
type correction struct {
	FullName    string          `json:"fullName"`
	BirthDate   string          `json:"birthDate"` // ISO
	Sex         Sex             `json:"sex"`
	Ethnicity   string          `json:"ethnicity"`
	Religion    string          `json:"religion"`
	Nationality string          `json:"nationality"`
	HomePlace   *agency.Address `json:"homePlace"`
	BirthPlace  *agency.Address `json:"birthPlace"`
}

// correct puts a person's own data right. A correction that contradicts the
// personal number is refused: that number has to be given anew.
//
// Source: Law on Identification 26/2023/QH15, Art. 13; Law on Civil Status
// 60/2014/QH13, Art. 26 to 28.
func (a *applier) correct(ctx context.Context, v correctValues) (map[string]any, error) {
	if v.Values.BirthDate != "" || v.Values.Sex != "" { // what relatives are held against: one after the other
		if err := a.lockKinship(ctx); err != nil {
			return nil, err
		}
	}
	l, err := lock(ctx, a.tx, []string{v.Person})
	if err != nil {
		return nil, err
	}
	p := l.people[v.Person]
	if p == nil {
		return nil, unknownPerson(v.Person)
	}
	born, err := a.mayCorrect(ctx, p, v.Values)
	if err != nil {
		return nil, err
	}
	var changed []string
	err = a.pictured(ctx, []string{v.Person}, func() error { return a.writeCorrection(ctx, v, born) })
	if err != nil {
		return nil, err
	}
	if changed = differences(a.before[v.Person].(picture), a.after[v.Person].(picture)); len(changed) == 0 {
		return nil, refuse("nothing-to-correct", "Dữ liệu của %s đã đúng như đề nghị", "the record of %s is as it should be already", p.name)
	}
	return map[string]any{"corrected": changed}, nil
}

func (a *applier) writeCorrection(ctx context.Context, v correctValues, born time.Time) error {
	name := strings.Join(strings.Fields(v.Values.FullName), " ")
	_, err := a.tx.Exec(ctx, `
		UPDATE residents
		SET full_name = coalesce(nullif(@name, ''), full_name), name_folded = coalesce(nullif(@folded, ''), name_folded),
			birth_date = @born, sex = coalesce(nullif(@sex, ''), sex), ethnicity = coalesce(nullif(@ethnicity, ''), ethnicity),
			religion = coalesce(nullif(@religion, ''), religion), nationality = coalesce(nullif(@nationality, ''), nationality),
			home_place = coalesce(@home, home_place), birth_place = coalesce(@place, birth_place)
		WHERE number = @number`, pgx.StrictNamedArgs{"number": v.Person, "name": name, "folded": vietnamese.Fold(name), "born": born, "sex": string(v.Values.Sex),
		"ethnicity": v.Values.Ethnicity, "religion": v.Values.Religion, "nationality": v.Values.Nationality, "home": v.Values.HomePlace, "place": v.Values.BirthPlace})
	return err
}

// differences are the names of the values that a correction changed, sorted.
func differences(b, n picture) []string {
	var names []string
	for name, same := range map[string]bool{"fullName": b.FullName == n.FullName, "birthDate": b.BirthDate == n.BirthDate, "sex": b.Sex == n.Sex,
		"ethnicity": b.Ethnicity == n.Ethnicity, "religion": b.Religion == n.Religion, "nationality": b.Nationality == n.Nationality,
		"homePlace": sameAddress(b.HomePlace, n.HomePlace), "birthPlace": sameAddress(b.BirthPlace, n.BirthPlace)} {
		if !same {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// mayCorrect checks what hangs on sex and date of birth, and returns the date of
// birth as it will be.
func (a *applier) mayCorrect(ctx context.Context, p *person, v correction) (born time.Time, err error) {
	born, s := p.BirthDate, p.Sex
	if v.BirthDate != "" {
		if born, err = day("birthDate", v.BirthDate); err != nil {
			return born, err
		}
	}
	switch v.Sex {
	case "":
	case Male, Female:
		s = v.Sex
	default:
		return born, refuse("sex-unknown", "Giới tính phải là nam hoặc nữ", "the sex must be male or female")
	}
	if born.Equal(p.BirthDate) && s == p.Sex {
		return born, nil
	}
	switch {
	case born.After(a.today):
		return born, refuse("not-born-yet", "Ngày sinh %s ở tương lai", "the date of birth %s is in the future", v.BirthDate)
	case !Number(p.Number).Fits(s, born): // Circular 17/2024/TT-BCA: the number is cancelled and given anew
		return born, refuse("number-says-otherwise", "Số định danh %s không phù hợp với giới tính hoặc năm sinh mới; phải hủy và xác lập lại số định danh",
			"the personal number %s does not fit the new sex or year of birth; it has to be cancelled and given anew", p.Number)
	case p.died != nil && p.died.Before(born):
		return born, refuse("died-before-born", "Ngày chết %s trước ngày sinh %s", "the day of death %s is before the birth on %s", vn(*p.died), vn(born))
	}
	return born, a.fitsFamily(ctx, p, s, born)
}

// fitsFamily refuses a sex or date of birth that parents, children or a marriage contradict.
func (a *applier) fitsFamily(ctx context.Context, p *person, s Sex, born time.Time) error {
	var youngestElder, eldestChild, wed, motherDied, fatherDied, registered *time.Time
	err := a.tx.QueryRow(ctx, `
		SELECT (SELECT max(birth_date) FROM residents WHERE number IN (@father, @mother)),
			(SELECT min(birth_date) FROM residents WHERE @number IN (father_number, mother_number)),
			(SELECT min(lower(valid)) FROM marriages WHERE @number IN (husband, wife) AND NOT isempty(valid)),
			(SELECT died_on FROM residents WHERE number = @mother), (SELECT died_on FROM residents WHERE number = @father),
			(SELECT min(lower(valid)) FROM residences WHERE resident = @number AND NOT isempty(valid))`,
		pgx.StrictNamedArgs{"number": p.Number, "father": p.Father, "mother": p.Mother}).Scan(&youngestElder, &eldestChild, &wed, &motherDied, &fatherDied, &registered)
	if err != nil {
		return err
	}
	if wed == nil && p.Spouse != "" {
		wed = &a.today // a marriage from before the register kept their days
	}
	switch {
	case s != p.Sex && (p.Spouse != "" || eldestChild != nil):
		return refuse("sex-in-family", "Giới tính mới không phù hợp với việc kết hôn hoặc là cha, mẹ của %s", "the new sex does not fit the marriage or the children of %s", p.name)
	case youngestElder != nil && fullYears(*youngestElder, born) < youngestParent, eldestChild != nil && fullYears(born, *eldestChild) < youngestParent:
		return refuse("parent-age", "Với ngày sinh %s, cha mẹ và con không cách nhau đủ %d tuổi", "with the birth on %s, parent and child are not %d years apart", vn(born), youngestParent)
	case wed != nil && fullYears(born, *wed) < marriageable(p.Sex):
		return refuse("under-age", "%s chưa đủ %d tuổi vào ngày kết hôn", "%s is not %d years old on the day of the marriage", p.name, marriageable(p.Sex))
	case motherDied != nil && motherDied.Before(lastParent(Female, born)), fatherDied != nil && fatherDied.Before(lastParent(Male, born)):
		return refuse("died-before-child", "Cha hoặc mẹ đã chết trước ngày sinh %s", "a parent died before the birth on %s", vn(born))
	case registered != nil && registered.Before(born):
		return refuse("registered-before-born", "Cư trú đã được đăng ký từ ngày %s, trước ngày sinh %s", "a residence is registered since %s, before the birth on %s", vn(*registered), vn(born))
	}
	return nil
}
