package studio

import (
	"context"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/ui"
	"github.com/hoso-gov/hoso/workflow"
)

// walkFacts are where the case stands.
func (t *studio) walkFacts(ctx context.Context, k *walk, lang string) ([]ui.Fact, error) {
	if !k.filed() {
		return t.draftFacts(ctx, k, lang)
	}
	c, err := k.stage.Case(ctx, k.id0)
	if err != nil {
		return nil, err
	}
	tone := ui.Info
	switch {
	case c.Outcome != "" && c.Negative:
		tone = ui.Danger
	case c.Outcome != "":
		tone = ui.Success
	}
	facts := []ui.Fact{{Label: ui.T(lang, "Trạng thái", "State"), Body: stateFact(ui.Tag{Text: c.StateTitle.In(lang), Tone: tone}, string(c.State))},
		{Label: ui.T(lang, "Ai đang giữ", "Who has it"), Value: t.owner(k, c, lang)}}
	due := ui.Due{Date: dueText(c, lang)}
	for _, l := range c.DueBecause {
		due.Lines = append(due.Lines, ui.T(lang, l.VI, l.EN))
	}
	facts = append(facts, ui.Fact{Label: ui.T(lang, "Hạn trả kết quả", "Result due"), Body: ui.DueView(lang, due)})
	if c.Task != nil {
		facts = append(facts, ui.Fact{Label: ui.T(lang, "Hạn của bước này", "This step is due"), Value: ui.DateTime(c.Task.DueAt, lang)})
	}
	fee := ui.Money(c.Fee)
	if c.Paid {
		fee += ui.T(lang, " (đã nộp)", " (paid)")
	}
	return append(facts, ui.Fact{Label: ui.T(lang, "Phí, lệ phí", "Fee"), Value: fee}), nil
}

// draftFacts are what is filled and asked so far.
func (t *studio) draftFacts(ctx context.Context, k *walk, lang string) ([]ui.Fact, error) {
	facts := []ui.Fact{{Label: ui.T(lang, "Trạng thái", "State"), Body: ui.TagView(ui.Tag{Text: ui.T(lang, "Đang khai, chưa nộp", "Being filled in"), Tone: ui.Neutral})}}
	if k.draft == uuid.Nil {
		return facts, nil
	}
	d, err := k.stage.Cases().Draft(ctx, k.applicant, k.draft)
	if err != nil {
		return nil, err
	}
	asked := 0
	for _, s := range d.State.Sections {
		for _, a := range s.Answers {
			if a.Asked {
				asked++
			}
		}
	}
	facts = append(facts, ui.Fact{Label: ui.T(lang, "Điền sẵn / phải hỏi", "Filled / asked"), Value: strconv.Itoa(len(d.State.Filled)) + " / " + strconv.Itoa(asked)})
	if v := k.procedure.Variant(d.Variant); v != nil {
		facts = append(facts, ui.Fact{Label: ui.T(lang, "Trường hợp", "Variant"), Value: v.Title.In(lang)})
	}
	return facts, nil
}

// owner is who has the case now.
func (t *studio) owner(k *walk, c *cases.Case, lang string) string {
	d := c.Procedure.Machine.States[c.State]
	if d == nil {
		return ""
	}
	switch d.Kind {
	case workflow.Task:
		at := c.Competent
		if role := c.Procedure.Machine.Roles[d.Owner]; role != nil && role.At == workflow.AtReceiving {
			at = c.Receiving
		}
		return roleTitle(c.Procedure.Machine, d.Owner, lang) + " · " + t.agencyName(at, lang)
	case workflow.Subcases:
		var names []string
		for _, child := range c.Children {
			if child.Outcome == "" {
				names = append(names, or(child.Addressed, t.agencyName(child.Agency, lang)))
			}
		}
		return ui.T(lang, "Chờ ý kiến của ", "Waits for ") + strings.Join(names, ", ")
	case workflow.Wait:
		switch d.For {
		case "applicant":
			return ui.T(lang, "Người nộp", "The applicant")
		case "system":
			return ui.T(lang, "Hệ thống", "The system")
		}
		return t.registryName(k.catalogue, lang)(d.For)
	}
	return ui.T(lang, "Không ai: hồ sơ đã kết thúc", "Nobody: the case has ended")
}

func dueText(c *cases.Case, lang string) string {
	if c.DueAt.IsZero() {
		return ui.T(lang, "Chưa tính thời hạn", "Not running yet")
	}
	return c.DueAt.In(calendar.Hanoi).Format("15:04 02/01/2006")
}
