package trial

import (
	"fmt"
	"strconv"
	"strings"
)

// Names of what a story may have read of the tables and values of a procedure.
// Stories need not have seen them: a table holds rows of days that are over.

func figureName(table string, row int) string { return fmt.Sprintf("tables.%s row %d", table, row+1) }

func valueName(value string) string { return "values." + value }

// figures: another amount in a row of a table, and the mistakes of an expression
// in a value.
func (m *mutator) figures() {
	tables := m.root.get("tables")
	for i, name := range keysOf(tables) {
		for j, row := range tables.values[i].get("rows").list() {
			m.amounts(row.get("value"), figureName(name, j))
		}
	}
	values := m.root.get("values")
	for i, name := range keysOf(values) {
		is := values.values[i].get("is")
		if is == nil {
			continue
		}
		others := otherwise(is.text)
		switch values.values[i].get("as").text {
		case "money", "number":
			others[0] = "(" + is.text + ") + 1"
		case "date":
			others[0] = "plusDays(" + is.text + ", 1)"
		case "text":
			others[0] = "(" + is.text + ") + 'x'"
		}
		for _, other := range others {
			m.put(is, scalarText(other), fmt.Sprintf("%s: %s", valueName(name), other), valueName(name))
		}
	}
}

// amounts makes each number within a value greater by a tenth.
func (m *mutator) amounts(v *value, point string) {
	if v == nil {
		return
	}
	for _, inner := range v.values {
		m.amounts(inner, point)
	}
	if n, err := strconv.ParseFloat(v.text, 64); err == nil && len(v.values) == 0 && !strings.HasPrefix(v.literal, `"`) {
		more := n + n/10
		if n == float64(int64(n)) {
			more = n + float64(max(1, int64(n)/10))
		}
		other := strconv.FormatFloat(more, 'f', -1, 64)
		m.put(v, &value{literal: other}, fmt.Sprintf("%s: %s instead of %s", point, other, v.text), point)
		m.out[len(m.out)-1].asSeen = true
	}
}
