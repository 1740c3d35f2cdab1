package cases

import (
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// statement collects an SQL statement and its arguments.
type statement struct {
	parts []string
	args  []any
	month month // of the cases that it is about
}

// of is the partition of a table that the statement's cases lie in.
func (q *statement) of(table string) string { return table + "_" + string(q.month) }

// arg adds an argument and returns its place. Ids go as PostgreSQL's own binary
// form, not by way of text.
func (q *statement) arg(v any) string {
	switch id := v.(type) {
	case uuid.UUID:
		v = pgtype.UUID{Bytes: id, Valid: true}
	case []uuid.UUID:
		ids := make([]pgtype.UUID, len(id))
		for i := range id {
			ids[i] = pgtype.UUID{Bytes: id[i], Valid: true}
		}
		v = ids
	}
	q.args = append(q.args, v)
	if n := len(q.args); n < len(places) {
		return places[n]
	}
	return "$" + strconv.Itoa(len(q.args))
}

// places are the names of the first arguments, made once.
var places = func() (p [128]string) {
	for i := range p {
		p[i] = "$" + strconv.Itoa(i)
	}
	return p
}()

// unnest makes a relation of columns: pairs of their type and their values.
func (q *statement) unnest(as string, columns ...any) string {
	var b strings.Builder
	b.Grow(16*len(columns) + len(as))
	b.WriteString("unnest(")
	for i := 0; i < len(columns); i += 2 {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(q.arg(columns[i+1]))
		b.WriteString("::")
		b.WriteString(columns[i].(string))
		b.WriteString("[]")
	}
	b.WriteString(") AS ")
	b.WriteString(as)
	return b.String()
}

func (q *statement) with(name, sql string) {
	q.parts = append(q.parts, name+" AS (\n"+sql+")")
}
