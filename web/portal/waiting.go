package portal

import (
	"errors"
	"net/http"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// waitingStep is the page of a filing that has to wait.
const waitingStep = "cho"

// waitingView is what a citizen is told whose filing was kept until there is room.
type waitingView struct {
	Lang    string
	Rows    []ui.Row
	Refusal []string // why it could not be filed; empty: it waits
	Again   string   // the draft's check page
	Here    string
}

// showWaiting says what became of a filing that had to wait, and leads to its case once it is one.
func (p *portal) showWaiting(w http.ResponseWriter, r *http.Request) error {
	id, lang := draftID(r), site.Lang(r)
	d, err := p.Cases.Draft(r.Context(), site.Actor(r), id)
	if errors.Is(err, cases.ErrNotFound) {
		return settled(p.gone(w, r))
	}
	if err != nil {
		return err
	}
	if d.Filed != "" {
		return site.See(w, r, caseLink(d.Filed, "da-nop"))
	}
	filing, err := p.Cases.Waiting(r.Context(), site.Actor(r), id)
	if errors.Is(err, cases.ErrNotFound) {
		return site.See(w, r, draftPath(id, checkStep))
	}
	if err != nil {
		return err
	}
	v := waitingView{Lang: lang, Again: draftPath(id, checkStep), Here: draftPath(id, waitingStep), Rows: []ui.Row{
		{Label: ui.T(lang, "Thủ tục", "Procedure"), Value: d.Procedure.Name.In(lang)},
		{Label: ui.T(lang, "Số biên nhận tạm", "Number of this receipt"), Value: filing.Receipt()},
		{Label: ui.T(lang, "Thời điểm nộp được ghi nhận", "Time of filing, which is kept"), Value: ui.DateTime(filing.At, lang)},
	}}
	for _, why := range filing.Refusal {
		v.Refusal = append(v.Refusal, why.In(lang))
	}
	title := ui.T(lang, "Hồ sơ đã được ghi nhận, đang chờ xử lý", "Your filing is kept and waits its turn")
	if filing.Ended {
		title = ui.T(lang, "Hồ sơ chưa nộp được", "Your case could not be filed")
	}
	f := p.Frame(r, title)
	f.Path = v.Here
	return p.Render(w, r, http.StatusOK, waitingPage(f, v))
}
