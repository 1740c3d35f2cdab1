package sandbox

import (
	"net/http"
	"os"
	"path/filepath"
	"testing/fstest"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry/signed"
	"github.com/hoso-gov/hoso/sandbox/drill"
	"github.com/hoso-gov/hoso/sandbox/guide"
	"github.com/hoso-gov/hoso/sandbox/idp"
	"github.com/hoso-gov/hoso/sandbox/mail"
	"github.com/hoso-gov/hoso/sandbox/page"
	"github.com/hoso-gov/hoso/sandbox/pay"
	"github.com/hoso-gov/hoso/sandbox/tsa"
)

// parts are what can be made to fail.
func (s *Sandbox) parts() []drill.Part {
	all := []string{"slow", "down", "wrong", "repeat", "doneButError"}
	out := []drill.Part{{ID: "idp", VI: "Định danh điện tử quốc gia", EN: "National electronic identity", Can: []string{"slow", "down"}}}
	for _, name := range s.cfg.Data.Registries() {
		out = append(out, drill.Part{ID: name, VI: name, EN: name, Can: all})
	}
	return append(out, []drill.Part{
		{ID: "pay", VI: "Nền tảng thanh toán: lệnh", EN: "Payment platform: orders", Can: []string{"slow", "down", "wrong", "doneButError"}},
		{ID: "pay-callback", VI: "Nền tảng thanh toán: báo kết quả", EN: "Payment platform: callbacks", Can: all},
		{ID: "tsa", VI: "Dịch vụ cấp dấu thời gian", EN: "Time-stamping authority", Can: []string{"slow", "down", "wrong"}},
		{ID: "mail", VI: "Thư điện tử (SMTP)", EN: "E-mail (SMTP)", Can: []string{"slow", "down", "repeat", "doneButError"}},
		{ID: "sms", VI: "Tin nhắn SMS", EN: "Short messages", Can: []string{"slow", "down", "repeat", "doneButError"}},
	}...)
}

// named are the parts with what people call them.
func (s *Sandbox) named() []drill.Part {
	parts := s.Board.Parts()
	c := s.definitions()
	for i, p := range parts {
		if title, known := c.Elements.Registries[p.ID]; known {
			parts[i].VI, parts[i].EN = title.VI, title.EN
		}
	}
	return parts
}

// definitions are those of the portal; none when nobody told the sandbox.
func (s *Sandbox) definitions() *procedures.Catalogue {
	if s.cfg.Definitions != nil {
		if c := s.cfg.Definitions(); c != nil {
			return c
		}
	}
	return nobodysDefinitions
}

// nobodysDefinitions hold nothing.
var nobodysDefinitions, _ = procedures.Load(fstest.MapFS{})

// build makes all parts and puts them on one handler.
func (s *Sandbox) build() (http.Handler, error) {
	s.Board = drill.New(s.parts()...)
	if err := s.open(); err != nil {
		return nil, err
	}
	r := chi.NewRouter()
	r.Get("/", s.showBoard)
	r.Post("/board", s.changeBoard)
	r.Post("/switch", s.changeSwitch)
	r.Get("/switch", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, s.named()) })
	r.Post("/reset", s.reset)
	r.Get("/demo.json", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, s.idp.Identities()) })
	r.Post("/token", s.token)
	r.Get("/books.json", s.books)
	r.Get("/healthz", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, map[string]string{"status": "ok"}) })
	r.Handle("/assets/*", page.Assets())
	r.Route("/idp", s.idp.Routes)
	r.Route("/pay", s.pay.Routes)
	r.Route("/tsa", s.tsa.Routes)
	try, err := guide.New(guide.Config{Definitions: s.definitions, Portal: s.cfg.Portal, Read: func(registry, kind, key string) map[string]any {
		values, _, _, err := s.World.Read(registry, kind, key, s.today())
		if err != nil {
			return nil // a kind that the sandbox lacks: the page tells what it can
		}
		return values
	}})
	if err != nil {
		return nil, err
	}
	r.Route(guide.Path, try.Routes)
	s.box.Routes(r, s.Board, "sms")
	for _, name := range s.cfg.Data.Registries() {
		signer, err := s.signer(name)
		if err != nil {
			return nil, err
		}
		reg := &registryServer{name: name, base: s.addr.Registries[name], data: s.cfg.Data, world: s.World, definitions: s.definitions, board: s.Board, signer: signer, verify: s.verifier(), today: s.today}
		r.Route("/registries/"+name, reg.routes)
	}
	return http.NewCrossOriginProtection().Handler(r), nil
}

// open makes the parts that keep state.
func (s *Sandbox) open() error {
	records, err := s.store("registries")
	if err != nil {
		return err
	}
	if s.hoso, err = s.signer("hoso-client"); err != nil {
		return err
	}
	day, err := time.Parse(time.DateOnly, s.today())
	if err != nil {
		return err
	}
	if s.World, err = s.cfg.Data.World(day, records); err != nil {
		return err
	}
	keys, err := s.store("idp-key")
	if err != nil {
		return err
	}
	if s.idp, err = idp.New(idp.Config{Issuer: s.addr.Issuer, Identities: s.cfg.Identities, RedirectURIs: s.cfg.RedirectURIs, Board: s.Board, Part: "idp", Store: keys}); err != nil {
		return err
	}
	orders, err := s.store("pay")
	if err != nil {
		return err
	}
	signer, err := s.signer("pay")
	if err != nil {
		return err
	}
	if s.pay, err = pay.New(pay.Config{Base: s.addr.Pay, Signer: signer, Verify: s.verifier(), Board: s.Board, Part: "pay", Store: orders, Now: s.cfg.Now}); err != nil {
		return err
	}
	if err := s.openTSA(); err != nil {
		return err
	}
	messages, err := s.store("mail")
	if err != nil {
		return err
	}
	s.box, err = mail.NewBox(messages, s.cfg.Mail)
	return err
}

// openTSA makes the time-stamping authority, and leaves the certificate to trust in the folder.
func (s *Sandbox) openTSA() error {
	keys, err := s.store("tsa")
	if err != nil {
		return err
	}
	if s.tsa, err = tsa.New(tsa.Config{Board: s.Board, Part: "tsa", Store: keys}); err != nil || s.cfg.Dir == "" {
		return err
	}
	s.addr.TSATrust = filepath.Join(s.cfg.Dir, "tsa.pem")
	return os.WriteFile(s.addr.TSATrust, s.tsa.RootPEM(), 0o644)
}

// verifier trusts Hoso.
func (s *Sandbox) verifier() *signed.Verifier {
	keys := s.hoso.Public()
	keys.Keys = append(keys.Keys, s.cfg.Clients.Keys...)
	return signed.NewVerifier(signed.Static(keys))
}
