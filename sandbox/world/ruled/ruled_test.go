package ruled

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hoso-gov/hoso/registry"
)

const (
	day   = "2026-11-26"
	boats = `registry: boats
records:
  boat:
    "HP-0012": {plate: "HP-0012", owners: [{number: "001092000105"}, {number: "001191000104"}], status: active, builtOn: today-2y, tons: 12}
    "HP-0013": {plate: "HP-0013", owners: [{number: "001092000105"}], status: scrapped, builtOn: "2001-05-30", tons: 8}
  ports: {"31": [{code: HP, name: Cảng Hải Phòng}]}
  crew:
computed:
  boat: {age: "months(row.builtOn, today) / 12"}
views:
  myBoats: {of: boat, by: owners.number, when: "row.status == 'active'", fields: [plate, age]}
  boatOf: {of: boat, by: owners.number, one: true, fields: [plate], values: {heavy: row.tons > 10}}
answers:
  berth:
    when: "size(part) == 2 && part[0] in records.boat"
    values: {boat: "part[0]", port: "part[1]", free: "!(part[0] in records.log)"}
operations:
  sell:
    refuse:
      - {when: "!(body.plate in records.boat)", reason: unknown-boat, vi: Không có tàu này, en: There is no such boat}
      - {when: "records.boat[body.plate].status != 'active'", reason: not-active, vi: Tàu đã thanh lý, en: The boat is scrapped}
    set:
      - {kind: boat, key: body.plate, values: {owners: [{number: body.buyer}], soldOn: today, price: body.price, tons: 14}}
      - {kind: log, key: body.plate, values: {sales: "(body.plate in records.log ? records.log[body.plate].sales : 0) + 1"}}
    receipt: "'TB-' + string(number)"
    reply: {plate: body.plate, sales: "records.log[body.plate].sales"}
  scrap:
    set:
      - {kind: boat, key: body.plate, remove: true, when: "body.plate in records.boat"}
  sign-on:
    set:
      - {kind: crew, each: body.crew, key: item.number, values: {boat: body.plate, role: item.role}}
  broken:
    set: [{kind: log, key: body.plate, values: {n: "records.log[body.plate].sales + 1"}}]
`
)

func open(t *testing.T, changes *Changes, files ...string) *Registers {
	t.Helper()
	tree := fstest.MapFS{"other.yaml": {Data: []byte("fines: []\n")}}
	for i, f := range append([]string{boats}, files...) {
		tree[string(rune('a'+i))+".yaml"] = &fstest.MapFile{Data: []byte(f)}
	}
	set, err := Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	r, err := set.Open(day, changes)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// A kind is what stands under the key, with what is computed of it; a list; the
// rows of another kind in which a value is the key; or worked out of the key.
func TestRead(t *testing.T) {
	r := open(t, &Changes{})
	for _, tt := range []struct{ kind, key, want string }{
		{"boat", "HP-0012", `{"age":2,"builtOn":"2024-11-26","owners":[{"number":"001092000105"},{"number":"001191000104"}],"plate":"HP-0012","status":"active","tons":12}`},
		{"boat", " hp 0012", `{"age":2,"builtOn":"2024-11-26","owners":[{"number":"001092000105"},{"number":"001191000104"}],"plate":"HP-0012","status":"active","tons":12}`},
		{"boat", "HP-9999", `null`},
		{"ports", "31", `{"list":[{"code":"HP","name":"Cảng Hải Phòng"}]}`},
		{"myBoats", "001092000105", `{"list":[{"age":2,"plate":"HP-0012"}]}`},
		{"myBoats", "001191000104", `{"list":[{"age":2,"plate":"HP-0012"}]}`},
		{"myBoats", "001000000000", `null`},
		{"boatOf", "001191000104", `{"heavy":true,"plate":"HP-0012"}`},
		{"berth", "HP-0012:31", `{"boat":"HP-0012","free":true,"port":"31"}`},
		{"berth", "HP-0012", `null`},
		{"crew", "x", `null`},
	} {
		got, err := r.Read(tt.kind, tt.key, day)
		if err != nil || text(got) != tt.want {
			t.Errorf("%s %s: got %s, %v; want %s", tt.kind, tt.key, text(got), err, tt.want)
		}
	}
	if _, err := r.Read("ship", "x", day); !errors.Is(err, ErrKind) {
		t.Errorf("an unknown kind: %v", err)
	}
}

// An operation is refused for the first reason that holds; else it writes,
// numbers itself and answers, and what it wrote outlives a restart. One whose
// rules cannot be worked out changes nothing.
func TestDo(t *testing.T) {
	changes := &Changes{}
	r := open(t, changes)
	do := func(op string, body map[string]any) string {
		t.Helper()
		reply, err := r.Do("boats", op, body, day)
		if err != nil {
			return "error"
		}
		return text([]any{reply.Outcome, reply.Receipt, reply.Body})
	}
	for _, tt := range []struct{ op, body, want string }{
		{"sell", `{"plate":"HP-1"}`, `["refused","",{"reason":"unknown-boat","text":"Không có tàu này","textEn":"There is no such boat"}]`},
		{"sell", `{"plate":"HP-0013","buyer":"001"}`, `["refused","",{"reason":"not-active","text":"Tàu đã thanh lý","textEn":"The boat is scrapped"}]`},
		{"sell", `{"plate":"HP-0012","buyer":"001","price":500}`, `["done","TB-1",{"plate":"HP-0012","sales":1}]`},
		{"sell", `{"plate":"HP-0012","buyer":"002"}`, `["done","TB-2",{"plate":"HP-0012","sales":2}]`},
		{"broken", `{"plate":"HP-7"}`, `error`},
		{"sell", `{"plate":"HP-0012","buyer":"003"}`, `["done","TB-3",{"plate":"HP-0012","sales":3}]`},
		{"sign-on", `{"plate":"HP-0012","crew":[{"number":"a","role":"cook"},{"number":"b","role":"mate"}]}`, `["done","BOATS-4",null]`},
		{"scrap", `{"plate":"HP-0013"}`, `["done","BOATS-5",null]`},
		{"scrap", `{"plate":"HP-0013"}`, `["done","BOATS-6",null]`},
	} {
		var body map[string]any
		if err := json.Unmarshal([]byte(tt.body), &body); err != nil {
			t.Fatal(err)
		}
		if got := do(tt.op, body); got != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.op, tt.body, got, tt.want)
		}
	}
	after := func(r *Registers) []string {
		boat, _ := r.Read("boat", "HP-0012", day)
		gone, _ := r.Read("boat", "HP-0013", day)
		crew, _ := r.Read("crew", "b", day)
		return []string{text(boat), text(gone), text(crew)}
	}
	want := []string{`{"age":2,"builtOn":"2024-11-26","owners":[{"number":"003"}],"plate":"HP-0012","soldOn":"2026-11-26","status":"active","tons":14}`, `null`, `{"boat":"HP-0012","role":"mate"}`}
	if diff := cmp.Diff(want, after(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	kept, err := json.Marshal(changes)
	if err != nil {
		t.Fatal(err)
	}
	again := &Changes{}
	if err := json.Unmarshal(kept, again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, after(open(t, again, "registry: boats\nrecords: {boat: {HP-2: {status: active}}}\n"))); diff != "" {
		t.Errorf("after a restart with one more file (-want +got):\n%s", diff)
	}
	if fresh := after(open(t, &Changes{})); fresh[2] != `null` || fresh[1] == `null` {
		t.Errorf("other registers have changed too: %v", fresh)
	}
	if _, err := r.Do("boats", "sink", nil, day); !errors.Is(err, ErrOperation) {
		t.Errorf("an unknown operation: %v", err)
	}
	if got := r.set.Fields("boats", "sell"); !cmp.Equal(got, []string{"buyer", "plate", "price"}) {
		t.Errorf("sell reads %v of its body", got)
	}
}

// A story's record is seen by views and operations, and is gone after a restart.
func TestPut(t *testing.T) {
	changes := &Changes{}
	r := open(t, changes)
	if !r.Put("boat", "hp-0012", map[string]any{"plate": "HP-0012", "status": "scrapped", "owners": []any{map[string]any{"number": "007"}}, "builtOn": "2020-01-01", "tons": 5}) {
		t.Fatal("boat takes no record")
	}
	if got, _ := r.Read("boatOf", "007", day); got["plate"] != "HP-0012" {
		t.Errorf("the view has %v", got)
	}
	if reply, err := r.Do("boats", "sell", map[string]any{"plate": "HP-0012"}, day); err != nil || reply.Outcome != registry.Refused {
		t.Errorf("the operation says %+v, %v", reply, err)
	}
	if r.Put("myBoats", "007", nil) {
		t.Error("a derived kind took a record")
	}
	if r.Put("boat", "HP-0012", nil); text(changes.Records) != "{}" {
		t.Errorf("it is kept: %v", changes)
	}
	if got, _ := r.Read("boat", "HP-0012", day); got != nil {
		t.Errorf("it is still there: %v", got)
	}
}

// Whatever is wrong is told with its file and line, all at once.
func TestLoadIsStrict(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"syntax", "registry: x\nrecords: {", "b.yaml:"},
		{"an unknown key", "registry: x\nrecord: {}\n", `b.yaml:2: unknown key "record"`},
		{"a key twice", "registry: x\nrecords:\n  a: {}\n  a: {}\n", `b.yaml:4: key "a" stands twice`},
		{"a kind of two registries", "registry: x\nrecords:\n  boat: {}\n", `b.yaml:3: kind "boat" stands in a.yaml:3 already`},
		{"a record twice", "registry: boats\nrecords:\n  boat: {hp 0012: {}}\n", `b.yaml:3: key "hp 0012" reads as that in a.yaml:4`},
		{"a kind twice", "registry: boats\nviews:\n  boat: {of: boat, by: plate}\n", `b.yaml:3: kind "boat" stands in a.yaml:3 already`},
		{"keys that read the same", "registry: x\nrecords:\n  a:\n    \"A-1\": {}\n    \"a 1\": {}\n", `b.yaml:5: key "a 1" reads as that in b.yaml:4`},
		{"a record without values", "registry: x\nrecords:\n  a: {k: 5}\n", `b.yaml:3: a record has values by name`},
		{"a view of nothing", "registry: x\nviews:\n  v: {of: nothing, by: x}\n", `b.yaml:3: no file has records of a kind "nothing"`},
		{"a view by nothing", "registry: x\nviews:\n  v: {of: boat}\n", `b.yaml:3: by is missing`},
		{"a broken expression", "registry: x\nviews:\n  v:\n    of: boat\n    by: plate\n    when: row.status ==\n", `b.yaml:6: `},
		{"an unknown variable", "registry: x\nviews:\n  v: {of: boat, by: plate, when: body.x == 1}\n", `b.yaml:3: `},
		{"records of an unknown kind", "registry: x\nanswers:\n  v: {values: {n: size(records.ship)}}\n", `b.yaml:3: `},
		{"a condition that is none", "registry: x\nanswers:\n  v: {when: size(part), values: {n: 1}}\n", `b.yaml:3: `},
		{"another's registry", "registry: x\noperations:\n  o: {set: [{kind: boat, key: body.k, remove: true}]}\n", `b.yaml:3: boat is held by boats`},
		{"neither values nor remove", "registry: x\noperations:\n  o: {set: [{kind: a, key: body.k}]}\n", `b.yaml:3: write values, or remove: true`},
		{"a write without a key", "registry: x\noperations:\n  o: {set: [{kind: a, remove: true}]}\n", `b.yaml:3: key is missing`},
		{"a refusal without a reason", "registry: x\noperations:\n  o: {refuse: [{when: \"true\", vi: x, en: x}]}\n", `b.yaml:3: reason is missing`},
		{"a refusal in one language", "registry: x\noperations:\n  o: {refuse: [{when: \"true\", reason: r, vi: x}]}\n", `b.yaml:3: en is missing`},
		{"an operation twice", "registry: boats\noperations:\n  sell: {}\n", `b.yaml:3: operation "sell" stands in a.yaml:`},
		{"computed of nobody's", "registry: x\ncomputed:\n  boat: {n: 1}\n", `b.yaml:3: x has no records of a kind "boat"`},
		{"an anchor", "registry: x\nrecords:\n  a: {k: &x {v: 1}}\n", `b.yaml:3: anchors`},
	} {
		_, err := Load(fstest.MapFS{"a.yaml": {Data: []byte(boats)}, "b.yaml": {Data: []byte(tt.text)}})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
	_, err := Load(fstest.MapFS{"a.yaml": {Data: []byte("registry: x\nrecord: 1\nview: 2\n")}})
	if err == nil || strings.Count(err.Error(), "unknown key") != 2 {
		t.Errorf("two mistakes: %v", err)
	}
}
