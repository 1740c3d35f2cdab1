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
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/trial"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// trialPage is where the scenarios of a procedure are played.
const trialPage = "chay-tinh-huong"

// longestTrial is how long the scenarios of a procedure may take.
const longestTrial = 10 * time.Minute

// trials are the last runs of the scenarios, by procedure, and those under way.
type trials struct {
	mu   sync.Mutex
	last map[procedures.ID]trialRun
	now  map[procedures.ID]*progress
}

// progress is how far a run is.
type progress struct{ done, of int }

// trialRun is what the scenarios showed.
type trialRun struct {
	report *trial.Report
	failed error // the run itself; report is nil
	at     time.Time
	mark   uint64 // of the tree that was played
}

func (t *trials) of(id procedures.ID) (trialRun, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r, ok := t.last[id]
	return r, ok
}

// begin notes that a run begins; false: one is under way.
func (t *trials) begin(id procedures.ID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now == nil {
		t.now, t.last = map[procedures.ID]*progress{}, map[procedures.ID]trialRun{}
	}
	if t.now[id] != nil {
		return false
	}
	t.now[id] = &progress{}
	return true
}

// at notes, or tells, how far the run of a procedure is.
func (t *trials) at(id procedures.ID, note func(*progress)) (progress, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.now[id]
	if p == nil {
		return progress{}, false
	}
	if note != nil {
		note(p)
	}
	return *p, true
}

// end keeps what a run has shown.
func (t *trials) end(id procedures.ID, r trialRun) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.now, id)
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
	if !t.trials.begin(id) {
		return site.See(w, r, link(id, "")+"#"+storiesSection)
	}
	db, err := t.previews.take(r.Context(), "")
	if err != nil {
		t.trials.end(id, trialRun{failed: err, at: t.Now(), mark: shelf.mark})
		if errors.Is(err, errFull) {
			return t.full(w, r, id)
		}
		return err
	}
	// The scenarios of a large procedure take longer than a browser waits.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), longestTrial)
	go func() {
		defer cancel()
		defer t.previews.give(db)
		report, err := t.try(ctx, db, id)
		if err != nil {
			t.Log.ErrorContext(ctx, "play the scenarios", "procedure", id, "error", err)
		}
		t.trials.end(id, trialRun{report: report, failed: err, at: t.Now(), mark: shelf.mark})
	}()
	return site.See(w, r, link(id, "")+"#"+storiesSection)
}

func (t *studio) try(ctx context.Context, db *stage.Database, id procedures.ID) (*trial.Report, error) {
	catalogue, findings := procedures.Load(t.cfg.Tree) // of its own: decisions are watched in it
	catalogue = catalogue.Sound(findings)
	run := trial.On(db, catalogue)
	stories := run.Stories(func(s trial.Story) bool { return trial.Shows(catalogue, s.Procedure, id) })
	t.trials.at(id, func(p *progress) { p.of = len(stories) })
	results, err := run.Play(ctx, stories, func(*trial.Result) { t.trials.at(id, func(p *progress) { p.done++ }) })
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
	if len(p.Scenarios) == 0 {
		return ui.Cell{Text: "–"}
	}
	run, ok := t.trials.of(p.ID)
	if _, under := t.trials.at(p.ID, nil); under {
		c.Sub = ui.T(lang, "đang chạy", "being played")
		return c
	}
	if !ok || run.report == nil {
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
	Again     *ui.Link     // looks how far a run is; nil: none is under way
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
	if at, under := s.trials.at(s.id, nil); under {
		v.Run = nil
		v.Again = &ui.Link{Text: s.t("Xem lại", "Look again"), Href: link(s.id, "") + "?lan=" + strconv.Itoa(at.done) + "#" + storiesSection}
		v.Said = append(v.Said, s.t("Đang chạy: xong ", "Being played: ")+strconv.Itoa(at.done)+s.t(" trên ", " of ")+strconv.Itoa(at.of)+s.t(" tình huống.", " scenarios are done."))
		return v
	}
	run, ok := s.trials.of(s.id)
	if !ok {
		return v
	}
	r := run.report
	if r == nil {
		v.Said = append(v.Said, s.t("Lần chạy gần nhất không xong: ", "The last run did not come to its end: ")+run.failed.Error())
		return v
	}
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
