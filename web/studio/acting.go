package studio

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// eventKey is the parameter that says which action is being prepared.
const eventKey = "viec"

// actionView is something that the wearer of a hat can do, or cannot do yet.
type actionView struct {
	Title  string
	To     string // where the case goes
	Button ui.ButtonView
	Form   *ui.FormView // of one that needs nothing; nil: the button leads to its page, or says why not
}

// actView is an action being prepared.
type actView struct {
	Title    string
	To       string
	Problems []ui.Problem
	Judged   []ui.Field // verdicts and reasons on the items of the checklist
	Fields   []ui.Field
	Effects  []string
	Form     ui.FormView
	Button   ui.ButtonView
	Cancel   string
}

// actions are what the wearer of a hat may do.
func (t *studio) actions(f ui.Frame, k *walk, h hat, c *cases.Case) []actionView {
	var out []actionView
	for _, a := range c.Allowed {
		v := actionView{Title: a.Title.In(f.Lang), To: toText(c, a, f.Lang), Button: ui.ButtonView{Text: a.Title.In(f.Lang), ID: "viec-" + string(a.Event), Kind: ui.Secondary}}
		switch {
		case !a.Enabled && !judgesFirst(c, a):
			v.Button.Why = a.Why.In(f.Lang)
		case len(a.Needs) == 0 && a.Event != "supply" && !answersSupplement(c, a):
			v.Form = t.actForm(f, k, h, c, a)
		default:
			v.Button.Href = t.walkLink(k, "", url.Values{hatKey: {h.Key}, eventKey: {string(a.Event)}})
		}
		if a.Style == "danger" {
			v.Button.Kind = ui.Grave
		}
		if a.Style == "primary" {
			v.Button.Kind = ui.Primary
		}
		out = append(out, v)
	}
	return out
}

// judgesFirst tells whether the action waits for judgements, which its own page
// takes along.
func judgesFirst(c *cases.Case, a cases.Allowed) bool {
	return (slices.Contains(a.Needs, "judgements") || slices.Contains(a.Needs, "items")) && slices.ContainsFunc(c.Checklist, func(j cases.Judged) bool { return j.Verdict == "" })
}

// answersSupplement tells whether the action hands in what was asked for.
func answersSupplement(c *cases.Case, a cases.Allowed) bool {
	return len(c.Asked) > 0 && a.Event != "withdraw" && c.Procedure.Machine.States[c.State].Kind == workflow.Wait
}

func toText(c *cases.Case, a cases.Allowed, lang string) string {
	if to := c.Procedure.Machine.States[a.To]; to != nil {
		return ui.T(lang, "chuyển sang: ", "leads to: ") + to.Title.In(lang)
	}
	return ""
}

func (t *studio) actForm(f ui.Frame, k *walk, h hat, c *cases.Case, a cases.Allowed) *ui.FormView {
	return &ui.FormView{CSRF: f.CSRF, Action: t.walkLink(k, "viec", nil), Hidden: []ui.Hidden{{Name: hatKey, Value: h.Key}, {Name: eventKey, Value: string(a.Event)},
		{Name: "command", Value: uuid.NewString()}, {Name: "revision", Value: strconv.Itoa(c.Revision)}}}
}

// preparing is the page of an action: what it needs and what it does.
func (t *studio) preparing(f ui.Frame, k *walk, h hat, c *cases.Case, a cases.Allowed, typed url.Values, wrong []forms.Problem, open *cases.Amendment) *actView {
	lang := f.Lang
	v := &actView{Title: a.Title.In(lang), To: toText(c, a, lang), Form: *t.actForm(f, k, h, c, a), Cancel: t.back(k, h.Key),
		Button: ui.ButtonView{Text: ui.T(lang, "Xác nhận: ", "Confirm: ") + a.Title.In(lang)}}
	if a.Style == "danger" {
		v.Button.Kind = ui.Grave
	}
	needs := func(what string) bool { return slices.Contains(a.Needs, what) }
	if needs("judgements") || needs("items") {
		v.Judged = judging(c, typed, lang)
	}
	if needs("grounds") {
		g := ui.Field{Lang: lang, Kind: forms.ChecksWidget, Name: "grounds", Label: ui.T(lang, "Căn cứ", "Grounds"), Values: typed["grounds"]}
		for _, one := range c.Procedure.Grounds {
			g.Options = append(g.Options, ui.Option{Value: one.ID, Text: one.Title.In(lang), Detail: one.Law})
		}
		v.Fields = append(v.Fields, g)
	}
	if needs("findings") {
		v.Fields = append(v.Fields, ui.Field{Lang: lang, Kind: forms.TextareaWidget, Name: "findings", Rows: 3, Label: ui.T(lang, "Kết quả thẩm định, xác minh", "Findings"), Value: typed.Get("findings")})
	}
	if needs("days") {
		v.Fields = append(v.Fields, ui.Field{Lang: lang, Name: "days", InputMode: "numeric", Width: 4, Label: ui.T(lang, "Gia hạn thêm bao nhiêu ngày?", "Lengthen by how many days?"), Value: typed.Get("days")})
	}
	if needs("note") || needs("grounds") || needs("judgements") {
		v.Fields = append(v.Fields, ui.Field{Lang: lang, Kind: forms.TextareaWidget, Name: "note", Rows: 3, Label: ui.T(lang, "Ý kiến", "Note"), Value: typed.Get("note"), Optional: !needs("note")})
	}
	if open != nil {
		v.Fields = append(v.Fields, t.supplying(open, c, typed, lang)...)
	}
	for i := range v.Fields {
		for _, p := range wrong {
			if string(p.At) == "/"+v.Fields[i].Name {
				v.Fields[i].Error = ui.T(lang, p.VI, p.EN)
			}
		}
	}
	v.Problems = ui.Problems(v.Fields)
	for _, p := range wrong {
		text := ui.T(lang, p.VI, p.EN)
		if !slices.ContainsFunc(v.Problems, func(x ui.Problem) bool { return x.Text == text }) {
			v.Problems = append(v.Problems, ui.Problem{Text: text})
		}
	}
	for _, e := range a.Effects {
		v.Effects = append(v.Effects, e.String())
	}
	return v
}

// judging are the verdicts on the items of the checklist.
func judging(c *cases.Case, typed url.Values, lang string) []ui.Field {
	var out []ui.Field
	for _, j := range c.Checklist {
		verdict := or(typed.Get("verdict-"+j.Item.ID), string(j.Verdict))
		out = append(out, ui.Field{Lang: lang, Kind: forms.RadiosWidget, Name: "verdict-" + j.Item.ID, Label: j.Item.Title.In(lang), Value: or(verdict, string(cases.Satisfied)), Options: []ui.Option{
			{Value: string(cases.Satisfied), Text: ui.T(lang, "Đạt", "Satisfied")}, {Value: string(cases.NotSatisfied), Text: ui.T(lang, "Chưa đạt", "Not satisfied")},
			{Value: string(cases.NotNeeded), Text: ui.T(lang, "Không cần", "Not needed")}}},
			ui.Field{Lang: lang, Name: "reason-" + j.Item.ID, Label: ui.T(lang, "Lý do nếu chưa đạt", "Reason, if it is not satisfied"), Value: or(typed.Get("reason-"+j.Item.ID), j.Reason), Optional: true})
	}
	return out
}

// dot stands between a section and a question in the names of inputs.
const dot = "."

// supplying are the questions and papers that a supplement request opens.
func (t *studio) supplying(open *cases.Amendment, c *cases.Case, typed url.Values, lang string) []ui.Field {
	var out []ui.Field
	var papers []string
	for _, it := range open.Items {
		for _, a := range it.Answers {
			section, _, _ := strings.Cut(strings.TrimPrefix(string(a.Field.Pointer), "/"), "/")
			name := section + dot + a.Field.Name
			if slices.ContainsFunc(out, func(f ui.Field) bool { return f.Name == name }) {
				continue
			}
			one := ui.FieldOf(a, ui.FieldOptions{Lang: lang, Units: t.Agencies.Units(), Typed: under(typed, section+dot)})
			rename(&one, section+dot)
			out = append(out, one)
		}
		for _, id := range append(slices.Clone(it.Attachments), it.Others...) {
			if !slices.Contains(papers, id) {
				papers = append(papers, id)
			}
		}
	}
	if len(papers) > 0 {
		f := ui.Field{Lang: lang, Kind: forms.ChecksWidget, Name: "paper", Optional: true, Label: ui.T(lang, "Nộp một tệp mẫu cho giấy tờ nào?", "For which papers do you hand in a specimen?"), Values: typed["paper"]}
		for _, id := range papers {
			title := id
			for _, a := range c.Procedure.Attachments {
				if a.ID == id {
					title = a.Title.In(lang)
				}
			}
			f.Options = append(f.Options, ui.Option{Value: id, Text: title})
		}
		out = append(out, f)
	}
	return out
}

// under are the inputs below a prefix, without it; nil when there are none. The
// buttons within questions name theirs in their value.
func under(typed url.Values, prefix string) url.Values {
	var out url.Values
	for name, sent := range typed {
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok && len(sent) == 1 && ui.Redraws(url.Values{name: sent}) {
			rest = name
			sent = slices.Clone(sent)
			sent[0], ok = strings.CutPrefix(sent[0], prefix)
		}
		if ok {
			if out == nil {
				out = url.Values{}
			}
			out[rest] = sent
		}
	}
	return out
}

// rename puts a prefix before the names of a question's inputs.
func rename(f *ui.Field, prefix string) {
	f.Name = prefix + f.Name
	for i := range f.Items {
		for j := range f.Items[i].Fields {
			rename(&f.Items[i].Fields[j], prefix)
		}
	}
}

// act does an action as the wearer of a hat.
func (t *studio) act(w http.ResponseWriter, r *http.Request, k *walk) error {
	ctx, event := r.Context(), workflow.Event(r.PostFormValue(eventKey))
	h, ok, err := k.hat(ctx, r.PostFormValue(hatKey))
	if err != nil {
		return err
	}
	command, bad := uuid.Parse(r.PostFormValue("command"))
	if !ok || bad != nil || !k.filed() {
		return site.See(w, r, t.back(k, applicantHat))
	}
	if ui.Redraws(r.PostForm) {
		return t.draw(w, r, k, drawn{Typed: r.PostForm})
	}
	c, who, err := k.as(ctx, h)
	if err != nil {
		return err
	}
	in, papers := inputOf(r, c, event)
	for _, id := range papers {
		file, err := k.stage.Cases().AddCaseFile(ctx, who, c.Code, id, id+".pdf", specimen)
		if err != nil {
			return err
		}
		in.Files = append(in.Files, file.ID)
	}
	title := workflow.Text{VI: string(event), EN: string(event)}
	for _, a := range c.Allowed {
		if a.Event == event {
			title = a.Title
		}
	}
	revision, _ := strconv.Atoi(r.PostFormValue("revision"))
	err = k.stage.Cases().Do(ctx, who, cases.Command{Code: c.Code, ID: command, Revision: revision, Event: event, Input: in})
	invalid, isInvalid := errors.AsType[*cases.InvalidError](err)
	stale, isStale := errors.AsType[*cases.StaleError](err)
	notAllowed, isNotAllowed := errors.AsType[*workflow.NotAllowedError](err)
	switch {
	case isInvalid:
		return t.draw(w, r, k, drawn{Status: http.StatusUnprocessableEntity, Typed: r.PostForm, Problems: invalid.Problems})
	case isStale:
		var lines []string
		for _, ch := range stale.Changes {
			lines = append(lines, ch.What.In(site.Lang(r))+": "+ch.Before.In(site.Lang(r))+" → "+ch.After.In(site.Lang(r)))
		}
		return t.draw(w, r, k, drawn{Status: http.StatusConflict, Refusal: ui.T(site.Lang(r), "Dữ liệu gốc đã thay đổi: ", "The registers have changed: ") + strings.Join(lines, "; ")})
	case isNotAllowed:
		return t.draw(w, r, k, drawn{Status: http.StatusConflict, Refusal: ui.T(site.Lang(r), "Máy trạng thái không cho phép: ", "The machine does not allow it: ") + notAllowed.Error()})
	case err != nil:
		return err
	}
	if err := k.stage.Settle(ctx); err != nil {
		return err
	}
	step := pairs{{"by", h.By}}.with("case", h.Path).with("do", string(event))
	step = step.with("input", inputPairs(in)).with("answers", in.Answers).with("attachments", papers)
	if !k.repeated(command) {
		if err := k.record(ctx, step, h.Case.ID); err != nil {
			return err
		}
		if err := k.note(ctx, title, who.Name); err != nil {
			return err
		}
	}
	return site.See(w, r, t.back(k, h.Key))
}

// repeated tells whether a command was done before, and remembers it.
func (k *walk) repeated(id uuid.UUID) bool {
	if slices.Contains(k.commands, id) {
		return true
	}
	k.commands = append(k.commands, id)
	return false
}

// inputOf reads what the page of an action sends: the input, and the papers of
// a supplement.
func inputOf(r *http.Request, c *cases.Case, event workflow.Event) (cases.Input, []string) {
	in := cases.Input{Note: strings.TrimSpace(r.PostFormValue("note")), Findings: strings.TrimSpace(r.PostFormValue("findings"))}
	in.Days, _ = strconv.Atoi(strings.TrimSpace(r.PostFormValue("days")))
	for _, g := range r.PostForm["grounds"] {
		if g != "" {
			in.Grounds = append(in.Grounds, g)
		}
	}
	var needs []string
	for _, a := range c.Allowed {
		if a.Event == event {
			needs = a.Needs
		}
	}
	for _, j := range c.Checklist {
		verdict, reason := cases.Verdict(r.PostFormValue("verdict-"+j.Item.ID)), strings.TrimSpace(r.PostFormValue("reason-"+j.Item.ID))
		if verdict == "" {
			continue
		}
		in.Judgements = append(in.Judgements, cases.Judgement{Item: j.Item.ID, Verdict: verdict, Reason: reason})
		if verdict == cases.NotSatisfied && slices.Contains(needs, "items") {
			in.Items = append(in.Items, cases.AskedItem{Item: j.Item.ID, Reason: reason})
		}
	}
	var papers []string
	if len(c.Asked) > 0 {
		in.Answers = changedAnswers(r.PostForm, c)
		for _, id := range r.PostForm["paper"] {
			if id != "" {
				papers = append(papers, id)
			}
		}
	}
	return in, papers
}

// changedAnswers are the answers of a supplement that differ from those that were filed.
func changedAnswers(typed url.Values, c *cases.Case) map[string]any {
	out := map[string]any{}
	for _, section := range c.Procedure.Form.Sections {
		sent := under(typed, section.Name+dot)
		if sent == nil {
			continue
		}
		parsed, _ := c.Procedure.Form.Parse(section, sent)
		changed := map[string]any{}
		for name, v := range parsed {
			if a := c.Form.Answer(section.Pointer + forms.Pointer("/"+name)); a == nil || flow(stage.Plain(map[string]any{"v": a.Value})) != flow(stage.Plain(map[string]any{"v": v})) {
				changed[name] = v
			}
		}
		if len(changed) > 0 {
			out[section.Name] = changed
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// inputPairs is an input as stories write it.
func inputPairs(in cases.Input) pairs {
	p := pairs{}.with("note", in.Note).with("grounds", in.Grounds).with("findings", in.Findings)
	if in.Days > 0 {
		p = p.with("days", in.Days)
	}
	var judged, items []pairs
	for _, j := range in.Judgements {
		judged = append(judged, pairs{{"item", j.Item}, {"verdict", string(j.Verdict)}}.with("reason", j.Reason))
	}
	for _, it := range in.Items {
		items = append(items, pairs{{"item", it.Item}, {"reason", it.Reason}})
	}
	if judged != nil {
		p = p.with("judgements", judged)
	}
	if items != nil {
		p = p.with("items", items)
	}
	return p
}
