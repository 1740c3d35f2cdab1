package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/vietnamese"
)

// store puts the rows of a batch into the tables, in their order: who stands above
// may be a parent of who stands below.
func store(ctx context.Context, tx pgx.Tx, rows []Row, taken, known *int) (rejects []Reject, err error) {
	for i := range rows {
		r := &rows[i]
		no, fresh, err := r.store(ctx, tx)
		switch {
		case err != nil:
			return nil, err
		case no != nil:
			rejects = append(rejects, *no)
		case fresh:
			*taken++
		default:
			*known++
		}
	}
	return rejects, nil
}

// parent is what a row is held against.
type parent struct {
	sex  string
	born time.Time
	died *time.Time
}

func (r *Row) store(ctx context.Context, tx pgx.Tx) (no *Reject, fresh bool, err error) {
	var name string
	var born time.Time
	err = tx.QueryRow(ctx, "SELECT full_name, birth_date FROM residents WHERE number = $1", r.Number).Scan(&name, &born)
	switch {
	case err == nil && (vietnamese.Spell(name) != vietnamese.Spell(r.FullName) || !born.Equal(r.born)):
		return r.no("number-taken", "Số định danh này là của người khác trong cơ sở dữ liệu", "the personal number is another person's in the database"), false, nil
	case err == nil:
		return nil, false, nil
	case !errors.Is(err, pgx.ErrNoRows):
		return nil, false, err
	}
	for _, of := range []struct{ number, sex string }{{r.Father, "male"}, {r.Mother, "female"}} {
		if of.number == "" {
			continue
		}
		var p parent
		err := tx.QueryRow(ctx, "SELECT sex, birth_date, died_on FROM residents WHERE number = $1", of.number).Scan(&p.sex, &p.born, &p.died)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return r.no("parent-unknown", "Không có công dân mang số của cha hoặc mẹ; người này phải đứng trước trong tệp", "nobody has the parent's number: parents stand above their children"), false, nil
		case err != nil:
			return nil, false, err
		case p.sex != of.sex || p.born.AddDate(12, 0, 0).After(r.born):
			return r.no("parent-wrong", "Cha phải là nam, mẹ là nữ, hơn con ít nhất 12 tuổi", "a father is male, a mother female, and 12 years older at least"), false, nil
		case p.died != nil && p.died.Before(r.born.AddDate(0, 0, -300)):
			return r.no("parent-wrong", "Cha hoặc mẹ đã chết trước khi có con", "the parent died before there was the child"), false, nil
		}
	}
	if no, err := r.placed(ctx, tx); no != nil || err != nil {
		return no, false, err
	}
	return nil, true, r.insert(ctx, tx)
}

// placed refuses an address in a unit that there is not today.
func (r *Row) placed(ctx context.Context, tx pgx.Tx) (*Reject, error) {
	if r.Permanent == nil {
		return nil, nil
	}
	var there bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM units
			WHERE code = @commune AND province_code = @province AND (valid_to IS NULL OR valid_to > current_date))`,
		pgx.StrictNamedArgs{"commune": r.Permanent.Commune, "province": r.Permanent.Province}).Scan(&there)
	if err == nil && !there {
		return r.no("unit-unknown", "Không có đơn vị hành chính này", "there is no such unit"), nil
	}
	return nil, err
}

func (r *Row) insert(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO residents (number, full_name, name_folded, birth_date, sex, ethnicity, religion, nationality, home_place, birth_place, father_number, mother_number, phone, email)
		VALUES (@number, @name, @folded, @born, @sex, @ethnicity, nullif(@religion, ''), @nationality, @home, @place, nullif(@father, ''), nullif(@mother, ''), nullif(@phone, ''), nullif(@email, ''))`,
		pgx.StrictNamedArgs{"number": r.Number, "name": r.FullName, "folded": vietnamese.Fold(r.FullName), "born": r.born, "sex": r.Sex, "ethnicity": cmp.Or(r.Ethnicity, "Kinh"),
			"religion": r.Religion, "nationality": cmp.Or(r.Nationality, "Việt Nam"), "home": r.HomePlace, "place": r.BirthPlace, "father": r.Father, "mother": r.Mother, "phone": r.Phone, "email": r.Email})
	if err != nil || r.Permanent == nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO residences (resident, kind, province, commune, line, address_key, valid)
		SELECT @number, kind, @province, @commune, @line, @key, daterange(@since, NULL)
		FROM unnest(ARRAY['permanent', 'present']) AS k (kind)`, pgx.StrictNamedArgs{"number": r.Number, "province": r.Permanent.Province, "commune": r.Permanent.Commune,
		"line": r.Permanent.Line, "key": r.Permanent.Key(), "since": r.since})
	return err
}

// write puts rejects into their file, a line each.
func write(out io.Writer, rejects []Reject) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	for _, no := range rejects {
		if err := e.Encode(no); err != nil {
			return err
		}
	}
	return nil
}
