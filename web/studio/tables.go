package studio

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/web/ui"
)

// tables are the fees and the legal terms, row by row with their law.
func (s *reporter) tables() sectionView {
	v := s.section(tablesSection, s.t("Bảng lệ phí và thời hạn", "Tables of fees and terms"))
	if s.p == nil {
		return v
	}
	if v.sound() && len(s.p.Limits) > 0 {
		v.Proved = []string{s.t("Với mọi hồ sơ và mọi ngày, mỗi bảng cho đúng một dòng; dòng nào cũng có căn cứ pháp luật; thời gian của cán bộ nằm gọn trong thời hạn.",
			"For every case and day each table has exactly one row; each row has its law; the officers' budgets fit into the term.")}
	}
	when := ui.Column{Title: s.t("Áp dụng khi", "Applies when")}
	law := ui.Column{Title: s.t("Căn cứ", "Law")}
	if len(s.p.Fees) > 0 {
		table := ui.Table{Lang: s.lang, Caption: s.t("Lệ phí", "Fees"), Columns: []ui.Column{{Title: s.t("Mức", "Fee")}, {Title: s.t("Số tiền", "Amount"), Number: true}, when, law}}
		for _, f := range s.p.Fees {
			table.Rows = append(table.Rows, ui.TableRow{Cells: []ui.Cell{{Text: f.Title.In(s.lang), Sub: s.valid(f.From, f.Until)}, amount(f.Amount), s.condition(f.When), {Text: f.Law}}})
		}
		v.Tables = append(v.Tables, table)
	}
	if len(s.p.Limits) > 0 {
		table := ui.Table{Lang: s.lang, Caption: s.t("Thời hạn giải quyết", "Legal terms"), Columns: []ui.Column{{Title: s.t("Trường hợp", "Case")}, {Title: s.t("Thời hạn", "Term")}, when, law}}
		for _, l := range s.p.Limits {
			term := ui.Cell{Text: delay(l.Limit, s.lang)}
			if l.CutOff != "" {
				term.Sub = s.t("nhận sau ", "received after ") + l.CutOff + s.t(": tính từ ngày làm việc sau", ": the next working day")
			}
			table.Rows = append(table.Rows, ui.TableRow{Cells: []ui.Cell{{Text: l.Title.In(s.lang), Sub: s.valid(l.From, l.Until)}, term, s.condition(l.When), {Text: l.Law}}})
		}
		v.Tables = append(v.Tables, table)
	}
	return v
}

// amount is a fee: money when it is a plain number, else how it is reckoned.
func amount(p *expr.Program) ui.Cell {
	if p == nil {
		return ui.Cell{}
	}
	if n, err := strconv.ParseInt(p.Source, 10, 64); err == nil {
		return ui.Cell{Text: ui.Money(n)}
	}
	return ui.Cell{Body: code(p.Source)}
}

func (s *reporter) condition(p *expr.Program) ui.Cell {
	if p == nil {
		return ui.Cell{Text: s.t("mọi trường hợp còn lại", "all other cases")}
	}
	return ui.Cell{Body: code(p.Source)}
}

// valid is when a row holds, by the day of filing.
func (s *reporter) valid(from, until string) string {
	out := ""
	if from != "" {
		out = s.t("từ ", "from ") + ui.ISODate(from)
	}
	if until != "" {
		out += s.t(" đến hết ", " until ") + ui.ISODate(until)
	}
	return out
}

// sorted are the keys of a map in their order.
func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
