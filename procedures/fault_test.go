package procedures

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/hoso-gov/hoso/workflow"
)

const testDay = "2026-11-24"

// sound is a copy of testdata/sound, which has no findings.
func sound(t testing.TB) fstest.MapFS {
	t.Helper()
	tree := fstest.MapFS{}
	root := os.DirFS("testdata/sound")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, path)
		tree[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// A sound folder has no findings.
func TestSound(t *testing.T) {
	_, found := LoadOn(sound(t), testDay)
	for _, f := range found {
		t.Error(f)
	}
}

// A fault replaces old by new in a file; the finding must stand where `at`
// begins in the changed text (or at the beginning of the file).
type fault struct {
	code, file, old, new, at string
	message                  string // part of the message or remedy
}

const (
	proc  = "stall/procedure.yaml"
	flow  = "stall/workflow.yaml"
	story = "stall/scenarios.yaml"
	form  = "stall/form.schema.json"
	elems = "common/elements.yaml"
)

var faults = []fault{
	{"YAML", proc, "for: [self]", "for: [self", "subjects:\n", "must be specified"},
	{"YAML", proc, "group: organisation", "group: &g business", "&g", "anchors"},
	{"KEYS", proc, "level: 2", "level: 2\nlevel: 1", "level: 1", "twice"},
	{"KEYS", proc, "ministry:", "minsitry:", "minsitry", "did you mean ministry?"},
	{"KEYS", proc, "en: Any citizen}", "en: Any citizen, wherever they live}", "wherever they live}", "into quotes"},
	{"KEYS", proc, "group: organisation\n", "", "id: stall\n", `"group" is missing`},
	{"KEYS", proc, "operation: enter-stall, ", "", "{to: land", `lacks key "operation"`},
	{"KEYS", flow, "owner: handler\n    within: 5wd", "owner: handler\n    outcome: granted\n    within: 5wd", "outcome: granted\n    within", "kind task"},
	{"KEYS", proc, "head: \"''\"", "haed: \"''\"", "haed", "did you mean head?"},
	{"SHAPE", proc, "level: 2", "level: two", "two", "whole number"},
	{"SHAPE", proc, "limit: 7wd", "limit: 7 days", "7 days", "working days"},
	{"SHAPE", flow, "at: receiving", "at: recieving", "recieving", "did you mean receiving?"},
	{"SHAPE", proc, "id: drawing", "id: Drawing", "Drawing\n", "kebab-case"},
	{"TEXT", proc, "{vi: Mở sạp hàng, en: Open a stall}", "{vi: Mở sạp hàng}", "{vi: Mở sạp hàng}", "both languages"},
	{"TEXT", proc, "{vi: Mở sạp hàng, en: Open a stall}", "Open a stall", "Open a stall\nofficial", "{vi: …, en: …}"},
	{"LAW", proc, ", law: \"Luật Chợ, Điều 6\"", "", "{id: no-place", "article"},
	{"FILE", form, "", "", "", "missing"},
	{"NAME", proc, "id: stall\n", "id: stal\n", "stal\n", "write id: stall"},
	{"NAME", proc, "id: drawing", "id: title-deed", "title-deed\n    title: {vi: Bản", "twice"},
	{"REF", elems, "registry: land", "registry: lnad", "lnad", "did you mean land?"},
	{"REF", proc, "place: {kind: parcel", "place: {kind: parcels", "parcels", "did you mean parcel?"},
	{"REF", proc, "proves: [parcel.owners]", "proves: [parcel.owner]", "parcel.owner]", "did you mean parcel.owners?"},
	{"REF", proc, "at: [/stall]", "at: [/stal]", "/stal]", "did you mean /stall?"},
	{"REF", proc, "attachments: [title-deed, drawing]", "attachments: [title-deed, drawin]", "drawin]", "did you mean drawing?"},
	{"REF", proc, "messages:\n  enter: {to: land", "messages:\n  enter: {to: sea", "sea", "registry"},
	{"REF", flow, "[issue-result, notify: done]}\n      registry", "[issue-result, notify: doen]}\n      registry", "doen", "did you mean done?"},
	{"REF", flow, "procedure: opinion", "procedure: opinoin", "opinoin", "did you mean opinion?"},
	{"REF", flow, "fresh: [subjects.place]", "fresh: [subjects.palce]", "subjects.palce", "did you mean place?"},
	{"REF", flow, "for: land", "for: sand", "sand", "did you mean land?"},
	{"OUTCOME", flow, "ok: [agreed]", "ok: [agreeing]", "agreeing", "did you mean agreed?"},
	{"OUTCOME", flow, "ok: [agreed]", "outcomes: {agreed: ok, disagreed: stop, silent: gap, away: gap, cancelled: gap, timed-out: gap}", "away: gap", "none of the sub-cases"},
	{"JOINTOTAL", flow, "ok: [agreed]", "outcomes: {agreed: ok, silent: gap, cancelled: gap, timed-out: gap}", "{agreed: ok, silent", "does not say how"},
	{"REF", proc, "operation: enter-stall, ", "operation: enter-stall, undo: leav, ", "leav,", "no other message"},
	{"COMPENSATE", flow, "kind: final, outcome: withdrawn, negative: true, compensate: true}", "kind: final, outcome: withdrawn, negative: true}", "withdrawn: {title", "request-payment: fee may have happened"},
	{"CEL", proc, "when: form.stall.size < 5", "when: form.stall.size < ", "", "expression"},
	{"FACT", proc, "amount: case.fee", "amount: csae.fee", "csae", "csae"},
	{"FACT", proc, "Hẹn {case.due}", "Hẹn {csae.due}", "csae.due", "csae"},
	{"TEMPLATE", proc, "Hẹn {case.due}", "Hẹn {case.due", "{case.due\"", "brace"},
	{"TEMPLATE", proc, "{seq}/GP", "{case.code}/GP", "\"{case.code}/GP", "{seq}"},
	{"SUBJECT", proc, "  applicant: {kind: person, key: session.personalNumber, basis: self}\n", "  applicant: {kind: person, key: \"subjects.owner.number\", basis: self}\n", "\"subjects.owner.number\"", "below"},
	{"SUBJECT", proc, "{to: subjects.owner,", "{to: subjects.place,", "subjects.place,", "not a person"},
	{"VARIANT", proc, "when: form.stall.size < 5", "when: variant == 'big'", "variant == 'big'}", "reads the variant"},
	{"TOTAL", proc, "{id: big, title: {vi: Lớn, en: Big}}", "{id: big, title: {vi: Lớn, en: Big}, when: form.stall.size > 4}", "form.stall.size > 4", "condition"},
	{"TOTAL", proc, "{id: small, title: {vi: Nhỏ, en: Small}, when: form.stall.size < 5}", "{id: small, title: {vi: Nhỏ, en: Small}}", "{id: small", "hides"},
	{"TOTAL", proc, "{limit: 7wd", "{when: form.stall.size > 4, limit: 7wd", "form.stall.size > 4", "certain"},
	{"DATES", proc, "from: 2030-01-01", "from: 2030-02-30", "2030-02-30", "no day"},
	{"DATES", proc, "from: 2030-01-01", "from: 2030-01-02", "{amount: form", "2030-01-01"},
	{"DATES", proc, "from: 2030-01-01", "from: 2030-01-01, until: 2029-01-01", "2029-01-01}", "before it begins"},
	{"DATES", proc, "from: 2026-01-01, value", "from: 2026-01-01, until: 2026-11-23, value", "{from: 2026-01-01", "no row of metre holds on 2026-11-24"},
	{"DATES", proc, "    ends: true\n", "", "{from: 2020-01-01, until: 2035", "no row of fairs holds on 2036-01-01"},
	{"DATES", proc, ", until: 2035-12-31, value: 8", ", value: 8", "true\n    rows", "has no end"},
	{"DATES", proc, "from: 2026-01-01, value", "from: 2026-01-32, value", "2026-01-32", "no day"},
	{"TABLE", proc, "until: 2025-12-31", "until: 2026-01-01", "{from: 2026-01-01", "two rows of metre hold on 2026-01-01"},
	{"TABLE", proc, "{small: 900, big: 1100}", "{small: 900}", "{small: 900}", "another shape"},
	{"TABLE", proc, "{small: 900, big: 1100}", "[900, 1100]", "[900", "another shape"},
	{"TABLE", proc, "value: 8", "value: [8, many]", "[8", "can be read"},
	{"FACT", proc, "when: subjects.applicant.permanentAddress != null", "when: form.stall.size > 3", "form.stall.size > 3 &&", "reads form.stall.size"},
	{"FACT", proc, "{subjects.mine.area} m²; you", "{values.rent} m²; you", "{vi: \"Ông/Bà ở", "reads form.stall.size"},
	{"FACT", proc, "when: subjects.applicant.permanentAddress != null", "when: variant == 'big'", "variant == 'big' && sources.mine", "reads variant"},
	{"FACT", proc, "when: subjects.applicant.permanentAddress != null", "when: case.fee > 0", "case.fee > 0 &&", "reads case.fee"},
	{"FACT", proc, "when: subjects.applicant.permanentAddress != null", "when: subjects.aplicant.permanentAddress != null", "aplicant", "did you mean applicant?"},
	{"SUBJECT", proc, "when: subjects.applicant.permanentAddress != null", "when: subjects.place.area > 3.0", "subjects.place.area > 3.0 &&", "rests on answers"},
	{"SUBJECT", proc, "subjects.place.owners[0].number : ''", "subjects.mine.owners[0].number : ''", "\"sources.place == 'fetched' ? subjects.mine", "below"},
	{"SUBJECT", proc, "vi: \"Hẹn {case.due}", "vi: \"Hẹn {case.due} {subjects.mine.area}", "mine: {kind", "for offers only"},
	{"MINIMISE", proc, "offers:\n  - id: moved-in\n    when: subjects.applicant.permanentAddress != null && sources.mine == 'fetched'\n    text: {vi: \"Ông/Bà ở {subjects.applicant.permanentAddress} và có đất rộng {subjects.mine.area} m², có thể mở sạp\", en: \"You live at {subjects.applicant.permanentAddress} and have {subjects.mine.area} m²; you can open a stall\"}\n", "", "mine: {kind", "none uses it"},
	{"NAME", proc, "offers:\n  - id: moved-in\n", "offers:\n  - {id: at-home, when: \"true\", text: {vi: Mở sạp, en: Open}}\n  - id: at-home\n", "at-home\n    when", "twice"},
	{"TEXT", proc, ", en: \"You live at {subjects.applicant.permanentAddress} and have {subjects.mine.area} m²; you can open a stall\"", "", "{vi: \"Ông/Bà ở", "both languages"},
	{"TEMPLATE", proc, "{subjects.mine.area} m²; you", "{subjects.mine.area m²; you", "{subjects.mine.area m²;", "brace"},
	{"KEYS", proc, "for: [self]", "for: [child]", "offers:", "does not name self"},
	{"VALUE", proc, "? 0 : values.rent * tables", "? case.fee : values.rent * tables", "\"tables.fairs == null", "reads case.fee"},
	{"VALUE", proc, "(case.filedOn, 1)", "(today, 1)", "plusMonths", "write case.filedOn"},
	{"FACT", proc, "? 0 : values.rent * tables", "? 0 : values.yearly * tables", "yearly", "values has no yearly"},
	{"FACT", proc, "tables.metre.small :", "tables.metre.tiny :", "metre:", "write one of big, small"},
	{"GUARD", proc, "? 0 : values.rent * tables.fairs\"", "? 0.5 : double(values.rent)\"", "tables.fairs == null", "whole number is needed"},
	{"HAS", proc, "tables.fairs == null ? 0 : values.rent * tables", "values.rent * tables", "tables.fairs\"", "may be absent"},
	{"UNUSED", proc, "  fairs:\n", "  weight: {title: {vi: Cân, en: Scale}, rows: [{from: 2020-01-01, value: 1, law: Luật Chợ}]}\n  fairs:\n", "weight:", "nothing reads tables.weight"},
	{"UNUSED", proc, "* tables.fairs\", as: money, show: true}", "* tables.fairs\", as: money}", "monthly:", "nothing reads values.monthly"},
	{"TESTS", story, "monthly: 21600", "yearly: 21600", "yearly", "there is no value"},
	{"PAPER", proc, "when: variant == 'big' && sources.place != 'fetched'", "when: variant == 'big'", "variant == 'big'\n", "sources.place != 'fetched'"},
	{"PAPER", proc, "when: variant == 'big' && sources.place != 'fetched'", "when: variant == 'big' || sources.place != 'fetched'", "variant == 'big' ||", "may have answered"},
	{"PAPER", proc, "    replaced-by: land\n", "", "title-deed\n    title", "write replaced-by: land"},
	{"PAPER", proc, "    proves: [parcel.owners]\n    replaced-by: land\n", "    proves: [children.fullName]\n", "children.fullName", "no subject is a children"},
	{"PAPER", proc, "    proves: [parcel.owners]\n", "", "land\n    when", "nothing says what the paper title-deed proves"},
	{"PAPER", proc, "when: variant == 'big' && sources.place != 'fetched'", "when: variant == 'big' && sources.owner != 'fetched'", "variant == 'big' && sources.owner", "for place, in big"},
	{"PAPER", proc, "    because: {vi: Sổ đất", "    waiver: {law: Luật Chợ, until: 2027-03-01}\n    because: {vi: Sổ đất", "{law: Luật Chợ, until", "allows nothing"},
	{"PAPER", proc, "    when: variant == 'big' && sources.place != 'fetched'\n", "    when: variant == 'big'\n    waiver: {law: Luật Chợ, until: 2026-11-23}\n", "variant == 'big'\n    waiver", "ended on 2026-11-23"},
	{"PRIVATE", proc, "Hồ sơ {case.code} đã xong", "{form.applicant.fullName} đã xong", "{vi: \"{form.applicant", "personal data"},
	{"SIGNAL", flow, "      not-entered: {to: repair}\n", "", "enter]", "not-entered"},
	{"SIGNAL", flow, "    signals: {paid: {to: intake}}\n", "", "fee]", "paid"},
	{"REASON", proc, "grounds:\n  - {id: no-place, title: {vi: Không có chỗ, en: No place}, law: \"Luật Chợ, Điều 6\"}\n", "", "", "none is declared"},
	{"REASON", flow, "to: refused, needs: [grounds],", "to: refused,", "{title: {vi: Từ chối, en: Refuse}", "legal ground"},
	{"CLOCK", flow, "clock: {starts: intake.accept}\n", "", "file:", "never starts"},
	{"UNUSED", proc, "notices:\n", "notices:\n  bye: {to: applicant, text: {vi: Chào, en: Bye}}\n", "bye", "no effect"},
	{"UNUSED", flow, "give: {size: form.stall.size}", "give: {size: form.stall.size, colour: \"'red'\"}", "colour", "does not read"},
	{"GIVE", flow, "        give: {size: form.stall.size}\n", "", "name: owner", "case.given.size"},
	{"BUNDLE", flow, "        of: subjects.owner\n        share: [applicant]\n", "        of: applicant\n", "", "asks what stall has at /applicant/fullName"},
	{"SHARE", flow, "share: [applicant]", "share: [applicant, stall]", "stall]", "has no section"},
	{"ROUTE", flow, "        of: subjects.owner\n", "", "name: owner", "no agency"},
	{"RECURSION", flow, "procedure: opinion", "procedure: stall", "name: owner", "circle"},
	{"BUDGET", flow, "within: 5wd", "within: 9wd", "9wd", "legal term"},
	{"EXTEND", flow, "up-to: 10wd", "up-to: 10d", "10d", "does not fit a term of 7wd"},
	{"LAW", flow, ", in: [examine], law: \"Luật Chợ, Điều 7\"", ", in: [examine]", "{by: handler", "article"},
	{"SHAPE", proc, "limit: 7wd", "limit: 0d", "0d", "the day of receipt"},
	{"MINIMISE", proc, "subjects:\n", "subjects:\n  kids: {kind: children, key: session.personalNumber, basis: self}\n", "kids", "nothing uses it"},
	{"TESTS", story, "do: accept", "do: acept", "acept", "did you mean accept?"},
	{"TESTS", story, "case: opinions.owner, do: agree", "case: opinions.head, do: agree", "opinions.head, do", "no sub-case"},
	{"TESTS", story, "size: 3", "sise: 3", "sise", "did you mean size?"},
	{"TESTS", story, "grounds: [no-place]", "grounds: [no-palce]", "no-palce", "did you mean no-place?"},
	{"TESTS", story, "filled: [/applicant/fullName]", "filled: [/stall/size]", "/stall/size", "asked, not filled"},
	{"TESTS", story, "  attachments: [drawing]", "  contests: {/stall/size: {value: 4, reason: Đo lại}}\n  attachments: [drawing]", "/stall/size: {value", "nothing to contest"},
	{"TESTS", story, "  attachments: [drawing]", "  contests: {/applicant/name: {value: An, reason: Sai}}\n  attachments: [drawing]", "/applicant/name: {value", "there is no question"},
	{"KEYS", proc, "en: Big}}", "en: No}}", "No}}", "YAML 1.1"},
	{"KEYS", proc, "level: 2\n", "level: 2\non: 3\n", "on: 3", "YAML 1.1"},
	{"DEADLINE", flow, "    within: 5wd\n", "", "title: {vi: Thẩm định", "write within"},
	{"TASKROLE", flow, "    owner: handler\n    within: 5wd\n", "    within: 5wd\n", "title: {vi: Thẩm định", "write owner"},
	{"TIMEOUT", flow, "    after: {3d: {to: lapsed, effects: [notify: done]}}\n", "", "title: {vi: Chờ nộp phí", "write after"},
	{"MINIMISE", proc, "key: form.stall.parcel, basis: \"law: Luật Chợ, Điều 1\"", "key: form.stall.parcel", "{kind: parcel, key: form", "write basis"},
	{"ROUTE", proc, "receiving: [{kind: commune-committee, ", "receiving: [{when: form.stall.size > 4, kind: commune-committee, ", "form.stall.size > 4", "certain"},
	{"GUARD", proc, "when: form.stall.size < 5", "when: form.stall.size < 'x'", "< 'x'", "whole number"},
	{"GUARD", proc, "people: \"[subjects.applicant.number]\"", "people: subjects.applicant.number", "subjects.applicant.number, to", "list"},
	{"GUARD", proc, "to: subjects.applicant.permanentAddress", "to: form.stall.size", "form.stall.size, head", "object"},
	{"GUARD", proc, "when: form.stall.size < 5", "when: form.stall.size", "form.stall.size}\n  - {id: big", "condition is needed"},
	{"IMPURE", proc, "Hẹn {case.due}", "Hẹn {now()}", "now()", "no clock"},
	{"IMPURE", flow, "when: case.fee > 0", "when: random() > 0", "random()", "no chance"},
	{"COST", flow, "when: case.fee > 0", "when: \"[1].exists(x, [2].exists(y, y > x))\"", "exists(y", "within another one"},
	{"HAS", flow, "when: case.fee > 0", "when: \"subjects.place.area > 9.0\"", "subjects.place.area >", "may be absent"},
	{"HAS", flow, "when: case.fee > 0", "when: \"today != '' && subjects.place.area * 2.0 > 9.0\"", "subjects.place.area *", "calculated with"},
	{"HAS", proc, "amount: form.stall.size * 1000", "amount: int(subjects.place.area)", "subjects.place.area)", "converted"},
	{"HAS", form, "\"type\": \"integer\", ", "\"x-when\": \"form.stall.parcel > 'A'\", \"type\": \"integer\", ", "form.stall.parcel >", "ordered"},
	{"NEVER", flow, "when: case.fee > 0", "when: case.fee == 1 && case.fee == 2", "case.fee == 1", "no answers"},
	{"SENDS", proc, "law: \"Luật Chợ, Điều 8\", ", "", "enter: {to: land", "form.stall.parcel"},
	{"NOTIFY", flow, "effects: [issue-letter: refusal, notify: done]}\n  opinions", "effects: [issue-letter: refusal]}\n  opinions", "{title: {vi: Từ chối, en: Decline}", "nobody tells"},
	{"JOIN", flow, "window: 5wd", "window: 6wd", "name: owner", "waits 5wd for an answer"},
	{"JOIN", flow, "window: 5wd", "remind: 2wd, window: 5wd", "name: owner", "goes on after 7wd"},
	{"WITHDRAW", flow, "withdraw: {by: applicant, before: [entering, moving, repair], to: withdrawn}\n", "", "", "cannot withdraw"},
	{"OUTCOME", flow, "outcome: lapsed, negative: true, compensate: true}", "outcome: lapsed}", "lapsed: {title", "negative: false"},
	{"IDEMPOTENCY", flow, "effects: [request-payment: fee]", "effects: [request-payment: fee, request-payment: fee]", "{when: case.fee", "twice"},
	{"AT", form, "\"additionalProperties\": false,\n  \"properties\": {\n    \"applicant\"", "\"x-rules\": [{\"id\": \"r\", \"rule\": \"form.stall.size != null\", \"at\": [\"/stall/zise\"], \"vi\": \"Sai\", \"en\": \"Wrong\", \"law\": \"Luật Chợ, Điều 9\"}], \"additionalProperties\": false,\n  \"properties\": {\n    \"applicant\"", "\"/stall/zise\"", "no question"},
	{"TESTS", story, "{by: handler, do: grant, expect: {state: entering}}", "{by: handler, do: refuse}", "", "no scenario takes grant"},
	{"TESTS", story, "", "", "", "no scenario"},
}

// seenToo are the faults that other obligations see as well, by code and message.
var seenToo = map[string][]string{
	"NAME twice":                                        {"REF", "TESTS"},
	"REF did you mean land?":                            {"PAPER"},
	"REF did you mean parcel?":                          {"PAPER"},
	"REASON none is declared":                           {"TESTS"},
	"CLOCK never starts":                                {"EXTEND"},
	"BUNDLE asks what stall has at /applicant/fullName": {"ONCE"},
	"WITHDRAW cannot withdraw":                          {"REACH"},
	"FACT write one of big, small":                      {"HAS"},
	"RECURSION circle":                                  {"TESTS", "JOIN", "UNUSED", "OUTCOME"},
}

// Each seeded fault is found, at its place, with words that help, and by no
// other obligation but those that are named.
func TestFaults(t *testing.T) {
	for _, f := range faults {
		t.Run(f.code+" "+f.message, func(t *testing.T) {
			tree := sound(t)
			text := string(tree[f.file].Data)
			where := f.file
			if f.old == "" {
				delete(tree, f.file)
			} else {
				if strings.Count(text, f.old) != 1 {
					t.Fatalf("%q stands %d times in %s", f.old, strings.Count(text, f.old), f.file)
				}
				text = strings.Replace(text, f.old, f.new, 1)
				tree[f.file] = &fstest.MapFile{Data: []byte(text)}
			}
			_, found := LoadOn(tree, testDay)
			i := slices.IndexFunc(found, func(x workflow.Finding) bool {
				return x.Code == f.code && strings.Contains(x.Message+"; "+x.Remedy, f.message)
			})
			if i < 0 {
				t.Fatalf("not found; got %v", found)
			}
			if found[i].Remedy == "" {
				t.Error("no remedy")
			}
			for _, x := range found {
				if x.Code != f.code && !slices.Contains(seenToo[f.code+" "+f.message], x.Code) {
					t.Errorf("caught by %s too: %v", x.Code, x)
				}
			}
			if f.at == "" {
				return
			}
			line, column := position(t, text, f.at)
			if got, want := fmt.Sprintf("%s:%d:%d", found[i].File, found[i].Line, found[i].Column), fmt.Sprintf("%s:%d:%d", where, line, column); got != want {
				t.Errorf("at %s, want %s: %v", got, want, found[i])
			}
		})
	}
}

// position is the line and column of the only place where part stands.
func position(t *testing.T, text, part string) (line, column int) {
	t.Helper()
	if n := strings.Count(text, part); n != 1 {
		t.Fatalf("%q stands %d times", part, n)
	}
	before := text[:strings.Index(text, part)]
	line = strings.Count(before, "\n") + 1
	return line, utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1
}

// Every pattern of the schemas has words, so that remedies need no regular expressions.
func TestPatternsHaveWords(t *testing.T) {
	names, err := fs.Glob(schemas, "schema/*.json")
	if err != nil || len(names) != len(shapes()) {
		t.Fatal(names, err)
	}
	for name, s := range shapes() {
		var walk func(v any)
		walk = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				if p, ok := v["pattern"].(string); ok && patterns[p] == "" {
					t.Errorf("%s: %s has no words", name, p)
				}
				for _, x := range v {
					walk(x)
				}
			case []any:
				for _, x := range v {
					walk(x)
				}
			}
		}
		walk(s.raw)
	}
}
