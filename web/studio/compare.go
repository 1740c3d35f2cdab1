package studio

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// comparePage is where two versions stand side by side, below a procedure.
const comparePage = "so-sanh"

// The parameters that name the versions, by their hashes.
const (
	oldKey = "tu"
	newKey = "den"
)

// compareView is two versions of a procedure side by side (A4).
type compareView struct {
	Name    string
	Tabs    []ui.Link
	Fields  []ui.Field
	Nothing string // why there is no difference to show; empty: there are some
	Sum     ui.Banner
	Parts   []ui.Table
}

// showCompare tells what differs between two versions, by field, rule, state, text and fee.
func (t *studio) showCompare(w http.ResponseWriter, r *http.Request) error {
	shelf, err := t.library.now()
	if err != nil {
		return err
	}
	id, lang := procedures.ID(chi.URLParam(r, "procedure")), site.Lang(r)
	versions := t.versions(shelf, id)
	if len(versions) == 0 {
		return errNotFound
	}
	newest := versions[len(versions)-1]
	from, to := pick(versions, r.FormValue(oldKey), t.running(id, versions[0])), pick(versions, r.FormValue(newKey), newest)
	v := compareView{Name: newest.Name.In(lang), Tabs: t.tabs(id, comparePage, lang, shelf.runs(id)), Fields: []ui.Field{
		t.versionField(shelf, id, versions, oldKey, ui.T(lang, "Phiên bản cũ", "Old version"), from, lang),
		t.versionField(shelf, id, versions, newKey, ui.T(lang, "Phiên bản mới", "New version"), to, lang)}}
	found := procedures.Compare(from, to)
	switch {
	case len(versions) == 1:
		v.Nothing = ui.T(lang, "Mới có một phiên bản của thủ tục này, nên chưa có gì để so sánh. Sửa một tệp trong thư mục rồi tải lại trang.", "There is only one version of this procedure, so there is nothing to compare yet. Change a file of the folder, then reload the page.")
	case len(found) == 0:
		v.Nothing = ui.T(lang, "Hai phiên bản giống hệt nhau.", "The two versions are the same.")
	default:
		v.Sum, v.Parts = summed(found, lang), differences(found, lang)
	}
	return t.Render(w, r, http.StatusOK, compareDrawn(t.frame(r, ui.T(lang, "So sánh: ", "Compare: ")+v.Name, site.StudioPath), v))
}

// versions are all that is known of a procedure: those that the node holds, and
// the one that stands in the folder now, which comes last.
func (t *studio) versions(s *shelf, id procedures.ID) []*procedures.Procedure {
	var out []*procedures.Procedure
	for _, p := range t.Procedures.Versions() {
		if p.ID == id {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b *procedures.Procedure) int { return cmp.Compare(a.Version, b.Version) })
	if p, ok := s.catalogue.Get(id); ok {
		out = append(slices.DeleteFunc(out, func(o *procedures.Procedure) bool { return o.Hash == p.Hash }), p)
	}
	return out
}

// running is the version in force, or another when there is none.
func (t *studio) running(id procedures.ID, other *procedures.Procedure) *procedures.Procedure {
	if p, ok := t.Procedures.Get(id); ok {
		return p
	}
	return other
}

// pick is the version with a hash, or another.
func pick(versions []*procedures.Procedure, hash string, other *procedures.Procedure) *procedures.Procedure {
	for _, p := range versions {
		if string(p.Hash) == hash {
			return p
		}
	}
	return other
}

func (t *studio) versionField(s *shelf, id procedures.ID, versions []*procedures.Procedure, name, label string, chosen *procedures.Procedure, lang string) ui.Field {
	f := ui.Field{Lang: lang, Kind: forms.SelectWidget, Name: name, Label: label, Value: string(chosen.Hash)}
	running, _ := t.Procedures.Get(id)
	draft, _ := s.catalogue.Get(id)
	for _, p := range versions {
		text := ui.T(lang, "Phiên bản ", "Version ") + strconv.Itoa(p.Version) + " · " + short(p.Hash)
		switch {
		case p == running || running != nil && p.Hash == running.Hash:
			text += ui.T(lang, " (đang chạy)", " (running)")
		case draft != nil && p.Hash == draft.Hash:
			text += ui.T(lang, " (trong thư mục)", " (in the folder)")
		}
		f.Options = append(f.Options, ui.Option{Value: string(p.Hash), Text: text})
	}
	return f
}

// summed says how many differences there are and what the gravest means for
// cases under way.
func summed(found []procedures.Difference, lang string) ui.Banner {
	n := map[procedures.Compatibility]int{}
	for _, d := range found {
		n[d.Class]++
	}
	b := ui.Banner{Tone: ui.Success, Heading: strconv.Itoa(len(found)) + ui.T(lang, " khác biệt", plural(len(found), " difference")),
		Text: ui.T(lang, "Hồ sơ đang giải quyết chuyển được sang phiên bản mới mà không cần kế hoạch.", "Cases under way can move to the new version without a plan.")}
	switch {
	case n[procedures.Forbidden] > 0:
		b.Tone, b.Text = ui.Danger, ui.T(lang, "Có khác biệt mà hồ sơ đang giải quyết không thể chuyển theo; chúng kết thúc theo phiên bản cũ.", "There are differences that cases under way cannot follow; they end under the old version.")
	case n[procedures.NeedsPlan] > 0:
		b.Tone, b.Text = ui.Warning, ui.T(lang, "Muốn chuyển hồ sơ đang giải quyết thì cần migrate.yaml.", "To move cases under way, a migrate.yaml is needed.")
	}
	return b
}

// parts are what differences are told by, in the order of the page.
var parts = []struct {
	part   procedures.DifferencePart
	vi, en string
}{
	{procedures.PartField, "Câu hỏi", "Fields"}, {procedures.PartRule, "Quy tắc", "Rules"}, {procedures.PartPaper, "Giấy tờ", "Papers"}, {procedures.PartState, "Trạng thái", "States"},
	{procedures.PartStep, "Bước chuyển", "Transitions"}, {procedures.PartFigure, "Mức và kết quả tính", "Figures and values"}, {procedures.PartFee, "Phí, lệ phí", "Fees"}, {procedures.PartLimit, "Thời hạn", "Terms"}, {procedures.PartVariant, "Trường hợp", "Variants"},
	{procedures.PartSubject, "Nguồn dữ liệu", "Subjects"}, {procedures.PartOutward, "Tin nhắn, giấy tờ, thanh toán", "Notices, documents, payments"}, {procedures.PartText, "Lời văn", "Texts"}, {procedures.PartOther, "Khác", "Other"},
}

func differences(found []procedures.Difference, lang string) []ui.Table {
	var out []ui.Table
	for _, p := range parts {
		table := ui.Table{Lang: lang, Caption: ui.T(lang, p.vi, p.en), Columns: []ui.Column{{Title: ui.T(lang, "Mục", "Item")}, {Title: ui.T(lang, "Trước", "Before")}, {Title: ui.T(lang, "Nay", "Now")},
			{Title: ui.T(lang, "Với hồ sơ đang giải quyết", "For cases under way")}}}
		for _, d := range found {
			if d.Part != p.part {
				continue
			}
			before, after := ui.Cell{Text: d.Before.In(lang)}, ui.Cell{Text: d.After.In(lang)}
			switch d.Kind {
			case procedures.Added:
				before = ui.Cell{Tag: ui.Tag{Text: ui.T(lang, "chưa có", "not there")}}
			case procedures.Removed:
				after = ui.Cell{Tag: ui.Tag{Text: ui.T(lang, "bỏ", "removed"), Tone: ui.Warning}}
			}
			table.Rows = append(table.Rows, ui.TableRow{Cells: []ui.Cell{{Text: d.Title.In(lang), Sub: d.Path + " · " + d.File + ":" + strconv.Itoa(d.Line)}, before, after,
				{Tag: classTag(d.Class, lang), Sub: d.Because.In(lang)}}})
		}
		if len(table.Rows) > 0 {
			out = append(out, table)
		}
	}
	return out
}

func classTag(c procedures.Compatibility, lang string) ui.Tag {
	switch c {
	case procedures.Forbidden:
		return ui.Tag{Text: ui.T(lang, "không chuyển được", "cannot move"), Tone: ui.Danger}
	case procedures.NeedsPlan:
		return ui.Tag{Text: ui.T(lang, "cần kế hoạch", "needs a plan"), Tone: ui.Warning}
	}
	return ui.Tag{Text: ui.T(lang, "an toàn", "safe"), Tone: ui.Success}
}
