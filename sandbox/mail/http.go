package mail

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/sandbox/drill"
	"github.com/hoso-gov/hoso/sandbox/page"
)

//go:embed list.html
var listHTML string

//go:embed message.html
var messageHTML string

var (
	listPage    = page.Parse(listHTML)
	messagePage = page.Parse(messageHTML)
)

type listView struct {
	To         string
	Recipients []string
	Messages   []Message
}

// Routes serves /mail, /mail/{id}, /mail.json and takes short messages at /sms.
func (b *Box) Routes(r chi.Router, board *drill.Board, part string) {
	r.Get("/mail", b.list)
	r.Get("/mail/{id}", b.show)
	r.Get("/mail.json", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(b.Messages(r.URL.Query().Get("to")))
	})
	r.Post("/sms", b.sms(board, part))
}

func (b *Box) list(w http.ResponseWriter, r *http.Request) {
	v := listView{To: r.URL.Query().Get("to")}
	v.Messages = b.Messages(v.To)
	for _, m := range b.Messages("") {
		if !slices.Contains(v.Recipients, m.To) {
			v.Recipients = append(v.Recipients, m.To)
		}
	}
	slices.Sort(v.Recipients)
	page.Write(w, r, http.StatusOK, listPage, [2]string{"Hộp thư", "Mailbox"}, v)
}

func (b *Box) show(w http.ResponseWriter, r *http.Request) {
	m, ok := b.Message(chi.URLParam(r, "id"))
	if !ok {
		page.Sorry(w, r, http.StatusNotFound, "Không có thư này.", "There is no such message.")
		return
	}
	title := m.Subject
	if title == "" {
		title = "SMS " + m.To
	}
	page.Write(w, r, http.StatusOK, messagePage, [2]string{title, title}, m)
}

var phone = regexp.MustCompile(`^\+?[0-9]{8,15}$`)

// sms takes {"to", "text"}; the header Idempotency-Key says which message it is.
func (b *Box) sms(board *drill.Board, part string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		sw := board.Take(part)
		sw.Wait(r.Context())
		if sw.Down {
			http.Error(w, "out of service", http.StatusServiceUnavailable)
			return
		}
		var in struct{ To, Text string }
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<14)).Decode(&in); err != nil || in.Text == "" {
			http.Error(w, "send {to, text}", http.StatusBadRequest)
			return
		}
		if !phone.MatchString(in.To) {
			http.Error(w, "no such number", http.StatusUnprocessableEntity)
			return
		}
		m := Message{Kind: "sms", Key: r.Header.Get("Idempotency-Key"), From: "DVC", To: in.To, Text: in.Text}
		err := b.deliver(m)
		if err == nil && sw.Repeat {
			err = b.deliver(m)
		}
		if err != nil || sw.DoneButError {
			http.Error(w, "something broke after the work", http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	}
}
