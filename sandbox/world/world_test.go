package world

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hoso-gov/hoso/registry"
)

var loaded = time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)

const today = "2026-11-24"

// memory is a store in memory that goes through JSON like a file does.
type memory struct{ text []byte }

func (m *memory) Load(into any) (bool, error) {
	if m.text == nil {
		return false, nil
	}
	return true, json.Unmarshal(m.text, into)
}

func (m *memory) Save(s any) (err error) { m.text, err = json.Marshal(s); return err }

func newWorld(t *testing.T, s Store) *World {
	t.Helper()
	w, err := New(loaded, s)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Each kind of the catalogue answers the cast of the demo, and only them.
func TestRead(t *testing.T) {
	w := newWorld(t, nil)
	for _, tt := range []struct {
		registry, kind, key, want string // want: part of the JSON; empty: no record
	}{
		{"fines", "fine", "123/QĐ-XPHC", `"servedOn":"2026-11-18"`},
		{"fines", "fine", "123/QĐ-XPHC", `"dueOn":"2026-11-28"`},
		{"fines", "fine", "123/QĐ-XPHC", `"total":5000000`},
		{"fines", "fine", "98/qd-xphc", `"interest":40000`},
		{"fines", "fine", "98/QĐ-XPHC", `"total":2040000`},
		{"fines", "fine", "77/QĐ-XPHC", `"withheld":[{"electronic":false,"kind":"driving-licence"}]`},
		{"fines", "fine", "55/QĐ-XPHC", `"status":"paid"`},
		{"fines", "fine", "1/QĐ-XPHC", ``},
		{"fines", "myFines", "001085000112", `"number":"123/QĐ-XPHC"`},
		{"fines", "myFines", "001099000114", ``},
		{"fines", "minutes", "bb-2211:ngô thị uyên:01:2026-11-12", `"status":"no-decision"`},
		{"fines", "minutes", "BB-2211:Ngô Thị Uyên:79:2026-11-12", ``},
		{"civil-status", "marriage", "001196000101", `"husbandName":"Trần Văn Bình"`},
		{"civil-status", "marriage", "001090000102", `"wifeNumber":"001196000101"`},
		{"civil-status", "kinship", "001196000101:001090000102", `"relation":"wife"`},
		{"civil-status", "kinship", "001090000102:001196000101", `"relation":"husband"`},
		{"civil-status", "kinship", "001191000104:001088000103", `"relation":"younger-sibling"`},
		{"civil-status", "kinship", "001099000114:001088000103", ``},
		{"health-insurance", "birthNotice", "079196000108", `"childName":"Võ Ngọc Minh Anh"`},
		{"health-insurance", "noticeOfBirth", "79026.GCS.00118.26", `"sex":"male"`},
		{"health-insurance", "facilities", "79", `"name":"Bệnh viện Nhi Đồng 2"`},
		{"health-insurance", "insuredChild", "079196000108:2026-11-16", ``},
		{"land", "dwelling", "01/00004/Số 12 Phố Lê Lợi", `"floorArea":85.5`},
		{"land", "dwelling", "79/26737/20 đường Đinh Tiên Hoàng", `"barred":true`},
		{"land", "dwelling", "01/00070/12 phố Lê Lợi", ``},
		{"land", "landholdings", "001191000104", `"line":"7 ngõ 10 phố Đội Cấn"`},
		{"land", "landholdings", "001099000114", ``},
	} {
		values, version, ok, err := w.Read(tt.registry, tt.kind, tt.key, today)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(values)
		if ok != (tt.want != "") || !strings.Contains(string(text), tt.want) || ok != (version != "") {
			t.Errorf("%s %s: got %s (%v), want %s", tt.kind, tt.key, text, ok, tt.want)
		}
	}
	if _, _, _, err := w.Read("land", "fine", "x", today); !errors.Is(err, ErrKind) {
		t.Errorf("a kind of another registry: got %v, want ErrKind", err)
	}
}

// A fine is paid once, with the right amount, and stays paid over a restart.
func TestMarkPaid(t *testing.T) {
	store := &memory{}
	w := newWorld(t, store)
	pay := func(key, number, receipt string, amount int64) registry.Reply {
		t.Helper()
		r, err := w.Do("fines", "mark-paid", key, map[string]any{"number": number, "amount": amount, "receipt": receipt, "paidOn": today}, today)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, tt := range []struct {
		key, number, receipt string
		amount               int64
		want, reason         string
	}{
		{"k1", "98/QĐ-XPHC", "R1", 2000000, registry.Refused, "wrong-amount"},
		{"k2", "98/QĐ-XPHC", "R1", 2040000, registry.Done, ""},
		{"k2", "98/QĐ-XPHC", "R1", 2040000, registry.Done, ""},
		{"k3", "98/QĐ-XPHC", "R1", 2040000, registry.Done, ""},
		{"k4", "98/QĐ-XPHC", "R2", 2040000, registry.Refused, "already-paid"},
		{"k5", "1/QĐ-XPHC", "R2", 1, registry.Refused, "unknown-decision"},
	} {
		got := pay(tt.key, tt.number, tt.receipt, tt.amount)
		reason, _ := got.Body["reason"].(string)
		if got.Outcome != tt.want || reason != tt.reason {
			t.Errorf("%s: got %+v, want %s %s", tt.key, got, tt.want, tt.reason)
		}
	}
	if n := len(w.Book("fines")); n != 5 {
		t.Errorf("the book has %d entries, want 5", n)
	}
	if _, err := w.Do("fines", "mark-paid", "k2", map[string]any{"number": "77/QĐ-XPHC"}, today); !errors.Is(err, ErrKeyReused) {
		t.Errorf("key for another request: got %v, want ErrKeyReused", err)
	}
	w = newWorld(t, store)
	values, _, _, _ := w.Read("fines", "fine", "98/QĐ-XPHC", today)
	if values["status"] != "paid" || values["total"] != int64(0) {
		t.Errorf("after a restart: %v", values)
	}
	if r, err := w.Do("fines", "mark-paid", "k2", map[string]any{"number": "98/QĐ-XPHC", "amount": int64(2040000), "receipt": "R1", "paidOn": today}, today); err != nil || r.Outcome != registry.Done {
		t.Errorf("the key after a restart: got %+v, %v", r, err)
	}
}

// A birth notice is used up by the registration, and a card is issued once.
func TestBirthAndCard(t *testing.T) {
	w := newWorld(t, nil)
	do := func(name, op, key string, body map[string]any) registry.Reply {
		t.Helper()
		r, err := w.Do(name, op, key, body, today)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	child := map[string]any{"fullName": "Võ Ngọc Minh Anh", "birthDate": "2026-11-16", "sex": "female", "childNumber": "079326000999",
		"motherNumber": "079196000108", "fatherNumber": "079094000107", "noticeCode": "79026.GCS.00123.26"}
	if r := do("civil-status", "register-birth", "b1", child); r.Outcome != registry.Done || r.Body["registerNumber"] != "301/2026" {
		t.Fatalf("got %+v", r)
	}
	if r := do("civil-status", "register-birth", "b2", child); r.Body["reason"] != "already-registered" {
		t.Errorf("again: got %+v", r)
	}
	if _, _, ok, _ := w.Read("health-insurance", "birthNotice", "079196000108", today); ok {
		t.Error("the notice is still open")
	}
	if v, _, _, _ := w.Read("civil-status", "kinship", "079326000999:079196000108", today); v["relation"] != "child" {
		t.Errorf("kinship is %v", v)
	}
	card := map[string]any{"childNumber": "079326000999", "fullName": "Võ Ngọc Minh Anh", "birthDate": "2026-11-16", "facility": "79-015", "object": "TE", "motherNumber": "079196000108"}
	if r := do("health-insurance", "issue-card", "c1", card); r.Body["validTo"] != "2032-11-30" || r.Body["cardNumber"] != "TE1799326000999" {
		t.Errorf("card: %+v", r)
	}
	if r := do("health-insurance", "issue-card", "c2", card); r.Body["reason"] != "already-insured" {
		t.Errorf("second card: %+v", r)
	}
	if v, _, ok, _ := w.Read("health-insurance", "insuredChild", "079196000108:2026-11-16", today); !ok || v["validFrom"] != "2026-11-16" {
		t.Errorf("insured child is %v", v)
	}
}

func TestValidTo(t *testing.T) {
	for born, want := range map[string]string{
		"2026-01-01": "2032-09-30", "2026-09-29": "2032-09-30", "2026-09-30": "2032-09-30",
		"2026-10-01": "2032-10-31", "2026-12-31": "2032-12-31", "2024-02-29": "2030-09-30",
	} {
		day, _ := time.Parse(time.DateOnly, born)
		if got := validTo(day).Format(time.DateOnly); got != want {
			t.Errorf("born %s: got %s, want %s", born, got, want)
		}
	}
}

// A story may change what a registry answers.
func TestPut(t *testing.T) {
	w := newWorld(t, nil)
	if err := w.Put("dwelling", "01/00004/12 phố Lê Lợi", nil); err != nil {
		t.Fatal(err)
	}
	if _, _, ok, _ := w.Read("land", "dwelling", "01/00004/12 phố Lê Lợi", today); ok {
		t.Error("the record is still there")
	}
	if err := w.Put("ghost", "1", nil); !errors.Is(err, ErrKind) {
		t.Errorf("got %v, want ErrKind", err)
	}
}

// A folder adds registries, and kinds, records and operations to those that are
// written here; the same key gets the same answer, over a restart too.
func TestFolder(t *testing.T) {
	folder := fstest.MapFS{"boats.yaml": {Data: []byte(`registry: boats
records:
  boat: {"HP-1": {plate: "HP-1", owner: "001092000105"}}
operations:
  sell:
    set: [{kind: boat, key: body.plate, values: {owner: body.buyer}}]
    receipt: "'B-' + string(number)"
`)}, "land-more.yaml": {Data: []byte(`registry: land
records:
  dwelling: {"01/00004/99 phố Mới": {certificate: X}}
  caveat: {}
operations:
  note: {set: [{kind: dwelling, key: body.key, values: {barred: true}}]}
`)}}
	d, err := ReadData(folder)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Registries(); !slices.Contains(got, "boats") || !slices.Contains(got, "land") {
		t.Errorf("registries are %v", got)
	}
	if kinds, ops := d.Kinds("land"), d.Operations("land"); !slices.Contains(kinds, "caveat") || !slices.Contains(kinds, "landholdings") || !slices.Contains(ops, "note") {
		t.Errorf("land answers %v and does %v", kinds, ops)
	}
	store := &memory{}
	w, err := d.World(loaded, store)
	if err != nil {
		t.Fatal(err)
	}
	const old, added = "01/00004/12 phố Lê Lợi", "01/00004/99 phố Mới"
	read := func(kind, key string) string {
		t.Helper()
		v, _, _, err := w.Read(d.registry(kind), kind, key, today)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(v)
		return string(text)
	}
	if got := read("dwelling", old); !strings.Contains(got, "BĐ 00418822") || read("dwelling", added) != `{"certificate":"X"}` {
		t.Errorf("dwellings are %s and %s", got, read("dwelling", added))
	}
	do := func(name, op, key string, body map[string]any) registry.Reply {
		t.Helper()
		r, err := w.Do(name, op, key, body, today)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for range 2 {
		if r := do("boats", "sell", "k1", map[string]any{"plate": "HP-1", "buyer": "2"}); r.Receipt != "B-1" {
			t.Errorf("the same key: %+v", r)
		}
	}
	if _, err := w.Do("boats", "sell", "k1", map[string]any{"plate": "HP-1", "buyer": "3"}, today); !errors.Is(err, ErrKeyReused) {
		t.Errorf("the key for another request: %v", err)
	}
	do("land", "note", "k2", map[string]any{"key": old})
	for range 2 { // before and after a restart
		if got := read("dwelling", old); !strings.Contains(got, `"barred":true`) || !strings.Contains(got, "BĐ 00418822") {
			t.Errorf("what is written onto a record of ours: %s", got)
		}
		if got := read("boat", "HP-1"); got != `{"owner":"2","plate":"HP-1"}` || len(w.Book("boats")) != 1 {
			t.Errorf("the boat is %s, its book has %d entries", got, len(w.Book("boats")))
		}
		if w, err = d.World(loaded, store); err != nil {
			t.Fatal(err)
		}
	}
	if r := do("boats", "sell", "k1", map[string]any{"plate": "HP-1", "buyer": "2"}); r.Receipt != "B-1" {
		t.Errorf("the key after a restart: %+v", r)
	}
	if err := w.Reset(loaded); err != nil {
		t.Fatal(err)
	}
	if got := read("boat", "HP-1"); got != `{"owner":"001092000105","plate":"HP-1"}` {
		t.Errorf("after a new beginning: %s", got)
	}
	for name, text := range map[string]string{
		"the sandbox answers fine itself":            "registry: fines\nviews: {fine: {of: boat, by: owner}}\n",
		"the sandbox does mark-paid of fines itself": "registry: fines\noperations: {mark-paid: {}}\n",
		"fines answers fine":                         "registry: boats\nrecords: {fine: {}}\n",
	} {
		folder["wrong.yaml"] = &fstest.MapFile{Data: []byte(text)}
		if _, err := ReadData(folder); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "wrong.yaml:2") {
			t.Errorf("got %v, want %s", err, name)
		}
	}
}
