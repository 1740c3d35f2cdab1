package studio

import (
	"context"
	"errors"
	"net/http"
	"path"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/trial"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// trialPage is where the scenarios of a procedure are played.
const trialPage = "chay-tinh-huong"

// trials are the last runs of the scenarios, by procedure.
type trials struct {
	mu   sync.Mutex
	last map[procedures.ID]trialRun
}

// trialRun is what the scenarios showed.
type trialRun struct {
	report *trial.Report
	at     time.Time
	mark   uint64 // of the tree that was played
}

func (t *trials) of(id procedures.ID) (trialRun, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r, ok := t.last[id]
	return r, ok
}

func (t *trials) keep(id procedures.ID, r trialRun) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last = map[procedures.ID]trialRun{}
	}
	t.last[id] = r
}

// runTrial plays the scenarios of a procedure, and those of procedures that open
// it, on the real engine.
func (t *studio) runTrial(w http.ResponseWriter, r *http.Request) error {
	id := procedures.ID(chi.URLParam(r, "procedure"))
	shelf, err := t.library.now()
	if err != nil {
		return err
	}
	if !shelf.runs(id) {
		return errNotFound
	}
	report, err := t.try(r.Context(), id)
	if errors.Is(err, errFull) {
		return t.full(w, r, id)
	}
	if err != nil {
		return err
	}
	t.trials.keep(id, trialRun{report, t.Now(), shelf.mark})
	return site.See(w, r, link(id, "")+"#"+storiesSection)
}

func (t *studio) try(ctx context.Context, id procedures.ID) (*trial.Report, error) {
	db, err := t.previews.take(ctx, "")
	if err != nil {
		return nil, err
	}
	defer t.previews.give(db)
	catalogue, findings := procedures.Load(t.cfg.Tree) // of its own: decisions are watched in it
	catalogue = catalogue.Sound(findings)
	run := trial.On(db, catalogue)
	results, err := run.Play(ctx, run.Stories(func(s trial.Story) bool { return trial.Shows(catalogue, s.Procedure, id) }), nil)
	if err != nil {
		return nil, err
	}
	reports := trial.Reports(catalogue, trial.NewSources(t.cfg.Tree).Rows, results)
	trial.Propose(catalogue, reports, results)
	i := slices.IndexFunc(reports, func(r *trial.Report) bool { return r.ID == id })
	if i < 0 {
		return nil, errNotFound
	}
	return reports[i], nil
}

// coverageCell is the last run of a procedure's scenarios in a word.
func (t *studio) coverageCell(s *shelf, p *procedures.Procedure, lang string) ui.Cell {
	c := ui.Cell{Text: strconv.Itoa(len(p.Scenarios)), Sub: ui.T(lang, "chưa chạy", "not played")}
	run, ok := t.trials.of(p.ID)
	if !ok {
		return c
	}
	c.Text = strconv.Itoa(run.report.Passed) + " / " + strconv.Itoa(run.report.Scenarios) + ui.T(lang, " đạt", " passed")
	n := run.report.Coverage[trial.Transition]
	c.Sub = ui.T(lang, "bước chuyển đã đi ", "transitions taken ") + strconv.Itoa(n.Seen) + "/" + strconv.Itoa(n.Total)
	if run.mark != s.mark {
		c.Sub += ui.T(lang, ", tệp đã đổi sau đó", ", files changed since")
	}
	return c
}

// coverageView is what the last run of the scenarios showed.
type coverageView struct {
	Said      []string
	Run       *ui.FormView // plays them; nil: they cannot be played here
	Coverage  *ui.Table
	Failed    []findingView
	Uncovered []uncoveredView
}

// uncoveredView is a place that no scenario has seen.
type uncoveredView struct {
	Place, Text string
	Scenario    string // a story that leads there, as YAML; empty: no way is known
}

func (s *reporter) coverage(csrf string) *coverageView {
	v := &coverageView{}
	if s.cfg.Stage != nil && s.p != nil && len(s.p.Scenarios) > 0 && s.shelf.runs(s.id) {
		v.Run = &ui.FormView{CSRF: csrf, Action: link(s.id, trialPage)}
	}
	run, ok := s.trials.of(s.id)
	if !ok {
		return v
	}
	r := run.report
	v.Said = append(v.Said, s.t("Lần chạy gần nhất lúc ", "Last played at ")+ui.DateTime(run.at, s.lang)+": "+strconv.Itoa(r.Passed)+s.t(" trên ", " of ")+strconv.Itoa(r.Scenarios)+s.t(" tình huống đạt.", " scenarios came true."))
	if run.mark != s.shelf.mark {
		v.Said = append(v.Said, s.t("Tệp đã thay đổi sau lần chạy này.", "Files have changed since."))
	}
	table := &ui.Table{Lang: s.lang, Caption: s.t("Độ phủ của các tình huống", "What the scenarios cover"), Columns: []ui.Column{{Title: s.t("Loại", "Kind")}, {Title: s.t("Đã thấy", "Seen"), Number: true}, {Title: s.t("Tất cả", "All"), Number: true}, {Title: s.t("Kết quả", "Result")}}}
	for _, kind := range trial.Kinds {
		n := r.Coverage[kind]
		if n.Total == 0 {
			continue
		}
		tag := ui.Tag{Text: s.t("đủ", "all"), Tone: ui.Success}
		if !n.Whole() {
			tag = ui.Tag{Text: s.t("còn thiếu ", "missing: ") + strconv.Itoa(n.Total-n.Seen), Tone: ui.Warning}
		}
		table.Rows = append(table.Rows, ui.TableRow{Cells: []ui.Cell{{Text: kindText(kind, s.lang)}, {Text: strconv.Itoa(n.Seen)}, {Text: strconv.Itoa(n.Total)}, {Tag: tag}}})
	}
	v.Coverage = table
	for _, f := range r.Failed {
		for _, one := range f.Failures {
			view := findingView{Tag: ui.Tag{Text: s.t("Không đạt", "Failed"), Tone: ui.Danger}, Code: f.ID, Place: path.Join(s.cfg.Prefix, f.File) + ":" + strconv.Itoa(max(one.Line, f.Line)),
				Message: one.Place + ": " + one.What + " is " + or(one.Got, "nothing"), Lines: s.source(f.File, max(one.Line, f.Line))}
			if one.Want != "" {
				view.Message += "; the scenario says " + one.Want
			}
			v.Failed = append(v.Failed, view)
		}
	}
	for _, u := range r.Uncovered {
		v.Uncovered = append(v.Uncovered, uncoveredView{Place: path.Join(s.cfg.Prefix, string(s.id), u.File) + ":" + strconv.Itoa(u.Line), Text: u.Text, Scenario: u.Scenario})
	}
	return v
}

func kindText(k trial.Kind, lang string) string {
	switch k {
	case trial.Transition:
		return ui.T(lang, "Bước chuyển", "Transitions")
	case trial.Guard:
		return ui.T(lang, "Điều kiện, cả hai phía", "Conditions, both ways")
	case trial.Rule:
		return ui.T(lang, "Quy tắc của tờ khai, cả hai phía", "Rules of the form, both ways")
	case trial.Fee:
		return ui.T(lang, "Dòng lệ phí, cả hai phía", "Rows of fees, both ways")
	case trial.Limit:
		return ui.T(lang, "Dòng thời hạn, cả hai phía", "Rows of terms, both ways")
	case trial.Variant:
		return ui.T(lang, "Trường hợp, cả hai phía", "Variants, both ways")
	}
	return string(k)
}
