package portal

import (
	"net/http"
	"net/url"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// mineView is the list of one's cases (C12).
type mineView struct {
	Lang    string
	Filters []ui.Link
	Groups  []mineGroup
	Empty   string
	Pager   *ui.Pager
}

// mineGroup is a part of the list with its heading.
type mineGroup struct {
	Title string
	Cards []ui.Card
}

const (
	mineLimit    = 20
	draftsFilter = "drafts"
)

// mine shows one's cases, those first that wait for oneself.
func (p *portal) mine(w http.ResponseWriter, r *http.Request) error {
	lang, q := site.Lang(r), r.URL.Query()
	filter := q.Get("loc")
	v := mineView{Lang: lang}
	for _, f := range []struct{ value, vi, en string }{{"", "Tất cả", "All"}, {string(cases.MineNeedsMe), "Cần tôi làm", "Needs me"},
		{string(cases.MineOpen), "Đang giải quyết", "In progress"}, {string(cases.MineDone), "Đã xong", "Done"}, {draftsFilter, "Đang khai", "Drafts"}} {
		href := casesPath
		if f.value != "" {
			href += "?loc=" + f.value
		}
		v.Filters = append(v.Filters, ui.Link{Text: ui.T(lang, f.vi, f.en), Href: href, Current: f.value == filter})
	}
	if filter == "" && q.Get("sau") == "" || filter == draftsFilter {
		drafts, err := p.Cases.Drafts(r.Context(), site.Actor(r))
		if err != nil {
			return err
		}
		if len(drafts) > 0 {
			v.Groups = append(v.Groups, mineGroup{ui.T(lang, "Đang khai, chưa nộp", "Drafts, not filed yet"), p.draftCards(drafts, lang)})
		}
	}
	if filter != draftsFilter {
		list, next, err := p.Cases.Mine(r.Context(), site.Actor(r), cases.MineFilter(known(filter)), q.Get("sau"), mineLimit)
		if err != nil {
			return cursorError(err)
		}
		// What waits for the citizen stands above the drafts.
		v.Groups = append(p.caseGroups(list, lang, true), append(v.Groups, p.caseGroups(list, lang, false)...)...)
		v.Pager = filterPager(lang, casesPath, filter, q.Get("sau"), next)
	}
	if len(v.Groups) == 0 {
		v.Empty = ui.T(lang, "Không có hồ sơ nào ở đây.", "There is nothing here.")
		if filter == "" {
			v.Empty = ui.T(lang, "Ông/Bà chưa có hồ sơ nào.", "You have no cases yet.")
		}
	}
	return p.Render(w, r, http.StatusOK, minePage(p.Frame(r, ui.T(lang, "Hồ sơ của tôi", "My cases")), v))
}

// known is the filter, or none for a value that nobody offers.
func known(filter string) string {
	switch cases.MineFilter(filter) {
	case cases.MineNeedsMe, cases.MineOpen, cases.MineDone:
		return filter
	}
	return ""
}

// filterPager leads through a part of a list; at is where its page begins.
func filterPager(lang, path, filter, at, next string) *ui.Pager {
	if at == "" && next == "" {
		return nil
	}
	page := func(after string) string {
		q := url.Values{}
		if filter != "" {
			q.Set("loc", filter)
		}
		if after != "" {
			q.Set("sau", after)
		}
		if len(q) == 0 {
			return path
		}
		return path + "?" + q.Encode()
	}
	out := &ui.Pager{Lang: lang}
	if at != "" {
		out.First = page("")
	}
	if next != "" {
		out.Next = page(next)
	}
	return out
}

func (p *portal) draftCards(drafts []*cases.Draft, lang string) []ui.Card {
	var out []ui.Card
	for _, d := range drafts {
		out = append(out, ui.Card{Title: d.Procedure.Name.In(lang), Href: draftPath(d.ID, ""), Tag: ui.Tag{Text: ui.T(lang, "Chưa nộp", "Not filed")},
			Text:   ui.T(lang, "Lưu ", "Saved ") + ui.Ago(d.SavedAt, p.Now(), lang) + ".",
			Meta:   []string{ui.T(lang, "Giữ đến hết ngày ", "Kept until the end of ") + lastDay(d.ExpiresAt) + ui.T(lang, ", sau đó bị xóa nếu chưa nộp", "; then removed unless it is filed")},
			Action: &ui.ButtonView{Text: ui.T(lang, "Khai tiếp", "Go on"), Hidden: d.Procedure.Name.In(lang), Href: draftPath(d.ID, ""), Kind: ui.Secondary}})
	}
	return out
}

// caseGroups are those that wait for the citizen, or the others by whether they have ended.
func (p *portal) caseGroups(list []cases.Summary, lang string, needsMe bool) []mineGroup {
	groups := []mineGroup{{Title: ui.T(lang, "Cần Ông/Bà làm", "Waiting for you")}, {Title: ui.T(lang, "Đang giải quyết", "In progress")}, {Title: ui.T(lang, "Đã xong", "Done")}}
	for _, s := range list {
		at := 1
		switch {
		case s.NeedsMe:
			at = 0
		case !s.ClosedAt.IsZero():
			at = 2
		}
		if (at == 0) == needsMe {
			groups[at].Cards = append(groups[at].Cards, p.caseCard(s, lang))
		}
	}
	var out []mineGroup
	for _, g := range groups {
		if len(g.Cards) > 0 {
			out = append(out, g)
		}
	}
	return out
}

func (p *portal) caseCard(s cases.Summary, lang string) ui.Card {
	c := ui.Card{Title: s.Title.In(lang), Href: caseLink(s.Code, ""), Text: s.Status.In(lang) + ".", Tag: outcomeTag(s.Outcome, s.Negative, lang),
		Meta: []string{ui.T(lang, "Mã hồ sơ ", "Code ") + string(s.Code) + ui.T(lang, " · nộp ngày ", " · filed on ") + ui.Date(s.FiledAt)}}
	if s.SubCase {
		c.Meta[0] = ui.T(lang, "Mã ", "Code ") + string(s.Code) + ui.T(lang, " · gửi đến ngày ", " · sent on ") + ui.Date(s.FiledAt)
	}
	if s.Subject != s.Applicant {
		c.Meta = append(c.Meta, ui.T(lang, "Cho ", "For ")+s.Subject)
	}
	if s.NeedsMe {
		c.Tag = ui.Tag{Text: ui.T(lang, "Cần Ông/Bà làm", "Needs you"), Tone: ui.Warning}
		c.Action = &ui.ButtonView{Text: ui.T(lang, "Làm ngay", "Do it now"), Hidden: s.Title.In(lang) + " " + string(s.Code), Href: caseLink(s.Code, "")}
	}
	return c
}

// outcomeTag says how a case ended, or that it has not.
func outcomeTag(o workflow.Outcome, negative bool, lang string) ui.Tag {
	switch {
	case o == "":
		return ui.Tag{Text: ui.T(lang, "Đang giải quyết", "In progress"), Tone: ui.Info}
	case negative:
		return ui.Tag{Text: ui.T(lang, "Đã đóng", "Closed"), Tone: ui.Neutral}
	}
	return ui.Tag{Text: ui.T(lang, "Đã xong", "Done"), Tone: ui.Success}
}
