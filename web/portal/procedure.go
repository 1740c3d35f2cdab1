package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// procedureView is the page of one procedure.
type procedureView struct {
	Lang     string
	Official string // name and national code
	P        *procedures.Procedure
	Known    []ui.Row // by whom it is about: what is not asked
	Asked    []ui.Row
	Cases    []ui.Row // how many questions and papers in each legal case; none: there is one
	Papers   []ui.Row
	Fees     ui.Table
	Limits   []ui.Row
	Real     []string // how long it really takes; none: no case has ended yet
	Begin    beginView
	Faults   *faultsView // mistakes of what its author saved last; nil: none
}

// beginView is what one can press on the page of a procedure.
type beginView struct {
	SignIn string // where to sign in; empty: somebody is signed in
	Level  int
	CSRF   string
	Action string
	Draft  *ui.ButtonView // goes on with a draft
	Case   *ui.Link       // sees an open case
	Barred bool           // an officer is signed in
}

// procedure tells all about a procedure, to everybody.
func (p *portal) procedure(w http.ResponseWriter, r *http.Request) error {
	if shown, err := p.onlyFaults(w, r); shown {
		return err
	}
	proc, err := p.service(r)
	if err != nil {
		return err
	}
	lang := site.Lang(r)
	v := procedureView{Lang: lang, P: proc, Faults: p.faults(proc.ID, lang, true), Official: proc.Official.In(lang) + ui.T(lang, " · mã thủ tục ", " · national code ") + proc.Code}
	p.once(&v)
	v.Papers = p.papersOf(proc, lang)
	v.Fees = feeTable(proc, p.Now().In(calendar.Hanoi).Format(time.DateOnly), lang)
	for _, l := range proc.Limits {
		row := ui.Row{Label: l.Title.In(lang), Value: termWords(l.Limit, lang), Source: l.Law}
		if l.CutOff != "" {
			row.Note = ui.T(lang, "Nhận sau "+l.CutOff+" thì tính từ ngày làm việc tiếp theo", "What arrives after "+l.CutOff+" counts from the next working day")
		}
		v.Limits = append(v.Limits, row)
	}
	if f := p.figures.of(r, p.Site, proc.ID); f != nil && f.Ended > 0 {
		v.Real = realTime(f, lang)
	}
	if v.Begin, err = p.begin(r, proc, lang); err != nil {
		return err
	}
	return p.Render(w, r, http.StatusOK, procedurePage(p.Frame(r, proc.Name.In(lang)), v))
}

// service is the procedure that the path names; internal ones have no page.
func (p *portal) service(r *http.Request) (*procedures.Procedure, error) {
	proc, ok := p.Procedures.Get(procedures.ID(chi.URLParam(r, "procedure")))
	if !ok || proc.Internal {
		return nil, cases.ErrNotFound
	}
	return proc, nil
}

// once lists what the registries answer and what has to be asked, as the
// once-only rule proved it.
func (p *portal) once(v *procedureView) {
	proof := p.Procedures.Proof(v.P)
	if proof == nil {
		return
	}
	type source struct{ subject, registry string }
	at := map[source]int{}
	for _, row := range proof.Rows {
		title := row.Title.In(v.Lang)
		if !row.Filled {
			v.Asked = append(v.Asked, ui.Row{Label: title, Value: row.Because.In(v.Lang), Source: row.Law})
			continue
		}
		key := source{row.Subject, row.Registry}
		i, ok := at[key]
		if !ok {
			i = len(v.Known)
			at[key] = i
			name := row.Subject
			if s := v.P.Subject(row.Subject); s != nil && s.Title.VI != "" {
				name = s.Title.In(v.Lang)
			}
			v.Known = append(v.Known, ui.Row{Label: name, Source: p.registry(row.Registry, v.Lang)})
		}
		if !slices.Contains(v.Known[i].Lines, title) {
			v.Known[i].Lines = append(v.Known[i].Lines, title)
		}
	}
	if len(proof.Variants) > 1 {
		v.Cases = casesOf(v.P, proof.Variants, v.Lang)
	}
	for i, row := range v.Known {
		v.Known[i].Value, v.Known[i].Lines = strings.Join(row.Lines, "; "), nil
	}
}

// casesOf says how much each legal case takes: what is filled in, and what there
// is to answer and to hand in at most.
func casesOf(proc *procedures.Procedure, counts []forms.VariantCounts, lang string) []ui.Row {
	var rows []ui.Row
	for _, n := range counts {
		row := ui.Row{Label: proc.Variant(n.ID).Title.In(lang)}
		row.Lines = append(row.Lines, ui.T(lang, fmt.Sprintf("Điền sẵn %d mục; cần khai nhiều nhất %d mục", n.Filled, n.Asked), fmt.Sprintf("%d filled in; at most %d to answer", n.Filled, n.Asked)))
		switch {
		case n.Papers == 0:
			row.Lines = append(row.Lines, ui.T(lang, "Không phải nộp giấy tờ", "No papers"))
		case n.PapersReplaced == 0:
			row.Lines = append(row.Lines, ui.T(lang, fmt.Sprintf("Giấy tờ: nhiều nhất %d", n.Papers), fmt.Sprintf("Papers: at most %d", n.Papers)))
		default:
			row.Lines = append(row.Lines, ui.T(lang, fmt.Sprintf("Giấy tờ: nhiều nhất %d, trong đó %d chỉ nộp khi cơ sở dữ liệu không trả lời", n.Papers, n.PapersReplaced),
				fmt.Sprintf("Papers: at most %d, of which %d only when a register does not answer", n.Papers, n.PapersReplaced)))
		}
		rows = append(rows, row)
	}
	return rows
}

func (p *portal) papersOf(proc *procedures.Procedure, lang string) []ui.Row {
	var rows []ui.Row
	for _, a := range proc.Attachments {
		row := ui.Row{Label: a.Title.In(lang), Value: a.Because.In(lang), Source: a.Law}
		switch {
		case a.ReplacedBy != "":
			row.Note = ui.T(lang, "Không phải nộp khi "+p.registry(a.ReplacedBy, "vi")+" trả lời.", "Not needed when this register answers: "+p.registry(a.ReplacedBy, "en")+".")
		case a.Optional:
			row.Note = ui.T(lang, "Không bắt buộc.", "Optional.")
		case a.When != nil:
			row.Note = ui.T(lang, "Chỉ nộp trong trường hợp này.", "Only where this is so.")
		}
		rows = append(rows, row)
	}
	return rows
}

// feeTable are the rows of the fee table that hold today.
func feeTable(proc *procedures.Procedure, today, lang string) ui.Table {
	t := ui.Table{Lang: lang, Caption: ui.T(lang, "Số tiền phải nộp", "What you pay"), Quiet: true, Empty: ui.T(lang, "Không phải nộp tiền.", "There is nothing to pay."),
		Columns: []ui.Column{{Title: ui.T(lang, "Trường hợp", "Case")}, {Title: ui.T(lang, "Mức thu", "Amount"), Number: true}}}
	for _, f := range proc.Fees {
		if f.From != "" && today < f.From || f.Until != "" && today > f.Until {
			continue
		}
		title := f.Law
		if f.Until != "" {
			title += ui.T(lang, " · đến hết ngày ", " · until the end of ") + ui.ISODate(f.Until)
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: f.Title.In(lang), Sub: title}, {Text: amount(f, lang)}}})
		if f.When == nil {
			break // what stands below holds on other days
		}
	}
	return t
}

// amount is a row's fee where it is the same for everybody.
func amount(f *procedures.Fee, lang string) string {
	n, err := f.Amount.Eval(map[string]any{})
	if v, ok := n.(int64); ok && err == nil {
		if v == 0 {
			return ui.T(lang, "Không thu", "None")
		}
		return ui.Money(v)
	}
	return ui.T(lang, "Tính theo từng hồ sơ", "Worked out for each case")
}

// termWords is a legal term in words.
func termWords(d calendar.Duration, lang string) string {
	if d.N == 0 {
		return ui.T(lang, "Trong ngày làm việc", "The same working day")
	}
	return inWords(d, lang)
}

// hoursOfDay is how many hours of office time make a working day.
const hoursOfDay = 8

func realTime(f *cases.ProcedureFigures, lang string) []string {
	out := []string{
		ui.T(lang, "Một nửa số hồ sơ xong trong ", "Half of the cases are done within ") + workingTime(f.Total.Median, lang) +
			ui.T(lang, "; chín phần mười xong trong ", "; nine in ten within ") + workingTime(f.Total.P90, lang) + ".",
		ui.T(lang, "Trong đó cơ quan giữ hồ sơ ", "Of that the agency has the case for ") + workingTime(f.Agency.Median, lang) + ui.T(lang, " (trung vị).", " (median)."),
	}
	if f.WithTerm > 0 {
		out = append(out, ui.T(lang, "Đúng hạn: ", "In time: ")+ui.Count(int64(f.OnTime*100/f.WithTerm))+" %.")
	}
	return append(out, ui.T(lang, "Tính trên ", "Over ")+ui.Count(int64(f.Ended))+ui.T(lang, " hồ sơ đã kết thúc trong 12 tháng qua.", " cases that ended in the last 12 months."))
}

// workingTime is office time in words: below a day in hours, else in days rounded up.
func workingTime(hours float64, lang string) string {
	if hours < hoursOfDay {
		return termWords(calendar.Duration{N: max(1, int(hours+0.999)), Unit: calendar.WorkingHours}, lang)
	}
	return termWords(calendar.Duration{N: int((hours + hoursOfDay - 0.001) / hoursOfDay), Unit: calendar.WorkingDays}, lang)
}

// begin says what who is signed in may press.
func (p *portal) begin(r *http.Request, proc *procedures.Procedure, lang string) (beginView, error) {
	path := proceduresPath + "/" + string(proc.ID)
	b := beginView{Level: proc.Level, Action: path + "/bat-dau"}
	who := identity.From(r.Context())
	switch {
	case who == nil:
		b.SignIn = p.Identity.SignInPath(proc.Level, path+"/cho-ai")
		return b, nil
	case who.Kind != agency.Citizen:
		b.Barred = true
		return b, nil
	case who.Level < proc.Level:
		b.SignIn = p.Identity.SignInPath(proc.Level, path+"/cho-ai")
		return b, nil
	}
	b.CSRF = who.CSRF()
	drafts, err := p.Cases.Drafts(r.Context(), who.Actor)
	if err != nil {
		return b, err
	}
	if i := slices.IndexFunc(drafts, func(d *cases.Draft) bool { return d.Procedure.ID == proc.ID }); i >= 0 {
		b.Draft = &ui.ButtonView{Href: draftPath(drafts[i].ID, ""), Text: ui.T(lang, "Tiếp tục hồ sơ đang khai", "Go on with your draft"),
			Hidden: " (" + ui.T(lang, "lưu ", "saved ") + ui.Ago(drafts[i].SavedAt, p.Now(), lang) + ")"}
	}
	filed, _, err := p.Cases.Mine(r.Context(), who.Actor, cases.MineOpen, "", mineLimit)
	if err != nil {
		return b, err
	}
	if i := slices.IndexFunc(filed, func(s cases.Summary) bool { return s.Procedure == proc.ID && !s.SubCase }); i >= 0 {
		b.Case = &ui.Link{Href: caseLink(filed[i].Code, ""), Text: ui.T(lang, "Xem hồ sơ đã nộp ", "See the case filed ") + string(filed[i].Code)}
	}
	return b, nil
}

// figures are the public figures, read at most every figuresAge: they sum up a
// year of cases, and the page is open to everybody.
type figures struct {
	mu   sync.Mutex
	at   time.Time // when they were asked for last
	last *cases.Statistics
}

const figuresAge = 10 * time.Minute

// of returns the figures of a procedure; nil when there are none. One request
// reads them anew; meanwhile, and while they cannot be read, the old ones serve.
func (f *figures) of(r *http.Request, s *site.Site, id procedures.ID) *cases.ProcedureFigures {
	f.mu.Lock()
	last, now := f.last, s.Now()
	due := now.Sub(f.at) > figuresAge
	if due {
		f.at = now
	}
	f.mu.Unlock()
	if due {
		fresh, err := s.Cases.Statistics(r.Context())
		if err != nil {
			s.Log.WarnContext(r.Context(), "the public figures could not be read", "error", err)
		} else {
			last = fresh
			f.mu.Lock()
			f.last = fresh
			f.mu.Unlock()
		}
	}
	if last == nil {
		return nil
	}
	for i := range last.Procedures {
		if last.Procedures[i].Procedure == id {
			return &last.Procedures[i]
		}
	}
	return nil
}
