package web

import (
	"errors"
	"net/http"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/payment"
	"github.com/hoso-gov/hoso/web/site"
)

// callback takes what the payment platform reports. Anything but 204 makes the
// platform send it again.
func callback(g *payment.Gateway, s *site.Site) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		e, err := g.ParseCallback(r)
		switch {
		case errors.Is(err, payment.ErrForged):
			s.Log.WarnContext(r.Context(), "payment callback refused", "error", err)
			http.Error(w, "not believed", http.StatusUnauthorized)
			return
		case err != nil:
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		switch err := s.Cases.PaymentEvent(r.Context(), e); {
		case errors.Is(err, cases.ErrNotFound):
			http.Error(w, "no such order", http.StatusNotFound)
		case errors.Is(err, cases.ErrAmount): // recorded, and shown to the officers; sending it again changes nothing
			s.Log.ErrorContext(r.Context(), "a payment is not of the amount asked for", "order", e.Order, "error", err)
			w.WriteHeader(http.StatusNoContent)
		case err != nil:
			s.Log.ErrorContext(r.Context(), "payment callback", "order", e.Order, "error", err)
			http.Error(w, "try again", http.StatusServiceUnavailable)
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}
}
