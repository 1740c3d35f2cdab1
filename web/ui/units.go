package ui

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/hoso-gov/hoso/agency"
)

// UnitsPath answers the communes of a province as JSON; [Units] serves it.
const UnitsPath = "/don-vi.json"

// Units answers GET /don-vi.json?province=01&lang=vi with the communes of the
// province in the order of their names: [{"code": "00070", "name": "Phường Hoàn
// Kiếm"}]. now returns the present list. The list is public.
func Units(now func() *agency.Units) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		type unit struct {
			Code string `json:"code"`
			Name string `json:"name"`
		}
		q := r.URL.Query()
		list := []unit{}
		for _, o := range unitOptions(now().Communes(q.Get("province")), q.Get("lang")) {
			list = append(list, unit{o.Value, o.Text})
		}
		b, err := json.Marshal(list)
		if err != nil {
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "public, max-age=3600")
		w.Header().Set("Content-Length", strconv.Itoa(len(b)))
		_, _ = w.Write(b) // a browser that left wants nothing more
	})
}

// itemValue is the value of the button that takes an entry away.
func itemValue(name string, index int) string { return name + "-" + strconv.Itoa(index) }
