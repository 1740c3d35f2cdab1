package portal

import (
	"net/http"
	"net/url"

	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// messagesView is the citizen's messages, newest first.
type messagesView struct {
	Lang   string
	List   []message
	Unread bool
	Form   ui.FormView
	Pager  *ui.Pager
}

type message struct {
	At, Stamp string
	Text      string
	Link      ui.Link
	Unread    bool
}

const messagesLimit = 30

func (p *portal) messages(w http.ResponseWriter, r *http.Request) error {
	lang, at := site.Lang(r), r.URL.Query().Get("sau")
	list, next, err := p.Cases.Notices(r.Context(), site.Actor(r), at, messagesLimit)
	if err != nil {
		return cursorError(err)
	}
	f := p.Frame(r, ui.T(lang, "Tin báo", "Messages"))
	v := messagesView{Lang: lang, Form: ui.FormView{Action: messagesPath, CSRF: f.CSRF}, Pager: pager(lang, messagesPath, at, next)}
	for _, n := range list {
		m := message{At: ui.DateTime(n.At, lang), Stamp: ui.Stamp(n.At), Text: n.Text.In(lang), Unread: !n.Read}
		if n.Case != "" {
			m.Link = ui.Link{Text: ui.T(lang, "Xem hồ sơ ", "See case ") + string(n.Case), Href: caseLink(n.Case, "")}
		}
		v.Unread = v.Unread || m.Unread
		v.List = append(v.List, m)
	}
	return p.Render(w, r, http.StatusOK, messagesPage(f, v))
}

// readMessages marks all as read.
func (p *portal) readMessages(w http.ResponseWriter, r *http.Request) error {
	if err := p.Cases.ReadNotices(r.Context(), site.Actor(r)); err != nil {
		return err
	}
	return site.See(w, r, messagesPath)
}

// pager leads through a list whose cursor is the query's "sau"; nil for a list of one page.
func pager(lang, path, at, next string) *ui.Pager {
	if at == "" && next == "" {
		return nil
	}
	out := &ui.Pager{Lang: lang}
	if at != "" {
		out.First = path
	}
	if next != "" {
		out.Next = path + "?" + url.Values{"sau": {next}}.Encode()
	}
	return out
}
