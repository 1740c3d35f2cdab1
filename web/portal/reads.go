package portal

import (
	"context"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// readsView is the log of who read one's data (C17).
type readsView struct {
	Head  *caseHead // of one case; nil: of all
	Lang  string
	Rows  []ui.Row
	Pager *ui.Pager
	All   *ui.Link // from one case to all
}

// readEntry is one read in words.
type readEntry struct {
	Who     string
	How     ui.Tag // automatic, or a person; none for oneself
	Fields  []string
	Purpose string
}

const (
	readsLimit = 30
	fewFields  = 6 // more names than these stand behind a summary
)

// reads shows all reads of one's data, newest first.
func (p *portal) reads(w http.ResponseWriter, r *http.Request) error {
	lang, me := site.Lang(r), site.Actor(r)
	at, err := cursorOf(r)
	if err != nil {
		return err
	}
	list, next, err := audit.Reads(r.Context(), p.DB, me.ID, at, readsLimit)
	if err != nil {
		return err
	}
	v := readsView{Lang: lang, Pager: pager(lang, readsPath, at, next)}
	if v.Rows, err = p.readRows(r.Context(), me, list, "", lang); err != nil {
		return err
	}
	return p.Render(w, r, http.StatusOK, readsPage(p.Frame(r, ui.T(lang, "Ai đã xem dữ liệu của tôi", "Who read my data")), v))
}

// caseReads shows the reads of one's data for one case.
func (p *portal) caseReads(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	at, err := cursorOf(r)
	if err != nil {
		return err
	}
	list, next, err := audit.CaseReads(r.Context(), p.DB, v.me.ID, string(v.Code), at, readsLimit)
	if err != nil {
		return err
	}
	head := v.head("ai-da-xem")
	out := readsView{Head: &head, Lang: v.Lang, Pager: pager(v.Lang, v.link("ai-da-xem"), at, next),
		All: &ui.Link{Text: v.t("Mọi lần xem dữ liệu của tôi", "All reads of my data"), Href: readsPath}}
	if out.Rows, err = p.readRows(r.Context(), v.me, list, string(v.Code), v.Lang); err != nil {
		return err
	}
	return p.Render(w, r, http.StatusOK, readsPage(p.caseFrame(r, v), out))
}

// readRows puts entries into words, with links to cases that the reader may open.
// on is the case whose page it is; empty: of none.
func (p *portal) readRows(ctx context.Context, me agency.Actor, list []audit.Entry, on, lang string) ([]ui.Row, error) {
	var codes []cases.Code
	for _, e := range list {
		if e.Case != "" {
			codes = append(codes, cases.Code(e.Case))
		}
	}
	own, err := p.Cases.Own(ctx, me, codes)
	if err != nil {
		return nil, err
	}
	names := p.fieldNames(lang)
	out := make([]ui.Row, 0, len(list))
	for _, e := range list {
		one := readEntry{Purpose: sentence(e.Purpose)}
		one.Who, one.How = p.readerText(e, me, lang)
		for _, name := range e.Fields {
			if t, ok := names[name]; ok {
				name = t
			}
			one.Fields = append(one.Fields, name)
		}
		row := ui.Row{Label: ui.DateTime(e.At, lang), Body: readEntryView(lang, one),
			Source: ui.T(lang, "Căn cứ: ", "Legal basis: ") + basisText(e.Basis, lang) + ui.T(lang, " · mã lần xem ", " · code ") + e.ID.String()}
		switch {
		case e.Case == on: // the page is that case's, or the read was for none
		case own[cases.Code(e.Case)]:
			row.Action = &ui.Link{Text: ui.T(lang, "Xem hồ sơ", "See the case"), Hidden: e.Case, Href: caseLink(cases.Code(e.Case), "")}
		default:
			row.Source = ui.T(lang, "Hồ sơ của người khác: ", "Somebody else's case: ") + e.Case + " · " + row.Source
		}
		out = append(out, row)
	}
	return out, nil
}

// readerText says who read: an officer's name is kept from the page, the agency answers for it.
func (p *portal) readerText(e audit.Entry, me agency.Actor, lang string) (string, ui.Tag) {
	person := ui.Tag{Text: ui.T(lang, "Người xem", "By a person")}
	switch agency.ActorKind(e.ReaderKind) {
	case agency.Citizen:
		if e.Reader == me.ID {
			return ui.T(lang, "Ông/Bà", "You"), ui.Tag{}
		}
		return ui.T(lang, "Một công dân khác, khi khai hồ sơ", "Another citizen, while filling in a form"), person
	case agency.Officer:
		return ui.T(lang, "Cán bộ ", "An officer of ") + p.agencyName(agency.ID(e.Agency), lang), person
	}
	return ui.T(lang, "Hệ thống Hồ sơ", "The system"), ui.Tag{Text: ui.T(lang, "Tự động", "Automatic")}
}

// basisText is the right by which data were read.
func basisText(basis, lang string) string {
	switch basis {
	case "self":
		return ui.T(lang, "Theo yêu cầu của chính Ông/Bà", "At your own request")
	case "guardian":
		return ui.T(lang, "Cha, mẹ hoặc người giám hộ yêu cầu", "At the request of a parent or guardian")
	case "household":
		return ui.T(lang, "Thành viên cùng hộ gia đình", "As a member of the household")
	case "consent":
		return ui.T(lang, "Với sự đồng ý", "With consent")
	}
	if law, ok := strings.CutPrefix(basis, "law: "); ok {
		return law
	}
	if basis == "law" {
		return ui.T(lang, "Theo luật", "By law")
	}
	return basis
}

// fieldNames are the names of data as the log has them, in words. Where two
// kinds of record share a name the first in the catalogue gives it.
func (p *portal) fieldNames(lang string) map[string]string {
	out := map[string]string{"case": ui.T(lang, "nội dung hồ sơ", "the case"), "file": ui.T(lang, "giấy tờ đã nộp", "papers handed in"),
		"document": ui.T(lang, "giấy tờ đã cấp", "papers issued"), "none": ui.T(lang, "không có dữ liệu nào", "no data")}
	for _, kind := range p.Procedures.Elements.Order {
		for _, e := range p.Procedures.Elements.Kinds[kind].Elements {
			if _, ok := out[e.Name]; !ok {
				out[e.Name] = lowerFirst(e.Title.In(lang))
			}
		}
	}
	return out
}

// sentence begins with a capital letter.
func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// cursorOf is the place in the log that the query names.
func cursorOf(r *http.Request) (string, error) {
	at := r.URL.Query().Get("sau")
	if _, err := uuid.Parse(at); at != "" && err != nil {
		return "", cases.ErrNotFound
	}
	return at, nil
}
