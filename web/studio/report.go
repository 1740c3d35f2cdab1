package studio

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// errNotFound is what people get who look for a page that is not there for them.
var errNotFound = cases.ErrNotFound

// previewPage is where a preview begins, below a procedure.
const previewPage = "xem-thu"

// reportView is what is proved about one procedure, and what is wrong (A2).
type reportView struct {
	Name     string
	About    string
	Tabs     []ui.Link
	Standing ui.Banner
	Facts    []ui.Fact
	Common   []findingView // of the shared files
	Sections []sectionView
}

// sectionView is one part of the report.
type sectionView struct {
	ID       string
	Title    string
	Tag      ui.Tag
	Proved   []string // what holds, in sentences
	Findings []findingView
	Tables   []ui.Table
	Coverage *coverageView // of the scenarios; nil: another section
	Diagram  string        // address of the picture; empty: none
	Alt      string        // of the picture
}

// showReport is what `hoso check` says about one procedure.
func (t *studio) showReport(w http.ResponseWriter, r *http.Request) error {
	shelf, err := t.library.now()
	if err != nil {
		return err
	}
	id, lang := procedures.ID(chi.URLParam(r, "procedure")), site.Lang(r)
	if !shelf.has(id) && (id != commonFolder || len(shelf.findings[commonFolder]) == 0) {
		return errNotFound
	}
	v, err := t.report(r, shelf, id, lang)
	if err != nil {
		return err
	}
	return t.Render(w, r, http.StatusOK, reportPage(t.frame(r, ui.T(lang, "Báo cáo kiểm tra: ", "Report: ")+v.Name, site.StudioPath), v))
}

func (t *studio) report(r *http.Request, shelf *shelf, id procedures.ID, lang string) (reportView, error) {
	p, _ := shelf.catalogue.Get(id)
	v := reportView{Name: string(id), Standing: t.standing(shelf, id, lang), Tabs: t.tabs(id, "", lang, shelf.runs(id)), About: t.cfg.Prefix + "/" + string(id)}
	if id != commonFolder {
		v.Common = t.findingViews(mistakes(shelf.findings[commonFolder]), lang)
	}
	live, err := t.Cases.LiveByProcedure(r.Context())
	if err != nil {
		return v, err
	}
	if p != nil {
		v.Name = p.Name.In(lang)
		v.Facts = t.facts(shelf, p, live[id], lang)
	}
	say := &reporter{csrf: csrfOf(r), studio: t, shelf: shelf, id: id, p: p, lang: lang}
	v.Sections = []sectionView{say.schema(), say.once(), say.workflow(), say.texts(), say.tables(), say.stories()}
	for i := range v.Sections {
		if proofs := say.obligations(v.Sections[i].ID); len(proofs.Rows) > 0 {
			v.Sections[i].Tables = append(v.Sections[i].Tables, proofs)
		}
	}
	return v, nil
}

// standing sums the report up.
func (t *studio) standing(s *shelf, id procedures.ID, lang string) ui.Banner {
	wrong, warnings := s.verdict(id)
	n := strconv.Itoa(warnings)
	switch {
	case wrong > 0:
		return ui.Banner{Tone: ui.Danger, Heading: ui.T(lang, "Chưa chạy được: còn "+strconv.Itoa(wrong)+" lỗi", "It cannot run: "+strconv.Itoa(wrong)+plural(wrong, " mistake")),
			Text: ui.T(lang, "Phiên bản đang chạy không bị ảnh hưởng. Sửa các lỗi dưới đây rồi tải lại trang.", "The version that runs is not touched. Mend what stands below, then reload the page.")}
	case warnings > 0:
		return ui.Banner{Tone: ui.Warning, Heading: ui.T(lang, "Không có lỗi, có "+n+" lưu ý", "No mistakes, "+n+plural(warnings, " warning")),
			Text: ui.T(lang, "Lưu ý không ngăn thủ tục chạy, nhưng nên xem lại.", "A warning does not keep the procedure from running, but deserves a look.")}
	}
	return ui.Banner{Tone: ui.Success, Heading: ui.T(lang, "Không có lỗi, không có lưu ý", "No mistakes, no warnings"),
		Text: ui.T(lang, "Mọi nghĩa vụ chứng minh đều đạt.", "Every proof obligation holds.")}
}

// runs tells whether the folder is without mistakes, so that it can be walked.
func (s *shelf) runs(id procedures.ID) bool {
	p, ok := s.catalogue.Get(id)
	wrong, _ := s.verdict(id)
	return ok && wrong == 0 && p.Machine != nil
}

// tabs are the pages of one procedure.
func (t *studio) tabs(id procedures.ID, current, lang string, runs bool) []ui.Link {
	links := []ui.Link{{Text: ui.T(lang, "Báo cáo", "Report"), Href: link(id, "")}}
	if p, ok := t.Procedures.Get(id); t.cfg.Stage != nil && runs && !(ok && p.Internal) {
		links = append(links, ui.Link{Text: ui.T(lang, "Xem thử", "Preview"), Href: link(id, previewPage)})
	}
	links = append(links, ui.Link{Text: ui.T(lang, "So sánh", "Compare"), Href: link(id, comparePage)})
	if runs {
		links = append(links, ui.Link{Text: ui.T(lang, "Công bố", "Publish"), Href: link(id, publishPage)})
	}
	for i := range links {
		links[i].Current = links[i].Href == link(id, current)
	}
	return links
}

func (t *studio) facts(s *shelf, p *procedures.Procedure, live int64, lang string) []ui.Fact {
	facts := []ui.Fact{
		{Label: ui.T(lang, "Phiên bản", "Version"), Value: strconv.Itoa(p.Version)},
		{Label: ui.T(lang, "Mã băm nội dung", "Hash of the content"), Body: hashText(string(p.Hash))},
		{Label: ui.T(lang, "Mã thủ tục quốc gia", "National code"), Value: or(p.Code, "–")},
		{Label: ui.T(lang, "Hồ sơ đang giải quyết", "Live cases"), Value: ui.Count(live)},
	}
	if running, ok := t.Procedures.Get(p.ID); !ok || running.Hash != p.Hash {
		at := ui.T(lang, "chưa có phiên bản nào chạy", "no version runs yet")
		if ok {
			at = ui.T(lang, "phiên bản đang chạy là ", "the version that runs is ") + short(running.Hash)
		}
		facts = append(facts, ui.Fact{Label: ui.T(lang, "Chưa được đưa vào sử dụng", "Not in use yet"), Value: at})
	}
	if proof := s.catalogue.Proof(p); proof != nil && !p.Internal {
		facts = append(facts, ui.Fact{Label: ui.T(lang, "Câu hỏi điền sẵn / phải hỏi", "Questions filled / asked"), Value: strconv.Itoa(proof.Counts.Filled) + " / " + strconv.Itoa(proof.Counts.Asked)})
	}
	return facts
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func csrfOf(r *http.Request) string {
	if p := identity.From(r.Context()); p != nil {
		return p.CSRF()
	}
	return ""
}
