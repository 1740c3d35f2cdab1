package desk

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// What an operator does, as addresses write it.
const (
	verbRetry    = "thu-lai"
	verbWriteOff = "ket-thuc"
	verbResume   = "noi-lai"
)

// incidentView is the page of one incident.
type incidentView struct {
	About                   string
	Standing                ui.Banner
	Facts                   []ui.Fact
	Detail                  string
	Open                    bool
	Retry, WriteOff, Resume string // pages; Resume is empty when the peer answers
	Attempts                ui.Table
}

// settleView asks for the reason of what an operator is about to do.
type settleView struct {
	About, Text  string
	Problems     []ui.Problem
	Form         ui.FormView
	Reason       ui.Field
	Button, Back string
	Kind         ui.ButtonKind
}

// incident shows one incident with every attempt.
func (d *desk) incident(w http.ResponseWriter, r *http.Request) error {
	i, attempts, err := d.readIncident(r)
	if err != nil {
		return err
	}
	lang := site.Lang(r)
	f := d.frame(r, incidentText(*i, lang))
	f.Back = site.TroublesPath
	tag := kindTag(*i, lang)
	v := incidentView{About: string(i.Case) + " · " + d.agencyName(i.Agency, lang), Detail: i.Detail, Open: i.ClosedAt.IsZero(),
		Standing: ui.Banner{Tone: tag.Tone, Heading: tag.Text, Text: standingText(i, lang)},
		Retry:    incidentPath(i.ID, verbRetry), WriteOff: incidentPath(i.ID, verbWriteOff), Attempts: attemptTable(attempts, lang)}
	v.Facts = []ui.Fact{{Label: ui.T(lang, "Nơi nhận", "Where it leads"), Value: i.PeerTitle.In(lang)}, {Label: ui.T(lang, "Từ lúc", "Since"), Value: ui.DateTime(i.OpenedAt, lang)},
		{Label: ui.T(lang, "Số lần thử", "Attempts"), Value: ui.Count(int64(i.Attempts))}}
	if !i.Ended {
		v.Facts = append(v.Facts, ui.Fact{Label: ui.T(lang, "Thử lại lúc", "Next try"), Value: nextTry(i.NextAt, i.Waits, lang)})
	}
	outages, err := d.Cases.Outages(r.Context())
	if err != nil {
		return err
	}
	for _, o := range outages {
		if o.Peer == i.Peer {
			v.Resume = peerPath(o.Peer, verbResume)
		}
	}
	if !v.Open {
		v.Standing = ui.Banner{Tone: ui.Success, Heading: ui.T(lang, "Đã khép lại lúc ", "Closed at ") + ui.DateTime(i.ClosedAt, lang), Text: closedText(i, lang)}
	}
	return d.Render(w, r, http.StatusOK, incidentPage(f, v))
}

func (d *desk) readIncident(r *http.Request) (*cases.Incident, []cases.Attempt, error) {
	id, err := uuidOf(r, "incident")
	if err != nil {
		return nil, nil, err
	}
	return d.Cases.Incident(r.Context(), site.Actor(r), id)
}

// standingText says what the system does about it, and what is left to the operator.
func standingText(i *cases.Incident, lang string) string {
	switch {
	case !i.Ended:
		return ui.T(lang, "Hệ thống tự thử lại. Chỉ cần can thiệp khi biết nguyên nhân.", "The system tries by itself. Step in only when you know the cause.")
	case i.Ambiguous:
		return ui.T(lang, "Hệ thống không thử nữa, và chưa rõ nơi nhận đã thực hiện chưa: hỏi nơi nhận trước khi thử lại.", "It is not tried any more, and it may have been done: ask before you have it tried again.")
	}
	return ui.T(lang, "Hệ thống không thử nữa: sửa nguyên nhân rồi thử lại, hoặc làm bằng tay rồi kết thúc.", "It is not tried any more: mend the cause and try again, or do it by hand and write it off.")
}

func closedText(i *cases.Incident, lang string) string {
	switch i.ClosedHow {
	case "done":
		return ui.T(lang, "Việc đã thực hiện xong.", "It was done after all.")
	case "refused":
		return ui.T(lang, "Nơi nhận đã trả lời từ chối.", "It was answered with a no.")
	case "retried":
		return ui.T(lang, "Người vận hành đã cho thử lại: ", "An operator had it tried again: ") + i.ClosedBy
	}
	return ui.T(lang, "Người vận hành đã kết thúc: ", "An operator wrote it off: ") + i.ClosedBy
}

func attemptTable(attempts []cases.Attempt, lang string) ui.Table {
	t := ui.Table{Lang: lang, Caption: ui.T(lang, "Các lần thử", "Attempts"), Quiet: true, Empty: ui.T(lang, "Chưa thử lần nào.", "It was not attempted yet."),
		Columns: []ui.Column{{Title: ui.T(lang, "Lần", "No."), Number: true}, {Title: ui.T(lang, "Bắt đầu", "Began")}, {Title: ui.T(lang, "Kết quả", "Came to")}, {Title: ui.T(lang, "Được trả lời", "Answer")}}}
	for _, a := range attempts {
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: ui.Count(int64(a.N))}, {Text: ui.DateTime(a.StartedAt, lang)}, {Text: resultText(a.Result, lang)}, {Text: a.Detail}}})
	}
	return t
}

func resultText(result, lang string) string {
	switch result {
	case "done":
		return ui.T(lang, "Đã thực hiện", "Done")
	case "refused":
		return ui.T(lang, "Bị từ chối", "Refused")
	case "waiting":
		return ui.T(lang, "Đang chờ", "On its way")
	case "transient":
		return ui.T(lang, "Chưa thực hiện", "Not done")
	case "ambiguous":
		return ui.T(lang, "Chưa rõ đã thực hiện chưa", "May have been done")
	case "permanent":
		return ui.T(lang, "Không thể thực hiện", "Cannot be done")
	case "lost":
		return ui.T(lang, "Bị ngắt giữa chừng", "Cut off")
	}
	return ui.T(lang, "Đang thử", "Under way")
}

// askSettle asks for the reason of what an operator is about to do about an
// incident, or about all that lead to a peer; settle does it.
func (d *desk) askSettle(w http.ResponseWriter, r *http.Request) error {
	return d.renderSettle(w, r, http.StatusOK, "", "")
}

func (d *desk) settle(w http.ResponseWriter, r *http.Request) error {
	ctx, a, reason := r.Context(), site.Actor(r), r.PostFormValue("reason")
	verb := chi.URLParam(r, "verb")
	err := d.settled(r, a, verb, reason)
	if invalid, ok := errors.AsType[*cases.InvalidError](err); ok {
		p := invalid.Problems[0]
		return d.renderSettle(w, r, http.StatusUnprocessableEntity, reason, ui.T(site.Lang(r), p.VI, p.EN))
	}
	if errors.Is(err, cases.ErrNoOutage) {
		err = nil // it answers again
	}
	if err != nil {
		return err
	}
	d.Log.InfoContext(ctx, "an operator settled a technical trouble", "verb", verb, "operator", a.ID)
	return site.See(w, r, with(site.TroublesPath, doneKey, verb))
}

func (d *desk) settled(r *http.Request, a agency.Actor, verb, reason string) error {
	ctx := r.Context()
	if chi.URLParam(r, "peer") != "" {
		switch verb {
		case verbResume:
			return d.Cases.Resume(ctx, a, peerOf(r), reason)
		case verbRetry:
			_, err := d.Cases.RetryPeer(ctx, a, peerOf(r), reason)
			return err
		}
		return cases.ErrNotFound
	}
	id, err := uuidOf(r, "incident")
	switch {
	case err != nil:
		return err
	case verb == verbRetry:
		return d.Cases.RetryIncident(ctx, a, id, reason)
	case verb == verbWriteOff:
		return d.Cases.WriteOffIncident(ctx, a, id, reason)
	}
	return cases.ErrNotFound
}

func (d *desk) renderSettle(w http.ResponseWriter, r *http.Request, status int, reason, wrong string) error {
	lang, verb := site.Lang(r), chi.URLParam(r, "verb")
	about, back := "", site.TroublesPath
	if chi.URLParam(r, "peer") != "" {
		if _, err := d.Cases.IncidentGroups(r.Context(), site.Actor(r)); err != nil { // an operator, or told no
			return err
		}
		about = d.Cases.PeerTitle(peerOf(r)).In(lang)
	} else {
		i, _, err := d.readIncident(r)
		if err != nil {
			return err
		}
		about, back = incidentText(*i, lang)+" · "+string(i.Case), incidentPath(i.ID, "")
	}
	v := settleView{About: about, Back: back, Kind: ui.Primary,
		Reason: ui.Field{Lang: lang, Kind: forms.TextareaWidget, Name: "reason", Label: ui.T(lang, "Lý do", "Reason"),
			Hint: ui.T(lang, "Được ghi vào lịch sử; không ghi dữ liệu cá nhân.", "It becomes part of the history; no personal data."), Value: reason, Error: wrong, Rows: 3}}
	switch verb {
	case verbRetry:
		v.Button = ui.T(lang, "Thử lại", "Try again")
		v.Text = ui.T(lang, "Việc được thực hiện lại ngay với cùng mã, nên nơi nhận không làm hai lần. Nếu vẫn không được, vướng mắc được mở lại.", "It is done again at once under the same key, so that it takes effect once. If it fails, the trouble is opened again.")
	case verbWriteOff:
		v.Button, v.Kind = ui.T(lang, "Kết thúc việc này", "Write it off"), ui.Grave
		v.Text = ui.T(lang, "Hệ thống sẽ không thực hiện việc này nữa. Những gì hồ sơ cần từ việc này phải được làm bằng tay.", "It will not be done any more. What the case needs of it has to be done by hand.")
	case verbResume:
		v.Button = ui.T(lang, "Nối lại", "Resume")
		v.Text = ui.T(lang, "Một việc được thử ngay. Nếu nơi nhận trả lời, các việc đang chờ được gửi tiếp trong nửa phút.", "One effect is tried at once. If there is an answer, all that wait go on within half a minute.")
	default:
		return cases.ErrNotFound
	}
	f := d.frame(r, v.Button)
	f.Back, f.Path, f.Error = back, r.URL.Path, wrong != ""
	v.Form = token(f, r.URL.Path, "")
	v.Problems = ui.Problems([]ui.Field{v.Reason})
	return d.Render(w, r, status, settlePage(f, v))
}

// settledBanner confirms what was just done; nil: nothing was.
func settledBanner(verb, lang string) *ui.Banner {
	text := map[string]string{
		verbRetry:    ui.T(lang, "Đã cho thử lại; kết quả hiện sau ít giây.", "It is tried again; what comes of it shows in some seconds."),
		verbWriteOff: ui.T(lang, "Đã kết thúc, lý do đã được ghi.", "It is written off, and the reason recorded."),
		verbResume:   ui.T(lang, "Đang thử nối lại; kết quả hiện sau ít giây.", "It is being tried; what comes of it shows in some seconds."),
	}[verb]
	if text == "" {
		return nil
	}
	return &ui.Banner{Tone: ui.Success, Text: text}
}
