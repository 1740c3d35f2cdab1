package desk

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/resident/quality"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// measuredFor is how long a measurement is shown before the next one is taken:
// it reads whole tables.
const measuredFor = 10 * time.Minute

// exampleCount is how many who break a rule are shown by number.
const exampleCount = 50

// qualityBasis is the law by which who keeps the records looks at single ones.
const qualityBasis = "law: Luật Căn cước 26/2023/QH15, Điều 9 và 10"

// measurements keep what was measured, by the communes that it is about.
type measurements struct {
	mu  sync.Mutex
	of  map[string]measured
	now func() time.Time
}

type measured struct {
	rows []quality.Row
	at   time.Time
}

// take measures, or returns what was measured a moment ago. One at a time: the
// second who asks finds what the first had measured.
func (m *measurements) take(ctx context.Context, measure func(context.Context, time.Time) ([]quality.Row, error), scope string) (measured, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if got, ok := m.of[scope]; ok && now.Sub(got.at) < measuredFor {
		return got, nil
	}
	rows, err := measure(ctx, now)
	if err != nil {
		return measured{}, err
	}
	m.of[scope] = measured{rows, now}
	return m.of[scope], nil
}

// qualityView is the page of how good the records are.
type qualityView struct {
	About string
	Table ui.Table
}

// examplesView is the page of some who break a rule.
type examplesView struct {
	About    string
	Back     string
	Form     ui.FormView
	Reason   ui.Field
	Problems []ui.Problem
	Table    *ui.Table // nil: it was not said yet why they are looked at
}

// overseen are the communes whose records the reader answers for, as leader or
// operator, in the order of their codes. It is cases.ErrForbidden for others.
func (d *desk) overseen(a agency.Actor) (communes []string, at agency.ID, err error) {
	units := d.Agencies.Units()
	for _, seat := range a.Seats {
		if seat.Role != agency.Leader && seat.Role != agency.Operator {
			continue
		}
		of, ok := d.Agencies.Agency(seat.Agency)
		if !ok {
			continue
		}
		at = seat.Agency
		if len(of.UnitCode) != 2 {
			communes = append(communes, of.UnitCode)
			continue
		}
		for _, c := range units.Communes(of.UnitCode) {
			communes = append(communes, c.Code)
		}
	}
	if len(communes) == 0 {
		return nil, "", cases.ErrForbidden
	}
	slices.Sort(communes)
	return slices.Compact(communes), at, nil
}

// quality shows how many records of the reader's communes break each rule, and
// which procedures mend them.
func (d *desk) quality(w http.ResponseWriter, r *http.Request) error {
	lang := site.Lang(r)
	communes, _, err := d.overseen(site.Actor(r))
	if err != nil {
		return err
	}
	got, err := d.measured.take(r.Context(), func(ctx context.Context, now time.Time) ([]quality.Row, error) {
		return quality.Measure(ctx, d.DB, communes, now, "")
	}, strings.Join(communes, " "))
	if err != nil {
		return err
	}
	f := d.frame(r, ui.T(lang, "Chất lượng dữ liệu dân cư", "Quality of the resident records"))
	v := qualityView{About: ui.T(lang, "Người có nơi thường trú trong địa bàn của Ông/Bà. Đo lúc ", "People whose permanent address is in your area. Measured at ") + ui.DateTime(got.at, lang) + ".",
		Table: ui.Table{Lang: lang, Caption: f.Title, Quiet: true, Columns: []ui.Column{{Title: ui.T(lang, "Tiêu chí", "Aspect")}, {Title: ui.T(lang, "Điều chưa đạt", "What is wrong")},
			{Title: ui.T(lang, "Số hồ sơ dân cư", "Records"), Number: true}, {Title: ui.T(lang, "Thủ tục sửa được", "Mended by")}}}}
	for _, row := range got.rows {
		cells := []ui.Cell{{Text: row.Aspect.In(lang)}, {Text: ui.T(lang, row.VI, row.EN)}, {Text: ui.Count(row.Count), Digits: true}, {Text: d.mending(row.Mends, lang)}}
		if row.Count > 0 {
			cells[1].Href = site.QualityPath + "/" + row.ID
		}
		v.Table.Rows = append(v.Table.Rows, ui.TableRow{Cells: cells})
	}
	return d.Render(w, r, http.StatusOK, qualityPage(f, v))
}

// mending are the procedures that make one of the types of change, in words.
func (d *desk) mending(types []string, lang string) string {
	var names []string
	for _, p := range d.Procedures.Changing(types) {
		names = append(names, p.Name.In(lang))
	}
	if len(names) == 0 {
		return ui.T(lang, "Cán bộ xem xét từng trường hợp", "An officer looks at each")
	}
	return strings.Join(names, "; ")
}

// examples asks why single records are looked at, and then shows some of them.
func (d *desk) examples(w http.ResponseWriter, r *http.Request) error {
	lang, a := site.Lang(r), site.Actor(r)
	communes, at, err := d.overseen(a)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "rule")
	rules := quality.Rules()
	i := slices.IndexFunc(rules, func(q quality.Rule) bool { return q.ID == id })
	if i < 0 {
		return cases.ErrNotFound
	}
	f := d.frame(r, ui.T(lang, "Các trường hợp cụ thể", "Single records"))
	f.Path = site.QualityPath + "/" + id
	reason := strings.TrimSpace(r.PostFormValue("reason"))
	v := examplesView{About: ui.T(lang, rules[i].VI, rules[i].EN), Back: site.QualityPath, Form: ui.FormView{Action: site.QualityPath + "/" + id, CSRF: f.CSRF},
		Reason: ui.Field{Lang: lang, Name: "reason", Kind: forms.TextareaWidget, Rows: 2, Value: reason, Label: ui.T(lang, "Vì sao xem các trường hợp này", "Why you look at these records"),
			Hint: ui.T(lang, "Người dân đọc được lý do này trong nhật ký truy cập dữ liệu của mình.", "The citizens read it in the log of who read their data.")}}
	if r.Method != http.MethodPost {
		return d.Render(w, r, http.StatusOK, examplesPage(f, v))
	}
	if reason == "" {
		v.Reason.Error = ui.T(lang, "Nhập lý do", "Give the reason")
		v.Problems = ui.Problems([]ui.Field{v.Reason})
		f.Error = true
		return d.Render(w, r, http.StatusUnprocessableEntity, examplesPage(f, v))
	}
	list, err := quality.Examples(r.Context(), d.DB, registry.Purpose{Reader: a.ID, ReaderKind: string(a.Kind), Agency: string(at), Text: reason, Basis: qualityBasis}, id, communes, exampleCount, d.Now())
	if err != nil {
		return err
	}
	v.Table = &ui.Table{Lang: lang, Caption: v.About, Columns: []ui.Column{{Title: ui.T(lang, "Số định danh hoặc hộ", "Personal number or household")}}, Empty: ui.T(lang, "Không còn trường hợp nào.", "There are none any more.")}
	for _, n := range list {
		v.Table.Rows = append(v.Table.Rows, ui.TableRow{Cells: []ui.Cell{{Text: strings.Replace(n, "household", ui.T(lang, "Hộ", "Household"), 1), Digits: true}}})
	}
	return d.Render(w, r, http.StatusOK, examplesPage(f, v))
}
