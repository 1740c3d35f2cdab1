package portal

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/internal/odd"
)

// Whatever stands in an address, no page of the portal answers that the fault is
// ours: neither to a citizen nor to somebody who is not signed in.
func TestOddAddresses(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	handler := s.server.Config.Handler
	requests, err := odd.Requests(handler.(chi.Router))
	must(t, err)
	for _, signedIn := range []bool{false, true} {
		if signedIn {
			s.signIn(an, "Nguyễn Thị An", 2)
		}
		for _, r := range requests {
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), r.Method, r.Target, nil))
			if w.Code >= http.StatusInternalServerError && w.Code != http.StatusServiceUnavailable {
				t.Errorf("signed in %t: %s %.300s: %d", signedIn, r.Method, r.Target, w.Code)
			}
		}
	}
}
