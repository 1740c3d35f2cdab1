package pay

import (
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/registry/signed"
	"github.com/hoso-gov/hoso/sandbox/drill"
	"github.com/hoso-gov/hoso/sandbox/page"
)

// Routes serves the platform below its base.
func (g *Gateway) Routes(r chi.Router) {
	r.Get("/jwks.json", g.cfg.Signer.ServeHTTP)
	r.Post("/orders", g.signed(func(_ *http.Request, body []byte) (any, error) {
		var in Order
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, errInvalid
		}
		o, err := g.order(in)
		return map[string]any{"id": o.ID, "pay_url": g.cfg.Base + "/page/" + o.Token, "status": o.Status}, err
	}))
	r.Get("/orders/{id}", g.signed(func(r *http.Request, _ []byte) (any, error) {
		return answerOf(g.status(orderID(r))), nil
	}))
	r.Post("/orders/{id}/refund", g.signed(func(r *http.Request, _ []byte) (any, error) {
		o, err := g.refund(orderID(r))
		return answerOf(o), err
	}))
	r.Post("/orders/{id}/cancel", g.signed(func(r *http.Request, _ []byte) (any, error) {
		o, err := g.cancel(orderID(r))
		return answerOf(o), err
	}))
	r.Get("/page/{token}", g.show)
	r.Post("/page/{token}", g.choose)
	r.Get("/", g.list)
}

func orderID(r *http.Request) string {
	id, err := url.PathUnescape(chi.URLParam(r, "id"))
	if err != nil {
		return ""
	}
	return id
}

func answerOf(o Order) map[string]any {
	return map[string]any{"id": o.ID, "status": o.Status, "amount": o.Amount, "receipt": o.Receipt, "reason": o.Reason, "refund": o.Refund, "at": o.ChangedAt}
}

// signed answers a signed request with a signed answer, unless a drill is on.
func (g *Gateway) signed(do func(*http.Request, []byte) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		sw := g.cfg.Board.Take(g.cfg.Part)
		sw.Wait(r.Context())
		if sw.Down {
			http.Error(w, "out of service", http.StatusServiceUnavailable)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
		if err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		sig, err := g.cfg.Verify.Request(r, body)
		if err != nil {
			g.write(w, http.StatusUnauthorized, map[string]any{"detail": err.Error()}, signed.RequestID(r), sw)
			return
		}
		answer, err := do(r, body)
		status := http.StatusOK
		switch {
		case sw.DoneButError:
			http.Error(w, "something broke after the work", http.StatusInternalServerError)
			return
		case err == nil:
		case errors.Is(err, errConflict), errors.Is(err, errState):
			status = http.StatusConflict
		case errors.Is(err, errNoOrder):
			status = http.StatusNotFound
		case errors.Is(err, errInvalid):
			status = http.StatusBadRequest
		default:
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if err != nil {
			answer = map[string]any{"detail": err.Error()}
		}
		g.write(w, status, answer, sig.ID, sw)
	}
}

func (g *Gateway) write(w http.ResponseWriter, status int, value any, id string, sw drill.Switch) {
	text, err := json.Marshal(value)
	if err == nil {
		err = g.cfg.Signer.Response(w.Header(), status, text, id)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if sw.Wrong {
		text = []byte(`{"id":"forged","status":"paid","pay_url":"http://127.0.0.1:1/forged"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

//go:embed page.html
var pageHTML string

//go:embed list.html
var listHTML string

var (
	payPage  = page.Parse(pageHTML)
	listPage = page.Parse(listHTML)
)

func (g *Gateway) show(w http.ResponseWriter, r *http.Request) {
	o, ok := g.byToken(chi.URLParam(r, "token"))
	if !ok {
		page.Sorry(w, r, http.StatusNotFound, "Không có lệnh thanh toán này.", "There is no such payment order.")
		return
	}
	page.Write(w, r, http.StatusOK, payPage, [2]string{"Nền tảng thanh toán", "Payment platform"}, o)
}

func (g *Gateway) choose(w http.ResponseWriter, r *http.Request) {
	o, ok := g.byToken(chi.URLParam(r, "token"))
	if !ok {
		page.Sorry(w, r, http.StatusNotFound, "Không có lệnh thanh toán này.", "There is no such payment order.")
		return
	}
	var err error
	switch r.PostFormValue("choice") {
	case "pay":
		o, err = g.settle(o.ID, Paid)
	case "refuse":
		o, err = g.settle(o.ID, Failed)
	}
	if err != nil {
		page.Sorry(w, r, http.StatusInternalServerError, "Nền tảng thanh toán gặp sự cố.", "The payment platform has a fault.")
		return
	}
	http.Redirect(w, r, back(o), http.StatusSeeOther)
}

// back is where the payer goes on; what it says there is for display only.
func back(o Order) string {
	u, err := url.Parse(o.ReturnURL)
	if err != nil {
		return "/"
	}
	q := u.Query()
	q.Set("order", o.ID)
	q.Set("status", o.Status)
	u.RawQuery = q.Encode()
	return u.String()
}

func (g *Gateway) list(w http.ResponseWriter, r *http.Request) {
	page.Write(w, r, http.StatusOK, listPage, [2]string{"Các lệnh thanh toán", "Payment orders"}, g.Orders())
}
