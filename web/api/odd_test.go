package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/internal/odd"
	"github.com/hoso-gov/hoso/web/api"
)

// Whatever stands in an address, in the key of a repetition or in a small body,
// no call is answered with a fault of ours.
func TestOddCalls(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	requests, err := odd.Requests(h.router)
	must(t, err)
	token := "Bearer " + h.token(an, "level2")
	bodies := []string{"", "{}", "null", `{"event":"accept"}`, `{"event":"\u0000","revision":-1}`, `{"input":{"note":"\u0000"},"event":"withdraw"}`}
	for i, q := range requests {
		r := httptest.NewRequestWithContext(t.Context(), q.Method, api.Path+strings.TrimPrefix(q.Target, api.Path), strings.NewReader(bodies[i%len(bodies)]))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", token)
		r.Header["Idempotency-Key"] = []string{odd.Values[i%len(odd.Values)]}
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError {
			t.Errorf("%s %.300s: %d %.300s", q.Method, q.Target, w.Code, w.Body)
		}
	}
}
