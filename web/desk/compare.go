package desk

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// compareView is what reading the registers again has shown.
type compareView struct {
	Banner  ui.Banner
	Changes *ui.Table // nil: no difference
}

// compare reads the registers of the case again and shows what differs from it
// now. The purpose of the read is the case, and the read is logged.
func (d *desk) compare(w http.ResponseWriter, r *http.Request) error {
	c, err := d.open(r)
	if err != nil {
		return err
	}
	lang, at := site.Lang(r), ui.DateTime(d.Now(), site.Lang(r))
	changes, err := d.Cases.Compare(r.Context(), site.Actor(r), c.Code)
	var v compareView
	switch {
	case errors.Is(err, registry.ErrUnavailable):
		v.Banner = ui.Banner{Tone: ui.Warning, Heading: ui.T(lang, "Chưa so được", "Not compared"), Text: ui.T(lang, "Một cơ sở dữ liệu chưa trả lời. Hồ sơ vẫn như cũ; thử lại sau ít phút.", "A register does not answer. The case is as it was; try again in some minutes.")}
	case err != nil:
		return err
	case len(changes) == 0:
		v.Banner = ui.Banner{Tone: ui.Success, Heading: ui.T(lang, "Không có khác biệt", "No difference"), Text: ui.T(lang, "Đọc lại dữ liệu gốc lúc "+at+": mọi giá trị trùng với hồ sơ.", "The registers were read again at "+at+": every value agrees with the case.")}
	default:
		v.Banner = ui.Banner{Tone: ui.Warning, Heading: ui.T(lang, "Dữ liệu gốc đã khác với hồ sơ", "The registers differ from the case"), Text: ui.T(lang, "Đọc lại lúc "+at+". Hồ sơ chưa bị thay đổi.", "Read again at "+at+". The case was not changed.")}
		v.Changes = changesTable(lang, ui.T(lang, "Khác biệt so với sổ gốc", "Differences from the registers"), ui.T(lang, "Trong hồ sơ", "In the case"), changes)
	}
	return d.part(w, r, c, comparePage, func(ui.Frame) templ.Component { return comparePart(v) })
}
