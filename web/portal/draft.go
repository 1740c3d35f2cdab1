package portal

import (
	"errors"
	"net/http"
	"regexp"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// errElsewhere ends a handler whose answer has been given: the browser was sent
// to another page, or was told why there is none.
var errElsewhere = errors.New("answered")

// opened is a draft as one request works on it.
type opened struct {
	*journey
	Lang string
	From string // page to return to after a change, by its path; empty: go on
}

// settled turns what a handler of a draft returns into an answer.
func settled(err error) error {
	if errors.Is(err, errElsewhere) {
		return nil
	}
	return err
}

// open reads the draft of the request and lays out its way. A draft that was
// filed leads to its case, one that is gone to the page that says why, and who
// is signed in at too low a level to sign in again.
func (p *portal) open(w http.ResponseWriter, r *http.Request) (*opened, error) {
	d, err := p.Cases.Draft(r.Context(), site.Actor(r), draftID(r))
	if errors.Is(err, cases.ErrNotFound) {
		return nil, p.gone(w, r)
	}
	if err != nil {
		return nil, err
	}
	return p.lay(w, r, d)
}

func (p *portal) lay(w http.ResponseWriter, r *http.Request, d *cases.Draft) (*opened, error) {
	if d.Filed != "" {
		return nil, elsewhere(w, r, casesPath+"/"+string(d.Filed))
	}
	if d.Waits {
		return nil, elsewhere(w, r, draftPath(d.ID, waitingStep))
	}
	if need := d.Procedure.Level; site.Actor(r).Level < need {
		return nil, elsewhere(w, r, p.Identity.SignInPath(need, draftPath(d.ID, "")))
	}
	j, err := journeyOf(d, p.Cases.Problems(d))
	if err != nil {
		return nil, err
	}
	o := &opened{journey: j, Lang: site.Lang(r)}
	if from := r.URL.Query().Get("tu"); pagePath.MatchString(from) {
		o.From = from
	}
	return o, nil
}

func elsewhere(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return errElsewhere
}

// pagePath are the pages that one may ask to return to.
var pagePath = regexp.MustCompile(`^[a-z][A-Za-z-]*(/[a-zA-Z0-9-]+)?$`)

// draftID is the draft that the path names; the route lets only UUIDs through.
func draftID(r *http.Request) uuid.UUID {
	id, err := uuid.Parse(chi.URLParam(r, "draft"))
	if err != nil {
		return uuid.Nil
	}
	return id
}

func draftPath(id uuid.UUID, page string) string {
	if page == "" {
		return casesPath + "/" + id.String()
	}
	return casesPath + "/" + id.String() + "/" + page
}

// link is the address of a page of the draft.
func (o *opened) link(page string) string { return draftPath(o.Draft.ID, page) }

// change is the address of a page to which one goes for a change, and back.
func (o *opened) change(page, from string) string {
	if from == "" {
		return o.link(page)
	}
	return o.link(page) + "?tu=" + from
}

func (o *opened) t(vi, en string) string { return ui.T(o.Lang, vi, en) }

// frame is the frame of a page of the draft, with the way back: to the page
// that a change began on, else to the one in front.
func (p *portal) frame(r *http.Request, o *opened, title, page string) ui.Frame {
	f := p.Frame(r, title)
	before := o.before(page)
	switch {
	case o.From != "":
		f.Back = o.link(o.From)
	case before != "":
		f.Back = o.link(before)
	default:
		f.Back = proceduresPath + "/" + string(o.Draft.Procedure.ID)
	}
	return f
}

// progress says where a page stands: "Phần 2 trên 4: Chỗ ở mới".
func (o *opened) progress(page string) string {
	n, of := o.part(page)
	if n == 0 {
		return ""
	}
	part := o.Steps[o.index(page)].Part.In(o.Lang)
	return o.t("Phần ", "Part ") + ui.Count(int64(n)) + o.t(" trên ", " of ") + ui.Count(int64(of)) + ": " + part
}

// rowOptions are how answers are shown in the portal.
func (p *portal) rowOptions(lang string) ui.RowOptions {
	return ui.RowOptions{Lang: lang, Units: p.Agencies.Units(), Registry: func(name string) string { return p.registry(name, lang) }}
}

// registry is the name of a registry for people.
func (p *portal) registry(name, lang string) string {
	if t, ok := p.Procedures.Elements.Registries[name]; ok {
		return t.In(lang)
	}
	return name
}

// row is an answer with the one thing that can be done about it. from is the
// page that it stands on.
func (p *portal) row(o *opened, a forms.Answer, from string) ui.Row {
	row := ui.RowOf(a, p.rowOptions(o.Lang))
	at := a.Field.Pointer
	if a.Contest != nil && a.Filled != nil { // the registry's value; what the citizen says stands in the note
		held := a
		held.Value = a.Filled.Value
		row.Value = held.Print(o.Lang, p.Agencies.AddressText(o.Lang))
	}
	switch {
	case locked(&a):
		row.Action = &ui.Link{Text: o.t("Chưa đúng?", "Not right?"), Href: o.change(contestStep+string(at)[1:], from)}
	case a.Asked:
		row.Action = &ui.Link{Text: o.t("Thay đổi", "Change"), Href: o.change(o.pathTo(at), from)}
	default:
		row.Action = &ui.Link{Text: o.t("Thay đổi", "Change"), Href: o.change(string(at)[1:], from)}
		if a.Filled == nil && row.Note == "" {
			row.Note = o.t("Ông/Bà đã khai lại mục này", "You have changed this")
		}
	}
	return row
}

// goOn leads to the page where one left off.
func (p *portal) goOn(w http.ResponseWriter, r *http.Request) error {
	o, err := p.open(w, r)
	if err != nil {
		return settled(err)
	}
	return site.See(w, r, o.link(o.resume()))
}

// askAgain reads the registries again.
func (p *portal) askAgain(w http.ResponseWriter, r *http.Request) error {
	o, err := p.open(w, r)
	if err != nil {
		return settled(err)
	}
	if _, err := p.Cases.RefreshDraft(r.Context(), site.Actor(r), o.Draft.ID); err != nil {
		return err
	}
	if o.From == "" {
		o.From = knownStep
	}
	return site.See(w, r, o.link(o.From))
}

// silent names the registries that did not answer for the draft.
func (p *portal) silent(o *opened) []string {
	var names []string
	seen := map[string]bool{}
	for _, s := range o.Draft.Sources {
		if registry := p.Procedures.Elements.Registry(s.Kind); s.State == string(forms.Unavailable) && !seen[registry] {
			seen[registry] = true
			names = append(names, p.registry(registry, o.Lang))
		}
	}
	return names
}

// showStop is the page behind an answer that ends the journey: why, by which
// law, and what else can be done.
func (p *portal) showStop(w http.ResponseWriter, r *http.Request) error {
	o, err := p.open(w, r)
	if err != nil {
		return settled(err)
	}
	at, stop := o.Draft.State.Stop()
	if stop == nil {
		return site.See(w, r, o.link(o.resume()))
	}
	o.From = ""
	v := stopView{Lang: o.Lang, Text: stop.Text.In(o.Lang), Law: stop.Law, Rows: []ui.Row{p.row(o, *at, stopStep)},
		FromRegistry: at.Filled != nil, Ministry: o.Draft.Procedure.Ministry.In(o.Lang), Discard: o.link("xoa")}
	title := o.t("Ông/Bà chưa thể nộp hồ sơ này", "You cannot file this case")
	return p.Render(w, r, http.StatusOK, stopPage(p.frame(r, o, title, stopStep), v))
}

// gone is the page of a draft that is not there: taken away, too old, or
// somebody else's.
func (p *portal) gone(w http.ResponseWriter, r *http.Request) error {
	f := p.Frame(r, ui.T(site.Lang(r), "Không tìm thấy hồ sơ đang khai", "The draft was not found"))
	f.Path = "/"
	if err := p.Render(w, r, http.StatusNotFound, gonePage(f)); err != nil {
		return err
	}
	return errElsewhere
}

func (p *portal) showDiscard(w http.ResponseWriter, r *http.Request) error {
	o, err := p.open(w, r)
	if err != nil {
		return settled(err)
	}
	f := p.Frame(r, o.t("Xóa hồ sơ đang khai?", "Remove this draft?"))
	f.Back = casesPath
	text := o.t("Hồ sơ “", "The draft “") + o.Draft.Procedure.Name.In(o.Lang) + o.t("” lưu lúc ", "”, saved at ") + ui.DateTime(o.Draft.SavedAt, o.Lang) +
		o.t(", cùng các tệp đã tải lên, sẽ bị xóa và không lấy lại được.", ", will be removed with its files and cannot be brought back.")
	return p.Render(w, r, http.StatusOK, discardPage(f, text, o.link("xoa"), o.link("")))
}

func (p *portal) discard(w http.ResponseWriter, r *http.Request) error {
	err := p.Cases.Discard(r.Context(), site.Actor(r), draftID(r))
	if err != nil && !errors.Is(err, cases.ErrNotFound) {
		return err
	}
	return site.See(w, r, casesPath)
}

// stopView is the page of an answer that ends the journey.
type stopView struct {
	Lang         string
	Text, Law    string
	Rows         []ui.Row // the answer
	FromRegistry bool
	Ministry     string
	Discard      string
}
