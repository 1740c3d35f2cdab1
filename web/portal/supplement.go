package portal

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// supplementView is the list of what is to be corrected (C14).
type supplementView struct {
	Lang   string
	About  string
	Until  []string
	Unsent *ui.Banner
	Items  []suppliedItem
	Check  string
}

// suppliedItem is an asked item: the officer's words and where it is corrected.
type suppliedItem struct {
	Title  string
	Reason string
	Law    string
	Tasks  []ui.Task
	Others []ui.Task // papers that the case needs none of, as far as the system knows
}

// viewAsked reads a case of which a supplement is asked of the reader now.
func (p *portal) viewAsked(r *http.Request) (*viewed, error) {
	v, err := p.view(r)
	if err != nil {
		return nil, err
	}
	if v.amended == nil {
		return nil, &workflow.NotAllowedError{State: v.State, Event: "amend", Reason: workflow.ReasonNone}
	}
	return v, nil
}

// showSupplement lists the asked items, each with its state.
func (p *portal) showSupplement(w http.ResponseWriter, r *http.Request) error {
	v, err := p.viewAsked(r)
	if err != nil {
		return err
	}
	f := p.caseFrame(r, v)
	f.Title, f.Back = v.t("Bổ sung hồ sơ", "Supply what is asked for"), v.link("")
	out := supplementView{Lang: v.Lang, About: v.about(), Unsent: v.unsent(), Check: v.link("bo-sung/kiem-tra")}
	if !v.AskedBy.IsZero() {
		out.Until = []string{v.t("Nộp bổ sung trước hết ngày ", "Hand it in by the end of ") + lastDay(v.AskedBy) + ".",
			v.t("Sau ngày đó hồ sơ tự đóng; Ông/Bà có thể nộp hồ sơ mới.", "After that day the case closes by itself; you can file a new one.")}
	}
	for _, it := range v.amended.Items {
		out.Items = append(out.Items, v.suppliedItem(it))
	}
	return p.Render(w, r, http.StatusOK, supplementPage(f, out))
}

func (v *viewed) about() string { return v.Procedure.Name.In(v.Lang) + " · " + string(v.Code) }

// unsent reminds of corrections that are not handed in; nil when there are none.
func (v *viewed) unsent() *ui.Banner {
	if v.amended == nil || len(v.amended.Answers) == 0 && len(v.amended.Files) == 0 {
		return nil
	}
	return &ui.Banner{Tone: ui.Warning, Heading: v.t("Lưu ý", "Note"), Text: v.t("Ông/Bà đã sửa nhưng chưa nộp lại.", "You have made corrections and not handed them in."),
		Link: &ui.Link{Text: v.t("Kiểm tra và nộp lại", "Check and hand in"), Href: v.link("bo-sung/kiem-tra")}}
}

// suppliedItem is an item with a task for each section and each paper it covers.
func (v *viewed) suppliedItem(it cases.AmendedItem) suppliedItem {
	out := suppliedItem{Title: it.Title.In(v.Lang), Reason: it.Reason, Law: it.Law}
	var sections []string
	for _, a := range it.Answers {
		if name := sectionOf(a.Field.Pointer); !slices.Contains(sections, name) {
			sections = append(sections, name)
		}
	}
	for _, name := range sections {
		_, changed := v.amended.Answers[name]
		out.Tasks = append(out.Tasks, ui.Task{Title: v.t("Sửa phần khai: ", "Correct the answers: ") + v.sectionTitle(name), Href: v.link("bo-sung/khai/" + name), Tag: v.doneTag(changed)})
	}
	out.Tasks = append(out.Tasks, v.paperTasks(it.Attachments)...)
	out.Others = v.paperTasks(it.Others)
	return out
}

// paperTasks are papers to hand in again, each with what came of it.
func (v *viewed) paperTasks(ids []string) []ui.Task {
	var out []ui.Task
	for _, id := range ids {
		a := v.attachment(id)
		if a == nil {
			continue
		}
		count := 0
		for _, file := range v.amended.Files {
			if file.Attachment == id {
				count++
			}
		}
		task := ui.Task{Title: v.t("Nộp lại giấy tờ: ", "Hand in again: ") + a.Title.In(v.Lang), Href: v.link("bo-sung/giay-to/" + id), Tag: v.doneTag(count > 0)}
		if count > 0 {
			task.Hint = strconv.Itoa(count) + v.t(" tệp mới", " new file(s)")
		}
		out = append(out, task)
	}
	return out
}

func (v *viewed) doneTag(done bool) ui.Tag {
	if done {
		return ui.Tag{Text: v.t("Đã sửa", "Corrected"), Tone: ui.Success}
	}
	return ui.Tag{Text: v.t("Chưa sửa", "Not corrected"), Tone: ui.Neutral}
}

func (v *viewed) attachment(id string) *procedures.Attachment {
	for _, a := range v.Procedure.Attachments {
		if a.ID == id {
			return a
		}
	}
	return nil
}

func (v *viewed) sectionTitle(name string) string {
	for _, s := range v.Procedure.Form.Sections {
		if s.Name == name {
			return s.Title.In(v.Lang)
		}
	}
	return name
}

// sectionOf is the section of a question: dwelling of /dwelling/title.
func sectionOf(at forms.Pointer) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(string(at), "/"), "/")
	return name
}

// handInView is the page on which a supplement is checked and sent: only what differs.
type handInView struct {
	Lang     string
	Problems []ui.Problem
	About    string
	Changes  []cases.Change
	Files    []ui.Row
	Left     []string // items without any correction
	Note     ui.Field
	Sure     ui.Field
	Form     ui.FormView
	List     string
}

// showHandIn shows what would be sent.
func (p *portal) showHandIn(w http.ResponseWriter, r *http.Request) error {
	v, err := p.viewAsked(r)
	if err != nil {
		return err
	}
	return p.drawHandIn(w, r, v, http.StatusOK, nil)
}

func (p *portal) drawHandIn(w http.ResponseWriter, r *http.Request, v *viewed, status int, problems []forms.Problem) error {
	f := p.caseFrame(r, v)
	f.Title, f.Back, f.Error = v.t("Kiểm tra trước khi nộp lại", "Check before handing in"), v.link("bo-sung"), len(problems) > 0
	out := handInView{Lang: v.Lang, About: v.about(), Changes: v.amended.Changes, Files: v.filesOf(v.amended.Files), List: v.link("bo-sung"),
		Note: ui.Field{Lang: v.Lang, Kind: forms.TextareaWidget, Name: "note", Optional: true, Value: r.PostFormValue("note"), Rows: 3,
			Label: v.t("Điều Ông/Bà muốn nói với cán bộ", "What you want to tell the officer"), Hint: v.t("Ví dụ vì sao một mục không cần sửa.", "For instance why an item needs no correction.")},
		Sure: ui.Field{Lang: v.Lang, Kind: forms.ChecksWidget, Name: "sure", Label: v.t("Xác nhận", "Confirm"), Values: r.PostForm["sure"],
			Options: []ui.Option{{Value: "yes", Text: v.t("Tôi đã sửa tất cả các mục được yêu cầu", "I have corrected everything that was asked for")}}},
		Form: ui.FormView{Action: v.link("bo-sung/kiem-tra"), CSRF: f.CSRF, Hidden: []ui.Hidden{{Name: "command", Value: uuid.NewString()}, {Name: "revision", Value: strconv.Itoa(v.Revision)}}}}
	if id := r.PostFormValue("command"); id != "" {
		out.Form.Hidden[0].Value = id
	}
	for _, it := range v.amended.Items {
		if !it.Changed {
			out.Left = append(out.Left, it.Title.In(v.Lang))
		}
	}
	for _, problem := range problems {
		one := ui.Problem{Text: ui.T(v.Lang, problem.VI, problem.EN)}
		switch problem.At {
		case "/note":
			out.Note.Error, one.Href = one.Text, "#"+out.Note.Anchor()
		case "/sure":
			out.Sure.Error, one.Href = one.Text, "#"+out.Sure.Anchor()
		default:
			if section := sectionOf(problem.At); v.opens(section) {
				one.Href = v.link("bo-sung/khai/" + section)
			}
		}
		out.Problems = append(out.Problems, one)
	}
	return p.Render(w, r, status, handInPage(f, out))
}

// opens tells whether the request lets the reader change something in a section.
func (v *viewed) opens(section string) bool {
	return slices.ContainsFunc(v.openAnswers(section), func(forms.Answer) bool { return true })
}

// handIn sends the supplement. Sent twice it is handed in once.
func (p *portal) handIn(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	if v.amended == nil {
		return site.See(w, r, v.link("")) // handed in already
	}
	id, ok := command(r)
	if !ok {
		return site.See(w, r, v.link("bo-sung/kiem-tra"))
	}
	if !slices.Contains(r.PostForm["sure"], "yes") {
		return p.drawHandIn(w, r, v, http.StatusUnprocessableEntity, []forms.Problem{{At: "/sure", Rule: "required",
			VI: "Đánh dấu xác nhận khi Ông/Bà đã sửa xong", EN: "Tick the box when you have finished correcting"}})
	}
	revision, _ := strconv.Atoi(r.PostFormValue("revision")) // 0 names none
	if _, err := p.Cases.HandIn(r.Context(), v.me, cases.Command{Code: v.Code, ID: id, Revision: revision, Event: v.handsIn(),
		Input: cases.Input{Note: strings.TrimSpace(r.PostFormValue("note"))}}); err != nil {
		return p.refused(w, r, err, func(v *viewed, invalid *cases.InvalidError) error {
			if v.amended == nil {
				return site.See(w, r, v.link(""))
			}
			return p.drawHandIn(w, r, v, http.StatusUnprocessableEntity, invalid.Problems)
		})
	}
	return site.See(w, r, v.link(""))
}
