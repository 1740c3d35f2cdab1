package api_test

import (
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/web/site"
)

// A program that is not allowed, wrong or late is told so in problem details:
// the status, the kind, and what to do about it.
func TestProblems(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	code := h.residence().text("code")
	minimal := object{"procedure": "permanent-residence", "answers": object{}}
	for _, c := range []struct {
		name                  string
		subject, method, path string
		body                  any
		headers               []string
		status                int
		kind                  string
		at                    string // of the first entry of errors; empty: not looked at
	}{
		{"no token", "", "GET", "/cases", nil, nil, 401, "sign-in", ""},
		{"a token that does not hold", "", "GET", "/cases", nil, []string{"Authorization", "Bearer nonsense"}, 401, "sign-in", ""},
		{"a token that does not hold, where none is needed", "", "GET", "/procedures", nil, []string{"Authorization", "Bearer nonsense"}, 401, "sign-in", ""},
		{"no token, and a body", "", "POST", "/cases", []byte(`{`), nil, 401, "sign-in", ""},
		{"no such path", "", "GET", "/nothing", nil, nil, 404, "not-found", ""},
		{"a method that a path does not have", an, "DELETE", "/cases", nil, nil, 405, "request", ""},
		{"no such procedure", "", "GET", "/procedures/nothing", nil, nil, 404, "not-found", ""},
		{"a procedure that only cases open", "", "GET", "/procedures/consent", nil, nil, 404, "not-found", ""},
		{"the form for a stranger", an, "GET", "/procedures/permanent-residence/form?subject=" + phong, nil, nil, 403, "forbidden", ""},
		{"the form for an officer", "ca-00004-thuly", "GET", "/procedures/permanent-residence/form", nil, nil, 403, "forbidden", ""},
		{"a stranger's case", phong, "GET", "/cases/" + code, nil, nil, 404, "not-found", ""},
		{"a case at another agency", "ub-26740-thuly", "GET", "/cases/" + code, nil, nil, 404, "not-found", ""},
		{"a code that is none", an, "GET", "/cases/nothing", nil, nil, 404, "not-found", ""},
		{"a document that is none", an, "GET", "/cases/" + code + "/documents/" + uuid.NewString(), nil, nil, 404, "not-found", ""},
		{"a document whose id is none", an, "GET", "/cases/" + code + "/documents/x", nil, nil, 422, "invalid", "path.id"},
		{"nobody's document", "", "GET", "/verify/" + uuid.NewString(), nil, nil, 404, "not-found", ""},
		{"the queue for a citizen", an, "GET", "/worklist", nil, nil, 403, "forbidden", ""},
		{"the queue of another agency", "ca-00004-thuly", "GET", "/worklist?agency=UB-26740", nil, nil, 403, "forbidden", ""},
		{"a tab that is none", "ca-00004-thuly", "GET", "/worklist?tab=x", nil, nil, 422, "invalid", "query.tab"},
		{"a query that is none", an, "GET", "/cases?page=2", nil, nil, 422, "invalid", "query.page"},
		{"a cursor that is none", an, "GET", "/cases?cursor=x", nil, nil, 400, "cursor", ""},
		{"a cursor of reads that is none", an, "GET", "/me/reads?cursor=x", nil, nil, 400, "cursor", ""},
		{"the reads of an officer", "ca-00004-thuly", "GET", "/me/reads", nil, nil, 403, "forbidden", ""},
		{"no body", an, "POST", "/cases", nil, []string{"Content-Type", "application/json"}, 400, "request", ""},
		{"a body that is no JSON", an, "POST", "/cases", []byte(`{"procedure`), nil, 400, "request", ""},
		{"a body that is another type", an, "POST", "/cases", []byte(`<x/>`), []string{"Content-Type", "application/xml"}, 415, "request", ""},
		{"a text that cannot be kept", an, "POST", "/cases", []byte(`{"procedure":"permanent-residence","answers":{"a":{"b":"\u0000"}}}`), nil, 400, "request", ""},
		{"a body that is nested without end", an, "POST", "/cases", []byte(`{"procedure":"x","answers":{"a":{"b":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}}}`), nil, 400, "request", ""},
		{"an unknown member", an, "POST", "/cases", object{"procedure": "permanent-residence", "answers": object{}, "applicant": binh}, nil, 422, "invalid", "/applicant"},
		{"an answer in the wrong place", an, "POST", "/cases", object{"procedure": "permanent-residence", "answers": object{"dwelling": "family"}}, nil, 422, "invalid", "/answers/dwelling"},
		{"a key that is none", an, "POST", "/cases", minimal, []string{"Idempotency-Key", "x"}, 400, "request", "header.Idempotency-Key"},
		{"missing answers", an, "POST", "/cases", minimal, nil, 422, "invalid", "/dwelling/title"},
		{"filing by an officer", "ca-00004-thuly", "POST", "/cases", minimal, nil, 403, "forbidden", ""},
		{"filing for a stranger", an, "POST", "/cases", object{"procedure": "permanent-residence", "answers": object{}, "subject": phong}, nil, 403, "forbidden", ""},
		{"an event that is none", an, "POST", "/cases/" + code + "/events", object{"event": "grant"}, nil, 409, "not-allowed", ""},
		{"an event of another role", an, "POST", "/cases/" + code + "/events", object{"event": "accept"}, nil, 409, "not-allowed", ""},
		{"a refusal without its grounds", "ca-00004-tiepnhan", "POST", "/cases/" + code + "/events", object{"event": "decline"}, nil, 422, "invalid", "/grounds"},
		{"a ground that is none", "ca-00004-tiepnhan", "POST", "/cases/" + code + "/events", object{"event": "decline", "input": object{"grounds": []string{"x"}}}, nil, 422, "invalid", "/grounds"},
		{"a revision that is none", an, "POST", "/cases/" + code + "/events", object{"event": "withdraw"}, []string{"If-Match", "x"}, 400, "request", "header.If-Match"},
		{"judging out of turn", "ca-00004-thuly", "POST", "/cases/" + code + "/judgements", verdicts("dwelling"), nil, 409, "not-allowed", ""},
		{"a verdict that is none", "ca-00004-thuly", "POST", "/cases/" + code + "/judgements", verdicts("dwelling:good"), nil, 422, "invalid", "/judgements/0/verdict"},
		{"a file that nobody asked for", an, "POST", "/cases/" + code + "/files", object{"attachment": "lease", "name": "a.pdf", "content": pdf}, nil, 409, "not-allowed", ""},
		{"a file whose content is no base64", an, "POST", "/cases/" + code + "/files", object{"attachment": "lease", "name": "a.pdf", "content": "%"}, nil, 422, "invalid", "/content"},
		{"a body beyond the bound", an, "POST", "/cases/" + code + "/events", object{"event": "withdraw", "input": object{"note": strings.Repeat("x", 1<<20)}}, nil, 413, "too-large", ""},
	} {
		a := h.call(c.subject, c.method, c.path, c.body, c.headers...)
		t.Run(c.name, func(t *testing.T) {
			a.t = t
			a.problem(c.status, c.kind)
			if c.at != "" && !contains(a, c.at) {
				t.Errorf("no entry at %s: %s", c.at, a.raw)
			}
			if c.status == http.StatusUnauthorized && !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("WWW-Authenticate is %q", a.header.Get("WWW-Authenticate"))
			}
		})
	}
	if n := len(h.get(an, "/cases").list("items")); n != 1 {
		t.Errorf("the refused calls left %d cases, want the one filed", n)
	}
}

// pdf is a small PDF file, in base64.
var pdf = base64.StdEncoding.EncodeToString([]byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"))

func contains(a *answer, at string) bool {
	for i := range a.list("errors") {
		if a.text("errors", i, "at") == at && a.text("errors", i, "vi") != "" && a.text("errors", i, "en") != "" && a.text("errors", i, "rule") != "" {
			return true
		}
	}
	return false
}

// Errors are told in the language that the program accepts, Vietnamese otherwise.
func TestLanguage(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{"": "vi", "en": "en", "en-GB,en;q=0.8": "en", "fr, en;q=0.4, vi;q=0.9": "vi", "vi": "vi", "fr": "vi", "*": "vi", ";;": "vi"} {
		if got := site.AcceptedLang(header); got != want {
			t.Errorf("Accept-Language %q: %s, want %s", header, got, want)
		}
	}
	h := newHouse(t)
	vi := h.call(an, "GET", "/cases/none", nil).problem(404, "not-found")
	en := h.call(an, "GET", "/cases/none", nil, "Accept-Language", "en").problem(404, "not-found")
	if vi.text("title") != "Không tìm thấy" || en.text("title") != "Not found" {
		t.Errorf("titles %q and %q", vi.text("title"), en.text("title"))
	}
}

// A low level of sign-in is not enough for a procedure that asks for level 2.
func TestLevel(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	low := "Bearer " + h.token(an, "level1")
	h.call("", "GET", "/procedures/permanent-residence/form", nil, "Authorization", low).problem(403, "level")
}

// Below the interface's path errors are problem details even where they arise
// outside of it; pages keep theirs.
func TestFailTellsCallsFromPages(t *testing.T) {
	t.Parallel()
	s := &site.Site{BaseURL: "https://dvc.example.vn"}
	s.Identity, s.Log = new(identity.Identity), slog.New(slog.DiscardHandler)
	for path, want := range map[string]string{"/api/v1": "application/problem+json", "/api/v1/cases": "application/problem+json",
		"/api/v10": "text/html; charset=utf-8", "/ho-so": "text/html; charset=utf-8"} {
		w := httptest.NewRecorder()
		s.Fail(w, httptest.NewRequest("GET", path, nil), &site.RequestError{Status: http.StatusBadRequest})
		if got := w.Header().Get("Content-Type"); got != want || w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d as %s, want %s", path, w.Code, got, want)
		}
	}
}
