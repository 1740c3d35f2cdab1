package procedures

import (
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/workflow"
)

// A changeRule says what a change of a key means for open cases.
type changeRule struct {
	at                      string // path; * is any one name, ** any rest
	part                    DifferencePart
	added, removed, changed Compatibility // empty: Safe
	by                      func(before, after *node) Compatibility
	on                      func(added *node) Compatibility
	whole                   bool          // told as one, not key by key
	because                 workflow.Text // why not safe
}

func (r *changeRule) judge(before, after *node) (Compatibility, workflow.Text) {
	class := r.changed
	switch {
	case before == nil && r.on != nil:
		class = r.on(after)
	case before == nil:
		class = r.added
	case after == nil:
		class = r.removed
	case r.by != nil:
		class = r.by(before, after)
	}
	if class == "" {
		class = Safe
	}
	return class, r.because
}

// ruleOf is the first rule that fits.
func ruleOf(path string, rules []changeRule) *changeRule {
	for i := range rules {
		if fits(strings.Split(rules[i].at, "."), strings.Split(path, ".")) {
			return &rules[i]
		}
	}
	return &changeRule{part: PartOther}
}

func fits(pattern, path []string) bool {
	for i, p := range pattern {
		switch {
		case p == "**":
			return true
		case i >= len(path) || p != "*" && p != path[i]:
			return false
		}
	}
	return len(pattern) == len(path)
}

// shorter is a plan where a time became shorter; of another unit too.
func shorter(before, after *node) Compatibility {
	a, err1 := calendar.ParseDuration(before.str())
	b, err2 := calendar.ParseDuration(after.str())
	if err1 == nil && err2 == nil && a.Unit == b.Unit && b.N >= a.N {
		return Safe
	}
	return NeedsPlan
}

// lower is a plan where a number became smaller.
func lower(before, after *node) Compatibility {
	if after.int() >= before.int() {
		return Safe
	}
	return NeedsPlan
}

var (
	staysNamed   = workflow.Text{VI: "hồ sơ đang giải quyết có thể còn chờ hoặc phải hoàn lại việc mang tên này", EN: "an open case may still wait for it, or have to take it back"}
	otherPath    = workflow.Text{VI: "hồ sơ đang ở đây sẽ đi theo đường khác", EN: "a case that is here would go another way"}
	lessTime     = workflow.Text{VI: "hồ sơ đang ở đây sẽ có ít thời gian hơn", EN: "a case that is here would have less time"}
	noWayOut     = workflow.Text{VI: "hồ sơ đang ở đây mất lối đi này", EN: "a case that is here would lose this way on"}
	stateGone    = workflow.Text{VI: "hồ sơ có thể đang ở trạng thái này", EN: "a case may be in this state"}
	otherKind    = workflow.Text{VI: "hồ sơ đang ở đây có việc, đồng hồ hoặc hồ sơ liên thông theo cách cũ", EN: "a case that is here has a task, a clock or sub-cases of the old kind"}
	otherMeaning = workflow.Text{VI: "dữ liệu đã có trong hồ sơ sẽ mất nghĩa", EN: "what open cases hold would lose its meaning"}
	mustBeAsked  = workflow.Text{VI: "hồ sơ đang giải quyết chưa có dữ liệu này; phải hỏi người nộp", EN: "open cases lack it: the citizen has to be asked"}
	mayNotFit    = workflow.Text{VI: "câu trả lời đã có có thể không còn hợp lệ", EN: "answers that were given may not fit any more"}
	otherResult  = workflow.Text{VI: "hồ sơ đang giải quyết có thể được tính khác đi", EN: "open cases may be judged otherwise"}
	otherAmount  = workflow.Text{VI: "hồ sơ đang giải quyết có thể được tính theo mức khác", EN: "open cases may come to other amounts"}
	answerGone   = workflow.Text{VI: "câu trả lời đã có sẽ không còn chỗ", EN: "answers that were given would have no place any more"}
)

var procedureRules = []changeRule{
	{at: "subjects.*.kind", part: PartSubject, added: Forbidden, removed: Forbidden, changed: Forbidden, because: otherMeaning},
	{at: "subjects.*.key", part: PartSubject, changed: NeedsPlan, because: otherResult},
	{at: "subjects.*", part: PartSubject, removed: NeedsPlan, because: otherMeaning},
	{at: "subjects.**", part: PartSubject},
	{at: "variants.*", part: PartVariant, added: NeedsPlan, removed: NeedsPlan, because: otherResult},
	{at: "variants.*.when", part: PartVariant, added: NeedsPlan, removed: NeedsPlan, changed: NeedsPlan, because: otherResult},
	{at: "variants.**", part: PartVariant},
	{at: "attachments.*", part: PartPaper, because: mustBeAsked, on: func(added *node) Compatibility { return planUnless(added.get("optional").bool()) }},
	{at: "attachments.*.optional", part: PartPaper, added: Safe, removed: NeedsPlan, because: mustBeAsked,
		by: func(_, after *node) Compatibility { return planUnless(after.bool()) }},
	{at: "attachments.*.when", part: PartPaper, added: Safe, removed: NeedsPlan, changed: NeedsPlan, because: mustBeAsked},
	{at: "attachments.*.replaced-by", part: PartPaper, added: Safe, removed: NeedsPlan, changed: NeedsPlan, because: mustBeAsked},
	{at: "attachments.**", part: PartPaper},
	{at: "tables.*", part: PartFigure, removed: NeedsPlan, because: otherAmount},
	{at: "tables.*.title", part: PartText},
	{at: "tables.*.rows.*", part: PartFigure, removed: NeedsPlan, because: otherAmount},
	{at: "tables.*.rows.*.law", part: PartFigure},
	{at: "tables.*.rows.*.value", part: PartFigure, changed: NeedsPlan, whole: true, because: otherAmount},
	{at: "tables.**", part: PartFigure, added: NeedsPlan, removed: NeedsPlan, changed: NeedsPlan, because: otherAmount},
	{at: "values.*", part: PartFigure, removed: NeedsPlan, because: otherAmount},
	{at: "values.*.title", part: PartText}, {at: "values.*.show", part: PartFigure},
	{at: "values.*.as", part: PartFigure, changed: Forbidden, because: otherMeaning},
	{at: "values.**", part: PartFigure, changed: NeedsPlan, because: otherAmount},
	{at: "fees.**", part: PartFee}, // an open case keeps the fee of its day of filing
	{at: "limits.**", part: PartLimit},
	{at: "grounds.*", part: PartOther, removed: NeedsPlan, because: otherResult},
	{at: "documents.*", part: PartOutward, removed: NeedsPlan, because: staysNamed},
	{at: "notices.*", part: PartOutward, removed: NeedsPlan, because: staysNamed},
	{at: "payments.*", part: PartOutward, removed: NeedsPlan, because: staysNamed},
	{at: "payments.*.refund", part: PartOutward, removed: NeedsPlan, because: staysNamed},
	{at: "changes.*", part: PartOutward, removed: NeedsPlan, because: staysNamed},
	{at: "changes.*.type", part: PartOutward, changed: NeedsPlan, because: staysNamed},
	{at: "messages.*", part: PartOutward, removed: NeedsPlan, because: staysNamed},
	{at: "messages.*.body.**", part: PartOutward},
	{at: "messages.*.*", part: PartOutward, added: NeedsPlan, removed: NeedsPlan, changed: NeedsPlan, because: staysNamed},
	{at: "documents.**", part: PartOutward}, {at: "notices.**", part: PartOutward}, {at: "payments.**", part: PartOutward}, {at: "changes.**", part: PartOutward},
	{at: "messages.**", part: PartOutward},
	{at: "offers.**", part: PartOutward}, // made before there is a case
	{at: "outputs.*", part: PartOther, removed: NeedsPlan, because: workflow.Text{VI: "hồ sơ mẹ còn đọc dữ liệu này", EN: "the case that opened it reads this"}},
}

var workflowRules = []changeRule{
	{at: "file.**", part: PartStep}, {at: "initial", part: PartStep}, // of new cases only
	{at: "roles.*", part: PartOther, removed: NeedsPlan, because: otherPath},
	{at: "roles.*.title", part: PartText},
	{at: "roles.**", part: PartOther, added: NeedsPlan, removed: NeedsPlan, changed: NeedsPlan, because: otherPath},
	{at: "clock.starts", part: PartLimit, added: NeedsPlan, removed: NeedsPlan, changed: NeedsPlan, because: otherKind},
	{at: "clock.**", part: PartLimit},
	{at: "states.*", part: PartState, removed: NeedsPlan, because: stateGone},
	{at: "states.*.title", part: PartText},
	{at: "states.*.outcome", part: PartState},
	{at: "states.*.within", part: PartState, removed: NeedsPlan, by: shorter, because: lessTime},
	{at: "states.*.open", part: PartState, added: NeedsPlan, removed: NeedsPlan, changed: NeedsPlan, whole: true, because: otherKind},
	{at: "states.*.join", part: PartState, added: NeedsPlan, removed: NeedsPlan, changed: NeedsPlan, whole: true, because: otherKind},
	{at: "states.*.choose", part: PartStep, added: NeedsPlan, removed: NeedsPlan, changed: NeedsPlan, whole: true, because: otherPath},
	{at: "states.*.actions", part: PartStep, removed: NeedsPlan, because: noWayOut},
	{at: "states.*.actions.*", part: PartStep, removed: NeedsPlan, because: noWayOut, changed: NeedsPlan},
	{at: "states.*.signals", part: PartStep, removed: NeedsPlan, because: noWayOut},
	{at: "states.*.signals.*", part: PartStep, removed: NeedsPlan, changed: NeedsPlan, because: noWayOut},
	{at: "states.*.after", part: PartStep, added: NeedsPlan, removed: NeedsPlan, because: lessTime},
	{at: "states.*.after.*", part: PartStep, added: NeedsPlan, removed: NeedsPlan, changed: NeedsPlan, because: lessTime},
	{at: "states.*.*.*.max", part: PartStep, added: NeedsPlan, removed: Safe, by: lower, because: noWayOut},
	{at: "states.*.*.*.title", part: PartText}, {at: "states.*.*.*.style", part: PartText}, {at: "states.*.*.*.confirm", part: PartStep},
	{at: "states.*.*.*.needs", part: PartStep, whole: true},
	{at: "states.*.*.*.law", part: PartStep},
	{at: "states.*.*.*.effects", part: PartStep, by: moreEffects, removed: NeedsPlan, whole: true, because: otherPath},
	{at: "states.*.*.**", part: PartStep, added: NeedsPlan, removed: NeedsPlan, changed: NeedsPlan, because: otherPath},
	{at: "states.*.*", part: PartState, added: NeedsPlan, removed: NeedsPlan, changed: NeedsPlan, because: otherKind},
	{at: "withdraw", part: PartStep, removed: NeedsPlan, because: noWayOut},
	{at: "withdraw.**", part: PartStep, added: NeedsPlan, removed: NeedsPlan, changed: NeedsPlan, because: noWayOut},
	{at: "extend.**", part: PartLimit},
}

// What a registry holds is fixed in cases as it was read; only its type is relied on.
var elementRules = []changeRule{
	{at: "kinds.*", part: PartSubject, removed: NeedsPlan, because: otherMeaning},
	{at: "kinds.*.**", part: PartSubject, by: typeKept, because: otherMeaning},
}

// planUnless is a plan unless something holds.
func planUnless(ok bool) Compatibility {
	if ok {
		return Safe
	}
	return NeedsPlan
}

// moreEffects is safe where nothing that followed from a step is missing.
func moreEffects(before, after *node) Compatibility {
	return planUnless(!slices.ContainsFunc(before.items, func(n *node) bool {
		return !slices.ContainsFunc(after.items, func(m *node) bool { return sameNode(n, m) })
	}))
}

var types = []string{"string", "int", "integer", "number", "bool", "boolean", "date", "object", "list", "address"}

// typeKept is forbidden where one type became another.
func typeKept(before, after *node) Compatibility {
	if slices.Contains(types, before.str()) || slices.Contains(types, after.str()) {
		return Forbidden
	}
	return Safe
}
