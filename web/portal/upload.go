package portal

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// The inputs of a page that takes files.
const (
	filesName  = "files"
	removeName = "remove" // value: id of the file
	actAdd     = "add"
)

// uploadView is the page of one paper.
type uploadView struct {
	Lang     string
	Progress string
	Problems []ui.Problem
	Because  string
	Law      string
	Field    ui.Field
	Form     ui.FormView
	More     bool // files are there: a further one may be added
}

// paper opens the draft and the paper that the path names; one that is not
// asked for now leads to where one left off.
func (p *portal) paper(w http.ResponseWriter, r *http.Request) (*opened, *procedures.Attachment, error) {
	o, err := p.open(w, r)
	if err != nil {
		return nil, nil, err
	}
	id := chi.URLParam(r, "attachment")
	i := slices.IndexFunc(o.Papers, func(a *procedures.Attachment) bool { return a.ID == id })
	if i < 0 {
		return nil, nil, elsewhere(w, r, o.link(o.resume()))
	}
	return o, o.Papers[i], nil
}

func (p *portal) showUpload(w http.ResponseWriter, r *http.Request) error {
	o, at, err := p.paper(w, r)
	if err != nil {
		return settled(err)
	}
	return p.askPaper(w, r, http.StatusOK, o, at, nil)
}

// askPaper draws the page; problems are those of the files that were sent.
func (p *portal) askPaper(w http.ResponseWriter, r *http.Request, status int, o *opened, at *procedures.Attachment, problems []forms.Problem) error {
	path := paperStep + at.ID
	v := uploadView{Lang: o.Lang, Progress: o.progress(path), Because: at.Because.In(o.Lang), Law: at.Law}
	formats, most := limitsOf(at)
	v.Field = ui.Field{Lang: o.Lang, Name: filesName, Kind: ui.FileWidget, Multiple: true, Optional: at.Optional, Accept: accept(formats),
		Label: o.t("Chọn tệp", "Choose a file"),
		Hint: o.t("Tệp ", "A ") + strings.ToUpper(strings.Join(formats, ", ")) + o.t(", mỗi tệp không quá ", " file, each at most ") + ui.Count(int64(most)) + " MB" +
			o.t(". Có thể chụp ảnh bằng điện thoại.", ". You may take photos with your telephone.")}
	for _, f := range o.Draft.Files {
		if f.Attachment == at.ID {
			row := o.fileRow(f)
			row.Remove = f.ID.String()
			v.Field.Files = append(v.Field.Files, row)
		}
	}
	if v.More = len(v.Field.Files) > 0; v.More {
		v.Field.Label = o.t("Thêm tệp", "Add a file")
	}
	for _, problem := range problems {
		if text := ui.T(o.Lang, problem.VI, problem.EN); v.Field.Error == "" {
			v.Field.Error = text
		} else {
			v.Problems = append(v.Problems, ui.Problem{Text: text, Href: "#" + v.Field.Anchor()})
		}
	}
	v.Problems = append(ui.Problems([]ui.Field{v.Field}), v.Problems...)
	f := p.frame(r, o, at.Title.In(o.Lang), path)
	f.Error = len(v.Problems) > 0
	v.Form = ui.FormView{Action: o.change(path, o.From), CSRF: f.CSRF, Multipart: true}
	return p.Render(w, r, status, uploadPage(f, v))
}

// limitsOf are the formats that a paper may have and its size in MB.
func limitsOf(at *procedures.Attachment) (formats []string, most int) {
	formats, most = at.Formats, at.MaxMB
	if len(formats) == 0 {
		formats = []string{"pdf", "jpg", "png"}
	}
	if most == 0 {
		most = 10
	}
	return formats, most
}

func accept(formats []string) string {
	var out []string
	for _, f := range formats {
		out = append(out, "."+f)
		if f == "jpg" {
			out = append(out, ".jpeg")
		}
	}
	return strings.Join(out, ",")
}

// upload keeps what was chosen, takes out what is not wanted, or goes on.
func (p *portal) upload(w http.ResponseWriter, r *http.Request) error {
	o, at, err := p.paper(w, r)
	if err != nil {
		return settled(err)
	}
	here := o.change(paperStep+at.ID, o.From)
	if gone := r.PostForm.Get(removeName); gone != "" {
		id, err := uuid.Parse(gone)
		if err != nil {
			return fmt.Errorf("remove file %q: %w", gone, cases.ErrNotFound)
		}
		if err := p.Cases.RemoveFile(r.Context(), site.Actor(r), o.Draft.ID, id); err != nil {
			return err
		}
		return site.See(w, r, here)
	}
	var problems []forms.Problem
	chosen := filesOf(r, filesName)
	for _, h := range chosen {
		_, wrong, err := p.keep(r, o, at.ID, h)
		if err != nil {
			return err
		}
		problems = append(problems, wrong...)
	}
	has := slices.ContainsFunc(o.Draft.Files, func(f cases.File) bool { return f.Attachment == at.ID })
	leaves := r.PostForm.Get(actName) == actExit
	switch {
	case len(problems) > 0:
		if o, at, err = p.paper(w, r); err != nil { // with the files that were right
			return settled(err)
		}
		return p.askPaper(w, r, http.StatusUnprocessableEntity, o, at, problems)
	case leaves:
		return site.See(w, r, casesPath)
	case len(chosen) > 0:
		return site.See(w, r, here) // to look at what has arrived
	case r.PostForm.Get(actName) == actAdd, !has && !at.Optional:
		return p.askPaper(w, r, http.StatusUnprocessableEntity, o, at, []forms.Problem{{At: forms.Pointer("/attachments/" + at.ID), Rule: "required",
			VI: "Chọn tệp " + lowerFirst(at.Title.VI), EN: "Choose a file: " + lowerFirst(at.Title.EN)}})
	}
	return site.See(w, r, o.link(o.after(paperStep+at.ID, o.From)))
}

// keep stores one file of the request. Problems are what is wrong with it.
func (p *portal) keep(r *http.Request, o *opened, attachment string, h *multipart.FileHeader) (*cases.File, []forms.Problem, error) {
	content, err := h.Open()
	if err != nil {
		return nil, nil, fmt.Errorf("open the file sent: %w", err)
	}
	defer content.Close()
	b, err := io.ReadAll(content)
	if err != nil {
		return nil, nil, fmt.Errorf("read the file sent: %w", err)
	}
	f, err := p.Cases.AddFile(r.Context(), site.Actor(r), o.Draft.ID, attachment, h.Filename, b)
	if wrong, ok := errors.AsType[*cases.InvalidError](err); ok {
		for i := range wrong.Problems {
			wrong.Problems[i].VI = h.Filename + ": " + lowerFirst(wrong.Problems[i].VI)
			wrong.Problems[i].EN = h.Filename + ": " + lowerFirst(wrong.Problems[i].EN)
		}
		return nil, wrong.Problems, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return &f, nil, nil
}

// fileRow shows a file of the draft: name, size, and the print of its content.
func (o *opened) fileRow(f cases.File) ui.File {
	return ui.File{Name: f.Name, Size: ui.Size(int64(f.Size), o.Lang) + " · SHA-256 " + fingerprint(f.SHA256), Href: o.link("tep/" + f.ID.String()),
		State: ui.Tag{Text: o.t("Sẵn sàng", "Ready"), Tone: ui.Success}}
}

// fingerprint is the beginning of a SHA-256, short enough to compare by eye.
func fingerprint(sum string) string {
	if len(sum) < 12 {
		return sum
	}
	return sum[:4] + " " + sum[4:8] + " " + sum[8:12]
}

// draftFile sends a file of the draft back to who handed it in.
func (p *portal) draftFile(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(chi.URLParam(r, "file"))
	if err != nil {
		return cases.ErrNotFound
	}
	f, content, err := p.Cases.DraftFile(r.Context(), site.Actor(r), draftID(r), id)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Content-Length", fmt.Sprint(len(content)))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Cache-Control", "private, no-store")
	_, _ = w.Write(content) // a browser that left wants nothing more
	return nil
}
