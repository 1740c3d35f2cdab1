package desk

import (
	"errors"
	"net/http"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// take makes the officer the holder of a case: from the queue, or on its page.
func (d *desk) take(w http.ResponseWriter, r *http.Request) error {
	code, from := codeOf(r), fromOf(r)
	err := d.Cases.Take(r.Context(), site.Actor(r), code)
	if refused, ok := errors.AsType[*workflow.NotAllowedError](err); ok {
		return d.renderRefused(w, r, code, refused)
	}
	if err != nil {
		return err
	}
	if from != "" && r.PostFormValue("ve") == "danh-sach" {
		return site.See(w, r, with(from, "da-nhan", string(code)))
	}
	return site.See(w, r, with(pathOf(code, answersPage, from), doneKey, "nhan"))
}

// releaseView asks why a case is taken away from the officer who has it.
type releaseView struct {
	About    string
	Text     string
	Problems []ui.Problem
	Form     ui.FormView
	Reason   ui.Field
	Case     string
}

func (d *desk) askRelease(w http.ResponseWriter, r *http.Request) error {
	return d.renderRelease(w, r, http.StatusOK, "", "")
}

// release gives a case back to the queue; taking it from another officer needs a reason.
func (d *desk) release(w http.ResponseWriter, r *http.Request) error {
	code, reason := codeOf(r), r.PostFormValue("reason")
	err := d.Cases.Release(r.Context(), site.Actor(r), code, reason)
	if refused, ok := errors.AsType[*workflow.NotAllowedError](err); ok {
		return d.renderRefused(w, r, code, refused)
	}
	if invalid, ok := errors.AsType[*cases.InvalidError](err); ok {
		p := invalid.Problems[0]
		return d.renderRelease(w, r, http.StatusUnprocessableEntity, reason, ui.T(site.Lang(r), p.VI, p.EN))
	}
	if err != nil {
		return err
	}
	return site.See(w, r, with(pathOf(code, answersPage, fromOf(r)), doneKey, "tra-lai"))
}

func (d *desk) renderRelease(w http.ResponseWriter, r *http.Request, status int, reason, wrong string) error {
	c, err := d.Cases.Get(r.Context(), site.Actor(r), codeOf(r))
	if err != nil {
		return err
	}
	lang, from := site.Lang(r), fromOf(r)
	if c.Task == nil || c.Task.Assignee == "" {
		return site.See(w, r, pathOf(c.Code, answersPage, from))
	}
	f := d.frame(r, ui.T(lang, "Lấy lại hồ sơ", "Take the case back"))
	f.Back, f.Error = pathOf(c.Code, answersPage, from), wrong != ""
	v := releaseView{About: aboutText(c, lang), Case: f.Back, Form: token(f, pathOf(c.Code, "/tra-lai", ""), from),
		Text:   ui.T(lang, "Hồ sơ đang do "+c.Task.AssigneeName+" giữ. Hồ sơ sẽ về hàng đợi chung; lý do được ghi vào lịch sử.", "The case is held by "+c.Task.AssigneeName+". It goes back to the queue, and the reason becomes part of its history."),
		Reason: ui.Field{Lang: lang, Kind: forms.TextareaWidget, Name: "reason", Label: ui.T(lang, "Lý do", "Reason"), Value: reason, Error: wrong, Rows: 3}}
	v.Problems = ui.Problems([]ui.Field{v.Reason})
	return d.Render(w, r, status, releasePage(f, v))
}
