package portal

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// actView is the page on which an action is confirmed.
type actView struct {
	Lang     string
	Problems []ui.Problem
	Title    string
	About    string // the case in a line
	Effects  []string
	Note     *ui.Field
	Form     ui.FormView
	Button   ui.ButtonView
	Cancel   string
}

// showAct asks before an action is carried out.
func (p *portal) showAct(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	return p.drawAct(w, r, v, http.StatusOK, nil)
}

// allowed finds the event of the path among what the reader may do.
func (v *viewed) allowed(event workflow.Event) (cases.Allowed, error) {
	for _, a := range v.Allowed {
		if a.Event == event && a.Enabled {
			return a, nil
		}
	}
	return cases.Allowed{}, &workflow.NotAllowedError{State: v.State, Event: event, Reason: workflow.ReasonNone}
}

func (p *portal) drawAct(w http.ResponseWriter, r *http.Request, v *viewed, status int, invalid *cases.InvalidError) error {
	a, err := v.allowed(workflow.Event(chi.URLParam(r, "event")))
	if err != nil {
		return err
	}
	if a.Event == v.handsIn() {
		return site.See(w, r, v.link("bo-sung"))
	}
	f := p.caseFrame(r, v)
	f.Title, f.Back, f.Error = a.Title.In(v.Lang), v.link(""), invalid != nil
	out := actView{Lang: v.Lang, Title: a.Title.In(v.Lang), About: v.Procedure.Name.In(v.Lang) + " · " + string(v.Code), Effects: v.consequences(a),
		Form: *v.commandForm(a, f.CSRF), Button: v.action(a, f.CSRF).Button, Cancel: v.link("")}
	out.Button.Href, out.Button.ID = "", ""
	if id := r.PostFormValue("command"); id != "" {
		out.Form.Hidden[0].Value = id
	}
	for _, need := range a.Needs {
		if need == "note" {
			out.Note = &ui.Field{Lang: v.Lang, Kind: "textarea", Name: "note", Label: v.t("Lý do", "Reason"), Value: r.PostFormValue("note"),
				Hint: v.t("Viết ngắn gọn. Người giải quyết hồ sơ sẽ đọc lý do này.", "A few words. Whoever handles the case will read it.")}
		}
	}
	out.Problems = actProblems(v.Lang, out.Note, invalid)
	return p.Render(w, r, status, actPage(f, out))
}

// actProblems puts a problem beside the note, or into the summary alone.
func actProblems(lang string, note *ui.Field, invalid *cases.InvalidError) []ui.Problem {
	if invalid == nil {
		return nil
	}
	var out []ui.Problem
	for _, problem := range invalid.Problems {
		one := ui.Problem{Text: ui.T(lang, problem.VI, problem.EN)}
		if note != nil && problem.At == "/note" {
			if problem.Rule == "required" {
				one.Text = ui.T(lang, "Nhập lý do", "Enter the reason")
			}
			note.Error, one.Href = one.Text, "#"+note.Anchor()
		}
		out = append(out, one)
	}
	return out
}

// consequences say what follows from an action.
func (v *viewed) consequences(a cases.Allowed) []string {
	var out []string
	to := v.Procedure.Machine.States[a.To]
	switch {
	case a.Event == workflow.Event(workflow.ByWithdraw):
		out = append(out, v.t("Hồ sơ được đóng và không được giải quyết tiếp. Ông/Bà có thể nộp hồ sơ mới bất cứ lúc nào.", "The case is closed and not decided. You can file a new one at any time."))
		if v.Paid {
			out = append(out, v.t("Lệ phí đã nộp không tự động được hoàn lại.", "A fee that was paid is not returned by itself."))
		}
	case to != nil && to.Kind == workflow.Final:
		out = append(out, v.t("Câu trả lời được ghi nhận ngay và không sửa được: ", "The answer is recorded at once and cannot be changed: ")+to.Title.In(v.Lang)+".")
		if v.Parent != nil {
			out = append(out, v.t("Nơi giải quyết hồ sơ chính được báo ngay.", "Whoever handles the main case is told at once."))
		}
	case to != nil:
		out = append(out, v.t("Sau đó hồ sơ chuyển sang bước: ", "The case then goes on to: ")+to.Title.In(v.Lang)+".")
	}
	return out
}

// act carries out what was confirmed. The same form sent twice acts once.
func (p *portal) act(w http.ResponseWriter, r *http.Request) error {
	code, event := cases.Code(chi.URLParam(r, "code")), workflow.Event(chi.URLParam(r, "event"))
	id, ok := command(r)
	if !ok {
		return site.See(w, r, caseLink(code, "thao-tac/"+string(event)))
	}
	revision, _ := strconv.Atoi(r.PostFormValue("revision")) // 0 names none
	done, err := p.Cases.Act(r.Context(), site.Actor(r), cases.Command{Code: code, ID: id, Revision: revision, Event: event,
		Input: cases.Input{Note: strings.TrimSpace(r.PostFormValue("note"))}})
	if err != nil {
		return p.refused(w, r, err, func(v *viewed, invalid *cases.InvalidError) error {
			return p.drawAct(w, r, v, http.StatusUnprocessableEntity, invalid)
		})
	}
	v := &viewed{Case: done, Lang: site.Lang(r), p: p, me: site.Actor(r)}
	if v.payable() {
		return site.See(w, r, v.link("nop-tien"))
	}
	return site.See(w, r, v.link(""))
}

// refused answers an action that was not carried out: the page again with what
// was typed, or the page of what changed meanwhile.
func (p *portal) refused(w http.ResponseWriter, r *http.Request, err error, again func(*viewed, *cases.InvalidError) error) error {
	invalid, isInvalid := errors.AsType[*cases.InvalidError](err)
	conflict, isConflict := errors.AsType[*cases.ConflictError](err)
	if !isInvalid && !isConflict {
		return err
	}
	v, gone := p.view(r)
	if gone != nil {
		return gone
	}
	if isInvalid {
		return again(v, invalid)
	}
	f := p.caseFrame(r, v)
	f.Title, f.Path = v.t("Hồ sơ vừa thay đổi", "The case has just changed"), v.link("")
	return p.Render(w, r, http.StatusConflict, changedPage(f, v.Lang, v.status(), conflict.Changes, v.link("")))
}
