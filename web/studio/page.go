package studio

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// walkView is the page of a preview: one role in the middle, the case beside it,
// and below what has happened.
type walkView struct {
	About    string
	Tabs     []ui.Link
	Problems []ui.Problem
	Refusal  *ui.Banner
	Hat      string // who the author is now
	Filing   *filingView
	Status   string // of the case of the hat
	About0   string // code and procedure of that case
	Nothing  string // why the hat has nothing to do; empty: it has
	Actions  []actionView
	Act      *actView
	Signals  []signalView
	Answers  []rowsOf
	Moments  []momentView
	Facts    []ui.Fact
	Clock    clockView
	Silence  silenceView
	Story    ui.ButtonView
	End      ui.FormView
}

// clockView moves the clock.
type clockView struct {
	Now     string
	Next    string // the next time-out; empty: none
	Error   string
	Forms   []clockButton
	Fields  []ui.Field
	ToDate  ui.FormView
	Timeout ui.FormView
}

type clockButton struct {
	Form ui.FormView
	Text string
}

type silenceView struct {
	Field *ui.Field
	Form  ui.FormView
}

// drawn is a page that is shown again, with what was typed and what is wrong.
type drawn struct {
	Status   int // 0: 200
	Typed    url.Values
	Problems []forms.Problem
	Refusal  string // why nothing was done
	Clock    string // what is wrong with the time that was typed
}

// showWalk shows the preview in one role.
func (t *studio) showWalk(w http.ResponseWriter, r *http.Request, k *walk) error {
	return t.draw(w, r, k, drawn{})
}

func (t *studio) draw(w http.ResponseWriter, r *http.Request, k *walk, d drawn) error {
	ctx, lang := r.Context(), site.Lang(r)
	hats, err := k.hats(ctx)
	if err != nil {
		return err
	}
	key := or(r.FormValue(hatKey), busiest(hats))
	f := t.frame(r, ui.T(lang, "Xem thử: ", "Preview: ")+k.procedure.Name.In(lang), link(k.procedure.ID, previewPage))
	if r.Method != http.MethodGet {
		f.Path = t.back(k, key)
	}
	v := walkView{About: k.applicant.Name + " · " + string(k.procedure.ID) + " · " + short(k.procedure.Hash), Tabs: t.hatTabs(k, hats, key, lang)}
	i := slices.IndexFunc(hats, func(h hat) bool { return h.Key == key })
	switch {
	case key == outsideHat:
		v.Hat = ui.T(lang, "Thế giới bên ngoài", "The world outside")
		v.Signals = t.signals(f, k, hats)
		if len(v.Signals) == 0 {
			v.Nothing = ui.T(lang, "Lúc này không hồ sơ nào chờ tin từ bên ngoài. Các cơ sở dữ liệu của môi trường thử tự trả lời.", "No case waits for word from outside now. The sandbox's registers answer by themselves.")
		}
	case i < 0:
		return errNotFound
	default:
		if err := t.inHat(r, &v, f, k, hats[i], d); err != nil {
			return err
		}
	}
	if d.Refusal != "" {
		v.Refusal = &ui.Banner{Tone: ui.Danger, Heading: ui.T(lang, "Chưa thực hiện", "Not done"), Text: d.Refusal}
	}
	if v.Facts, err = t.walkFacts(ctx, k, lang); err != nil {
		return err
	}
	if v.Clock, err = t.clockView(ctx, f, k, key, d); err != nil {
		return err
	}
	v.Silence = silenceView{Field: t.silencing(k, lang), Form: ui.FormView{CSRF: f.CSRF, Action: t.walkLink(k, "nguon", nil), Hidden: []ui.Hidden{{Name: hatKey, Value: key}}}}
	if err := k.catchUp(ctx); err != nil {
		return err
	}
	v.Moments = t.momentViews(k, lang)
	v.Story = ui.ButtonView{Text: ui.T(lang, "Lưu thành tình huống thử", "Save as a scenario"), Href: t.walkLink(k, "tinh-huong", nil), Kind: ui.Secondary}
	v.End = ui.FormView{CSRF: f.CSRF, Action: t.walkLink(k, "ket-thuc", nil)}
	f.Error = len(v.Problems) > 0
	return t.Render(w, r, max(d.Status, http.StatusOK), walkPage(f, v))
}

// inHat is the part of the page that belongs to the role.
func (t *studio) inHat(r *http.Request, v *walkView, f ui.Frame, k *walk, h hat, d drawn) error {
	lang := f.Lang
	v.Hat = h.Title.In(lang)
	if h.Who != "" {
		v.Hat += " – " + h.Who
	}
	if !k.filed() {
		if h.Key != applicantHat {
			v.Nothing = ui.T(lang, "Hồ sơ chưa nộp, nên cán bộ chưa thấy gì. Sang thẻ Người nộp để khai và nộp.", "The case is not filed yet, so officers see nothing. Go to the applicant's tab to fill it in and file it.")
			return nil
		}
		var err error
		if v.Filing, err = t.filing(r, f, k, d.Typed, d.Problems); err != nil {
			return err
		}
		v.Problems = ui.Problems(v.Filing.Fields)
		if v.Filing.Check != nil && len(d.Problems) > 0 {
			v.Problems = v.Filing.Check.Lacking
		}
		return nil
	}
	c, who, err := k.as(r.Context(), h)
	if err != nil {
		v.Nothing = ui.T(lang, "Vai này không thấy hồ sơ: ", "This role does not see the case: ") + err.Error()
		return nil
	}
	v.Status, v.About0 = c.Status.In(lang), string(c.Code)+" · "+c.Procedure.Name.In(lang)
	v.Actions = t.actions(f, k, h, c)
	if len(v.Actions) == 0 {
		v.Nothing = ui.T(lang, "Vai này không có việc gì ở bước này.", "This role has nothing to do at this step.")
	}
	event := workflow.Event(r.FormValue(eventKey))
	for _, a := range c.Allowed {
		if a.Event != event || !a.Enabled && !judgesFirst(c, a) {
			continue
		}
		var open *cases.Amendment
		if answersSupplement(c, a) {
			if open, err = k.stage.Cases().Amendment(r.Context(), who, c.Code); err != nil {
				return err
			}
		}
		v.Act = t.preparing(f, k, h, c, a, d.Typed, d.Problems, open)
		v.Problems = v.Act.Problems
	}
	if c.Form != nil {
		for _, s := range c.Form.Sections {
			g := rowsOf{Title: s.Section.Title.In(lang)}
			for _, a := range s.Answers {
				g.Rows = append(g.Rows, ui.RowOf(a, t.rowOptions(k, lang)))
			}
			if len(g.Rows) > 0 {
				v.Answers = append(v.Answers, g)
			}
		}
	}
	return nil
}

// busiest is the role that has something to do, the applicant's first.
func busiest(hats []hat) string {
	for _, h := range hats {
		if h.Todo > 0 {
			return h.Key
		}
	}
	return applicantHat
}

func (t *studio) hatTabs(k *walk, hats []hat, current, lang string) []ui.Link {
	var out []ui.Link
	for _, h := range hats {
		l := ui.Link{Text: h.Title.In(lang), Href: t.back(k, h.Key), Current: h.Key == current}
		if h.Path != "" {
			l.Text = h.Case.Procedure.Name.In(lang) + " · " + h.Who
			if h.Role != applicantHat {
				l.Text = h.Case.Procedure.Name.In(lang) + " · " + h.Title.In(lang)
			}
		}
		if h.Todo > 0 {
			l.Count = strconv.Itoa(h.Todo)
		}
		out = append(out, l)
	}
	outside := ui.Link{Text: ui.T(lang, "Bên ngoài", "Outside"), Href: t.back(k, outsideHat), Current: current == outsideHat}
	if n := len(t.signals(ui.Frame{Lang: lang}, k, hats)); n > 0 {
		outside.Count = strconv.Itoa(n)
	}
	return append(out, outside)
}

// clockView is the time on stage, with the ways to move it.
func (t *studio) clockView(ctx context.Context, f ui.Frame, k *walk, hat string, d drawn) (clockView, error) {
	lang := f.Lang
	now, next, err := t.clockOf(ctx, k, lang)
	if err != nil {
		return clockView{}, err
	}
	form := func(to string) ui.FormView {
		return ui.FormView{CSRF: f.CSRF, Action: t.walkLink(k, "thoi-gian", nil), Hidden: []ui.Hidden{{Name: hatKey, Value: hat}, {Name: "to", Value: to}}}
	}
	v := clockView{Now: now, Next: next, Error: d.Clock, ToDate: form(toDate)}
	v.Forms = append(v.Forms, clockButton{form(nextDay), ui.T(lang, "Sang ngày làm việc sau", "To the next working day")})
	if next != "" {
		v.Forms = append(v.Forms, clockButton{form(nextTimeout), ui.T(lang, "Tới lúc quá hạn: ", "To the time-out: ") + next})
	}
	at := k.stage.Now().In(calendar.Hanoi)
	day := ui.Field{Lang: lang, Kind: forms.DateWidget, Name: dayName, Label: ui.T(lang, "Tới ngày", "To a day"), Day: at.Format("2"), Month: at.Format("1"), Year: at.Format("2006"), Error: d.Clock}
	hour := ui.Field{Lang: lang, Name: hourName, Label: ui.T(lang, "Lúc", "At"), Value: at.Format("15:04"), Width: 8}
	if d.Clock != "" {
		day.Day, day.Month, day.Year, hour.Value = d.Typed.Get(dayName+"-day"), d.Typed.Get(dayName+"-month"), d.Typed.Get(dayName+"-year"), d.Typed.Get(hourName)
	}
	v.Fields = []ui.Field{day, hour}
	return v, nil
}

// momentView is a step with what it has led to.
type momentView struct {
	What  string
	When  string
	Who   string
	Cases []standingView
}

type standingView struct {
	Name      string // of a sub-case; empty: the case itself
	Lines     []ui.Row
	Effects   []string
	Notices   []string
	Documents []ui.Link
}

// momentViews are what has happened, the newest first.
func (t *studio) momentViews(k *walk, lang string) []momentView {
	var out []momentView
	for _, m := range slices.Backward(k.moments) {
		v := momentView{What: m.What.In(lang), When: ui.DateTime(m.At, lang), Who: m.Who}
		for _, s := range m.Cases {
			one := standingView{Lines: []ui.Row{{Label: ui.T(lang, "Trạng thái", "State"), Value: s.Title.In(lang) + " (" + string(s.State) + ")"}, {Label: ui.T(lang, "Ai giữ, tới khi nào", "Who has it, until when"), Value: s.Status.In(lang)}}}
			if steps := stepsOf(s, lang); steps != nil {
				one.Lines = append([]ui.Row{{Label: ui.T(lang, "Bước chuyển", "Transitions"), Lines: steps}}, one.Lines...)
			}
			if s.Path != "" {
				one.Name = s.Name.In(lang) + " · " + s.Path
			}
			if !s.Due.IsZero() {
				row := ui.Row{Label: ui.T(lang, "Hạn trả", "Due"), Value: ui.DateTime(s.Due, lang)}
				if n := len(s.Because); n > 0 {
					row.Source = ui.T(lang, s.Because[n-1].VI, s.Because[n-1].EN)
				}
				one.Lines = append(one.Lines, row)
			}
			for _, e := range s.Effects {
				text := workflow.Effect{Type: e.Type, Name: e.Name}.String()
				if !e.Done {
					text += ui.T(lang, " (chưa xong)", " (not done yet)")
				}
				one.Effects = append(one.Effects, text)
			}
			for _, n := range s.Notices {
				one.Notices = append(one.Notices, n.Text.In(lang))
			}
			for _, d := range s.Documents {
				one.Documents = append(one.Documents, ui.Link{Text: d.Title.In(lang), Href: t.walkLink(k, "giay-to/"+d.ID.String(), nil)})
			}
			v.Cases = append(v.Cases, one)
		}
		out = append(out, v)
	}
	return out
}

// stepsOf are the events of a moment: what was done, and where it led.
func stepsOf(s standing, lang string) []string {
	var out []string
	for _, e := range s.Events {
		line := e.Event + ": " + string(e.From) + " → " + string(e.To)
		if e.From == "" || e.From == e.To {
			line = e.Event + " → " + string(e.To)
		}
		if title := e.Title.In(lang); title != "" && title != e.Event {
			line = title + " (" + line + ")"
		}
		out = append(out, line)
	}
	return out
}

// uuidOf reads an identifier of the address; one that is none names nothing.
func uuidOf(r *http.Request, name string) (uuid.UUID, error) {
	id, err := uuid.Parse(chi.URLParam(r, name))
	if err != nil {
		return uuid.Nil, cases.ErrNotFound
	}
	return id, nil
}
