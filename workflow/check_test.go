package workflow

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/expr"
)

// testEnv has the few variables that the test machines read.
func testEnv(t testing.TB) *expr.Env {
	t.Helper()
	env, err := expr.NewEnv(map[string]*expr.Type{
		"form": {Kind: expr.Object, Name: "form", Fields: map[string]*expr.Type{"big": {Kind: expr.Bool}, "size": {Kind: expr.Int}}},
		"case": {Kind: expr.Object, Name: "case", Fields: map[string]*expr.Type{"fee": {Kind: expr.Int}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return env
}

func machineText(t testing.TB) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", "sound.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

func sound(t testing.TB) *Machine {
	t.Helper()
	m, found := Parse([]byte(machineText(t)), "sound.yaml", testEnv(t))
	if len(found) > 0 {
		t.Fatal(found)
	}
	return m
}

// A sound machine has no findings.
func TestSoundMachine(t *testing.T) {
	for _, f := range Check(sound(t), CheckOptions{}) {
		t.Error(f)
	}
}

// The end with the outcome cancelled is where the case above ends this one: without
// a withdrawal nothing else has to lead there, and with one something has to.
func TestCancelledEndNeedsNoWay(t *testing.T) {
	const end = "report: {to: examine}\n  over:\n    {title: {vi: Không còn cần, en: No longer needed}, kind: final, outcome: cancelled, negative: true}"
	text := strings.Replace(machineText(t), "report: {to: examine}", end, 1)
	if found := checked(t, text); len(found) == 0 || found[0].Code != "REACH" {
		t.Errorf("with a withdrawal: %v, want REACH", found)
	}
	cut := strings.Index(text, "withdraw: {by")
	line := text[cut : cut+strings.Index(text[cut:], "\n")+1]
	for _, f := range checked(t, strings.Replace(text, line, "", 1)) {
		if f.Code == "REACH" && strings.Contains(f.Message, "over") {
			t.Errorf("without a withdrawal: %v", f)
		}
	}
}

// manyAutos are states s1 … sn that are left at once, each to the next, the last to examine.
func manyAutos(n int) string {
	var out strings.Builder
	for i := 1; i <= n; i++ {
		to := fmt.Sprintf("s%d", i+1)
		if i == n {
			to = "examine"
		}
		fmt.Fprintf(&out, "  s%d: {title: {vi: Bước, en: Step}, kind: auto, choose: {to: %s}}\n", i, to)
	}
	return out.String()
}

// Each seeded fault is found at its line, by its own code, with a remedy and,
// where a way shows it, the way.
func TestMachineFaults(t *testing.T) {
	for _, tt := range []struct {
		code, old, new string
		at             string // begins where the finding stands
		message        string
		trace          string // part of the counter-example; empty: none is needed
	}{
		{"REF", "to: examine, max: 1}", "to: examin, max: 1}", "{to: examin,", `no state "examin"`, ""},
		{"REF", "unlike: propose, to: recording", "unlike: proposed, to: recording", "{unlike: proposed", "no action", ""},
		{"REF", "by: reception, to: lapsed", "by: receptoin, to: lapsed", "{by: receptoin", "no role", ""},
		{"REF", "starts: intake.accept", "starts: intake.accepted", "{starts", "starts with intake.accepted", ""},
		{"REF", "before: [recording, repair]", "before: [recording, repairs]", "{by: applicant, before", "repairs", ""},
		{"ROLE", "    final-act: true\n", "    final-act: true\n    actions: {poke: {to: granted}}\n", "{to: granted}}\n    signals", "nobody", ""},
		{"TASKROLE", "owner: reception", "owner: applicant", "intake:", "no officer role", ""},
		{"WITHDRAW", "withdraw: {by: applicant", "withdraw: {by: handler", "{by: handler, before", "no citizen", ""},
		{"FACT", "when: form.big", "when: form.bgi", "form.bgi", "bgi", ""},
		{"CEL", "when: form.big", "when: form.big &&", "form.big &&", "breaks off", ""},
		{"DETERMINISM", "  - {to: intake}\n", "", "{when: case.fee", "leads nowhere", ""},
		{"DETERMINISM", "{when: form.big, to: opinions}", "{to: opinions}", "{to: opinions}", "hides", ""},
		{"MAX", "paid: {to: intake}", "paid: {to: intake, max: 2}", "{to: intake, max: 2}", "removes the way out", ""},
		{"SUPPLEMENT", "to: supplement, max: 1,", "to: supplement,", "{to: supplement,", "without end", ""},
		{"SUPPLEMENT", "to: supplement, max: 1,", "to: approve, max: 1,", "{to: approve, max: 1,", "does not wait", ""},
		{"JOIN", "ok: [agreed], ", "", "opinions:", "which outcomes", ""},
		{"JOIN", "rule: all, ok: [agreed]", "rule: all, ok: [agreed], outcomes: {agreed: ok, cancelled: gap, timed-out: gap}", "opinions:", "twice", ""},
		{"JOIN", "rule: all", "rule: first-negative", "opinions:", "no answer", ""},
		{"JOIN", "rule: all", "rule: count", "opinions:", "how many", ""},
		{"JOIN", "rule: all", "rule: count, count: 9", "opinions:", "wants 9", ""},
		{"JOIN", "rule: all", "rule: all, count: 1", "opinions:", "its rule does not", ""},
		{"JOIN", "ok: [agreed]", "outcomes: {agreed: ok, cancelled: gap, timed-out: stop}", "opinions:", "silence for an answer", ""},
		{"JOINTOTAL", "ok: [agreed]", "outcomes: {agreed: ok, timed-out: gap}", "opinions:", "cancelled", ""},
		{"JOINTOTAL", "ok: [agreed]", "outcomes: {agreed: ok, cancelled: gap}", "opinions:", "timed-out", ""},
		{"TACIT", "late: examine}", "late: refused}", "opinions:", "ends as refused", "opinions: late → refused"},
		{"TIMEOUT", "window: 5wd, ", "", "opinions:", "for ever", ""},
		{"PAUSE", "owner: handler\n    within: 2wd", "owner: handler\n    clock: paused\n    within: 2wd", "examine:", "paused in examine", ""},
		{"NORETURN", "by-hand: {unlike: grant, to: granted}", "by-hand: {unlike: grant, to: refused}", "  refused: {title", "after the final act", "recording: 2h → repair"},
		{"NORETURN", "before: [recording, repair]", "before: [recording]", "repair:", "can withdraw", "recording: 2h → repair"},
		{"REACH", "report: {to: examine}", "report: {to: examine}\n  lost:\n    {title: {vi: Lạc, en: Lost}, kind: final, outcome: lost}", "lost:", "nothing leads", ""},
		{"DEADEND", "report: {to: examine}", "report: {to: verification, max: 1}", "verification:", "no end", "examine: verify → verification"},
		{"TRAP", "report: {to: examine}", "report: {to: examine, max: 1}", "verification:", "used up", "examine: verify → verification"},
		{"SILENCE", "    after: {30d: {to: lapsed}}\n", "", "supplement:", "never answer", "examine: ask → supplement"},
		{"EXTEND", "extend: {by: approver", "extend: {by: applicant", "{by: applicant, up-to", "no officer role", ""},
		{"EXTEND", "in: [examine, approve], law", "in: [examin, approve], law", "{by: approver, up-to", `no state "examin"`, ""},
		{"EXTEND", "in: [examine, approve], law", "in: [supplement], law", "{by: approver, up-to", "where it does not run", ""},
		{"EXTEND", "in: [examine, approve], law", "in: [granted], law", "{by: approver, up-to", "where it does not run", ""},
		{"EXTEND", "clock: {starts: intake.accept}\n", "", "{by: approver, up-to", "never starts", ""},
		{"EXTEND", "verify: {to: verification, max: 2}", "extend: {to: verification, max: 2}", "{to: verification, max: 2}", "engine's own", ""},
		{"TACIT", "after: {2h: {to: repair}}", "after: {2h: {to: granted}}", "{to: granted}}\n  repair", "because nobody acted", "recording: 2h → granted"},
		{"TACIT", "after: {30d: {to: lapsed}}", "after: {30d: {to: refused}}", "{to: refused}}\n  approve", "ends as refused", ""},
		{"TACIT", "after: {2h: {to: repair}}", "after: {2h: {to: granted, tacit: true}}", "{to: granted, tacit", "no act says so", ""},
		{"TACIT", "after: {2h: {to: repair}}", `after: {2h: {to: repair, tacit: true, law: "Luật Chợ, Điều 8"}}`, "{to: repair, tacit", "decides nothing", ""},
		{"TACIT", "by-hand: {unlike: grant, to: granted}", `by-hand: {unlike: grant, to: granted, tacit: true, law: "Luật Chợ, Điều 8"}`, "{unlike: grant, to: granted, tacit", "no time-out", ""},
		{"TACIT", "by-hand: {unlike: grant, to: granted}", `by-hand: {unlike: grant, to: granted, law: "Luật Chợ, Điều 8"}`, "{unlike: grant, to: granted, law", "does not rest on silence", ""},
		{"TACIT", "late: examine}", "late: granted}", "opinions:", "others did not answer", ""},
		{"SILENTTRAP", "by-hand: {unlike: grant, to: granted}", "by-hand: [{when: form.big, unlike: grant, to: recording, max: 1}, {unlike: grant, to: granted, max: 1}]\n      complain: {by: applicant, to: granted}", "recording:", "used up and citizens", "repair: by-hand → recording"},
		{"TRAP", "by-hand: {unlike: grant, to: granted}", "by-hand: [{when: form.big, unlike: grant, to: recording, max: 1}, {unlike: grant, to: granted, max: 1}]", "repair:", "used up", "repair: by-hand → recording"},
		{"TASKROLE", "report: {to: examine}", "report: {by: approver, to: examine}", "verification:", "who has no action", ""},
		{"TIMEOUT", "after: {2h: {to: repair}}", "after: {2h: {to: opinions}}", "{to: opinions}}\n  repair", "no person looks", ""},
		{"FOUREYES", "grant: {unlike: propose, to", "grant: {to", "{to: recording, effects", "may decide on it by grant", ""},
		{"FOUREYES", "refuse: {unlike: propose, to", "refuse: {to", "{to: refused, needs: [grounds], confirm", "may decide on it by refuse", ""},
		{"FOUREYES", "by-hand: {unlike: grant, to: granted}", "by-hand: {to: granted}", "{to: granted}\n  granted", "confirms by hand", ""},
		{"OUTCOME", "outcome: refused, negative: true}", "outcome: refused}", "refused: {title", "negative: false", ""},
		{"OUTCOME", "kind: final, outcome: granted}", "kind: final, outcome: granted, negative: true}", "granted: {title", "negative: true", ""},
		{"OUTCOME", "outcome: lapsed, negative: true}", "outcome: over, negative: true}\n  over: {title: {vi: Xong, en: Over}, kind: final, outcome: over}", "over: {title", "one with success", ""},
		{"IDEMPOTENCY", "effects: [update-resident: move]", "effects: [update-resident: move, update-resident: move]", "{unlike: propose, to: recording", "twice", ""},
		{"CLOCK", "within: 1wd\n    clock: off", "within: 1wd", "intake:", "has not started", ""},
		{"CLOCK", "owner: handler\n    within: 2wd", "owner: handler\n    clock: off\n    within: 2wd", "examine:", "switched off in examine", "verification: report → examine"},
		{"TERMINATION", "verify: {to: verification, max: 2}", "verify: {to: verification}", "examine:", "for ever", "verification: report → examine"},
		{"AUTOCYCLE", "choose: {to: examine}\n", "choose: {to: s1}\n" + manyAutos(14), "opinions:", "16 states are left at once", "s14: choose → examine"},
		{"AUTOCYCLE", "choose: {to: examine}", "choose: {to: sorting}", "sorting:", "circle", "sorting: choose → sorting"},
	} {
		t.Run(tt.code+" "+tt.message, func(t *testing.T) {
			text := machineText(t)
			if strings.Count(text, tt.old) != 1 {
				t.Fatalf("%q stands %d times", tt.old, strings.Count(text, tt.old))
			}
			text = strings.Replace(text, tt.old, tt.new, 1)
			m, found := Parse([]byte(text), "sound.yaml", testEnv(t))
			if m != nil {
				found = append(found, Check(m, CheckOptions{})...)
			}
			i := slices.IndexFunc(found, func(f Finding) bool { return f.Code == tt.code && strings.Contains(f.Message, tt.message) })
			if i < 0 {
				t.Fatalf("not found; got %v", found)
			}
			f := found[i]
			line := strings.Count(text[:strings.Index(text, tt.at)], "\n") + 1
			if f.Line != line || f.Remedy == "" {
				t.Errorf("at line %d, want %d: %v", f.Line, line, f)
			}
			if tt.trace != "" && !slices.Contains(f.Trace, tt.trace) {
				t.Errorf("trace %q lacks %q", f.Trace, tt.trace)
			}
		})
	}
}

// The check counts the states that are left at once as the engine does: what it
// lets pass is decided, what it refuses is not.
func TestHopsAreTheEngines(t *testing.T) {
	for n, passes := range map[int]bool{13: true, 14: false} {
		text := strings.Replace(machineText(t), "choose: {to: examine}\n", "choose: {to: s1}\n"+manyAutos(n), 1)
		m, found := Parse([]byte(text), "sound.yaml", testEnv(t))
		if len(found) > 0 {
			t.Fatal(found)
		}
		refused := slices.ContainsFunc(Check(m, CheckOptions{}), func(f Finding) bool { return f.Code == "AUTOCYCLE" })
		_, err := m.Decide(Input{State: "intake", Trigger: Trigger{Kind: ByAction, Event: "accept"}, Roles: []Role{"reception"},
			Vars: map[string]any{"form": map[string]any{"big": true, "size": 1}}})
		if refused == passes || (err == nil) != passes {
			t.Errorf("%d more states: refused %t, the engine says %v", n, refused, err)
		}
	}
}
