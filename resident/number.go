package resident

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/jackc/pgx/v5"
)

// Number is a personal number (số định danh cá nhân): three digits of the place
// where the birth was registered, one of century and sex, two of the year of
// birth, and six that tell people apart.
//
// Source: Circular 59/2021/TT-BCA, Art. 4.
type Number string

var (
	// ErrNotANumber reports text that cannot be a personal number.
	ErrNotANumber = errors.New("not a personal number")

	// ErrNoNumberLeft reports that all million numbers of a place, sex and year
	// are given out.
	ErrNoNumberLeft = errors.New("no personal number left")
)

// Province is a code that begins personal numbers.
type Province struct {
	Code string `yaml:"code"` // three digits
	Name string `yaml:"name"` // as it was when the code was given
	Now  string `yaml:"now"`  // code of the province of today
}

//go:embed data/provinces.yaml
var provincesYAML []byte

var provinces = func() map[string]Province {
	var list []Province
	if err := yaml.UnmarshalWithOptions(provincesYAML, &list, yaml.Strict()); err != nil {
		panic(fmt.Sprintf("resident: data/provinces.yaml: %v", err))
	}
	m := map[string]Province{}
	for _, p := range list {
		m[p.Code] = p
	}
	return m
}()

// abroad is the first code that names a country of birth instead of a province.
const abroad = "101"

// ParseNumber reads a personal number and checks its structure. Errors wrap
// [ErrNotANumber] and say what is wrong.
func ParseNumber(s string) (Number, error) {
	if len(s) != 12 {
		return "", fmt.Errorf("%w: it has %d characters, not 12 digits", ErrNotANumber, len(s))
	}
	for i := range s {
		if s[i] < '0' || s[i] > '9' {
			return "", fmt.Errorf("%w: character %d is not a digit", ErrNotANumber, i+1)
		}
	}
	if _, ok := provinces[s[:3]]; !ok && s[:3] < abroad {
		return "", fmt.Errorf("%w: no province has the code %s", ErrNotANumber, s[:3])
	}
	if s[3] > '3' {
		return "", fmt.Errorf("%w: the fourth digit %c names a century to come", ErrNotANumber, s[3])
	}
	return Number(s), nil
}

// Sex is what the fourth digit says: even is male.
func (n Number) Sex() Sex {
	if (n[3]-'0')%2 == 0 {
		return Male
	}
	return Female
}

// BirthYear is the year that the digits four to six say.
func (n Number) BirthYear() int {
	year, _ := strconv.Atoi(string(n[4:6]))
	return 1900 + 100*int((n[3]-'0')/2) + year
}

// Place is the province where the birth was registered, under its name of then;
// false for a birth abroad.
func (n Number) Place() (Province, bool) {
	p, ok := provinces[string(n[:3])]
	return p, ok
}

// Fits tells whether the number can be that of a person of this sex and birth.
func (n Number) Fits(s Sex, birth time.Time) bool {
	return n.Sex() == s && n.BirthYear() == birth.Year()
}

// Prefix is the first half of the numbers given out in a province (two digits, a
// code of today) to people of a sex and year of birth.
func Prefix(province string, s Sex, year int) (string, error) {
	if _, ok := provinces["0"+province]; !ok || year < 1900 || year > 2099 || s != Male && s != Female {
		return "", fmt.Errorf("%w: no prefix for province %q, sex %q, year %d", ErrNotANumber, province, s, year)
	}
	digit := (year/100 - 19) * 2
	if s == Female {
		digit++
	}
	return fmt.Sprintf("0%s%d%02d", province, digit, year%100), nil
}

// Nth is the n-th number under a prefix, n from 0 to 999,999. The last six
// digits look random, so that a number does not tell who was born after whom,
// and no two n give the same: the stride has no factor in common with a million.
func Nth(prefix string, n int) Number {
	return Number(prefix + fmt.Sprintf("%06d", (n*stride+offset(prefix))%1_000_000))
}

// Rank is the n of which the number is [Nth] under its prefix.
func (n Number) Rank() int {
	last, _ := strconv.Atoi(string(n[6:]))
	return (last - offset(string(n[:6])) + 1_000_000) % 1_000_000 * strideInverse % 1_000_000
}

// stride times strideInverse is 1 modulo a million.
const (
	stride        = 387_421
	strideInverse = 140981
)

func offset(prefix string) int {
	p, _ := strconv.Atoi(prefix)
	return (p*7_919 + 104_729) % 1_000_000
}

// Allocate gives out the next free number in the caller's transaction, which
// others who want one under the same prefix wait for. Errors wrap
// [ErrNotANumber] for a place, sex or year that no number can have, and
// [ErrNoNumberLeft].
func Allocate(ctx context.Context, tx pgx.Tx, province string, s Sex, birth time.Time) (Number, error) {
	prefix, err := Prefix(province, s, birth.Year())
	if err != nil {
		return "", fmt.Errorf("allocate a personal number: %w", err)
	}
	for {
		var used int
		err := tx.QueryRow(ctx, `
			INSERT INTO number_prefixes AS p (prefix, used)
			VALUES ($1, 1)
			ON CONFLICT (prefix) DO UPDATE SET used = p.used + 1 WHERE p.used < 1000000
			RETURNING used`, prefix).Scan(&used)
		if errors.Is(err, pgx.ErrNoRows) {
			return "", fmt.Errorf("allocate a personal number under %s: %w", prefix, ErrNoNumberLeft)
		}
		if err != nil {
			return "", fmt.Errorf("allocate a personal number: %w", err)
		}
		n := Nth(prefix, used-1)
		var taken bool // by the demo population or an import
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM residents WHERE number = $1)", string(n)).Scan(&taken); err != nil {
			return "", fmt.Errorf("allocate a personal number: %w", err)
		}
		if !taken {
			return n, nil
		}
	}
}

// Provinces are the codes that begin personal numbers of people born in Viet
// Nam, in their order.
func Provinces() []Province {
	return slices.SortedFunc(maps.Values(provinces), func(a, b Province) int { return strings.Compare(a.Code, b.Code) })
}
