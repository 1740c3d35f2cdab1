package api_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// A filing that is sent again with its key is answered with the same case; the
// key with another content is refused, and without a key the rule of one open
// case holds.
func TestFilingTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	fine := object{"procedure": "camera-fine-payment", "answers": object{"search": object{"mode": "mine", "mine": "123/QĐ-XPHC"}}}
	key := uuid.NewString()
	first := h.call(phong, "POST", "/cases", fine, "Idempotency-Key", key).want(http.StatusCreated)
	again := h.call(phong, "POST", "/cases", fine, "Idempotency-Key", strconv.Quote(strings.ToUpper(key))).want(http.StatusCreated)
	if first.text("code") != again.text("code") {
		t.Errorf("one key made %s and %s", first.text("code"), again.text("code"))
	}
	other := object{"procedure": "camera-fine-payment", "answers": object{"search": object{"mode": "mine", "mine": "98/QĐ-XPHC"}}}
	h.call(phong, "POST", "/cases", other, "Idempotency-Key", key).problem(422, "key-reused")
	dup := h.call(phong, "POST", "/cases", fine).problem(409, "duplicate")
	if dup.text("code") != first.text("code") {
		t.Errorf("the case in the way is %q, want %s", dup.text("code"), first.text("code"))
	}
}

// An act that is sent again with its key takes effect once, even when its
// If-Match is old by then; a new act with an old If-Match is told what changed.
func TestActTwiceAndStale(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.residence()
	path, tag, key := "/cases/"+c.text("code")+"/events", h.get(an, "/cases/"+c.text("code")).header.Get("ETag"), uuid.NewString()
	accept := object{"event": "accept"}
	once := h.call("ca-00004-tiepnhan", "POST", path, accept, "If-Match", tag, "Idempotency-Key", key).want(http.StatusOK)
	twice := h.call("ca-00004-tiepnhan", "POST", path, accept, "If-Match", tag, "Idempotency-Key", key).want(http.StatusOK)
	if once.at("revision") != twice.at("revision") {
		t.Errorf("the act took effect twice: revisions %v and %v", once.at("revision"), twice.at("revision"))
	}
	stale := h.call(an, "POST", path, object{"event": "withdraw"}, "If-Match", tag).problem(412, "conflict")
	if stale.at("revision") != once.at("revision") || stale.text("changes", 0, "what", "en") != "Accept" {
		t.Errorf("told of the change as %s", stale.raw)
	}
	h.call("ca-00004-tiepnhan", "POST", path, object{"event": "decline"}, "Idempotency-Key", key).problem(422, "key-reused")
	refused := h.call("ca-00004-tiepnhan", "POST", path, accept).problem(409, "not-allowed")
	if refused.text("state") != "consents" || refused.text("reason") == "" {
		t.Errorf("not allowed as %s", refused.raw)
	}
	// A client that drops the quotes of the ETag is understood.
	h.call(an, "POST", path, object{"event": "withdraw"}, "If-Match", strings.Trim(twice.header.Get("ETag"), `"`)).want(http.StatusOK)
}

// A supplement is asked for, its paper uploaded and handed in; files go in and
// out unchanged, and officers see the new one only when it is handed in.
func TestSupplement(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.file(tan, object{"procedure": "permanent-residence", "answers": object{
		"dwelling":  object{"title": "rented", "address": object{"province": "01", "commune": "00004", "line": "40 phố Kim Mã"}, "area": 45},
		"household": object{"mode": "new"}, "delivery": object{"result": "electronic"}},
		"attachments": []object{{"attachment": "lease", "name": "hợp đồng.pdf", "content": pdf}}}).state("payment")
	code := c.text("code")
	h.pay(h.get(tan, "/cases/"+code).text("payment", "pay_url"))
	h.until(tan, code, "intake")
	h.act(owner, h.act("ca-00004-tiepnhan", code, "accept", nil).child("owner"), "agree", nil)

	file := h.get("ca-00004-thuly", "/cases/"+code).text("files", 0, "id")
	back := h.get("ca-00004-thuly", "/cases/"+code+"/files/"+file)
	if string(back.raw) != string(decoded(t, pdf)) || back.header.Get("Content-Type") != "application/pdf" ||
		!strings.HasPrefix(back.header.Get("Content-Disposition"), "attachment") || back.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the file came back as %v, %d bytes", back.header, len(back.raw))
	}
	reason := "Hợp đồng chưa chứng thực"
	ask := object{"judgements": []object{{"item": "dwelling", "verdict": "not-satisfied", "reason": reason}, {"item": "kinship", "verdict": "not-needed"},
		{"item": "exemption", "verdict": "not-needed"}}, "items": []object{{"item": "dwelling", "reason": reason}}}
	h.call("ca-00004-thuly", "POST", "/cases/"+code+"/events", object{"event": "ask-supplement", "input": ask}).want(http.StatusOK)
	h.work()

	mine := h.get(tan, "/cases/"+code).state("supplement")
	if mine.text("asked", 0, "item") != "dwelling" || mine.text("asked_by") == "" || len(mine.list("checklist")) != 0 {
		t.Errorf("asked %v until %v; checklist %v", mine.at("asked"), mine.at("asked_by"), mine.at("checklist"))
	}
	h.call(tan, "POST", "/cases/"+code+"/files", object{"attachment": "lease", "name": "x.pdf", "content": "AAAA"}).problem(422, "invalid")
	up := h.call(tan, "POST", "/cases/"+code+"/files", object{"attachment": "lease", "name": "moi.pdf", "content": pdf}).want(http.StatusCreated)
	h.get(tan, up.header.Get("Location"))
	h.call("ca-00004-thuly", "GET", "/cases/"+code+"/files/"+up.text("id"), nil).problem(404, "not-found")
	h.act(tan, code, "supply", object{"files": []string{up.text("id")}}).state("examine")
	h.get("ca-00004-thuly", "/cases/"+code+"/files/"+up.text("id"))
}

// A list goes on by the address that a page gives, and holds each case once.
func TestPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var want []string
	for _, fine := range []string{"123/QĐ-XPHC", "98/QĐ-XPHC"} {
		want = append(want, h.file(phong, object{"procedure": "camera-fine-payment", "answers": object{"search": object{"mode": "mine", "mine": fine}}}).text("code"))
	}
	for _, who := range []struct{ subject, first string }{{phong, "/cases?limit=1"}, {"gt-01-thuly", "/cases?limit=1"}, {"gt-01-thuly", "/worklist?tab=all&limit=1&procedure=camera-fine-payment"}} {
		var got []string
		for next := h.url + who.first; next != ""; {
			page := h.get(who.subject, next)
			for i := range page.list("items") {
				got = append(got, page.text("items", i, "code"))
			}
			next = page.text("next")
			if link := page.header.Get("Link"); (next == "") != (link == "") || next != "" && link != "<"+next+`>; rel="next"` {
				t.Errorf("next is %q, Link %q", next, link)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s %s: got %v, want %v", who.subject, who.first, got, want)
		}
	}
}

// The catalogue says of each service what it asks and what it takes.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	list := h.get("", "/procedures")
	for _, id := range []string{"permanent-residence", "camera-fine-payment", "birth-interlinked"} {
		p := list.find("items", "id", id)
		counts := p["counts"].(object)
		if counts["held_but_asked"] != float64(0) || counts["filled"] == float64(0) || counts["fields"] == float64(0) {
			t.Errorf("%s: counts %v", id, counts)
		}
		variants := counts["variants"].([]any)
		if len(variants) < 2 {
			t.Errorf("%s: variants %v", id, variants)
		}
		for _, v := range variants {
			if n := v.(object); n["id"] == "" || n["filled"] == float64(0) || n["asked"].(float64) > counts["asked"].(float64) {
				t.Errorf("%s: counts of a variant %v", id, v)
			}
		}
		one := h.get("", "/procedures/"+id)
		if len(one.list("fees")) == 0 || len(one.list("limits")) == 0 || len(one.list("law")) == 0 {
			t.Errorf("%s: fees %v, limits %v, law %v", id, one.at("fees"), one.at("limits"), one.at("law"))
		}
	}
	if n, want := len(list.list("items")), len(h.catalogue.Services()); n != want {
		t.Errorf("%d services, want those that citizens file: %d", n, want)
	}
	h.residence()
	s := h.get("", "/statistics")
	if f := s.find("procedures", "procedure", "permanent-residence"); f["filed"] != float64(1) || f["ended"] != float64(0) {
		t.Errorf("figures %v", f)
	}
}

// What a citizen contests stands beside what the registry holds.
func TestContest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.file(an, object{"procedure": "permanent-residence", "answers": object{
		"dwelling":  object{"title": "family", "address": object{"province": "01", "commune": "00004", "line": "12 phố Lê Lợi"}},
		"household": object{"headNumber": binh}, "delivery": object{"result": "electronic"}},
		"contests": object{"/applicant/birthDate": object{"value": "1996-04-21", "reason": "Giấy khai sinh ghi ngày 21/4/1996"}}})
	birth := h.get("ca-00004-tiepnhan", "/cases/"+c.text("code")).find("answers", "at", "/applicant/birthDate")
	source, contest := birth["source"].(object), birth["contest"].(object)
	if source["value"] != "1996-04-12" || contest["value"] != "1996-04-21" || source["registry"] == "" || source["locked"] != true {
		t.Errorf("the answer is %v", birth)
	}
}

// The form's schema is one document: it compiles by itself.
func TestFormSchema(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, id := range []string{"permanent-residence", "camera-fine-payment", "birth-interlinked"} {
		form := h.get(an, "/procedures/"+id+"/form")
		compileAlone(t, form.at("schema").(object))
		if form.text("subject") != an || len(form.list("sections")) == 0 || len(form.list("sources")) == 0 {
			t.Errorf("%s: subject %v, sources %v", id, form.at("subject"), form.at("sources"))
		}
	}
	form := h.get(tan, "/procedures/permanent-residence/form?subject="+url.QueryEscape(tan))
	if got := form.answerAt("/applicant/fullName"); got == "" {
		t.Error("the name is not filled in")
	}
}
