package ui

import (
	"errors"
	"net/http/httptest"
	"testing"
	"testing/fstest"
)

func builtSet() assetSet {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return readBuilt(fstest.MapFS{
		"assets/dist/manifest.json":  file(`{"ui.css": "ui-1.css"}`),
		"assets/dist/ui-1.css":       file("plain"),
		"assets/dist/ui-1.css.gz":    file("gzip"),
		"assets/dist/ui-1.css.br":    file("brotli"),
		"assets/dist/font-1.woff2":   file("font"),
		"assets/dist/.gitignore":     file("*"),
		"assets/dist/secret/ui-2.js": file("x"),
	})
}

// A browser gets the smallest form that it takes, and may keep it for good.
func TestAssets(t *testing.T) {
	for _, c := range []struct {
		path, accept string
		status       int
		coding, body string
	}{
		{"/assets/ui-1.css", "gzip, deflate, br", 200, "br", "brotli"},
		{"/assets/ui-1.css", "gzip", 200, "gzip", "gzip"},
		{"/assets/ui-1.css", "gzip;q=1.0, br;q=0", 200, "gzip", "gzip"},
		{"/assets/ui-1.css", "", 200, "", "plain"},
		{"/assets/font-1.woff2", "gzip, br", 200, "", "font"},
		{"/assets/ui-9.css", "br", 404, "", ""},
		{"/assets/manifest.json", "", 404, "", ""},
		{"/assets/.gitignore", "", 404, "", ""},
		{"/assets/ui-1.css.gz", "", 404, "", ""},
		{"/assets/../assets.css", "", 404, "", ""},
	} {
		r := httptest.NewRequest("GET", c.path, nil)
		r.Header.Set("Accept-Encoding", c.accept)
		w := httptest.NewRecorder()
		builtSet().serve(w, r)
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d", c.path, w.Code, c.status)
			continue
		}
		if c.status == 200 && (w.Body.String() != c.body || w.Header().Get("Content-Encoding") != c.coding || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable") {
			t.Errorf("%s for %q: %q %v", c.path, c.accept, w.Body, w.Header())
		}
	}
	w := httptest.NewRecorder()
	builtSet().serve(w, httptest.NewRequest("POST", "/assets/ui-1.css", nil))
	if w.Code != 405 {
		t.Errorf("POST: %d", w.Code)
	}
}

// A program without assets says what to do, and its pages still work.
func TestAssetsAreMissing(t *testing.T) {
	kept := built
	t.Cleanup(func() { built = kept })
	built = readBuilt(fstest.MapFS{"assets/dist/.gitignore": &fstest.MapFile{}})
	if err := CheckAssets(); !errors.Is(err, ErrNoAssets) {
		t.Errorf("got %v", err)
	}
	w := httptest.NewRecorder()
	Assets().ServeHTTP(w, httptest.NewRequest("GET", "/assets/ui.css", nil))
	if w.Code != 503 {
		t.Errorf("status %d", w.Code)
	}
	root := draw(t, Page(Frame{Title: "x"}))
	for n := range root.Descendants() {
		if n.Data == "link" || n.Data == "script" {
			t.Errorf("the page names a file that is not there: %v", n.Attr)
		}
	}
}
