package api_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// object is a JSON object.
type object = map[string]any

func verdicts(items ...string) object {
	var out []object
	for _, item := range items {
		name, verdict, _ := strings.Cut(item, ":")
		if verdict == "" {
			verdict = "satisfied"
		}
		out = append(out, object{"item": name, "verdict": verdict})
	}
	return object{"judgements": out}
}

// file files a case and returns it as the applicant sees it.
func (h *house) file(subject string, filing object) *answer {
	h.t.Helper()
	a := h.call(subject, http.MethodPost, "/cases", filing, "Idempotency-Key", uuid.NewString()).want(http.StatusCreated)
	if to := a.header.Get("Location"); to != h.url+"/cases/"+a.text("code") {
		h.t.Errorf("a new case is said to be at %q", to)
	}
	h.work()
	return a
}

// act acts on a case as it is now, lets the workers work, and reads it again.
func (h *house) act(subject, code, event string, input object) *answer {
	h.t.Helper()
	seen := h.get(subject, "/cases/"+code)
	if can := seen.find("allowed", "event", event); can["enabled"] != true && event != "propose" {
		h.t.Fatalf("%s is not enabled: %v", event, can["why"])
	}
	body := object{"event": event}
	if input != nil {
		body["input"] = input
	}
	h.call(subject, http.MethodPost, "/cases/"+code+"/events", body, "If-Match", seen.header.Get("ETag"), "Idempotency-Key", uuid.NewString()).want(http.StatusOK)
	h.work()
	return h.get(subject, "/cases/"+code)
}

func (a *answer) state(want string) *answer {
	a.t.Helper()
	if got := a.text("state"); got != want {
		a.t.Fatalf("state %s, want %s: %v", got, want, a.at("status"))
	}
	return a
}

func (a *answer) child(slot string) string {
	a.t.Helper()
	code, _ := a.find("children", "slot", slot)["code"].(string)
	return code
}

// residence files the story of the wife who joins her husband.
func (h *house) residence() *answer {
	h.t.Helper()
	return h.file(an, object{"procedure": "permanent-residence", "variant": "join-close-family", "answers": object{
		"dwelling":  object{"title": "family", "address": object{"province": "01", "commune": "00004", "line": "12 phố Lê Lợi"}},
		"household": object{"headNumber": binh},
		"delivery":  object{"result": "electronic"}}})
}

// Permanent residence goes from filing by the consent of the head and the
// officers' part to the result, all through the interface.
func TestPermanentResidence(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	form := h.get(an, "/procedures/permanent-residence/form")
	if asked := countAsked(form); asked > 8 {
		t.Errorf("%d questions are asked at the start, the promise is at most 8", asked)
	}
	c := h.residence().state("intake")
	code := c.text("code")
	if c.at("fee") != float64(0) || c.at("outcome") != nil || c.at("due_at") != nil || c.text("owner", "who") != "reception" {
		t.Errorf("fee %v, outcome %v, due %v, owner %v", c.at("fee"), c.at("outcome"), c.at("due_at"), c.at("owner"))
	}
	queue := h.get("ca-00004-tiepnhan", "/worklist?agency=CA-00004&state=intake")
	queue.find("items", "code", code)
	accepted := h.act("ca-00004-tiepnhan", code, "accept", nil).state("consents")
	if due := accepted.text("due_at"); due == "" || len(accepted.list("due_because")) == 0 {
		t.Errorf("due %q because %v", due, accepted.at("due_because"))
	}
	mine := h.get(binh, "/cases?filter=needs-me")
	consent := mine.text("items", 0, "code")
	if consent == "" || consent != accepted.child("head") {
		t.Fatalf("the head is asked by %q, the case has %q", consent, accepted.child("head"))
	}
	h.act(binh, consent, "agree", nil)
	h.call("ca-00004-thuly", http.MethodPost, "/cases/"+code+"/judgements", verdicts("dwelling")).want(http.StatusOK)
	h.act("ca-00004-thuly", code, "propose", verdicts("kinship", "members")).state("approve")
	granted := h.act("ca-00004-pheduyet", code, "grant", nil).state("granted")
	if granted.text("outcome") != "granted" || granted.at("owner") != nil {
		t.Errorf("outcome %v, owner %v", granted.at("outcome"), granted.at("owner"))
	}
	seen := h.get(an, "/cases/"+code)
	if n := len(seen.list("events")); float64(n) != seen.at("revision") || seen.header.Get("ETag") != strconv.Quote(strconv.Itoa(n)) {
		t.Errorf("%d events, revision %v, ETag %s", n, seen.at("revision"), seen.header.Get("ETag"))
	}
	h.paper(an, seen, "result")
	h.papers(an, code)
	after := h.get(an, "/procedures/permanent-residence/form")
	if got := after.answerAt("/applicant/permanentAddress"); !strings.Contains(got, "12 phố Lê Lợi") {
		t.Errorf("the permanent address is now %q", got)
	}
	reads := h.get(an, "/me/reads?limit=200")
	reads.find("items", "kind", "officer")
}

func countAsked(form *answer) (n int) {
	for i := range form.list("sections") {
		for j := range form.list("sections", i, "questions") {
			if form.at("sections", i, "questions", j, "asked") == true && form.at("sections", i, "questions", j, "required") == true {
				n++
			}
		}
	}
	return n
}

// paper fetches a document of a case and holds it against what anybody can verify.
func (h *house) paper(subject string, c *answer, kind string) {
	h.t.Helper()
	d := c.find("documents", "kind", kind)
	id, _ := d["id"].(string)
	pdf := h.get(subject, "/cases/"+c.text("code")+"/documents/"+id)
	if !bytes.HasPrefix(pdf.raw, []byte("%PDF-")) || pdf.header.Get("Content-Type") != "application/pdf" {
		h.t.Errorf("the document is %s, %d bytes", pdf.header.Get("Content-Type"), len(pdf.raw))
	}
	v := h.get("", "/verify/"+id)
	if v.text("sha256") != d["sha256"] || v.at("withdrawn_at") != nil || v.at("signature") == nil {
		h.t.Errorf("verified as %s", v.raw)
	}
	if bytes.Contains(v.raw, []byte(subject)) {
		h.t.Errorf("verification names the citizen: %s", v.raw)
	}
}

// papers holds a citizen's list of papers against the case that issued them, and
// sees that nobody else has them.
func (h *house) papers(subject, code string) {
	h.t.Helper()
	list := h.get(subject, "/me/papers")
	if len(list.list("items")) != 1 {
		h.t.Fatalf("the results: %s", list.raw)
	}
	if list.text("items", 0, "case") != code || list.text("items", 0, "kind") != "result" || list.text("items", 0, "agency", "id") != "CA-00004" ||
		list.text("items", 0, "validity", "vi") == "" || list.at("items", 0, "subject") != nil || list.at("next") != nil {
		h.t.Errorf("the result: %s", list.raw)
	}
	h.get(subject, "/cases/"+list.text("items", 0, "case")+"/documents/"+list.text("items", 0, "id"))
	first := h.get(subject, "/me/papers?filter=all&limit=1")
	if first.text("items", 0, "id") != list.text("items", 0, "id") || first.text("next") == "" {
		h.t.Errorf("the first of all papers: %s", first.raw)
	}
	if second := h.get(subject, first.text("next")); second.text("items", 0, "kind") != "receipt" {
		h.t.Errorf("the second of all papers: %s", second.raw)
	}
	if other := h.get(binh, "/me/papers?filter=all"); bytes.Contains(other.raw, []byte(code)) {
		h.t.Errorf("another citizen's list: %s", other.raw)
	}
	h.call("ca-00004-thuly", http.MethodGet, "/me/papers", nil).want(http.StatusForbidden)
	h.call(subject, http.MethodGet, "/me/papers?cursor=x", nil).want(http.StatusBadRequest)
}

// A fine is looked up, paid on the platform's page, and done without an officer.
func TestCameraFine(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.file(phong, object{"procedure": "camera-fine-payment", "answers": object{"search": object{"mode": "mine", "mine": "123/QĐ-XPHC"}}}).state("payment")
	code := c.text("code")
	c = h.get(phong, "/cases/"+code)
	if c.at("fee") != float64(5_000_000) || c.at("payment", "amount") != float64(5_000_000) || c.text("payment", "state") != "ready" {
		t.Fatalf("fee %v, payment %v", c.at("fee"), c.at("payment"))
	}
	h.pay(c.text("payment", "pay_url"))
	h.until(phong, code, "paid")
	c = h.get(phong, "/cases/"+code).state("paid")
	if c.text("outcome") != "granted" || c.text("payment", "state") != "paid" || c.text("payment", "receipt") == "" {
		t.Errorf("outcome %v, payment %v", c.at("outcome"), c.at("payment"))
	}
	h.paper(phong, c, "result")
}

// pay pays on the platform's page, as a browser would.
func (h *house) pay(page string) {
	h.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(page, url.Values{"choice": {"pay"}})
	must(h.t, err)
	res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		h.t.Fatalf("paying at %s: %s", page, res.Status)
	}
}

// until waits for a state that comes in the payment platform's own time: it
// tells by a callback.
func (h *house) until(subject, code, state string) {
	h.t.Helper()
	for end := time.Now().Add(time.Minute); h.get(subject, "/cases/"+code).text("state") != state; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("case %s is not %s within a minute: %s", code, state, h.get(subject, "/cases/"+code).text("state"))
		}
		h.work()
	}
}

// A birth goes through all its parts at three agencies.
func TestBirthInterlinked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.file(minh, object{"procedure": "birth-interlinked", "answers": object{
		"request":   object{"relation": "father", "parts": []string{"residence", "healthInsurance"}},
		"child":     object{"fullName": "Võ Ngọc Minh Anh"},
		"home":      object{"with": "father"},
		"insurance": object{"facility": "79-101", "delivery": "electronic"},
		"delivery":  object{"result": "commune"}}}).state("birth")
	code := c.text("code")
	birth := h.get(minh, "/cases/"+code).child("birth")
	h.through(birth, "birth", "parents", "name")
	parts := h.get(minh, "/cases/"+code).state("parts")
	h.through(parts.child("residence"), "home")
	h.through(parts.child("card"), "entitlement", "facility")
	done := h.get(minh, "/cases/"+code).state("granted")
	for _, slot := range []string{"birth", "residence", "card"} {
		if got := done.find("children", "slot", slot)["outcome"]; got != "granted" {
			t.Errorf("%s ended with %v", slot, got)
		}
	}
	h.paper(minh, done, "result")
}

// through carries a part from acceptance to its decision, by the officers of its own agency.
func (h *house) through(code string, items ...string) {
	h.t.Helper()
	at := strings.ToLower(h.get(minh, "/cases/"+code).text("agency", "id"))
	h.act(at+"-tiepnhan", code, "accept", nil).state("examine")
	h.act(at+"-thuly", code, "propose", verdicts(items...)).state("approve")
	h.act(at+"-pheduyet", code, "grant", nil)
}

// answerAt is the text of a question's value in a form.
func (a *answer) answerAt(at string) string {
	for i := range a.list("sections") {
		for j := range a.list("sections", i, "questions") {
			if a.at("sections", i, "questions", j, "at") == at {
				return a.text("sections", i, "questions", j, "text", "vi")
			}
		}
	}
	return ""
}
