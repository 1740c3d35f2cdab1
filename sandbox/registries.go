package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/registry/signed"
	"github.com/hoso-gov/hoso/sandbox/drill"
	"github.com/hoso-gov/hoso/sandbox/world"
)

// registryServer plays one registry over the signed exchange.
type registryServer struct {
	name   string
	base   string // its address
	data   *world.Data
	world  *world.World
	board  *drill.Board
	signer *signed.Signer
	verify *signed.Verifier
	today  func() string

	definitions func() *procedures.Catalogue
}

func (s *registryServer) routes(r chi.Router) {
	r.Get("/", s.show)
	r.Get("/openapi.json", s.openAPI)
	r.Get("/jwks.json", s.signer.ServeHTTP)
	r.Post("/records", s.answer(s.records))
	r.Post("/operations/{operation}", s.answer(s.operations))
	r.Post("/outcomes", s.answer(s.outcomes))
	r.Get("/book", s.book)
}

// refusal is an answer that says that the request was wrong.
type refusal struct {
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

func (s *registryServer) answer(do func(*http.Request, []byte, drill.Switch) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		sw := s.board.Take(s.name)
		sw.Wait(r.Context())
		if sw.Down {
			http.Error(w, "out of service", http.StatusServiceUnavailable)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		sig, err := s.verify.Request(r, body)
		if err != nil {
			s.write(w, http.StatusUnauthorized, refusal{http.StatusUnauthorized, err.Error()}, signed.RequestID(r), sw)
			return
		}
		reply, err := do(r, body, sw)
		if sw.DoneButError {
			http.Error(w, "something broke after the work", http.StatusInternalServerError)
			return
		}
		if err != nil {
			status := statusOf(err)
			s.write(w, status, refusal{status, err.Error()}, sig.ID, sw)
			return
		}
		s.write(w, http.StatusOK, reply, sig.ID, sw)
	}
}

func statusOf(err error) int {
	switch {
	case errors.Is(err, world.ErrKind), errors.Is(err, world.ErrOperation):
		return http.StatusNotFound
	case errors.Is(err, world.ErrKeyReused):
		return http.StatusConflict
	case errors.Is(err, errRequest):
		return http.StatusBadRequest
	default:
		return http.StatusInternalServerError
	}
}

// errRequest reports a request that cannot be understood.
var errRequest = errors.New("bad request")

func (s *registryServer) write(w http.ResponseWriter, status int, value any, id string, sw drill.Switch) {
	text, err := json.Marshal(value)
	if err == nil {
		err = s.signer.Response(w.Header(), status, text, id)
	}
	if err != nil {
		slog.Error("a registry of the sandbox could not answer", "registry", s.name, "error", err)
		http.Error(w, "could not answer", http.StatusInternalServerError)
		return
	}
	if sw.Wrong { // somebody on the way wrote another answer under the registry's signature
		text = []byte(`{"state":"fetched","version":"0","outcome":"done","receipt":"forged","values":{"forged":true}}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

func (s *registryServer) records(_ *http.Request, body []byte, _ drill.Switch) (any, error) {
	var q struct {
		Kind, Key, Today string
		Purpose          registry.Purpose
	}
	if err := json.Unmarshal(body, &q); err != nil {
		return nil, fmt.Errorf("%w: %w", errRequest, err)
	}
	if q.Purpose.Reader == "" || q.Purpose.Basis == "" {
		return nil, fmt.Errorf("%w: it does not say who reads and on what basis", errRequest)
	}
	values, version, ok, err := s.world.Read(s.name, q.Kind, q.Key, s.day(q.Today))
	if err != nil {
		return nil, err
	}
	state := registry.Fetched
	if !ok {
		state = registry.Empty
	}
	return map[string]any{"state": state, "version": version, "asOf": time.Now().UTC().Truncate(time.Second), "values": values}, nil
}

func (s *registryServer) operations(r *http.Request, body []byte, sw drill.Switch) (any, error) {
	key := r.Header.Get(signed.IdempotencyKey)
	if key == "" {
		return nil, fmt.Errorf("%w: header %s is required", errRequest, signed.IdempotencyKey)
	}
	var in struct {
		Body  map[string]any
		Today string
	}
	if err := signed.Decode(body, &in); err != nil {
		return nil, fmt.Errorf("%w: %w", errRequest, err)
	}
	signed.Plain(in.Body)
	do := func() (registry.Reply, error) {
		return s.world.Do(s.name, chi.URLParam(r, "operation"), key, in.Body, s.day(in.Today))
	}
	if sw.Repeat { // the network delivers the request twice
		if _, err := do(); err != nil {
			return nil, err
		}
	}
	return do()
}

// outcomes says what was answered to a message, by its key, if it was carried out.
func (s *registryServer) outcomes(_ *http.Request, body []byte, _ drill.Switch) (any, error) {
	var q struct{ Key, Operation string }
	if err := json.Unmarshal(body, &q); err != nil {
		return nil, fmt.Errorf("%w: %w", errRequest, err)
	}
	for _, e := range s.world.Book(s.name) {
		if e.Key == q.Key && e.Operation == q.Operation {
			return map[string]any{"found": true, "reply": e.Reply}, nil
		}
	}
	return map[string]any{"found": false}, nil
}

// day is the day that the request names, or the registry's own.
func (s *registryServer) day(asked string) string {
	if _, err := time.Parse(time.DateOnly, asked); err == nil {
		return asked
	}
	return s.today()
}

func (s *registryServer) book(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, s.world.Book(s.name))
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		slog.Error("sandbox: answer as JSON", "error", err)
	}
}
