package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hoso-gov/hoso/web/api"
)

// Any bytes end in a case or in a refusal, never in a fault of ours.
// See also TestAnyAnswers, which gets further into the forms.
func FuzzFiling(f *testing.F) {
	h := newHouse(f)
	token := "Bearer " + h.token(an, "level2")
	for _, seed := range []string{
		``, `null`, `[]`, `{`, `{"procedure":"permanent-residence","answers":{}}`,
		`{"procedure":"permanent-residence","answers":{"dwelling":{"title":"family","address":{"province":"01","commune":"00004","line":"12 phố Lê Lợi"}},"household":{"headNumber":"001090000102"},"delivery":{"result":"electronic"}}}`,
		`{"procedure":"permanent-residence","answers":{"dwelling":{"title":1,"address":"x","area":"1e9"},"household":{"headNumber":[],"mode":{}},"delivery":null,"members":{"moving":[{}]}}}`,
		`{"procedure":"permanent-residence","answers":{"dwelling":null},"contests":{"/applicant/birthDate":{"value":{},"reason":"x"},"":{"value":1,"reason":"y"}}}`,
		`{"procedure":"permanent-residence","answers":{},"attachments":[{"attachment":"","name":"","content":""},{"attachment":"evidence","name":"../..","content":"JVBERi0="}]}`,
		`{"procedure":"camera-fine-payment","answers":{"search":{"mode":"mine","mine":"123/QĐ-XPHC"}}}`,
		`{"procedure":"camera-fine-payment","answers":{"search":{"mode":"minutes"},"minutesSearch":{"number":"bb-2188","name":"bui duc thang","province":"01","date":"2026-11-06"}}}`,
		`{"procedure":"camera-fine-payment","answers":{"search":{"mode":"decision","decisionNumber":1e400}}}`,
		`{"procedure":"birth-interlinked","answers":{"request":{"relation":"father","parts":["residence",7,null]},"child":{"birthDate":"0000-00-00"},"home":{"with":"\u0000"}}}`,
		`{"procedure":"birth-interlinked","subject":"000000000000","answers":{"request":{"relation":{},"parts":"residence"},"delivery":{"copies":-1.5}}}`,
		`{"procedure":"birth-interlinked","answers":{"request":{"relation":"father","parts":["healthInsurance"]},"insurance":{"facility":"79-015","delivery":"office"},"delivery":{"result":"commune","copies":9223372036854775807}}}`,
		`{"procedure":"birth-interlinked","answers":{"request":{"relation":"father","parts":["healthInsurance"]},"insurance":{"facility":"79-015","delivery":"office"},"delivery":{"result":"commune","copies":4503599627370496}}}`,
		`{"procedure":"birth-interlinked","answers":{"request":{"relation":{},"parts":"residence"},"insurance":{"facility":1,"delivery":{}},"delivery":{"result":true,"copies":"x"}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) { send(t, h, token, body) })
}

// send files the body; an answer that blames the program is an error.
func send(t interface{ Errorf(string, ...any) }, h *house, token string, body []byte) {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, api.Path+"/cases", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", token)
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code >= http.StatusInternalServerError || !json.Valid(w.Body.Bytes()) {
		t.Errorf("%s\n%d %s", body, w.Code, w.Body)
	}
}

// values are what a program may give for an answer, right or wrong.
var values = []any{nil, true, false, "", "x", "yes", "0", -1, 0, 1, 1.5, 1e15, 4503599627370496, 9e18, 1e308, "2026-11-26", "2026-13-40", "0001-01-01", "9999-12-31",
	an, binh, minh, "000000000000", []any{}, []any{nil}, []any{"x", "x"}, []any{map[string]any{}}, map[string]any{}, map[string]any{"province": "01"},
	map[string]any{"province": "01", "commune": "00004", "line": "12 phố Lê Lợi"}, map[string]any{"province": "79", "commune": "00004", "line": " "},
	map[string]any{"x": 1}, strings.Repeat("ă", 5000), "\u202e", "đ\n\t", "'; --"}

// Whatever is answered to the questions of the shipped forms, in whatever
// combination, ends in a case or in a refusal.
func TestAnyAnswers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	services := h.catalogue.Services()
	rapid.Check(t, func(rt *rapid.T) {
		p := rapid.SampledFrom(services).Draw(rt, "procedure")
		answers, contested := map[string]map[string]any{}, map[string]any{}
		for _, s := range p.Form.Sections {
			for _, q := range s.Fields {
				pool := values
				for _, c := range q.Enum { // a right choice leads on to other questions
					pool = append(pool[:len(pool):len(pool)], c.Value, c.Value, c.Value, c.Value)
				}
				switch {
				case !rapid.Bool().Draw(rt, "answered"):
				case q.Fill != "" && rapid.Bool().Draw(rt, "contested"):
					contested[string(q.Pointer)] = map[string]any{"value": rapid.SampledFrom(pool).Draw(rt, string(q.Pointer)), "reason": "x"}
				default:
					if answers[s.Name] == nil {
						answers[s.Name] = map[string]any{}
					}
					answers[s.Name][q.Name] = rapid.SampledFrom(pool).Draw(rt, string(q.Pointer))
				}
			}
		}
		who := rapid.SampledFrom([]string{an, minh, tan, phong}).Draw(rt, "who")
		body, err := json.Marshal(map[string]any{"procedure": p.ID, "answers": answers, "contests": contested})
		if err != nil {
			rt.Fatal(err)
		}
		send(rt, h, "Bearer "+h.token(who, "level2"), body)
	})
}
