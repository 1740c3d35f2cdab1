package desk

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// caseView is what every page of a case shows around its own part.
type caseView struct {
	Problems      []ui.Problem
	Heading       string
	Code          string
	State, Left   ui.Tag // where it stands, and how long the task or the case still has
	Banners       []ui.Banner
	Before, After string // pages of the cases before and after in the list; empty: none
	Tabs          []ui.Link
	Side          sideView
	Keys          []ui.Shortcut
}

// The pages of a case, as addresses write them.
const (
	answersPage = ""
	filesPage   = "/tep"
	historyPage = "/lich-su"
	relatedPage = "/lien-quan"
	comparePage = "/so-goc"
)

// open reads the case that the request names and notes that it was seen.
func (d *desk) open(r *http.Request) (*cases.Case, error) {
	a := site.Actor(r)
	c, err := d.Cases.Get(r.Context(), a, codeOf(r))
	if err != nil {
		return nil, err
	}
	if c.Task != nil && !c.Task.Seen {
		err = d.Cases.MarkSeen(r.Context(), a, c.Code)
	}
	return c, err
}

// showCase shows the answers beside the registers, each followed by what there is to judge.
func (d *desk) showCase(w http.ResponseWriter, r *http.Request) error {
	c, err := d.open(r)
	if err != nil {
		return err
	}
	return d.renderAnswers(w, r, http.StatusOK, c, verdicts{}, nil)
}

// renderAnswers draws the case with its answers: as it is, or with the verdicts
// that were not accepted and why; more are banners on top.
func (d *desk) renderAnswers(w http.ResponseWriter, r *http.Request, status int, c *cases.Case, typed verdicts, more []ui.Banner) error {
	f, v, err := d.around(r, c, answersPage)
	if err != nil {
		return err
	}
	a := d.answers(f, c, site.Actor(r), typed, fromOf(r))
	f.Error = len(a.Problems) > 0
	v.Problems, v.Banners = a.Problems, append(more, v.Banners...)
	return d.Render(w, r, status, casePage(f, v, answersPart(f, a)))
}

// around builds what stands around the page of a case.
func (d *desk) around(r *http.Request, c *cases.Case, page string) (ui.Frame, caseView, error) {
	lang, from := site.Lang(r), fromOf(r)
	about := c.SubjectName
	if about == "" {
		about = c.ApplicantName
	}
	f := d.frame(r, string(c.Code)+" – "+about)
	f.Back = site.DeskPath
	v := caseView{Heading: c.Procedure.Name.In(lang) + ": " + about, Code: string(c.Code), State: stateTag(c, lang), Left: d.left(c, lang), Tabs: caseTabs(c, page, from, lang)}
	if l, ok := parseList(from); ok {
		f.Back = l.path()
		var err error
		if v.Before, v.After, err = d.neighbours(r, l, c.Code); err != nil {
			return f, v, err
		}
	}
	if b := d.doneBanner(r, c, v.After, lang); b != nil {
		v.Banners = append(v.Banners, *b)
	}
	if b := troubleBanner(c, from, lang); b != nil {
		v.Banners = append(v.Banners, *b)
	}
	if b := d.undoBanner(c, from, lang); b != nil {
		v.Banners = append(v.Banners, *b)
	}
	v.Side = d.side(f, c, site.Actor(r), from)
	v.Keys = caseKeys(v, lang)
	return f, v, nil
}

// left is how long the task still has or, without one, the case.
func (d *desk) left(c *cases.Case, lang string) ui.Tag {
	switch {
	case !c.ClosedAt.IsZero():
		return ui.Tag{}
	case c.Task != nil:
		return ui.Left(c.Task.DueAt, d.Now(), lang)
	}
	return ui.Left(c.DueAt, d.Now(), lang)
}

func caseTabs(c *cases.Case, page, from, lang string) []ui.Link {
	count := func(n int) string {
		if n == 0 {
			return ""
		}
		return ui.Count(int64(n))
	}
	related := len(c.Children)
	if c.Parent != nil {
		related++
	}
	tabs := []ui.Link{
		{Text: ui.T(lang, "Hồ sơ", "Case"), Href: pathOf(c.Code, answersPage, from), Current: page == answersPage},
		{Text: ui.T(lang, "Tệp và giấy tờ", "Files and papers"), Href: pathOf(c.Code, filesPage, from), Current: page == filesPage, Count: count(len(c.Files) + len(c.Documents))},
		{Text: ui.T(lang, "Lịch sử", "History"), Href: pathOf(c.Code, historyPage, from), Current: page == historyPage, Count: count(len(c.Events))},
		{Text: ui.T(lang, "Liên quan", "Related"), Href: pathOf(c.Code, relatedPage, from), Current: page == relatedPage, Count: count(related)},
		{Text: ui.T(lang, "So với sổ gốc", "Compare with registers"), Href: pathOf(c.Code, comparePage, from), Current: page == comparePage},
	}
	return tabs
}

// doneKey is the parameter that names what was just done.
const doneKey = "xong"

// doneBanner confirms the act that led to this page, from the case's own history.
func (d *desk) doneBanner(r *http.Request, c *cases.Case, after, lang string) *ui.Banner {
	what := r.URL.Query().Get(doneKey)
	b := &ui.Banner{Tone: ui.Success}
	switch what {
	case "":
		return nil
	case "danh-gia":
		b.Text = ui.T(lang, "Đã lưu đánh giá.", "The judgements are saved.")
		return b
	case "nhan":
		if c.Task == nil || c.Task.Assignee != site.Actor(r).ID {
			return nil
		}
		b.Text = ui.T(lang, "Ông/Bà đã nhận hồ sơ này.", "You have taken this case.")
		return b
	case "tra-lai":
		b.Text = ui.T(lang, "Hồ sơ đã về hàng đợi chung.", "The case is back in the queue.")
	default:
		i := slices.IndexFunc(c.Events, func(e cases.Event) bool { return e.Seq == number(what) && e.Actor == site.Actor(r).ID })
		if i < 0 {
			return nil
		}
		b.Heading = ui.T(lang, "Đã thực hiện: ", "Done: ") + c.Events[i].Title.In(lang)
		b.Text = ui.T(lang, "Hồ sơ nay ở bước: ", "The case is now at: ") + c.StateTitle.In(lang) + "."
	}
	if after != "" {
		b.Link = &ui.Link{Text: ui.T(lang, "Mở hồ sơ tiếp theo trong danh sách", "Open the next case of the list"), Href: after}
	}
	return b
}

func caseKeys(v caseView, lang string) []ui.Shortcut {
	var keys []ui.Shortcut
	if v.Side.Take != nil {
		keys = append(keys, ui.Shortcut{Key: "a", Does: ui.T(lang, "nhận xử lý", "take the case")})
	}
	for _, a := range v.Side.Actions {
		if a.Button.Key != "" {
			keys = append(keys, ui.Shortcut{Key: a.Button.Key, Does: a.Button.Text})
		}
	}
	if v.Before != "" {
		keys = append(keys, ui.Shortcut{Key: "p", Does: ui.T(lang, "hồ sơ trước", "case before")})
	}
	if v.After != "" {
		keys = append(keys, ui.Shortcut{Key: "n", Does: ui.T(lang, "hồ sơ sau", "next case")})
	}
	return append(keys, ui.Shortcut{Key: "?", Does: ui.T(lang, "danh sách phím tắt", "this list")})
}

// mayWork tells whether the case is a task that the officer may work on now.
func mayWork(c *cases.Case, a agency.Actor) bool {
	return c.Task != nil && a.Has(string(c.Task.Role), c.Task.Agency) && (c.Task.Assignee == "" || c.Task.Assignee == a.ID)
}

// stateOf is the definition of the case's state.
func stateOf(c *cases.Case) *workflow.StateDef { return c.Procedure.Machine.States[c.State] }

// part is a page of a case that shows no more than a component.
func (d *desk) part(w http.ResponseWriter, r *http.Request, c *cases.Case, page string, part func(ui.Frame) templ.Component) error {
	f, v, err := d.around(r, c, page)
	if err != nil {
		return err
	}
	return d.Render(w, r, http.StatusOK, casePage(f, v, part(f)))
}
