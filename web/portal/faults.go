package portal

import (
	"net/http"
	"path"
	"strconv"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// faultsView says, to an author in development, why what they saved is not on
// the page.
type faultsView struct {
	Lang    string
	Heading string
	Faults  []fault
}

type fault struct{ Place, Code, Message, Remedy string }

// faults are the mistakes of a procedure's newest files; nil: none, or production.
func (p *portal) faults(id procedures.ID, lang string, running bool) *faultsView {
	found := p.Procedures.Faults(id)
	if p.Sandbox == "" || len(found) == 0 {
		return nil
	}
	v := &faultsView{Lang: lang, Heading: ui.T(lang, "Bản vừa lưu có lỗi; trang này vẫn là bản trước đó", "What was saved has mistakes; this page is still the version before")}
	if !running {
		v.Heading = ui.T(lang, "Định nghĩa của thủ tục này có lỗi", "The definition of this procedure has mistakes")
	}
	for _, f := range found {
		v.Faults = append(v.Faults, fault{Place: path.Clean(f.File) + ":" + strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column), Code: f.Code, Message: f.Message, Remedy: f.Remedy})
	}
	return v
}

// onlyFaults is the page of a procedure that has never been without mistakes; false: there is none.
func (p *portal) onlyFaults(w http.ResponseWriter, r *http.Request) (bool, error) {
	id, lang := procedures.ID(chi.URLParam(r, "procedure")), site.Lang(r)
	v := p.faults(id, lang, false)
	if _, running := p.Procedures.Get(id); v == nil || running {
		return false, nil
	}
	return true, p.Render(w, r, http.StatusOK, faultsPage(p.Frame(r, string(id)), *v))
}
