package procedures

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// An edit replaces old by new in a file of the sound folder. Without old it
// writes the file, without both it removes it; a folder's name copies the folder
// old under that name.
type edit struct{ file, old, new string }

const (
	asks     = "opinion/workflow.yaml"
	opinion  = "opinion/procedure.yaml"
	parcel   = `"type": "string", "maxLength": 20, "title": "Số thửa"`
	size     = `"type": "integer", "minimum": 1, "maximum": 50, "title": "Số mét vuông"`
	sections = "\"additionalProperties\": false,\n  \"properties\": {\n    \"applicant\""
	rule     = `"rule": "form.stall.size != null", "at": ["/stall/size"], "vi": "Sai", "en": "Wrong", "law": "Luật Chợ, Điều 9"`
)

// Pieces of the sound workflows, and what stands in their place.
const (
	byHand   = "by-hand: {title: {vi: Đã ghi, en: Entered by hand}, to: granted, needs: [note], effects: [issue-result, notify: done]}\n"
	grant    = "grant: {title: {vi: Cấp, en: Grant}, to: entering, needs: [judgements], fresh: [subjects.place], effects: [send: enter]}\n"
	disagree = "to: disagreed}"
	asksSize = `{"type": "object", "title": "Sạp", "x-text": {"en": {"title": "Stall"}}, "properties": {"size": {` + size + `, "x-text": {"en": {"title": "Size"}}, "x-asked": {"because": {"vi": "Chỉ Ông/Bà biết", "en": "Only you know"}}}}}`
	lonely   = "file: {to: a}\nroles:\n  clerk: {kind: officer, at: competent, title: {vi: Cán bộ, en: Clerk}}\nstates:\n" +
		"  a: {title: {vi: A, en: A}, kind: task, owner: clerk, within: 1wd, actions: {go: {title: {vi: Đi, en: Go}, to: b}}}\n" +
		"  b: {title: {vi: B, en: B}, kind: task, owner: clerk, within: 1wd, actions: {stay: {title: {vi: Ở, en: Stay}, to: b, max: 1}}}\n"
)

var (
	signs  = edit{story, "do: grant, expect: {state: entering}}", "do: grant}\n    - {by: handler, do: sign, expect: {state: entering}}"}
	closes = edit{story, "do: disagree, expect: {parent: examine}}", "do: disagree}\n    - {by: clerk, case: opinions.owner, do: close, expect: {parent: examine}}"}
)

// again lets an officer write again or confirm by hand; first and second stand in the two.
func again(first, second string) string {
	return "by-hand:\n        - {title: {vi: Ghi lại, en: Write again}, " + first + "when: form.stall.size > 3, to: moving, effects: [update-resident: move]}\n" +
		"        - {title: {vi: Đã ghi, en: Entered by hand}, " + second + "to: granted, effects: [issue-result, notify: done]}\n"
}

// approve is a task in which somebody decides on what was proposed in examine.
func approve(within, unlike string) string {
	return "  approve:\n    title: {vi: Duyệt, en: Approval}\n    kind: task\n    owner: handler\n    within: " + within +
		"\n    actions:\n      sign: {title: {vi: Ký, en: Sign}, " + unlike + "to: entering, fresh: [subjects.place], effects: [send: enter]}\n"
}

// opens makes an opinion open a case of another procedure.
func opens(procedure string) string {
	return "roles:\n  applicant: {kind: citizen}\n  clerk: {kind: officer, at: competent, title: {vi: Cán bộ, en: Clerk}}\nstates:\n" +
		"  more:\n    title: {vi: Hỏi thêm, en: Asking more}\n    kind: subcases\n    open:\n" +
		"      - {name: again, procedure: " + procedure + ", of: applicant, share: [applicant], give: {size: case.given.size}}\n" +
		"    join: {rule: settled, window: 5wd, then: look, late: look}\n" +
		"  look:\n    title: {vi: Xem, en: Looking}\n    kind: task\n    owner: clerk\n    within: 1wd\n" +
		"    actions:\n      close: {title: {vi: Đóng, en: Close}, to: disagreed, effects: [notify: over]}\n"
}

// alone has for each obligation a change of the sound folder that no other
// obligation catches: without it the fault would go unseen.
var alone = map[string][]edit{
	"FILE":     {{form, "", ""}},
	"YAML":     {{proc, "for: [self]", "for: [self"}},
	"JSON":     {{form, `"required": ["fullName"]`, `"required": ["fullName",]`}},
	"KEYS":     {{proc, "ministry:", "minsitry:"}},
	"SHAPE":    {{proc, "level: 2", "level: two"}},
	"NAME":     {{proc, "id: stall\n", "id: stal\n"}},
	"TEXT":     {{proc, "{vi: Mở sạp hàng, en: Open a stall}", "{vi: Mở sạp hàng}"}},
	"LAW":      {{proc, ", law: \"Luật Chợ, Điều 6\"", ""}},
	"REF":      {{proc, "at: [/stall]", "at: [/stal]"}},
	"UNUSED":   {{proc, "notices:\n", "notices:\n  bye: {to: applicant, text: {vi: Chào, en: Bye}}\n"}},
	"TOTAL":    {{proc, "{limit: 7wd", "{when: form.stall.size > 4, limit: 7wd"}},
	"DATES":    {{proc, "from: 2030-01-01", "from: 2030-01-02"}},
	"TABLE":    {{proc, "value: {small: 900, big: 1100}", "value: {small: 900, large: 1100}"}},
	"VALUE":    {{proc, "day: plusMonths(case.filedOn, 1)", "day: plusMonths(today, 1)"}},
	"VARIANT":  {{proc, "when: form.stall.size < 5", "when: variant == 'big'"}},
	"ROUTE":    {{flow, "        of: subjects.owner\n", ""}},
	"FORM":     {{form, `"type": "object", "title": "Chỗ bán hàng"`, `"type": "string", "title": "Chỗ bán hàng"`}},
	"TYPE":     {{form, parcel, strings.Replace(parcel, `"type": "string", `, "", 1)}},
	"BOUND":    {{form, parcel, strings.Replace(parcel, `"maxLength": 20, `, "", 1)}},
	"ENUM":     {{form, parcel, parcel + `, "enum": ["a"]`}},
	"WIDGET":   {{form, size, size + `, "x-widget": "date"`}},
	"STOP":     {{form, parcel, parcel + `, "oneOf": [{"const": "1", "title": "Một", "x-text": {"en": {"title": "One"}}}], "x-stop": {"2": {"vi": "Dừng", "en": "Stop"}}`}},
	"REQUIRED": {{form, `"required": ["parcel", "size"]`, `"required": ["parcel", "size", "colour"]`}},
	"RULE":     {{form, sections, `"x-rules": [{"id": "r", ` + rule + `}, {"id": "r", ` + rule + `}], ` + sections}},
	"AT":       {{form, sections, `"x-rules": [{"id": "r", ` + strings.Replace(rule, "/stall/size", "/stall/zise", 1) + `}], ` + sections}},
	"ORDER":    {{form, parcel, parcel + `, "x-when": "form.stall.size == 3"`}},
	"ONCE":     {{form, parcel, parcel + `, "x-element": "person.fullName", "x-of": "applicant"`}},
	"FILL":     {{form, parcel + `, "x-text": {"en": {"title": "Parcel"}}, "x-asked": {"because": {"vi": "Chỉ Ông/Bà biết", "en": "Only you know"}}`, parcel + `, "x-text": {"en": {"title": "Parcel"}}`}},
	"ELEMENT":  {{form, size, size + `, "x-element": "person.shoe"`}},
	"WAIVER":   {{form, size, size + `, "x-waiver": {"law": "Luật Chợ, Điều 9"}`}},
	"PAPER":    {{proc, "when: variant == 'big' && sources.place != 'fetched'", "when: variant == 'big'"}},
	"CEL":      {{proc, "when: form.stall.size < 5", "when: form.stall.size < "}},
	"GUARD":    {{proc, "when: form.stall.size < 5", "when: form.stall.size < 'x'"}},
	"FACT":     {{proc, "amount: case.fee", "amount: csae.fee"}},
	"HAS":      {{flow, "when: case.fee > 0", "when: \"subjects.place.area > 9.0\""}},
	"IMPURE":   {{proc, "Hẹn {case.due}", "Hẹn {now()}"}},
	"COST":     {{proc, "Hẹn {case.due}", "Hẹn {subjects.place.owners.filter(o, subjects.place.owners.exists(p, p.number == o.number))}"}},
	"TEMPLATE": {{proc, "Hẹn {case.due}", "Hẹn {case.due"}},
	"NEVER":    {{proc, "when: form.stall.size < 5", "when: form.stall.size < 5 && form.stall.size > 7"}},

	"REACH":       {{flow, "  granted: {title", "  lost: {title: {vi: Lạc, en: Lost}, kind: final, outcome: lost}\n  granted: {title"}},
	"OUTCOME":     {{flow, "ok: [agreed]", "ok: [agreeing]"}},
	"DETERMINISM": {{flow, "  - {to: intake}\n", ""}},
	"MAX":         {{flow, "signals: {paid: {to: intake}}", "signals: {paid: {to: intake, max: 2}}"}},
	"TIMEOUT":     {{flow, "window: 5wd, ", ""}},
	"TASKROLE":    {{flow, "owner: reception", "owner: applicant"}},
	"DEADLINE":    {{flow, "    within: 5wd\n", ""}},
	"BUDGET":      {{flow, "within: 5wd", "within: 9wd"}},
	"CLOCK":       {{flow, "    within: 1wd\n    clock: off\n", "    within: 1wd\n"}},
	"SUPPLEMENT":  {{flow, "grant: {title: {vi: Cấp, en: Grant}, to: entering, needs: [judgements]", "grant: {title: {vi: Cấp, en: Grant}, to: entering, max: 1, needs: [items, judgements]"}},
	"EXTEND":      {{flow, "up-to: 10wd", "up-to: 10d"}},
	"WITHDRAW":    {{flow, "withdraw: {by: applicant", "withdraw: {by: handler"}},
	"SIGNAL":      {{flow, "      not-entered: {to: repair}\n", ""}},
	"REASON":      {{flow, "to: refused, needs: [grounds],", "to: refused,"}},
	"NOTIFY":      {{flow, "to: declined, needs: [grounds], effects: [issue-letter: refusal, notify: done]", "to: declined, needs: [grounds], effects: [issue-letter: refusal]"}},
	"IDEMPOTENCY": {{flow, "effects: [request-payment: fee]", "effects: [request-payment: fee, request-payment: fee]"}},
	"COMPENSATE":  {{flow, "kind: final, outcome: withdrawn, negative: true, compensate: true}", "kind: final, outcome: withdrawn, negative: true}"}},
	"NORETURN":    {{flow, "before: [entering, moving, repair]", "before: [entering, moving]"}},
	"JOIN":        {{flow, "window: 5wd", "window: 6wd"}},
	"JOINTOTAL":   {{flow, "ok: [agreed]", "outcomes: {agreed: ok, disagreed: stop, silent: gap, timed-out: gap}"}},
	"GIVE":        {{flow, "        give: {size: form.stall.size}\n", ""}},
	"SHARE":       {{flow, "share: [applicant]", "share: [applicant, stall]"}},
	"SUBJECT":     {{proc, "  applicant: {kind: person, key: session.personalNumber, basis: self}\n", "  applicant: {kind: person, key: \"subjects.owner.number\", basis: self}\n"}},
	"MINIMISE":    {{proc, "subjects:\n", "subjects:\n  kids: {kind: children, key: session.personalNumber, basis: self}\n"}},
	"SENDS":       {{proc, "law: \"Luật Chợ, Điều 8\", ", ""}},
	"PRIVATE":     {{proc, "Hồ sơ {case.code} đã xong", "{form.applicant.fullName} đã xong"}},
	"SCHEMA":      {{form, sections, `"$schema": "https://json-schema.org/draft/2030-01/schema", ` + sections}},
	"CHOICES":     {{form, parcel, parcel + `, "oneOf": [{"const": "1", "title": "Một", "x-text": {"en": {"title": "One"}}}], "x-choices": {"from": "[subjects.applicant]", "value": "number", "label": "fullName"}`}},
	"DEADEND":     {{flow, byHand, "by-hand: {title: {vi: Đã ghi, en: Entered by hand}, to: repair, max: 1, needs: [note]}\n"}},
	"TRAP":        {{flow, byHand, again("max: 1, ", "max: 1, ")}},
	"SILENTTRAP":  {{flow, byHand, again("max: 1, ", "max: 1, ") + "      complain: {title: {vi: Khiếu nại, en: Complain}, by: applicant, to: granted}\n"}, {story, "    - {by: handler, do: by-hand", "    - {by: applicant, do: complain}\n    - {by: handler, do: by-hand"}},
	"SILENCE":     {{flow, byHand, again("max: 1, ", "by: applicant, ")}},
	"TERMINATION": {{flow, byHand, again("", "")}},
	"AUTOCYCLE":   {{flow, "not-entered: {to: repair}", "not-entered: {to: sorting}"}, {flow, "  granted: {title", "  sorting: {title: {vi: Xếp, en: Sorting}, kind: auto, choose: [{when: form.stall.size > 3, to: sorting}, {to: repair}]}\n  granted: {title"}},
	"FINAL":       {{"lonely/procedure.yaml", "", "id: lonely\nversion: 1\nkind: internal\nname: {vi: Một mình, en: Alone}\n"}, {"lonely/form.schema.json", "", `{"type": "object", "properties": {"a": {"type": "object", "title": "A", "x-text": {"en": {"title": "A"}}, "properties": {"b": {"type": "boolean", "title": "B", "x-text": {"en": {"title": "B"}}, "x-asked": {"because": {"vi": "B", "en": "B"}}}}}}}`}, {"lonely/workflow.yaml", "", lonely}},
	"ROLE":        {{flow, "for: system\n    final-act: true\n", "for: system\n    final-act: true\n    actions: {poke: {title: {vi: Hỏi, en: Ask}, to: repair}}\n"}, {story, "{wait: 4h, expect", "{by: handler, do: poke, expect"}},
	"PAUSE":       {{flow, "    owner: handler\n    within: 1wd\n", "    owner: handler\n    clock: paused\n    within: 1wd\n"}},
	"TACIT":       {{flow, "    within: 5wd\n", "    within: 5wd\n    after: {10wd: {to: refused, effects: [notify: done]}}\n"}},
	"FOUREYES":    {{flow, grant, "grant: {title: {vi: Trình, en: Propose}, to: approve, needs: [judgements]}\n"}, {flow, "  entering:\n", approve("1wd", "") + "  entering:\n"}, signs},
	"STEPS":       {{flow, grant, "grant: {title: {vi: Trình, en: Propose}, to: approve, needs: [judgements]}\n"}, {flow, "  entering:\n", approve("1h", "unlike: grant, ") + "  entering:\n"}, signs, {flow, "within: 5wd", "within: 4h"}, {flow, "    owner: handler\n    within: 1wd\n    actions:\n      by-hand", "    owner: handler\n    within: 1h\n    actions:\n      by-hand"}, {proc, "limit: 7wd", "limit: 1wd"}},
	"RECURSION":   {{asks, "roles:\n  applicant: {kind: citizen}\nstates:\n", opens("opinion")}, {asks, disagree, "to: more}"}, closes},
	"DEPTH":       {{"second", "opinion", ""}, {"third", "opinion", ""}, {asks, "roles:\n  applicant: {kind: citizen}\nstates:\n", opens("second")}, {asks, disagree, "to: more}"}, {"second/workflow.yaml", "roles:\n  applicant: {kind: citizen}\nstates:\n", opens("third")}, {"second/workflow.yaml", disagree, "to: more}"}, closes},
	"BUNDLE":      {{flow, "        of: subjects.owner\n", "        of: applicant\n"}, {"opinion/form.schema.json", "  \"properties\": {\n    \"applicant\"", "  \"properties\": {\n    \"stall\": " + asksSize + ",\n    \"applicant\""}},
	"COMPAT":      {{"stall/migrate.yaml", "", "moves:\n  - from: 1\n    because: {vi: Sửa, en: Corrected}\n    answers: {/stall/sise: \"1\"}\n"}},
	"TESTS":       {{story, "do: accept", "do: acept"}},
}

// graphs are the obligations whose findings show a way.
var graphs = []string{"DEADEND", "TRAP", "SILENTTRAP", "TERMINATION", "AUTOCYCLE", "BUDGET", "TACIT", "NOTIFY", "COMPENSATE", "NORETURN", "RECURSION", "DEPTH"}

// copyFolder copies a procedure under another id.
func copyFolder(tree fstest.MapFS, from, to string) {
	for name, f := range maps.Clone(tree) {
		if file, ok := strings.CutPrefix(name, from+"/"); ok {
			tree[to+"/"+file] = &fstest.MapFile{Data: []byte(strings.Replace(string(f.Data), "id: "+from+"\n", "id: "+to+"\n", 1))}
		}
	}
}

// changed is the sound folder after the edits.
func changed(t *testing.T, edits []edit) fstest.MapFS {
	t.Helper()
	tree := sound(t)
	for _, e := range edits {
		switch {
		case e.old == "" && e.new != "":
			tree[e.file] = &fstest.MapFile{Data: []byte(e.new)}
			continue
		case e.old == "":
			delete(tree, e.file)
			continue
		case e.new == "" && !strings.Contains(e.file, "/"):
			copyFolder(tree, e.old, e.file)
			continue
		}
		text := string(tree[e.file].Data)
		if strings.Count(text, e.old) != 1 {
			t.Fatalf("%q stands %d times in %s", e.old, strings.Count(text, e.old), e.file)
		}
		tree[e.file] = &fstest.MapFile{Data: []byte(strings.Replace(text, e.old, e.new, 1))}
	}
	return tree
}

// Each obligation has a seeded fault that it alone catches, at a place, with a
// remedy and, where it is about ways, a way.
func TestEachObligationStandsAlone(t *testing.T) {
	for _, o := range Obligations() {
		t.Run(o.Code, func(t *testing.T) {
			edits := alone[o.Code]
			if edits == nil {
				t.Fatal("no fault is seeded")
			}
			_, found := LoadOn(changed(t, edits), testDay)
			if len(found) == 0 {
				t.Fatal("nothing is found")
			}
			for _, f := range found {
				if f.Code != o.Code || f.Warning != o.Hint && o.Code != "TESTS" {
					t.Errorf("found by %v", f)
				}
				if f.Line == 0 || f.Column == 0 || f.Remedy == "" {
					t.Errorf("without place or remedy: %+v", f)
				}
				if slices.Contains(graphs, o.Code) && len(f.Trace) == 0 {
					t.Errorf("without a way: %v", f)
				}
			}
		})
	}
	for code := range alone {
		if _, ok := ObligationOf(code); !ok {
			t.Errorf("%s is no obligation", code)
		}
	}
	t.Logf("%d obligations, %d seeded faults that one alone catches", len(alone), len(alone)+len(faults)-len(seenToo))
}

// A question whose answer no expression, no officer and no sub-case reads is not asked.
func TestAnswersAreUsed(t *testing.T) {
	painted := `, "painted": {"type": "boolean", "title": "Sơn", "x-text": {"en": {"title": "Painted"}}, "x-asked": {"because": {"vi": "Chỉ Ông/Bà biết", "en": "Only you know"}}}`
	ask := edit{form, size + `, "x-text": {"en": {"title": "Square metres"}}, "x-asked": {"because": {"vi": "Chỉ Ông/Bà biết", "en": "Only you know"}}}`,
		size + `, "x-text": {"en": {"title": "Square metres"}}, "x-asked": {"because": {"vi": "Chỉ Ông/Bà biết", "en": "Only you know"}}}` + painted}
	judged := edit{proc, "at: [/stall], ", "at: [/stall/size], "}
	read := edit{proc, "{form.stall.size} m²\", en", "{form.stall.size} m² {form.stall.painted}\", en"}
	for _, tt := range []struct {
		name  string
		edits []edit
		found int
	}{{"the officer judges its section", []edit{ask}, 0}, {"nobody reads it", []edit{ask, judged}, 1}, {"the result prints it", []edit{ask, judged, read}, 0}} {
		_, found := LoadOn(changed(t, tt.edits), testDay)
		if len(found) != tt.found || tt.found == 1 && (found[0].Code != "MINIMISE" || found[0].Path != "/stall/painted") {
			t.Errorf("%s: %v", tt.name, found)
		}
	}
}
