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
}

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

// row adds the arguments of one row of VALUES, each with its type.
func (q *statement) row(typed ...any) string {
	var b strings.Builder
	b.Grow(16 * len(typed))
	for i := 0; i < len(typed); i += 2 {
		b.WriteString(sep(i))
		b.WriteString(q.arg(typed[i+1]))
		b.WriteString("::")
		b.WriteString(typed[i].(string))
	}
	b.WriteByte(')')
	return b.String()
}

func sep(i int) string {
	if i == 0 {
		return "("
	}
	return ", "
}

func (q *statement) with(name, sql string) {
	q.parts = append(q.parts, name+" AS (\n"+sql+")")
}
