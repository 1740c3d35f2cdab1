package desk

import (
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// peerKey is the parameter that narrows the list to one peer, own those of our own house.
const (
	peerKey = "noi"
	own     = "he-thong"
)

// troublesView is the page of what does not get through.
type troublesView struct {
	Done      *ui.Banner // what was just done; nil: nothing
	Outages   []ui.Banner
	Groups    ui.Table
	ListTitle string
	RetryAll  string // page that tries all of the peer again; empty: not offered
	All       string // list of all peers; empty: it is shown
	List      ui.Table
	Pager     ui.Pager
}

// troubles lists the open incidents of the operator's agencies and the peers that
// are unavailable.
func (d *desk) troubles(w http.ResponseWriter, r *http.Request) error {
	ctx, a, lang := r.Context(), site.Actor(r), site.Lang(r)
	groups, err := d.Cases.IncidentGroups(ctx, a)
	if err != nil {
		return err
	}
	outages, err := d.Cases.Outages(ctx)
	if err != nil {
		return err
	}
	var peer *string
	if q := r.URL.Query().Get(peerKey); q == own {
		peer = new(string)
	} else if q != "" {
		peer = &q
	}
	after := r.URL.Query().Get("sau")
	list, next, err := d.Cases.Incidents(ctx, a, peer, after, 0)
	if err != nil {
		return err
	}
	f := d.frame(r, ui.T(lang, "Vướng mắc kỹ thuật", "Technical troubles"))
	for i := range f.Nav {
		f.Nav[i].Current = f.Nav[i].Href == site.TroublesPath
	}
	v := troublesView{Groups: groupTable(groups, lang), ListTitle: ui.T(lang, "Đang mở, cũ nhất ở trên", "Open, the oldest on top"), List: d.incidentTable(list, lang), Pager: ui.Pager{Lang: lang}}
	for _, o := range outages {
		b := outageBanner(o, lang)
		b.Link = &ui.Link{Text: ui.T(lang, "Nối lại ngay", "Try it now"), Href: peerPath(o.Peer, verbResume)}
		v.Outages = append(v.Outages, b)
	}
	if peer != nil {
		v.All, v.ListTitle = site.TroublesPath, d.Cases.PeerTitle(*peer).In(lang)
		if len(list) > 0 {
			v.RetryAll = peerPath(*peer, verbRetry)
		}
	}
	if next != "" {
		v.Pager.Next = with(r.URL.RequestURI(), "sau", next)
	}
	if after != "" {
		v.Pager.First = with(r.URL.RequestURI(), "sau", "")
	}
	v.Done = settledBanner(r.URL.Query().Get(doneKey), lang)
	return d.Render(w, r, http.StatusOK, troublesPage(f, v))
}

// outageBanner says that a peer is unavailable.
func outageBanner(o cases.Outage, lang string) ui.Banner {
	n := ui.Count(int64(o.Waiting))
	return ui.Banner{Tone: ui.Warning, Heading: o.Title.In(lang) + ui.T(lang, " không trả lời từ ", " is unavailable since ") + ui.DateTime(o.Since, lang),
		Text: ui.T(lang, n+" việc đang chờ. Hệ thống tự thử lại và gửi tiếp khi nơi nhận trả lời; hồ sơ không mất gì.", n+" effects wait. The system tries by itself and goes on once it answers; no case loses anything.")}
}

func groupTable(groups []cases.IncidentGroup, lang string) ui.Table {
	t := ui.Table{Lang: lang, Caption: ui.T(lang, "Vướng mắc theo nơi nhận", "Troubles by where they lead"), Quiet: true,
		Columns: []ui.Column{{Title: ui.T(lang, "Nơi nhận", "Where they lead")}, {Title: ui.T(lang, "Đang mở", "Open"), Number: true},
			{Title: ui.T(lang, "Đã thôi thử", "No longer tried"), Number: true}, {Title: ui.T(lang, "Cũ nhất từ", "Oldest since")}}}
	for _, g := range groups {
		peer := g.Peer
		if peer == "" {
			peer = own
		}
		t.Rows = append(t.Rows, ui.TableRow{Href: site.TroublesPath + "?" + url.Values{peerKey: {peer}}.Encode(), Cells: []ui.Cell{{Text: g.Title.In(lang)},
			{Text: ui.Count(int64(g.N))}, {Text: ui.Count(int64(g.Ended))}, {Text: ui.DateTime(g.Oldest, lang)}}})
	}
	return t
}

func (d *desk) incidentTable(list []cases.Incident, lang string) ui.Table {
	t := ui.Table{Lang: lang, Caption: ui.T(lang, "Vướng mắc đang mở", "Open troubles"), Quiet: true, Empty: ui.T(lang, "Không có vướng mắc nào.", "There is none."),
		Columns: []ui.Column{{Title: ui.T(lang, "Việc chưa xong", "What is not done")}, {Title: ui.T(lang, "Hồ sơ", "Case")}, {Title: ui.T(lang, "Tình trạng", "Standing")},
			{Title: ui.T(lang, "Từ lúc", "Since")}, {Title: ui.T(lang, "Số lần thử", "Attempts"), Number: true}, {Title: ui.T(lang, "Thử lại lúc", "Next try")}}}
	for _, i := range list {
		next := nextTry(i.NextAt, i.Waits, lang)
		of := ui.Cell{Text: string(i.Case), Sub: d.agencyName(i.Agency, lang)}
		if i.Seen {
			of.Href = pathOf(i.Case, "", "")
		}
		t.Rows = append(t.Rows, ui.TableRow{Href: incidentPath(i.ID, ""), Cells: []ui.Cell{{Text: incidentText(i, lang)}, of,
			{Tag: kindTag(i, lang)}, {Text: ui.DateTime(i.OpenedAt, lang)}, {Text: ui.Count(int64(i.Attempts))}, {Text: next}}})
	}
	return t
}

// nextTry says when an effect is tried again. One that waits for its peer is
// tried when that answers, whatever time stands in its row.
func nextTry(at time.Time, waits bool, lang string) string {
	switch {
	case waits:
		return ui.T(lang, "Khi nơi nhận trả lời", "Once there is an answer")
	case at.IsZero():
		return ui.T(lang, "Không thử nữa", "Not tried any more")
	}
	return ui.DateTime(at, lang)
}

// kindTag is what is amiss in a word or two.
func kindTag(i cases.Incident, lang string) ui.Tag {
	switch {
	case i.Kind == "unavailable":
		return ui.Tag{Text: ui.T(lang, "Chờ nơi nhận trả lời", "Waits for an answer"), Tone: ui.Warning}
	case i.Kind == "permanent":
		return ui.Tag{Text: ui.T(lang, "Nơi nhận từ chối", "Rejected"), Tone: ui.Danger}
	case i.Kind == "passed":
		return ui.Tag{Text: ui.T(lang, "Hồ sơ đã đi tiếp", "The case went on"), Tone: ui.Neutral}
	case i.Kind == "manual":
		return ui.Tag{Text: ui.T(lang, "Phải làm bằng tay", "To be done by hand"), Tone: ui.Danger}
	case i.Kind == "given-up":
		return ui.Tag{Text: ui.T(lang, "Hết thời gian thử", "Time is over"), Tone: ui.Danger}
	case i.Ambiguous:
		return ui.Tag{Text: ui.T(lang, "Chưa rõ đã thực hiện chưa", "May have been done"), Tone: ui.Warning}
	}
	return ui.Tag{Text: ui.T(lang, "Đang thử lại", "Being tried"), Tone: ui.Warning}
}

// incidentText says in words which effect does not get through.
func incidentText(i cases.Incident, lang string) string {
	return effectText(i.Type, i.Name, i.PeerTitle.In(lang), lang)
}

func incidentPath(id interface{ String() string }, verb string) string {
	p := site.TroublesPath + "/" + id.String()
	if verb != "" {
		p += "/" + verb
	}
	return p
}

func peerPath(peer, verb string) string {
	if peer == "" {
		peer = own
	}
	return site.TroublesPath + "/" + peerKey + "/" + url.PathEscape(peer) + "/" + verb
}

func peerOf(r *http.Request) string {
	if p := chi.URLParam(r, "peer"); p != own {
		return p
	}
	return ""
}
