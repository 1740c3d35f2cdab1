package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
)

// measures counts requests by route, so that no number of a case or person
// becomes a label.
type measures struct {
	took *prometheus.HistogramVec
}

func newMeasures(reg *prometheus.Registry) *measures {
	m := &measures{took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "hoso_http_request_seconds", Help: "Time from request to answer, by method, route and status.",
		Buckets: []float64{.005, .01, .02, .05, .1, .25, .5, 1, 2.5, 5},
	}, []string{"method", "route", "status"})}
	if reg != nil {
		reg.MustRegister(m.took)
	}
	return m
}

func (m *measures) measure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, ww := time.Now(), middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		next.ServeHTTP(ww, r)
		route := chi.RouteContext(r.Context()).RoutePattern()
		if route == "" {
			route = "none"
		}
		m.took.WithLabelValues(r.Method, route, strconv.Itoa(ww.Status())).Observe(time.Since(start).Seconds())
	})
}
