package studio

import (
	"bytes"
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/hoso-gov/hoso/diagram"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
)

// diagramPage is the picture of a workflow, below a procedure.
const diagramPage = "so-do.svg"

// diagram draws the workflow as it stands in the folder. It is a file of its own,
// shown as an image: nothing in it can reach the page.
func (t *studio) diagram(w http.ResponseWriter, r *http.Request) error {
	shelf, err := t.library.now()
	if err != nil {
		return err
	}
	p, ok := shelf.catalogue.Get(procedures.ID(chi.URLParam(r, "procedure")))
	if !ok || p.Machine == nil {
		return errNotFound
	}
	var b bytes.Buffer
	if err := diagram.SVGInPage(&b, p, site.Lang(r)); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/svg+xml; charset=utf-8")
	w.Header().Set("Cache-Control", "private, no-store")
	_, err = b.WriteTo(w)
	return err
}
