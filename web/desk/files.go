package desk

import (
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// filesView is the page of a case's papers.
type filesView struct {
	Files     ui.Table // handed in by the citizen
	Documents ui.Table // issued in the case and its sub-cases
	Pictures  []pictureView
}

// pictureView is a photographed paper, to be looked at beside the others.
type pictureView struct{ Href, Name string }

func filePath(code cases.Code, f cases.File) string {
	return pathOf(code, "/tep/"+f.ID.String(), "")
}

func documentPath(code cases.Code, doc cases.Document) string {
	return pathOf(code, "/giay-to/"+doc.ID.String(), "")
}

// showFiles lists what was handed in and what was issued.
func (d *desk) showFiles(w http.ResponseWriter, r *http.Request) error {
	c, err := d.open(r)
	if err != nil {
		return err
	}
	lang := site.Lang(r)
	v := filesView{
		Files: ui.Table{Lang: lang, Caption: ui.T(lang, "Người dân nộp", "Handed in by the citizen"), Quiet: true, Empty: ui.T(lang, "Hồ sơ này không có tệp nào: mọi thông tin lấy từ cơ sở dữ liệu.", "The case has no files: everything came from the registers."),
			Columns: []ui.Column{{Title: ui.T(lang, "Tệp", "File")}, {Title: ui.T(lang, "Giấy tờ", "Paper")}, {Title: ui.T(lang, "Cỡ", "Size"), Number: true}, {Title: ui.T(lang, "Nhận lúc", "Received")}, {Title: ui.T(lang, "Mã băm SHA-256", "SHA-256")}}},
		Documents: ui.Table{Lang: lang, Caption: ui.T(lang, "Cơ quan phát hành", "Issued by the agency"), Quiet: true, Empty: ui.T(lang, "Chưa phát hành giấy tờ nào.", "No paper has been issued yet."),
			Columns: []ui.Column{{Title: ui.T(lang, "Giấy tờ", "Paper")}, {Title: ui.T(lang, "Số", "Number")}, {Title: ui.T(lang, "Ký lúc", "Signed")}, {Title: ui.T(lang, "Hiệu lực", "Validity")}}},
	}
	for _, file := range c.Files {
		v.Files.Rows = append(v.Files.Rows, ui.TableRow{Href: filePath(c.Code, file), Cells: []ui.Cell{{Text: file.Name}, {Text: paperTitle(c, file.Attachment, lang)},
			{Text: ui.Size(int64(file.Size), lang)}, {Text: ui.DateTime(file.UploadedAt, lang)}, {Text: short(file.SHA256)}}})
		if strings.HasPrefix(file.Type, "image/") {
			v.Pictures = append(v.Pictures, pictureView{Href: filePath(c.Code, file), Name: paperTitle(c, file.Attachment, lang) + ": " + file.Name})
		}
	}
	v.addDocuments(c.Code, c.Documents, "", lang)
	for _, k := range c.Children {
		v.addDocuments(c.Code, k.Documents, k.Link.Title.In(lang), lang)
	}
	return d.part(w, r, c, filesPage, func(f ui.Frame) templ.Component { return filesPart(f, v) })
}

func (v *filesView) addDocuments(code cases.Code, docs []cases.Document, of, lang string) {
	for _, doc := range docs {
		valid := ui.Tag{Text: ui.T(lang, "Còn hiệu lực", "In force"), Tone: ui.Success}
		if !doc.Withdrawn.IsZero() {
			valid = ui.Tag{Text: ui.T(lang, "Thu hồi ", "Withdrawn ") + ui.Date(doc.Withdrawn), Tone: ui.Danger}
		}
		v.Documents.Rows = append(v.Documents.Rows, ui.TableRow{Href: documentPath(code, doc), Cells: []ui.Cell{{Text: doc.Title.In(lang), Sub: of}, {Text: doc.Number},
			{Text: ui.DateTime(doc.IssuedAt, lang)}, {Tag: valid}}})
	}
}

func paperTitle(c *cases.Case, attachment, lang string) string {
	for _, a := range c.Procedure.Attachments {
		if a.ID == attachment {
			return a.Title.In(lang)
		}
	}
	return ui.T(lang, "Chứng minh giá trị đúng", "Evidence of the right value")
}

// short is the beginning of a fingerprint, enough to compare by eye.
func short(sha string) string { return sha[:min(len(sha), 12)] + "…" }

// file sends a paper that the citizen handed in.
func (d *desk) file(w http.ResponseWriter, r *http.Request) error {
	id, err := uuidOf(r, "file")
	if err != nil {
		return err
	}
	f, content, err := d.Cases.FileContent(r.Context(), site.Actor(r), codeOf(r), id)
	if err != nil {
		return err
	}
	return send(w, r, f.Name, f.Type, content)
}

// document sends a paper that the agency issued.
func (d *desk) document(w http.ResponseWriter, r *http.Request) error {
	id, err := uuidOf(r, "document")
	if err != nil {
		return err
	}
	doc, content, err := d.Cases.Document(r.Context(), site.Actor(r), codeOf(r), id)
	if err != nil {
		return err
	}
	return send(w, r, string(codeOf(r))+"-"+doc.Kind+".pdf", "application/pdf", content)
}

// inline are the types that a browser shows without running anything in them.
var inline = map[string]bool{"application/pdf": true, "image/jpeg": true, "image/png": true}

// send answers with a paper: shown in the browser when its type is harmless,
// else offered to be kept.
func send(w http.ResponseWriter, r *http.Request, name, kind string, content []byte) error {
	h, how := w.Header(), "attachment"
	if inline[kind] {
		how = "inline"
	} else {
		kind = "application/octet-stream"
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", disposition(how, name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Length", strconv.Itoa(len(content)))
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := w.Write(content)
	return err
}

// disposition names the file; a name that the header cannot carry goes in the
// form of RFC 6266.
func disposition(how, name string) string {
	if s := mime.FormatMediaType(how, map[string]string{"filename": name}); s != "" {
		return s
	}
	return how + "; filename*=UTF-8''" + url.PathEscape(name)
}
