package agency

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/text/unicode/norm"
)

// Columns are the columns of a file of units, in this order.
var Columns = []string{"code", "level", "kind", "name_vi", "name_en", "province_code"}

// Fault is what is wrong with one line of a file.
type Fault struct {
	Line   int
	Reason string
}

// FileError refuses a file and lists all of its faults by line.
type FileError struct{ Faults []Fault }

func (e *FileError) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = fmt.Sprintf("line %d: %s", f.Line, f.Reason)
	}
	return fmt.Sprintf("nothing was imported, %d faults:\n%s", len(e.Faults), strings.Join(lines, "\n"))
}

// ImportUnits stores the units of a CSV file with the [Columns], makes their
// agencies, and returns the number of units in the file. The same file again
// changes nothing; units that a file does not name stay. One bad row refuses
// the whole file with a [*FileError].
func ImportUnits(ctx context.Context, db *pgxpool.Pool, file io.Reader) (int, error) {
	units, err := ParseUnits(file)
	if err != nil {
		return 0, fmt.Errorf("import units: %w", err)
	}
	slices.SortStableFunc(units, func(a, b Unit) int { return len(a.Code) - len(b.Code) }) // provinces first: communes refer to them
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		if err := upsertUnits(ctx, tx, units); err != nil {
			return err
		}
		_, err := Establish(ctx, tx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("import units: %w", err)
	}
	return len(units), nil
}

func upsertUnits(ctx context.Context, tx pgx.Tx, units []Unit) error {
	columns := make([][]string, len(Columns))
	for _, u := range units {
		for i, v := range []string{u.Code, string(u.Level), u.Kind, u.NameVI, u.NameEN, u.ProvinceCode} {
			columns[i] = append(columns[i], v)
		}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO units (code, level, kind, name_vi, name_en, province_code)
		SELECT code, level, kind, name_vi, name_en, nullif(province_code, '')
		FROM unnest(@codes::text[], @levels::text[], @kinds::text[], @vi::text[], @en::text[], @provinces::text[])
			AS file (code, level, kind, name_vi, name_en, province_code)
		ON CONFLICT (code) DO UPDATE
		SET kind = excluded.kind, name_vi = excluded.name_vi, name_en = excluded.name_en, province_code = excluded.province_code
		WHERE (units.kind, units.name_vi, units.name_en, units.province_code)
			IS DISTINCT FROM (excluded.kind, excluded.name_vi, excluded.name_en, excluded.province_code)`,
		pgx.StrictNamedArgs{"codes": columns[0], "levels": columns[1], "kinds": columns[2], "vi": columns[3], "en": columns[4], "provinces": columns[5]})
	return err
}

// ParseUnits reads a CSV file with the [Columns]. The error is a [*FileError]
// unless reading itself fails.
func ParseUnits(file io.Reader) ([]Unit, error) {
	r := csv.NewReader(file)
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, asFault(err)
	}
	if len(header) > 0 {
		header[0] = strings.TrimPrefix(header[0], "\ufeff") // spreadsheets put it there
	}
	if !slices.Equal(header, Columns) {
		return nil, &FileError{[]Fault{{1, "the columns must be " + strings.Join(Columns, ",")}}}
	}
	c := checker{lines: map[string]int{}}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, asFault(err)
		}
		line, _ := r.FieldPos(0)
		c.add(line, row)
	}
	return c.finish()
}

// asFault makes a broken line of CSV a fault of the file.
func asFault(err error) error {
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		return &FileError{[]Fault{{e.Line, e.Err.Error()}}}
	}
	return err
}

// checker gathers units and what is wrong with them.
type checker struct {
	units  []Unit
	at     []int          // line of each unit
	lines  map[string]int // line of each code
	faults []Fault
}

func (c *checker) fault(line int, format string, args ...any) {
	c.faults = append(c.faults, Fault{line, fmt.Sprintf(format, args...)})
}

var codePatterns = map[Level]*regexp.Regexp{Province: regexp.MustCompile(`^\d{2}$`), Commune: regexp.MustCompile(`^\d{5}$`)}

func (c *checker) add(line int, row []string) {
	if len(row) != len(Columns) {
		c.fault(line, "%d columns instead of %d", len(row), len(Columns))
		return
	}
	u := Unit{row[0], Level(row[1]), row[2], norm.NFC.String(row[3]), row[4], row[5]}
	u.Kind = norm.NFC.String(u.Kind)
	if first, twice := c.lines[u.Code]; twice {
		c.fault(line, "code %s is already on line %d", u.Code, first)
	} else {
		c.lines[u.Code] = line
	}
	pattern, known := codePatterns[u.Level]
	switch {
	case !known:
		c.fault(line, "level %q is neither province nor commune", u.Level)
	case !pattern.MatchString(u.Code):
		c.fault(line, "code %q of a %s must have %d digits", u.Code, u.Level, map[Level]int{Province: 2, Commune: 5}[u.Level])
	}
	if _, ok := kinds[u.Level][u.Kind]; known && !ok {
		c.fault(line, "a %s cannot be of kind %q", u.Level, u.Kind)
	}
	for name, v := range map[string]string{"name_vi": u.NameVI, "name_en": u.NameEN} {
		switch {
		case strings.TrimSpace(v) == "":
			c.fault(line, "%s is empty", name)
		case v != strings.TrimSpace(v) || strings.ContainsFunc(v, unicode.IsControl):
			c.fault(line, "%s %q has blanks around it or control characters in it", name, v)
		}
	}
	c.units, c.at = append(c.units, u), append(c.at, line)
}

// finish checks what needs all rows: every commune lies in a province of the file.
func (c *checker) finish() ([]Unit, error) {
	level := map[string]Level{}
	for _, u := range c.units {
		level[u.Code] = u.Level
	}
	for i, u := range c.units {
		switch {
		case u.Level == Province && u.ProvinceCode != "":
			c.fault(c.at[i], "a province has no province_code")
		case u.Level == Commune && level[u.ProvinceCode] != Province:
			c.fault(c.at[i], "province_code %q is no province of this file", u.ProvinceCode)
		}
	}
	if len(c.units) == 0 && len(c.faults) == 0 {
		c.fault(1, "the file has no units")
	}
	if len(c.faults) > 0 {
		slices.SortStableFunc(c.faults, func(a, b Fault) int {
			if a.Line != b.Line {
				return a.Line - b.Line
			}
			return strings.Compare(a.Reason, b.Reason)
		})
		return nil, &FileError{c.faults}
	}
	return c.units, nil
}
