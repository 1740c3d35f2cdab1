package studio

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// signalView is something that the world outside can tell a case.
type signalView struct {
	Title string
	About string
	Data  *ui.Field // what it brings along; nil: it is made up
	Form  ui.FormView
}

// signals are what the cases under way wait to hear.
func (t *studio) signals(f ui.Frame, k *walk, hats []hat) []signalView {
	var out []signalView
	done := map[cases.ID]bool{}
	for _, h := range hats {
		if h.Case == nil || done[h.Case.ID] {
			continue
		}
		done[h.Case.ID] = true
		d := h.Case.Procedure.Machine.States[h.Case.State]
		if d == nil {
			continue
		}
		for _, e := range sorted(d.Signals) {
			v := signalView{Title: signalTitle(e, f.Lang), About: string(h.Case.Code) + " · " + h.Case.Procedure.Name.In(f.Lang),
				Form: ui.FormView{CSRF: f.CSRF, Action: t.walkLink(k, "tin", nil), Hidden: []ui.Hidden{{Name: "case", Value: h.Case.ID.String()}, {Name: "signal", Value: string(e)}, {Name: "command", Value: uuid.NewString()}}}}
			if e != cases.SignalPaid && e != cases.SignalPaymentFailed && e != cases.SignalPaymentUnknown {
				v.Data = &ui.Field{Lang: f.Lang, Kind: forms.TextareaWidget, Name: "data", ID: "data-" + string(e), Rows: 2, Optional: true, Label: ui.T(f.Lang, "Dữ liệu kèm theo", "What it brings along"),
					Hint: ui.T(f.Lang, "Mỗi dòng một giá trị: tên: giá trị", "One value a line: name: value")}
			}
			out = append(out, v)
		}
	}
	return out
}

func signalTitle(e workflow.Event, lang string) string {
	switch e {
	case cases.SignalPaid:
		return ui.T(lang, "Người nộp đã thanh toán", "The payment was made")
	case cases.SignalPaymentFailed:
		return ui.T(lang, "Thanh toán không thành công", "The payment failed")
	case cases.SignalPaymentUnknown:
		return ui.T(lang, "Chưa biết thanh toán thế nào", "Nobody knows how the payment stands")
	case cases.SignalRegistryUpdated:
		return ui.T(lang, "Cơ sở dữ liệu đã ghi xong", "The register was updated")
	case cases.SignalRegistryRefused:
		return ui.T(lang, "Cơ sở dữ liệu từ chối ghi", "The register refused")
	}
	return ui.T(lang, "Tin: ", "Signal: ") + string(e)
}

// signal tells a case what came from outside.
func (t *studio) signal(w http.ResponseWriter, r *http.Request, k *walk) error {
	ctx, event := r.Context(), workflow.Event(r.PostFormValue("signal"))
	id, err := uuid.Parse(r.PostFormValue("case"))
	command, bad := uuid.Parse(r.PostFormValue("command"))
	if err != nil || bad != nil || !k.filed() || k.repeated(command) {
		return site.See(w, r, t.back(k, outsideHat))
	}
	hats, err := k.hats(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(hats, func(h hat) bool { return h.Case != nil && h.Case.ID == id })
	if i < 0 {
		return errNotFound
	}
	c := hats[i].Case
	in := dataOf(r.PostFormValue("data"))
	if event == cases.SignalPaid {
		in = map[string]any{"receipt": "TT-" + strconv.Itoa(1000+len(k.moments)), "amount": c.Fee, "paidOn": k.today()}
		if c.Payment != nil {
			in["amount"] = c.Payment.Amount
		}
	}
	if err := k.stage.Signal(ctx, id, event, in); err != nil {
		return err
	}
	if err := k.record(ctx, pairs{{"signal", string(event)}}.with("case", hats[i].Path).with("input", in), id); err != nil {
		return err
	}
	if err := k.note(ctx, workflow.Text{VI: signalTitle(event, "vi"), EN: signalTitle(event, "en")}, ""); err != nil {
		return err
	}
	return site.See(w, r, t.back(k, outsideHat))
}

func (k *walk) today() string { return k.stage.Now().In(calendar.Hanoi).Format(time.DateOnly) }

// dataOf reads lines of name: value; whole numbers are numbers.
func dataOf(text string) map[string]any {
	out := map[string]any{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(line, ":")
		if name, value = strings.TrimSpace(name), strings.TrimSpace(value); !ok || name == "" {
			continue
		}
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			out[name] = n
		} else {
			out[name] = value
		}
	}
	return out
}

// The ways to move the clock.
const (
	nextDay     = "next-day"
	nextTimeout = "next-timeout"
	toDate      = "date"
)

// longestBreak is more days than lie between two working days.
const longestBreak = 30

// moveClock lets time go by; whatever falls due on the way happens.
func (t *studio) moveClock(w http.ResponseWriter, r *http.Request, k *walk) error {
	ctx, back := r.Context(), t.back(k, r.PostFormValue(hatKey))
	now := k.stage.Now()
	until := now
	switch r.PostFormValue("to") {
	case nextDay:
		until = startOfDay(now).AddDate(0, 0, 1)
		for i := 0; i < longestBreak && !calendar.Vietnam().Working(until.Add(9*time.Hour)); i++ {
			until = until.AddDate(0, 0, 1)
		}
		until = until.Add(9 * time.Hour)
	case nextTimeout:
		if k.filed() {
			at, err := k.stage.NextTimeout(ctx, k.id0)
			if err != nil {
				return err
			}
			until = at
		}
	case toDate:
		at, ok := instantOf(r.PostForm, dayName, hourName)
		if !ok || !at.After(now) {
			return t.draw(w, r, k, drawn{Status: http.StatusUnprocessableEntity, Clock: ui.T(site.Lang(r), "Nhập một ngày giờ sau ", "Enter a day and time after ") + ui.DateTime(now, site.Lang(r)), Typed: r.PostForm})
		}
		until = at
	}
	if !until.After(now) {
		return site.See(w, r, back)
	}
	// Stories wait by minutes, so the walk does.
	minutes := int((until.Sub(now) + time.Minute - 1) / time.Minute)
	if err := k.wait(ctx, minutes); err != nil {
		return err
	}
	return site.See(w, r, back)
}

func startOfDay(at time.Time) time.Time {
	y, m, d := at.In(calendar.Hanoi).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, calendar.Hanoi)
}

// wait lets minutes pass and writes them down. A step that follows says when it
// is done instead, unless the waiting itself has moved a case.
func (k *walk) wait(ctx context.Context, minutes int) error {
	before := k.events()
	if err := k.stage.Wait(ctx, strconv.Itoa(minutes)+"m"); err != nil {
		return err
	}
	if k.draft != uuid.Nil && !k.filed() {
		if _, err := k.stage.Cases().RefreshDraft(ctx, k.applicant, k.draft); err != nil {
			return err
		}
	}
	if err := k.note(ctx, workflow.Text{VI: "Thời gian trôi", EN: "Time goes by"}, ""); err != nil {
		return err
	}
	if !k.filed() {
		return nil
	}
	k.waiting += minutes
	if k.events() == before {
		return nil
	}
	step := pairs{{"wait", strconv.Itoa(k.waiting) + "m"}}
	k.waiting = 0
	return k.recordStep(ctx, step, k.id0)
}

// events is how many events the moments tell of.
func (k *walk) events() int {
	n := 0
	for _, last := range k.seen {
		n += last
	}
	return n
}

// silence keeps registries from answering, or lets them answer again.
func (t *studio) silence(w http.ResponseWriter, r *http.Request, k *walk) error {
	ctx := r.Context()
	if k.waiting > 0 { // they were as they were while time went by
		step := pairs{{"wait", strconv.Itoa(k.waiting) + "m"}}
		k.waiting = 0
		if err := k.recordStep(ctx, step, k.id0); err != nil {
			return err
		}
	}
	before := k.stage.Silent()
	for _, name := range k.registries() {
		k.stage.Silence(name, slices.Contains(r.PostForm["down"], name))
	}
	if slices.Equal(before, k.stage.Silent()) {
		return site.See(w, r, t.back(k, r.PostFormValue(hatKey)))
	}
	if k.draft != uuid.Nil && !k.filed() {
		if _, err := k.stage.Cases().RefreshDraft(ctx, k.applicant, k.draft); err != nil {
			return err
		}
	}
	what := workflow.Text{VI: "Mọi cơ sở dữ liệu đều trả lời", EN: "All registers answer"}
	if silent := k.stage.Silent(); len(silent) > 0 {
		name := func(lang string) string {
			var names []string
			for _, s := range silent {
				names = append(names, t.registryName(k.catalogue, lang)(s))
			}
			return strings.Join(names, ", ")
		}
		what = workflow.Text{VI: "Không trả lời: " + name("vi"), EN: "Silent: " + name("en")}
	}
	if err := k.note(ctx, what, ""); err != nil {
		return err
	}
	return site.See(w, r, t.back(k, r.PostFormValue(hatKey)))
}

// registries are those that can be silenced: all but the resident database,
// which is a part of Hoso.
func (k *walk) registries() []string {
	return slices.DeleteFunc(sorted(k.catalogue.Elements.Registries), func(name string) bool { return name == resident.Registry })
}

// silencing are the registries with what each is now.
func (t *studio) silencing(k *walk, lang string) *ui.Field {
	f := &ui.Field{Lang: lang, Kind: forms.ChecksWidget, Name: "down", Label: ui.T(lang, "Nguồn dữ liệu không trả lời", "Registers that do not answer"), Optional: true, Values: k.stage.Silent()}
	name := t.registryName(k.catalogue, lang)
	for _, one := range k.registries() {
		f.Options = append(f.Options, ui.Option{Value: one, Text: name(one)})
	}
	return f
}

// record writes a step down, with when it was done and what is so afterwards.
func (k *walk) record(ctx context.Context, step pairs, id cases.ID) error {
	if k.waiting > 0 {
		k.waiting = 0
		step = step.with("at", instant(k.stage.Now()))
	}
	return k.recordStep(ctx, step, id)
}

func (k *walk) recordStep(ctx context.Context, step pairs, id cases.ID) error {
	if silent := k.stage.Silent(); !slices.Equal(silent, k.story.silent) {
		step = step.with("given", map[string]any{"unavailable": anys(silent)})
		k.story.silent = silent
	}
	c, err := k.stage.Case(ctx, id)
	if err != nil {
		return err
	}
	expect := pairs{}.with("state", string(c.State)).with("outcome", string(c.Outcome))
	if !c.DueAt.IsZero() && c.ClosedAt.IsZero() {
		expect = expect.with("due", instant(c.DueAt))
	}
	if c.Parent != nil {
		up, err := k.stage.Case(ctx, c.Parent.ID)
		if err != nil {
			return err
		}
		expect = expect.with("parent", string(up.State))
	}
	k.story.Steps = append(k.story.Steps, step.with("expect", expect))
	return nil
}

// clockOf is what is said of the clock: the time on stage, and the next time-out.
func (t *studio) clockOf(ctx context.Context, k *walk, lang string) (now, next string, err error) {
	now = ui.DateTime(k.stage.Now(), lang)
	if k.filed() {
		at, err := k.stage.NextTimeout(ctx, k.id0)
		if err != nil {
			return now, "", err
		}
		if !at.IsZero() {
			next = ui.DateTime(at, lang)
		}
	}
	return now, next, nil
}
