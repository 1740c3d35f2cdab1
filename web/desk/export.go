package desk

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// listFilePath is where lists stand as files.
const listFilePath = site.DeskPath + "/tai-danh-sach"

// exportPath is the address of the list as a file, from its first page.
func (l list) exportPath() string {
	return listFilePath + strings.TrimPrefix(l.at("").path(), site.QueuePath)
}

// export sends the list as CSV, with the filters of the page. It begins with the
// mark by which spreadsheets know UTF-8.
func (d *desk) export(w http.ResponseWriter, r *http.Request) error {
	l := listOf(chi.URLParam(r, "procedure"), r.URL.Query())
	if _, ok := d.Procedures.Get(l.Procedure); l.Procedure != "" && !ok {
		return cases.ErrNotFound
	}
	tabs := []cases.Tab{l.Tab}
	if due, urgent := urgencyDue[l.Urgent]; urgent {
		tabs, l.Due = []cases.Tab{cases.TabMine, cases.TabUnassigned}, due
	}
	var lists []*cases.Exported
	for _, tab := range tabs {
		q := l.query()
		q.Tab = tab
		e, err := d.Cases.Export(r.Context(), site.Actor(r), q)
		if err != nil {
			return err
		}
		lists = append(lists, e)
	}
	lang := site.Lang(r)
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "ho-so-"+d.Now().Format("2006-01-02")+".csv"))
	if err := d.writeCSV(w, r, lists, lang); err != nil {
		// The status has been sent: a broken connection says that the file is not whole.
		d.Log.ErrorContext(r.Context(), "an export ended early", "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (d *desk) writeCSV(w http.ResponseWriter, r *http.Request, lists []*cases.Exported, lang string) error {
	if _, err := w.Write([]byte("\ufeff")); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write(exportHeads(lang)); err != nil {
		return err
	}
	left := false
	for _, e := range lists {
		next, err := e.Each(r.Context(), func(rows []cases.WorkRow) error {
			for _, row := range rows {
				if err := out.Write(d.exportRow(row, lang)); err != nil {
					return err
				}
			}
			out.Flush()
			return out.Error()
		})
		if err != nil {
			return err
		}
		left = left || next != ""
	}
	if left {
		most := ui.Count(cases.ExportMost)
		if err := out.Write([]string{ui.T(lang, "Chỉ gồm "+most+" hồ sơ đầu của danh sách. Ông/Bà thu hẹp bộ lọc để tải phần còn lại.",
			"These are the first "+most+" cases of the list. Narrow the filters down to get the others.")}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func exportHeads(lang string) []string {
	return []string{ui.T(lang, "Mã hồ sơ", "Case"), ui.T(lang, "Thủ tục", "Procedure"), ui.T(lang, "Trường hợp", "Variant"), ui.T(lang, "Bước", "Step"),
		ui.T(lang, "Người được giải quyết", "Person concerned"), ui.T(lang, "Người nộp", "Applicant"), ui.T(lang, "Cơ quan tiếp nhận", "Received by"),
		ui.T(lang, "Cơ quan giải quyết", "Decided by"), ui.T(lang, "Người xử lý", "Holder"), ui.T(lang, "Ngày nộp", "Filed"), ui.T(lang, "Hạn xử lý", "Task due"),
		ui.T(lang, "Hạn trả kết quả", "Case due"), ui.T(lang, "Ngày kết thúc", "Ended")}
}

func (d *desk) exportRow(row cases.WorkRow, lang string) []string {
	cells := []string{string(row.Code), row.Title.In(lang), row.VariantOf.In(lang), row.StateTitle.In(lang), row.Subject, row.Applicant,
		d.agencyName(row.Receiving, lang), d.agencyName(row.Competent, lang), row.HolderName, ui.Date(row.FiledAt), dueDay(row.TaskDueAt), dueDay(row.DueAt), ""}
	if !row.ClosedAt.IsZero() {
		cells[len(cells)-1] = ui.Date(row.ClosedAt)
	}
	for i, cell := range cells {
		// A spreadsheet takes these for the beginning of a formula.
		if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
			cells[i] = "'" + cell
		}
	}
	return cells
}
