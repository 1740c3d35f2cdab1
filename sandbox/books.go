package sandbox

import (
	"net/http"

	"github.com/hoso-gov/hoso/sandbox/mail"
	"github.com/hoso-gov/hoso/sandbox/pay"
	"github.com/hoso-gov/hoso/sandbox/world"
)

// books are what the parts did, as they wrote it down themselves: whoever checks
// Hoso holds its database against them.
func (s *Sandbox) books(w http.ResponseWriter, _ *http.Request) {
	out := struct {
		Orders     []pay.Order              `json:"orders"`
		Registries map[string][]world.Entry `json:"registries"`
		Messages   []mail.Message           `json:"messages"`
	}{s.pay.Orders(), map[string][]world.Entry{}, s.box.Messages("")}
	for _, name := range s.World.Registries() {
		out.Registries[name] = s.World.Book(name)
	}
	writeJSON(w, out)
}
