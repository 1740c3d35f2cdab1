package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/cmd/hoso/bench"
	"github.com/hoso-gov/hoso/internal/pgtest"
)

// Every page of the way to a case is loaded, and its measurement stands beside its floor.
func TestBenchPortal(t *testing.T) {
	t.Parallel()
	got, err := bench.MeasurePortal(t.Context(), bench.PortalConfig{URL: pgtest.URL(t), Start: startBenchNode, Workers: 2, Each: 50 * time.Millisecond, Residents: 300})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Workers int
		Pages   map[string]map[string]any
	}
	if err := json.Unmarshal(raw, &read); err != nil || read.Workers != 2 {
		t.Fatalf("got %s, %v", raw, err)
	}
	for _, name := range bench.PortalPages {
		for _, key := range []string{"requests", "requests_per_s", "p95_ms", "wire_bytes", "gzip_bytes", "floor_requests_per_s", "ratio"} {
			if v, _ := read.Pages[name][key].(float64); v <= 0 {
				t.Errorf("%s: %s is missing in %s", name, key, raw)
			}
		}
	}
	if n := len(read.Pages); n != len(bench.PortalPages) {
		t.Errorf("%d pages in %s", n, raw)
	}
	for _, name := range bench.PortalPages {
		if got.Grown.Slower[name] <= 0 || got.Grown.Pages[name].Requests == 0 || got.Grown.Residents < 300 {
			t.Errorf("%s after people came: %+v", name, got.Grown)
		}
	}
}
