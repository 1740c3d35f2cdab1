package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// judged is a row of case_judgements.
type judged struct {
	Item    string
	Verdict Verdict // empty: the citizen has answered since, so it is to be judged anew
	Reason  string
	By      string // name of the officer
	At      time.Time
	First   time.Time // when the item was judged for the first time
}

const judgementsSQL = `
	SELECT j.item, j.verdict, j.reason, coalesce(o.name, j.officer), j.at, j.first_at
	FROM case_judgements j
	LEFT JOIN officers o ON o.id = j.officer
	WHERE j.case_id = $1`

// bodyAndFiles loads what was filed and which attachments are there.
func (s *Service) bodyAndFiles(ctx context.Context, c *snapshot) (*evaluated, []string, error) {
	e, err := s.body(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	var present []string
	err = s.cfg.DB.QueryRow(ctx, `
		SELECT coalesce(array_agg(DISTINCT attachment ORDER BY attachment), '{}')
		FROM case_files
		WHERE owner_id = $1 AND replaced_at IS NULL`, c.ID).Scan(&present)
	return e, present, err
}

// checklist is what an officer judges of the case now, with the last judgements.
func (s *Service) checklist(c *snapshot, e *evaluated, present []string, vars map[string]any, rows map[string]judged) ([]Judged, error) {
	papers, err := c.Procedure.AttachmentsFor(vars)
	if err != nil {
		return nil, err
	}
	for _, a := range c.Procedure.Attachments { // handed in though nobody asks for it now
		if slices.Contains(present, a.ID) && !slices.Contains(papers, a) {
			papers = append(papers, a)
		}
	}
	checks := c.Procedure.ChecklistFor(e.State, papers)
	out := make([]Judged, len(checks))
	for i, check := range checks {
		j := rows[check.ID]
		if j.Verdict == "" { // a supplement answered it: what was wrong then says nothing now
			j.Reason = ""
		}
		out[i] = Judged{Item: check, Verdict: j.Verdict, Reason: j.Reason, By: j.By, At: j.At}
	}
	return out, nil
}

// checklistNow reads everything that the checklist rests on.
func (s *Service) checklistNow(ctx context.Context, c *snapshot) ([]Judged, map[string]judged, error) {
	e, present, err := s.bodyAndFiles(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.judgements(ctx, c.ID)
	if err != nil {
		return nil, nil, err
	}
	list, err := s.checklist(c, e, present, variables{c: c, b: e, files: present, now: s.now()}.vars(), rows)
	return list, rows, err
}

func (s *Service) judgements(ctx context.Context, id ID) (map[string]judged, error) {
	rows, err := s.cfg.DB.Query(ctx, judgementsSQL, id)
	if err != nil {
		return nil, err
	}
	return collectJudged(rows)
}

// merge lays the judgements that come with a command over the stored ones.
// Errors: *InvalidError for an item that is not in the list, or a verdict without its reason.
func merge(list []Judged, given []Judgement) ([]Judged, error) {
	out := slices.Clone(list)
	var problems []forms.Problem
	for n, g := range given {
		at := forms.Pointer(fmt.Sprintf("/judgements/%d", n))
		i := slices.IndexFunc(out, func(j Judged) bool { return j.Item.ID == g.Item })
		switch {
		case i < 0:
			problems = append(problems, forms.Problem{At: at, Rule: "enum",
				VI: fmt.Sprintf("Chọn mục trong danh sách kiểm tra của hồ sơ (%q không có)", g.Item), EN: fmt.Sprintf("Choose an item of this case's checklist (there is no %q)", g.Item)})
		case g.Verdict != Satisfied && g.Verdict != NotSatisfied && g.Verdict != NotNeeded:
			problems = append(problems, forms.Problem{At: at + "/verdict", Rule: "enum",
				VI: "Chọn đạt, chưa đạt hoặc không cần cho mục “" + out[i].Item.Title.VI + "”", EN: "Choose satisfied, not satisfied or not needed for “" + out[i].Item.Title.EN + "”"})
		case g.Verdict == NotSatisfied && strings.TrimSpace(g.Reason) == "":
			problems = append(problems, forms.Problem{At: at + "/reason", Rule: "required",
				VI: "Nêu lý do mục “" + out[i].Item.Title.VI + "” chưa đạt", EN: "Say why “" + out[i].Item.Title.EN + "” is not satisfied"})
		default:
			out[i].Verdict, out[i].Reason = g.Verdict, g.Reason
		}
	}
	if problems != nil {
		return nil, &InvalidError{Problems: problems}
	}
	return out, nil
}

// missing are the titles of the items that nobody has judged.
func missing(list []Judged) (out []workflow.Text) {
	for _, j := range list {
		if j.Verdict == "" {
			out = append(out, j.Item.Title)
		}
	}
	return out
}

// unjudged tells whether an item of the checklist has no judgement, counting those that come with the command.
func (s *Service) unjudged(ctx context.Context, c *snapshot, given []Judgement) (bool, error) {
	list, _, err := s.checklistNow(ctx, c)
	if err != nil {
		return false, err
	}
	if list, err = merge(list, given); err != nil {
		return false, err
	}
	return len(missing(list)) > 0, nil
}

// incompleteReturn holds a supplement request against the rule of the one
// complete return: everything is judged before, all that is not satisfied is
// asked for and nothing else, and a second request asks only for what the
// citizen has changed or what was not there at the first.
//
// Source: Decree 118/2025/NĐ-CP, on asking for a supplement once.
func (s *Service) incompleteReturn(ctx context.Context, c *snapshot, in Input) ([]forms.Problem, error) {
	list, rows, err := s.checklistNow(ctx, c)
	if err != nil {
		return nil, err
	}
	if list, err = merge(list, in.Judgements); err != nil {
		return nil, err
	}
	if left := missing(list); len(left) > 0 {
		return []forms.Problem{{At: "/items", Rule: "judgements",
			VI: "Đánh giá đủ các mục trước khi yêu cầu bổ sung. Còn thiếu: " + join(left, "vi"),
			EN: "Judge every item before asking for a supplement. Still open: " + join(left, "en")}}, nil
	}
	asked := map[string]forms.Pointer{}
	for i, it := range in.Items {
		asked[it.Item] = forms.Pointer(fmt.Sprintf("/items/%d", i))
	}
	var changed []forms.Pointer
	former := time.Time{}
	if len(c.Memory.Asked) > 0 {
		if former, err = s.lastAsked(ctx, c.ID); err != nil {
			return nil, err
		}
		e, err := s.body(ctx, c)
		if err != nil {
			return nil, err
		}
		for at := range e.Changed {
			changed = append(changed, at)
		}
	}
	var problems []forms.Problem
	for _, j := range list {
		at, isAsked := asked[j.Item.ID]
		switch {
		case j.Verdict == NotSatisfied && !isAsked:
			problems = append(problems, forms.Problem{At: "/items", Rule: "complete",
				VI: "Yêu cầu cả mục “" + j.Item.Title.VI + "”: mục này được đánh giá chưa đạt", EN: "Ask for “" + j.Item.Title.EN + "” too: it is judged not satisfied"})
		case j.Verdict != NotSatisfied && isAsked:
			problems = append(problems, forms.Problem{At: at, Rule: "complete",
				VI: "Bỏ mục “" + j.Item.Title.VI + "”: mục này không bị đánh giá chưa đạt", EN: "Leave “" + j.Item.Title.EN + "” out: it is not judged not satisfied"})
		case isAsked && !former.IsZero() && !mayAskAgain(c, j.Item, rows[j.Item.ID], changed, former):
			problems = append(problems, forms.Problem{At: at, Rule: "once",
				VI: "Bỏ mục “" + j.Item.Title.VI + "”: lần yêu cầu trước đã không nêu và người nộp hồ sơ không sửa mục này", EN: "Leave “" + j.Item.Title.EN + "” out: the first request did not name it, and it has not changed since"})
		}
	}
	return problems, nil
}

// mayAskAgain tells whether a second request may name the item.
func mayAskAgain(c *snapshot, check *procedures.Check, j judged, changed []forms.Pointer, former time.Time) bool {
	return slices.ContainsFunc(c.Memory.Asked, func(it AskedItem) bool { return it.Item == check.ID }) ||
		slices.ContainsFunc(changed, func(at forms.Pointer) bool { return covered(check.At, at) }) ||
		j.First.IsZero() || j.First.After(former)
}

// lastAsked is when the last supplement request was made; zero when there was none.
func (s *Service) lastAsked(ctx context.Context, id ID) (time.Time, error) {
	var at *time.Time
	err := s.cfg.DB.QueryRow(ctx, `
		SELECT max(at)
		FROM case_events
		WHERE case_id = $1 AND kind = 'action' AND input -> 'items' IS NOT NULL`, id).Scan(&at)
	if err != nil || at == nil {
		return time.Time{}, err
	}
	return *at, nil
}

func join(texts []workflow.Text, lang string) string {
	words := make([]string, len(texts))
	for i, t := range texts {
		words[i] = t.In(lang)
	}
	return strings.Join(words, ", ")
}

// Judge stores verdicts of the officer whose task the case is. Errors to act
// upon: ErrNotFound, *workflow.NotAllowedError, *InvalidError.
func (s *Service) Judge(ctx context.Context, a agency.Actor, code Code, given []Judgement) error {
	if err := s.judgeCase(ctx, a, code, given); err != nil {
		return fmt.Errorf("judge items of case %s: %w", code, err)
	}
	return nil
}

func (s *Service) judgeCase(ctx context.Context, a agency.Actor, code Code, given []Judgement) error {
	c, err := s.visible(ctx, a, code)
	if err != nil {
		return err
	}
	if err := s.mayWork(a, c, "judge"); err != nil {
		return s.refused(ctx, a, c, "judge", err)
	}
	list, _, err := s.checklistNow(ctx, c)
	if err != nil {
		return err
	}
	if _, err := merge(list, given); err != nil {
		return err
	}
	items, verdicts, reasons := judgementColumns(given)
	_, err = s.cfg.DB.Exec(ctx, `
		INSERT INTO case_judgements (case_id, item, verdict, reason, officer, at, first_at)
		SELECT $1, j.item, j.verdict, j.reason, $2, $3, $3
		FROM unnest($4::text[], $5::text[], $6::text[]) AS j (item, verdict, reason)
		`+onJudged, c.ID, a.ID, s.now(), items, verdicts, reasons)
	return err
}

// onJudged keeps when an item was judged first.
const onJudged = `ON CONFLICT (case_id, item) DO UPDATE
		SET verdict = excluded.verdict, reason = excluded.reason, officer = excluded.officer, at = excluded.at`

// judgementColumns puts the last judgement of each item into columns.
func judgementColumns(given []Judgement) (items, verdicts, reasons []string) {
	for i, g := range given {
		if slices.ContainsFunc(given[i+1:], func(later Judgement) bool { return later.Item == g.Item }) {
			continue
		}
		items, verdicts, reasons = append(items, g.Item), append(verdicts, string(g.Verdict)), append(reasons, strings.TrimSpace(g.Reason))
	}
	return items, verdicts, reasons
}

// judge writes the judgements that came with a command, and voids those that a supplement answers.
func (st *step) judge(q *statement) {
	if len(st.judged) > 0 {
		items, verdicts, reasons := judgementColumns(st.judged)
		at := q.arg(st.events[0].At)
		q.with("judgements", `INSERT INTO case_judgements (case_id, item, verdict, reason, officer, at, first_at)
			SELECT moved.id, j.item, j.verdict, j.reason, `+q.arg(st.events[0].Actor.ID)+`, `+at+`::timestamptz, `+at+`::timestamptz
			FROM moved, unnest(`+q.arg(items)+`::text[], `+q.arg(verdicts)+`::text[], `+q.arg(reasons)+`::text[]) AS j (item, verdict, reason)
			`+onJudged)
	}
	if len(st.reopened) > 0 {
		q.with("reopened", `UPDATE case_judgements j SET verdict = '' FROM moved WHERE j.case_id = moved.id AND j.item = ANY (`+q.arg(st.reopened)+`::text[])`)
	}
}

// ReasonTaken is why an officer may not act on a case that another one has taken.
const ReasonTaken = "taken by another officer"

// mayWork tells whether the case is a task that the actor may work on.
func (s *Service) mayWork(a agency.Actor, c *snapshot, event workflow.Event) error {
	refuse := func(reason string) error {
		return &workflow.NotAllowedError{State: c.State, Event: event, Reason: reason}
	}
	def := c.stateDef()
	switch {
	case def.Kind == workflow.Final:
		return refuse(workflow.ReasonEnded)
	case def.Kind != workflow.Task:
		return refuse(workflow.ReasonNone)
	case !slices.Contains(s.rolesOf(a, c), def.Owner):
		return refuse(workflow.ReasonRole)
	case c.Assignee != "" && c.Assignee != a.ID:
		return refuse(ReasonTaken)
	}
	return nil
}
