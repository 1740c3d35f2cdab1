package site

import (
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/ui"
)

func changesTable(lang string, changes []cases.Change) ui.Table {
	t := ui.Table{Lang: lang, Caption: ui.T(lang, "Những gì đã thay đổi", "What has changed"), Quiet: true,
		Columns: []ui.Column{{Title: ui.T(lang, "Mục", "Item")}, {Title: ui.T(lang, "Trước", "Before")}, {Title: ui.T(lang, "Nay", "Now")}}}
	for _, c := range changes {
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: c.What.In(lang)}, {Text: c.Before.In(lang)}, {Text: c.After.In(lang)}}})
	}
	return t
}

// home is where the page of an error leads to.
func home(f ui.Frame) string {
	if f.Home == "" {
		return "/"
	}
	return f.Home
}
