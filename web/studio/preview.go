package studio

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// previewRoutes are the pages of a preview (A3).
func (t *studio) previewRoutes(r chi.Router) {
	r.Get(site.StudioPath+"/{procedure}/"+previewPage, t.Handle(t.askPreview))
	r.Post(site.StudioPath+"/{procedure}/"+previewPage, t.Handle(t.startPreview))
	r.Route(site.StudioPath+"/{procedure}/"+previewPage+"/{preview}", func(r chi.Router) {
		r.Get("/", t.walking(t.showWalk))
		r.Post("/cho-ai", t.walking(t.chooseSubject))
		r.Post("/tra-loi", t.walking(t.answer))
		r.Post("/nop", t.walking(t.file))
		r.Post("/viec", t.walking(t.act))
		r.Post("/tin", t.walking(t.signal))
		r.Post("/thoi-gian", t.walking(t.moveClock))
		r.Post("/nguon", t.walking(t.silence))
		r.Post("/ket-thuc", t.walking(t.endWalk))
		r.Get("/giay-to/{document}", t.walking(t.paper))
		r.Get("/tinh-huong", t.walking(t.showStory))
		r.Post("/tinh-huong", t.walking(t.saveStory))
	})
}

// walking finds the walk of a request and holds it until the answer is written.
func (t *studio) walking(h func(w http.ResponseWriter, r *http.Request, k *walk) error) http.HandlerFunc {
	return t.Handle(func(w http.ResponseWriter, r *http.Request) error {
		k, ok := t.previews.find(chi.URLParam(r, "preview"), site.Actor(r).ID)
		if !ok || string(k.procedure.ID) != chi.URLParam(r, "procedure") {
			if ok {
				k.release()
			}
			return t.gone(w, r)
		}
		defer k.release()
		return h(w, r, k)
	})
}

// gone says that a preview is over, and how to begin another.
func (t *studio) gone(w http.ResponseWriter, r *http.Request) error {
	lang, back := site.Lang(r), link(procedures.ID(chi.URLParam(r, "procedure")), previewPage)
	return t.Render(w, r, http.StatusNotFound, notePage(t.frame(r, ui.T(lang, "Lần xem thử này đã kết thúc", "This preview is over"), back), []string{
		ui.T(lang, "Một lần xem thử kết thúc khi Ông/Bà bấm kết thúc, khi 30 phút không ai dùng, hoặc khi chương trình khởi động lại. Dữ liệu của nó đã bị xoá.",
			"A preview ends when you end it, when nobody has used it for 30 minutes, or when the program starts again. What it held is gone.")},
		ui.Link{Text: ui.T(lang, "Bắt đầu lần xem thử mới", "Begin another preview"), Href: back}))
}

// The inputs of the page on which a preview begins.
const (
	residentName = "resident"
	variantName  = "variant"
	dayName      = "day"
	hourName     = "hour"
)

// startView is that page.
type startView struct {
	Name     string
	About    string
	Tabs     []ui.Link
	Fields   []ui.Field
	Problems []ui.Problem
	Form     ui.FormView
}

func (t *studio) askPreview(w http.ResponseWriter, r *http.Request) error {
	return t.drawStart(w, r, http.StatusOK, nil, nil)
}

// runnable is the procedure of the request, when it can be walked.
func (t *studio) runnable(r *http.Request) (*shelf, *procedures.Procedure, error) {
	shelf, err := t.library.now()
	if err != nil {
		return nil, nil, err
	}
	id := procedures.ID(chi.URLParam(r, "procedure"))
	p, ok := shelf.catalogue.Get(id)
	if !ok || !shelf.runs(id) || p.Internal { // what only cases open is walked in them
		return nil, nil, errNotFound
	}
	return shelf, p, nil
}

// drawStart asks who files, from which answers, and when.
func (t *studio) drawStart(w http.ResponseWriter, r *http.Request, status int, typed url.Values, wrong map[string]string) error {
	_, p, err := t.runnable(r)
	if err != nil {
		return err
	}
	people, err := resident.DemoPeople()
	if err != nil {
		return err
	}
	lang := site.Lang(r)
	back := link(p.ID, "")
	f := t.frame(r, ui.T(lang, "Xem thử: ", "Preview: ")+p.Name.In(lang), back)
	if r.Method != http.MethodGet {
		f.Path = link(p.ID, previewPage)
	}
	v := startView{Name: p.Name.In(lang), About: t.cfg.Prefix + "/" + string(p.ID) + " · " + short(p.Hash), Tabs: t.tabs(p.ID, previewPage, lang, true),
		Form: ui.FormView{CSRF: f.CSRF, Action: link(p.ID, previewPage)}}
	who := ui.Field{Lang: lang, Name: residentName, Kind: forms.SelectWidget, Label: ui.T(lang, "Ai nộp hồ sơ?", "Who files?"), Value: typed.Get(residentName),
		Hint: ui.T(lang, "Người của bộ dữ liệu mẫu. Không cần chọn nếu lấy câu trả lời của một tình huống ở dưới.", "People of the demonstration. Not needed when you take the answers of a scenario below.")}
	for _, one := range people {
		who.Options = append(who.Options, ui.Option{Value: one.Number, Text: one.Name + " – " + ui.T(lang, one.Note.VI, one.Note.EN)})
	}
	variant := ui.Field{Lang: lang, Name: variantName, Kind: forms.RadiosWidget, Label: ui.T(lang, "Trường hợp nào?", "Which variant?"), Value: or(typed.Get(variantName), blank),
		Hint: ui.T(lang, "Câu trả lời được khai sẵn theo một tình huống của trường hợp đó; Ông/Bà vẫn sửa được.", "The answers are taken from a scenario of the variant; you can still change them.")}
	variant.Options = append([]ui.Option{{Value: blank, Text: ui.T(lang, "Tự khai từ đầu", "Answer everything myself")}}, variants(p, lang)...)
	now := t.Now().In(calendar.Hanoi)
	day := ui.Field{Lang: lang, Name: dayName, Kind: forms.DateWidget, Label: ui.T(lang, "Ngày nộp", "Day of filing"), Day: now.Format("2"), Month: now.Format("1"), Year: now.Format("2006")}
	hour := ui.Field{Lang: lang, Name: hourName, Label: ui.T(lang, "Giờ nộp", "Time of filing"), Value: "09:00", Width: 8, Hint: ui.T(lang, "Giờ Hà Nội, ví dụ 09:00. Đồng hồ đứng yên cho tới khi Ông/Bà dời nó.", "In Hanoi, as 09:00. The clock stands still until you move it.")}
	if typed != nil {
		day.Day, day.Month, day.Year, hour.Value = typed.Get(dayName+"-day"), typed.Get(dayName+"-month"), typed.Get(dayName+"-year"), typed.Get(hourName)
	}
	v.Fields = []ui.Field{who, variant, day, hour}
	for i := range v.Fields {
		v.Fields[i].Error = wrong[v.Fields[i].Name]
	}
	v.Problems = ui.Problems(v.Fields)
	f.Error = len(v.Problems) > 0
	return t.Render(w, r, status, startPage(f, v))
}

// blank is the choice to begin without answers.
const blank = "-"

// mostScenarios is how many scenarios are offered where no variant tells them apart.
const mostScenarios = 8

// variants are the legal variants, each by the first scenario whose answers lead
// to it.
func variants(p *procedures.Procedure, lang string) []ui.Option {
	var out []ui.Option
	seen := map[string]bool{}
	for _, s := range p.Scenarios {
		v := p.Variant(s.Expect.Variant)
		if len(s.Expect.Problems) > 0 || v == nil || seen[v.ID] {
			continue
		}
		seen[v.ID] = true
		out = append(out, ui.Option{Value: s.ID, Text: v.Title.In(lang), Detail: ui.T(lang, "theo tình huống: ", "by the scenario: ") + s.Title.In(lang)})
	}
	for _, s := range p.Scenarios {
		if len(seen) == 0 && len(s.Expect.Problems) == 0 && len(out) < mostScenarios {
			out = append(out, ui.Option{Value: s.ID, Text: s.Title.In(lang)})
		}
	}
	return out
}

func scenarioOf(p *procedures.Procedure, id string) *procedures.Scenario {
	for _, s := range p.Scenarios {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// startPreview sets the stage and opens the form.
func (t *studio) startPreview(w http.ResponseWriter, r *http.Request) error {
	shelf, p, err := t.runnable(r)
	if err != nil {
		return err
	}
	lang, typed, wrong := site.Lang(r), r.PostForm, map[string]string{}
	begin := scenarioOf(p, typed.Get(variantName))
	number := typed.Get(residentName)
	if begin != nil {
		number = begin.Applicant
	} else if _, err := resident.ParseNumber(number); err != nil {
		wrong[residentName] = ui.T(lang, "Chọn người nộp hồ sơ", "Choose who files")
	}
	at, ok := instantOf(typed, dayName, hourName)
	if !ok {
		wrong[dayName] = ui.T(lang, "Nhập ngày và giờ nộp, ví dụ 26/11/2026 và 09:00", "Enter the day and time of filing, as 26/11/2026 and 09:00")
	}
	if len(wrong) > 0 {
		return t.drawStart(w, r, http.StatusUnprocessableEntity, typed, wrong)
	}
	k, err := t.previews.begin(r.Context(), site.Actor(r).ID, shelf.catalogue.Sound(shelf.all), p.ID, at)
	if errors.Is(err, errFull) {
		return t.full(w, r, p.ID)
	}
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.release()
	if err := k.open(r.Context(), number, begin); err != nil {
		t.previews.close(k)
		return err
	}
	return site.See(w, r, t.walkLink(k, "", nil))
}

// full says that all previews are taken.
func (t *studio) full(w http.ResponseWriter, r *http.Request, id procedures.ID) error {
	lang, back := site.Lang(r), link(id, previewPage)
	return t.Render(w, r, http.StatusServiceUnavailable, notePage(t.frame(r, ui.T(lang, "Mọi chỗ xem thử đều đang được dùng", "All previews are taken"), back), []string{
		ui.T(lang, "Chỗ sẽ trống khi một người kết thúc, hoặc sau năm phút không ai dùng. Thử lại sau ít phút.", "There will be room when somebody ends theirs, or after five minutes in which nobody uses it. Try again in some minutes.")},
		ui.Link{Text: ui.T(lang, "Thử lại", "Try again"), Href: back}))
}

// instantOf reads a day and a time of day in Hanoi.
func instantOf(typed url.Values, day, hour string) (time.Time, bool) {
	text := strings.TrimSpace(typed.Get(day+"-year")) + "-" + strings.TrimSpace(typed.Get(day+"-month")) + "-" + strings.TrimSpace(typed.Get(day+"-day")) + " " + strings.TrimSpace(typed.Get(hour))
	at, err := time.ParseInLocation("2006-1-2 15:04", text, calendar.Hanoi)
	return at, err == nil
}

// open begins the story: who files, and with which answers of a scenario.
func (k *walk) open(ctx context.Context, number string, begin *procedures.Scenario) error {
	var err error
	if k.applicant, err = k.stage.Citizen(ctx, number); err != nil {
		return err
	}
	if begin != nil {
		if err := k.stage.Given(begin.Given); err != nil {
			return err
		}
		k.story.Given, k.story.silent = begin.Given, k.stage.Silent()
		return k.draftOf(ctx, begin.For, begin.Answers)
	}
	if k.people, err = k.stage.Cases().Subjects(ctx, k.applicant, k.procedure); err != nil {
		return err
	}
	if len(k.people) > 1 {
		return nil // whom it is for is asked first
	}
	return k.draftOf(ctx, "", nil)
}

// draftOf opens the form, with answers by section.
func (k *walk) draftOf(ctx context.Context, subject string, answers map[string]any) error {
	d, err := k.stage.Cases().StartDraft(ctx, k.applicant, k.procedure.ID, subject)
	if err != nil {
		return err
	}
	k.draft, k.subject = d.ID, subject
	for _, section := range k.procedure.Form.Sections {
		given, ok := answers[section.Name].(map[string]any)
		there := slices.ContainsFunc(d.State.Sections, func(s forms.SectionState) bool { return s.Section == section })
		if !ok && (answers == nil || !there) {
			continue // a part that the scenario passes without a word is passed too
		}
		if d, _, err = k.stage.Cases().SaveSection(ctx, k.applicant, k.draft, 0, section.Pointer, stage.Plain(given), true); err != nil {
			return err
		}
	}
	return k.note(ctx, workflow.Text{VI: "Mở tờ khai", EN: "The form is opened"}, k.applicant.Name)
}

// walkLink is an address of the walk, with parameters.
func (t *studio) walkLink(k *walk, page string, q url.Values) string {
	p := link(k.procedure.ID, previewPage) + "/" + k.id
	if page != "" {
		p += "/" + page
	}
	if len(q) > 0 {
		p += "?" + q.Encode()
	}
	return p
}

// hatKey is the parameter that says in which role the author acts.
const hatKey = "vai"

// back is the page of a hat.
func (t *studio) back(k *walk, hat string) string {
	return t.walkLink(k, "", url.Values{hatKey: {hat}})
}

// endWalk throws a preview away.
func (t *studio) endWalk(w http.ResponseWriter, r *http.Request, k *walk) error {
	t.previews.close(k)
	return site.See(w, r, link(k.procedure.ID, previewPage))
}

// paper is a document that was issued in the preview, as PDF.
func (t *studio) paper(w http.ResponseWriter, r *http.Request, k *walk) error {
	id, err := uuidOf(r, "document")
	if err != nil {
		return err
	}
	for _, m := range k.moments {
		for _, s := range m.Cases {
			for _, d := range s.Documents {
				if d.ID != id {
					continue
				}
				_, content, err := k.stage.Cases().Document(r.Context(), agency.Actor{Kind: agency.System, ID: "preview", Name: "Hoso"}, s.Code, id)
				if err != nil {
					return err
				}
				w.Header().Set("Content-Type", "application/pdf")
				w.Header().Set("Content-Disposition", `inline; filename="`+id.String()+`.pdf"`)
				_, err = w.Write(content)
				return err
			}
		}
	}
	return cases.ErrNotFound
}
