package sandbox_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/registry/exchange"
	"github.com/hoso-gov/hoso/registry/signed"
	"github.com/hoso-gov/hoso/sandbox"
	"github.com/hoso-gov/hoso/sandbox/drill"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// The sandbox's clock begins on the morning of 24 November 2026 and goes on.
var (
	began   = time.Now()
	morning = time.Date(2026, time.November, 24, 9, 0, 0, 0, time.FixedZone("ICT", 7*60*60))
)

func start(t *testing.T, dir string) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Config{
		HTTP: "127.0.0.1:0", SMTP: "127.0.0.1:0", Dir: dir,
		Now: func() time.Time { return morning.Add(time.Since(began)) },
		Identities: []sandbox.Identity{
			{Subject: "001196000101", Kind: "citizen", Name: "Nguyễn Thị An", Note: sandbox.Text{VI: "Mới kết hôn", EN: "Just married"}},
			{Subject: "cb-01", Kind: "officer", Name: "Trần Thị Cán", Roles: []string{"reception"}, Agency: "Công an phường Ba Đình"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func connect(t *testing.T, s *sandbox.Sandbox, name string) *exchange.Client {
	t.Helper()
	clients, err := exchange.Connect(s.Addresses().Registries, s.Signer(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return clients[name]
}

var purpose = registry.Purpose{Reader: "001196000101", ReaderKind: "citizen", Text: "test", Basis: "self"}

// Every kind can be read over the exchange, and a forged answer is no answer.
func TestRecords(t *testing.T) {
	s := start(t, "")
	land := connect(t, s, "land")
	ask := func() registry.Record {
		t.Helper()
		r, err := land.Fetch(t.Context(), registry.Request{Kind: "dwelling", Key: "01/00004/12 phố Lê Lợi", Purpose: purpose})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r := ask()
	if r.State != registry.Fetched || r.Values["floorArea"] != 85.5 || r.Version == "" || r.AsOf.IsZero() || r.Registry != "land" {
		t.Errorf("got %+v", r)
	}
	for name, sw := range map[string]drill.Switch{"wrong": {Wrong: true}, "down": {Down: true}, "done but error": {DoneButError: true}} {
		if err := s.Board.Set("land", sw); err != nil {
			t.Fatal(err)
		}
		if r := ask(); r.State != registry.Unavailable || r.Values != nil {
			t.Errorf("%s: got %+v, want unavailable", name, r)
		}
	}
	s.Board.Clear()
	if r := ask(); r.State != registry.Fetched {
		t.Errorf("after the drill: got %s", r.State)
	}
	if _, err := land.Fetch(t.Context(), registry.Request{Kind: "fine", Key: "1", Purpose: purpose}); err == nil {
		t.Error("a kind of another registry is our fault and must be an error")
	}
}

// A slow registry is unavailable after its time limit, and costs no more.
func TestSlow(t *testing.T) {
	s := start(t, "")
	if err := s.Board.Set("land", drill.Switch{Slow: 60_000}); err != nil {
		t.Fatal(err)
	}
	d := registry.Directory{}
	d.Add(connect(t, s, "land"), "dwelling")
	d.Add(connect(t, s, "civil-status"), "marriage")
	began := time.Now()
	got := d.FetchAll(t.Context(), []registry.Request{
		{Kind: "dwelling", Key: "01/00004/12 phố Lê Lợi", Purpose: purpose},
		{Kind: "marriage", Key: "001196000101", Purpose: purpose},
	})
	if got[0].State != registry.Unavailable || got[1].State != registry.Fetched {
		t.Errorf("got %s and %s", got[0].State, got[1].State)
	}
	if took := time.Since(began); took > registry.Timeout+time.Second {
		t.Errorf("took %s", took)
	}
}

// Only Hoso may ask: a stranger's signature is refused.
func TestStranger(t *testing.T) {
	s := start(t, "")
	stranger, err := signed.Generate("hoso")
	if err != nil {
		t.Fatal(err)
	}
	clients, err := exchange.Connect(s.Addresses().Registries, stranger, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := clients["land"].Fetch(t.Context(), registry.Request{Kind: "dwelling", Key: "01/00004/12 phố Lê Lợi", Purpose: purpose})
	if err == nil || r.State == registry.Fetched {
		t.Errorf("got %s, %v", r.State, err)
	}
}

// A registry that does the work and then reports an error, or that gets the
// message twice, does it once: the book has one entry.
func TestOperationOnce(t *testing.T) {
	s := start(t, "")
	fines := connect(t, s, "fines")
	m := registry.Message{To: "fines", Operation: "mark-paid", Key: "5e2f9c1e-7d1c-4e0e-8a55-3c8d1f6f2a01",
		Body: map[string]any{"number": "123/QĐ-XPHC", "amount": 5_000_000, "receipt": "TT-1", "paidOn": "2026-11-24"}}
	if err := s.Board.Set("fines", drill.Switch{DoneButError: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := fines.Send(t.Context(), m); !errors.Is(err, registry.ErrAmbiguous) {
		t.Fatalf("first attempt: got %v, want ErrAmbiguous", err)
	}
	if err := s.Board.Set("fines", drill.Switch{Repeat: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	reply, err := fines.Send(t.Context(), m)
	if err != nil || reply.Outcome != registry.Done || reply.Receipt != "KB-TT-1" {
		t.Fatalf("second attempt: got %+v, %v", reply, err)
	}
	var book []struct {
		Key   string
		Times int
	}
	getJSON(t, s.Addresses().Registries["fines"]+"/book", &book)
	if len(book) != 1 || book[0].Key != m.Key || book[0].Times != 3 {
		t.Errorf("book is %+v, want one entry asked for three times", book)
	}
	m.Body["amount"] = 1
	if _, err := fines.Send(t.Context(), m); err == nil || registry.IsTransient(err) {
		t.Errorf("the key for another message: got %v, want a permanent error", err)
	}
	m.Key = "another"
	if reply, err := fines.Send(t.Context(), registry.Message{To: "fines", Operation: "mark-paid", Key: "k2",
		Body: map[string]any{"number": "123/QĐ-XPHC", "amount": 5_000_000, "receipt": "TT-2"}}); err != nil || reply.Outcome != registry.Refused || reply.Body["reason"] != "already-paid" {
		t.Errorf("paid twice: got %+v, %v", reply, err)
	}
}

// What happened outlives a restart: records, keys and switches' absence.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	key := s.Signer().Public().Keys[0].KeyID
	if _, err := connect(t, s, "fines").Send(t.Context(), registry.Message{Operation: "mark-paid", Key: "k",
		Body: map[string]any{"number": "98/QĐ-XPHC", "amount": 2_040_000, "receipt": "TT-9", "paidOn": "2026-11-24"}}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = start(t, dir)
	if got := s.Signer().Public().Keys[0].KeyID; got != key {
		t.Errorf("Hoso's key is %s, want %s", got, key)
	}
	r, err := connect(t, s, "fines").Fetch(t.Context(), registry.Request{Kind: "fine", Key: "98/QĐ-XPHC", Purpose: purpose})
	if err != nil || r.Values["status"] != "paid" || r.Values["receipt"] != "TT-9" {
		t.Errorf("got %+v, %v", r, err)
	}
}

func getJSON(t *testing.T, u string, into any) {
	t.Helper()
	resp, err := http.Get(u)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

var hiddenID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// The board shows every part, takes switches as JSON and as a form, and other
// sites cannot turn them.
func TestBoard(t *testing.T) {
	s := start(t, "")
	at := s.Addresses()
	post := func(path, kind, body, origin string) int {
		t.Helper()
		r, _ := http.NewRequest(http.MethodPost, at.Base+path, strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		if origin != "" {
			r.Header.Set("Origin", origin)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	if got := post("/switch", "application/json", `{"part":"land","down":true}`, ""); got != 200 || !s.Board.Take("land").Down {
		t.Errorf("JSON: %d", got)
	}
	if got := post("/board", "application/x-www-form-urlencoded", "part=fines&wrong=on&slow=10&times=2", ""); got != 200 || !s.Board.Take("fines").Wrong {
		t.Errorf("form: %d", got)
	}
	if s.Board.Take("fines"); s.Board.Take("fines").On() {
		t.Error("the switch stays on after two times")
	}
	if got := post("/switch", "application/json", `{"part":"idp","wrong":true}`, ""); got != 422 {
		t.Errorf("a switch that the part lacks: %d", got)
	}
	if got := post("/switch", "application/json", `{"part":"*"}`, "https://evil.example"); got != 403 || !s.Board.Take("land").Down {
		t.Errorf("another site: %d", got)
	}
	for _, lang := range []string{"vi", "en"} {
		resp, err := http.Get(at.Base + "/?lang=" + lang)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		for _, part := range s.Board.Parts() {
			if !strings.Contains(string(text), map[string]string{"vi": part.VI, "en": part.EN}[lang]) {
				t.Errorf("%s: the board lacks %s", lang, part.ID)
			}
		}
	}
}
