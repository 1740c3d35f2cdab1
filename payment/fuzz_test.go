package payment_test

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/hoso-gov/hoso/payment"
	"github.com/hoso-gov/hoso/registry/signed"
)

// Any bytes at the address of callbacks end in an event that can be acted on or
// in ErrForged, also when the platform's own key signed them; without its
// signature they never end in an event.
func FuzzCallback(f *testing.F) {
	platform, err := signed.Generate("pay")
	if err != nil {
		f.Fatal(err)
	}
	us, err := signed.Generate("hoso")
	if err != nil {
		f.Fatal(err)
	}
	g, err := payment.New(payment.Config{URL: "http://pay.test", Keys: signed.Static(platform.Public()), Signer: us, CallbackURL: "http://hoso.test/payments/callback"})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{`{"event":"e1","order":"c-1","status":"paid","amount":10000,"receipt":"R","at":"2026-11-26T09:00:00+07:00"}`, `{"event":"e1","order":"c-1","status":"refunded"}`,
		`{"event":"e1","order":"c-1","status":"pending"}`, `{"event":"","order":"c-1","status":"paid"}`, `{"amount":1e99}`, `{"at":"yesterday"}`, `null`, ``, `[`} {
		f.Add([]byte(s), "")
	}
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		for _, own := range []bool{true, false} {
			r := httptest.NewRequest("POST", "http://hoso.test/payments/callback", bytes.NewReader(body))
			if own {
				if _, err := platform.Request(r, body); err != nil {
					t.Fatal(err)
				}
			} else {
				r.Header[signed.Header] = []string{header}
			}
			e, err := g.ParseCallback(r)
			switch {
			case err != nil && !errors.Is(err, payment.ErrForged):
				t.Errorf("%q: %v is of no documented kind", body, err)
			case err == nil && !own:
				t.Errorf("%q is believed without a signature", body)
			case err == nil && (e.ID == "" || e.Order == "" || e.State != payment.Paid && e.State != payment.Failed && e.State != payment.Refunded):
				t.Errorf("%q became %+v", body, e)
			}
		}
	})
}
