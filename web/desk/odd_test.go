package desk

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/internal/odd"
)

// Whatever stands in an address, no page of the desk answers an officer that the
// fault is ours.
func TestOddAddresses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	requests, err := odd.Requests(h.handler.(chi.Router))
	h.ok(err)
	staff, err := h.agency.Officer(t.Context(), handler)
	h.ok(err)
	for _, q := range requests {
		r := httptest.NewRequestWithContext(identity.With(t.Context(), &identity.Principal{Actor: staff.Actor(2), Subject: staff.ID, Lang: "vi"}), q.Method, q.Target, nil)
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError {
			t.Errorf("%s %.300s: %d", q.Method, q.Target, w.Code)
		}
	}
}
