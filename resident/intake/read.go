package intake

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hoso-gov/hoso/agency"
)

// longestLine is how many bytes a JSON line has at most.
const longestLine = 1 << 20

// JSONLines reads one object a line; empty lines are passed over.
func JSONLines(in io.Reader) Reader {
	s := bufio.NewScanner(in)
	s.Buffer(nil, longestLine)
	return &lines{s: s}
}

type lines struct {
	s    *bufio.Scanner
	line int
}

func (l *lines) Next() (Row, error) {
	for l.s.Scan() {
		l.line++
		text := bytes.TrimSpace(l.s.Bytes())
		if len(text) == 0 {
			continue
		}
		r := Row{Line: l.line}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&r); err != nil {
			return r, &UnreadableError{l.line, err}
		}
		return r, nil
	}
	if err := l.s.Err(); err != nil {
		return Row{}, err
	}
	return Row{}, io.EOF
}

// ErrHeading reports a CSV file whose first line does not name the columns.
var ErrHeading = errors.New("the first line names a column that there is not")

// CSV reads a file whose first line names its columns, in any order; number,
// fullName, birthDate and sex are needed.
func CSV(in io.Reader) (Reader, error) {
	c := csv.NewReader(in)
	c.FieldsPerRecord, c.ReuseRecord = -1, true
	head, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("read the heading: %w", err)
	}
	t := &table{c: c}
	for _, name := range head {
		name = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
		if cellOf(&Row{}, name) == nil {
			return nil, fmt.Errorf("%w: %q", ErrHeading, name)
		}
		t.columns = append(t.columns, name)
	}
	return t, nil
}

type table struct {
	c       *csv.Reader
	columns []string
}

func (t *table) Next() (Row, error) {
	cells, err := t.c.Read()
	line, _ := t.c.FieldPos(0)
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		return Row{}, &UnreadableError{bad.StartLine, bad.Err}
	}
	if err != nil {
		return Row{}, err
	}
	r := Row{Line: line}
	if len(cells) != len(t.columns) {
		return r, &UnreadableError{line, fmt.Errorf("it has %d cells, the heading %d", len(cells), len(t.columns))}
	}
	for i, name := range t.columns {
		if text := strings.TrimSpace(cells[i]); text != "" {
			*cellOf(&r, name) = text
		}
	}
	return r, nil
}

// cellOf is where a column's text goes; nil: there is no such column. An address
// is made when one of its columns is asked for.
func cellOf(r *Row, column string) *string {
	if of, part, ok := strings.Cut(column, "."); ok {
		places := map[string]**agency.Address{"homePlace": &r.HomePlace, "birthPlace": &r.BirthPlace, "permanentAddress": &r.Permanent}
		at := places[of]
		if at == nil {
			return nil
		}
		if *at == nil {
			*at = &agency.Address{}
		}
		return map[string]*string{"province": &(*at).Province, "commune": &(*at).Commune, "line": &(*at).Line}[part]
	}
	return map[string]*string{"number": &r.Number, "fullName": &r.FullName, "birthDate": &r.BirthDate, "sex": &r.Sex, "ethnicity": &r.Ethnicity,
		"religion": &r.Religion, "nationality": &r.Nationality, "phone": &r.Phone, "email": &r.Email, "fatherNumber": &r.Father, "motherNumber": &r.Mother,
		"permanentSince": &r.Since}[column]
}
