package portal

import (
	"fmt"
	"mime"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/web/site"
)

// document sends a paper that was issued in the case.
func (p *portal) document(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(chi.URLParam(r, "document"))
	if err != nil {
		return cases.ErrNotFound
	}
	code := cases.Code(chi.URLParam(r, "code"))
	d, content, err := p.Cases.Document(r.Context(), site.Actor(r), code, id)
	if err != nil {
		return err
	}
	return sendFile(w, r, string(code)+"-"+d.Kind+".pdf", "application/pdf", content)
}

// caseFile sends a paper that was handed in.
func (p *portal) caseFile(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(chi.URLParam(r, "file"))
	if err != nil {
		return cases.ErrNotFound
	}
	f, content, err := p.Cases.FileContent(r.Context(), site.Actor(r), cases.Code(chi.URLParam(r, "code")), id)
	if err != nil {
		return err
	}
	return sendFile(w, r, f.Name, f.Type, content)
}

// sendFile answers with a file that the browser keeps under its name. What
// citizens sent is never shown as a page of ours.
func sendFile(w http.ResponseWriter, r *http.Request, name, kind string, content []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(content)))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := w.Write(content); err != nil {
		return fmt.Errorf("send %s: %w", name, err)
	}
	return nil
}
