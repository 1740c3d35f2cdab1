package workflow

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// alone has for each code one change of the sound machine that nothing but this
// code catches.
var alone = map[string][2]string{
	"REF":         {"unlike: propose, to: recording", "unlike: proposed, to: recording"},
	"ROLE":        {"    final-act: true\n", "    final-act: true\n    actions: {poke: {to: granted}}\n"},
	"TASKROLE":    {"owner: reception", "owner: applicant"},
	"WITHDRAW":    {"withdraw: {by: applicant", "withdraw: {by: handler"},
	"YAML":        {"roles:\n", "roles: [\n"},
	"SHAPE":       {"within: 2wd", "within: 2 days"},
	"CEL":         {"when: form.size > 5", "when: form.size >"},
	"GUARD":       {"when: form.size > 5", "when: form.size"},
	"FACT":        {"when: form.size > 5", "when: form.sise > 5"},
	"IMPURE":      {"when: form.size > 5", "when: now() > 5"},
	"COST":        {"when: form.size > 5", "when: \"[1].exists(x, [2].exists(y, y > x))\""},
	"DETERMINISM": {"  - {to: intake}\n", ""},
	"MAX":         {"paid: {to: intake}", "paid: {to: intake, max: 2}"},
	"SUPPLEMENT":  {"verify: {to: verification, max: 2}", "verify: {to: verification, max: 2, needs: [items]}"},
	"JOIN":        {"ok: [agreed], ", ""},
	"JOINTOTAL":   {"ok: [agreed]", "outcomes: {agreed: ok, timed-out: gap}"},
	"TIMEOUT":     {"window: 5wd, ", ""},
	"PAUSE":       {"owner: handler\n    within: 1wd\n    actions:\n      report", "owner: handler\n    clock: paused\n    within: 1wd\n    actions:\n      report"},
	"EXTEND":      {"extend: {by: approver", "extend: {by: applicant"},
	"NORETURN":    {"before: [recording, repair]", "before: [recording]"},
	"REACH":       {"report: {to: examine}", "report: {to: examine}\n  lost:\n    {title: {vi: Lạc, en: Lost}, kind: final, outcome: lost}"},
	"FINAL":       {"", "file: {to: a}\nroles:\n  handler: {kind: officer, at: competent}\nstates:\n  a:\n    kind: task\n    owner: handler\n    within: 1wd\n    actions: {go: {to: b}}\n  b:\n    kind: task\n    owner: handler\n    within: 1wd\n    actions: {stay: {to: b, max: 1}}\n"},
	"DEADEND":     {"report: {to: examine}", "report: {to: verification, max: 1}"},
	"TRAP":        {"report: {to: examine}", "report: {to: examine, max: 1}"},
	"SILENCE":     {"    after: {30d: {to: lapsed}}\n", ""},
	"SILENTTRAP":  {"by-hand: {unlike: grant, to: granted}", "by-hand: [{when: form.big, unlike: grant, to: recording, max: 1}, {unlike: grant, to: granted, max: 1}]\n      complain: {by: applicant, to: granted}"},
	"TACIT":       {"after: {30d: {to: lapsed}}", "after: {30d: {to: refused}}"},
	"CLOCK":       {"owner: handler\n    within: 1wd\n    actions:\n      report", "owner: handler\n    clock: off\n    within: 1wd\n    actions:\n      report"},
	"FOUREYES":    {"grant: {unlike: propose, to", "grant: {to"},
	"OUTCOME":     {"outcome: refused, negative: true}", "outcome: refused}"},
	"IDEMPOTENCY": {"effects: [update-resident: move]", "effects: [update-resident: move, update-resident: move]"},
	"NOTIFY":      {"", "file: {to: a}\nroles:\n  handler: {kind: officer, at: competent}\nstates:\n  a:\n    kind: task\n    owner: handler\n    within: 1wd\n    actions: {grant: {to: b, effects: [notify: granted]}, refuse: {to: c, needs: [grounds]}}\n  b: {kind: final, outcome: granted}\n  c: {kind: final, outcome: refused, negative: true}\n"},
	"TERMINATION": {"verify: {to: verification, max: 2}", "verify: {to: verification}"},
	"AUTOCYCLE":   {"choose: {to: examine}", "choose: [{when: form.big, to: sorting}, {to: examine}]"},
	"COMPENSATE":  {"propose: {to: approve, needs: [judgements]}", "propose: {to: approve, needs: [judgements], effects: [send: tell]}"},
}

// checked are the findings of a machine's text, those about notices and
// about what is taken back among them: effects of the test machines can be.
func checked(t *testing.T, text string) []Finding {
	m, found := Parse([]byte(text), "sound.yaml", testEnv(t))
	if m == nil {
		return found
	}
	found = append(found, Check(m, CheckOptions{})...)
	if len(found) == 0 && strings.Contains(text, "notify:") { // the sound machine sends no notices
		found = CheckNotices(m, func(e Effect) bool { return e.Type == "notify" })
	}
	if len(found) == 0 {
		found = CheckUndo(m, func(e Effect) Undoable { return Undoable{Acts: e.Type == "send", Reversible: true, Refused: "no"} })
	}
	return found
}

// Each code catches a fault that no other code does: without it the fault would
// go unseen.
func TestEachCodeStandsAlone(t *testing.T) {
	for code, change := range alone {
		text := strings.Replace(machineText(t), change[0], change[1], 1)
		if change[0] == "" {
			text = change[1]
		}
		if text == machineText(t) {
			t.Errorf("%s: %q does not stand in the sound machine", code, change[0])
			continue
		}
		found := checked(t, text)
		if len(found) == 0 || slices.ContainsFunc(found, func(f Finding) bool { return f.Code != code }) {
			t.Errorf("%s: got %v", code, found)
		}
	}
}

// Every code that the package can report has a fault of its own.
func TestEveryCodeHasAFault(t *testing.T) {
	pattern := regexp.MustCompile(`(?:report\(|[aA]t\(|atState\(|find\(|Code: )"([A-Z]+)"`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range pattern.FindAllStringSubmatch(string(src), -1) {
			if seen++; alone[m[1]] == [2]string{} {
				t.Errorf("%s reports %s, and no fault is caught by it alone", name, m[1])
			}
		}
	}
	if seen < len(alone) {
		t.Errorf("%d reports were found in the package, %d codes have faults", seen, len(alone))
	}
}
