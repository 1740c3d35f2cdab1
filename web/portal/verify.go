package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/document"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// paperSize bounds a paper that is sent to be checked, in bytes.
const paperSize = 32 << 20

// verifyView is the public page of one paper. It says nothing personal.
type verifyView struct {
	Lang   string
	Status ui.Banner
	Rows   []ui.Row
	Upload ui.FormView
	File   ui.Field
}

// paperCheckView asks which paper is to be checked.
type paperCheckView struct {
	Lang     string
	Problems []ui.Problem
	Code     ui.Field
	Upload   ui.FormView
	File     ui.Field
}

// verify tells whether a paper with this code was issued here and is in force.
func (p *portal) verify(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(chi.URLParam(r, "id"))
	if err != nil {
		return p.noPaper(w, r)
	}
	d, err := p.Cases.Verify(r.Context(), id)
	if errors.Is(err, cases.ErrNotFound) {
		return p.noPaper(w, r)
	}
	if err != nil {
		return err
	}
	return p.drawVerified(w, r, d, p.standing(d, site.Lang(r)))
}

// standing says that the paper is known, or withdrawn.
func (p *portal) standing(d *cases.Verified, lang string) ui.Banner {
	if !d.Withdrawn.IsZero() {
		return ui.Banner{Tone: ui.Danger, Heading: ui.T(lang, "Giấy này đã bị thu hồi", "This paper was withdrawn"),
			Text: ui.T(lang, "Giấy không còn giá trị từ ngày ", "It has been void since ") + ui.Date(d.Withdrawn) + "."}
	}
	return ui.Banner{Tone: ui.Success, Heading: ui.T(lang, "Có giấy mang mã này và đang có hiệu lực", "There is such a paper, and it is in force"),
		Text: ui.T(lang, "Hãy so các dòng dưới đây với giấy Ông/Bà đang cầm. Muốn chắc chắn tệp chưa bị sửa, gửi tệp PDF ở cuối trang.", "Compare the lines below with the paper in your hand. To be sure that a file was not changed, send the PDF at the end of the page.")}
}

func (p *portal) drawVerified(w http.ResponseWriter, r *http.Request, d *cases.Verified, status ui.Banner) error {
	lang := site.Lang(r)
	f := p.Frame(r, ui.T(lang, "Kiểm tra giấy tờ", "Verify a paper"))
	f.Path, f.Back = "/verify/"+d.ID.String(), checkPath
	v := verifyView{Lang: lang, Status: status, File: paperField(lang), Upload: paperForm(f.CSRF, d.ID.String())}
	add := func(vi, en, value string) {
		if value != "" {
			v.Rows = append(v.Rows, ui.Row{Label: ui.T(lang, vi, en), Value: value})
		}
	}
	add("Loại giấy", "Paper", d.Title.In(lang))
	add("Số", "Number", d.Number)
	add("Cơ quan cấp", "Issued by", d.AgencyName.In(lang))
	add("Thủ tục", "Procedure", d.Procedure.In(lang))
	add("Ngày cấp", "Issued on", ui.Date(d.IssuedAt))
	add("Mã kiểm tra", "Verification code", d.ID.String())
	add("SHA-256", "SHA-256", d.SHA256)
	if sig, ok := signatureOf(d); ok {
		add("Khóa ký của cơ quan", "The agency's key", sig.KeyID)
	}
	return p.Render(w, r, http.StatusOK, verifyPage(f, v))
}

// noPaper answers a code that no paper bears.
func (p *portal) noPaper(w http.ResponseWriter, r *http.Request) error {
	lang := site.Lang(r)
	f := p.Frame(r, ui.T(lang, "Không có giấy nào mang mã này", "No paper bears this code"))
	f.Back = checkPath
	return p.Render(w, r, http.StatusNotFound, noPaperPage(f, lang))
}

func paperField(lang string) ui.Field {
	return ui.Field{Lang: lang, Kind: ui.FileWidget, Name: "paper", Accept: ".pdf", Label: ui.T(lang, "Tệp PDF cần kiểm tra", "The PDF to check"),
		Hint: ui.T(lang, "Tệp chỉ được đọc để so sánh, không được lưu lại.", "The file is only compared, not kept.")}
}

func paperForm(csrf, id string) ui.FormView {
	f := ui.FormView{Action: checkPath, CSRF: csrf, Multipart: true}
	if id != "" {
		f.Hidden = []ui.Hidden{{Name: "code", Value: id}}
	}
	return f
}

// showCheckPaper asks for a code, or a file.
func (p *portal) showCheckPaper(w http.ResponseWriter, r *http.Request) error {
	typed := r.URL.Query().Get("code")
	if typed == "" {
		problem := ""
		if r.URL.Query().Has("code") {
			problem = ui.T(site.Lang(r), "Nhập mã kiểm tra in dưới mã QR của giấy", "Enter the verification code printed below the QR code")
		}
		return p.drawCheck(w, r, typed, problem, "")
	}
	if id, ok := paperCode(typed); ok {
		return site.See(w, r, "/verify/"+id.String())
	}
	return p.drawCheck(w, r, typed, ui.T(site.Lang(r), "Nhập đủ 36 ký tự của mã kiểm tra, ví dụ 0b9d3c5e-1f2a-5d44-9c1e-7a6f0c2b8e11", "Enter all 36 characters of the code, for example 0b9d3c5e-1f2a-5d44-9c1e-7a6f0c2b8e11"), "")
}

func (p *portal) drawCheck(w http.ResponseWriter, r *http.Request, typed, codeProblem, fileProblem string) error {
	lang := site.Lang(r)
	f := p.Frame(r, ui.T(lang, "Kiểm tra giấy tờ", "Verify a paper"))
	f.Path, f.Error = checkPath, codeProblem+fileProblem != ""
	v := paperCheckView{Lang: lang, File: paperField(lang), Upload: paperForm(f.CSRF, ""),
		Code: ui.Field{Lang: lang, Name: "code", Label: ui.T(lang, "Mã kiểm tra", "Verification code"), Value: typed, NoSpell: true, Error: codeProblem,
			Hint: ui.T(lang, "In cạnh mã QR ở cuối giấy. Có thể dán cả đường dẫn.", "Printed beside the QR code at the end of the paper. The whole link is fine too.")}}
	v.File.Error = fileProblem
	v.Problems = ui.Problems([]ui.Field{v.Code, v.File})
	status := http.StatusOK
	if f.Error {
		status = http.StatusUnprocessableEntity
	}
	return p.Render(w, r, status, checkPaperPage(f, v))
}

var (
	codeInText  = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`)
	codeInPaper = regexp.MustCompile(`/verify/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})`)
)

// paperCode finds the code in what somebody typed or pasted.
func paperCode(typed string) (uuid.UUID, bool) {
	id, err := uuid.Parse(codeInText.FindString(strings.TrimSpace(typed)))
	return id, err == nil
}

// checkPaper holds a file against what was issued: its fingerprint, and the
// signature of the agency. The code comes with the form, or stands in the file.
func (p *portal) checkPaper(w http.ResponseWriter, r *http.Request) error {
	lang := site.Lang(r)
	sent, err := sentFiles(r, "paper")
	if err != nil {
		return err
	}
	if len(sent) == 0 || len(sent[0].Content) == 0 {
		return p.drawCheck(w, r, "", "", ui.T(lang, "Chọn tệp PDF cần kiểm tra", "Choose the PDF to check"))
	}
	content := sent[0].Content
	id, ok := paperCode(r.PostFormValue("code"))
	if !ok {
		found := codeInPaper.FindSubmatch(content)
		if found == nil {
			return p.drawCheck(w, r, "", "", ui.T(lang, "Nhập mã kiểm tra: không tìm thấy mã trong tệp này", "Enter the verification code: there is none in this file"))
		}
		id = uuid.MustParse(string(found[1]))
	}
	d, err := p.Cases.Verify(r.Context(), id)
	if errors.Is(err, cases.ErrNotFound) {
		return p.noPaper(w, r)
	}
	if err != nil {
		return err
	}
	status, err := p.compared(d, content, lang)
	if err != nil {
		return err
	}
	return p.drawVerified(w, r, d, status)
}

// compared says how a file stands to the paper that was issued.
func (p *portal) compared(d *cases.Verified, content []byte, lang string) (ui.Banner, error) {
	sum := sha256.Sum256(content)
	if hex.EncodeToString(sum[:]) != d.SHA256 {
		return ui.Banner{Tone: ui.Danger, Heading: ui.T(lang, "Tệp này không phải bản đã cấp", "This file is not the one that was issued"),
			Text: ui.T(lang, "Nội dung tệp khác bản gốc: tệp đã bị sửa, hoặc là bản quét, bản in lại. Không nên dựa vào tệp này.", "Its content differs from the original: it was changed, or it is a scan or a reprint. Do not rely on it.")}, nil
	}
	sig, ok := signatureOf(d)
	if !ok {
		return ui.Banner{Tone: ui.Warning, Heading: ui.T(lang, "Tệp giống bản đã cấp, nhưng bản đó chưa được ký số", "The file is the one issued, which bears no digital signature"), Text: d.SHA256}, nil
	}
	switch err := p.Keys.Verify(content, sig); {
	case errors.Is(err, document.ErrSignature), errors.Is(err, document.ErrUnknownKey):
		return ui.Banner{Tone: ui.Danger, Heading: ui.T(lang, "Chữ ký số không đúng", "The digital signature does not hold"),
			Text: ui.T(lang, "Không nên dựa vào tệp này. Hãy báo cho cơ quan cấp.", "Do not rely on this file, and tell the agency.")}, nil
	case err != nil:
		return ui.Banner{}, err
	}
	if !d.Withdrawn.IsZero() {
		return p.standing(d, lang), nil
	}
	return ui.Banner{Tone: ui.Success, Heading: ui.T(lang, "Tệp này là bản gốc đã cấp", "This file is the original"),
		Text: ui.T(lang, "Nội dung trùng khớp và chữ ký số của cơ quan cấp là đúng. Giấy đang có hiệu lực.", "Its content matches, and the agency's digital signature holds. The paper is in force.")}, nil
}

// signatureOf reads the signature that stands beside the paper.
func signatureOf(d *cases.Verified) (document.Signature, bool) {
	var sig document.Signature
	if len(d.Signature) == 0 || json.Unmarshal(d.Signature, &sig) != nil {
		return sig, false
	}
	return sig, sig.KeyID != ""
}
