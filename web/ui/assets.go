package ui

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// ErrNoAssets reports a program that was built before the style, the script and
// the typeface of its pages.
var ErrNoAssets = errors.New("the style of the pages is not in this program: run make assets and build again")

//go:embed all:assets/dist
var dist embed.FS

// AssetsPath is where [Assets] is mounted.
const AssetsPath = "/assets/"

// Assets that pages name. The file names on the wire carry a digest of their content.
const (
	styleSheet = "ui.css"
	script     = "ui.js"
	icon       = "icon.svg"
)

var built = readBuilt(dist)

// assetSet is what web/ui/assets/build.mjs left: the files by the names that
// pages use.
type assetSet struct {
	files fs.FS
	names map[string]string // ui.css → ui-5f2c81d0a1b2.css
}

func readBuilt(all fs.FS) assetSet {
	files, err := fs.Sub(all, "assets/dist")
	if err != nil {
		return assetSet{}
	}
	b, err := fs.ReadFile(files, "manifest.json")
	if err != nil {
		return assetSet{files: files}
	}
	set := assetSet{files: files}
	if err := json.Unmarshal(b, &set.names); err != nil {
		return assetSet{files: files}
	}
	return set
}

// CheckAssets returns ErrNoAssets when the program holds none. Pages then work
// without style and say so.
func CheckAssets() error {
	for _, name := range []string{styleSheet, script, icon} {
		if built.names[name] == "" {
			return fmt.Errorf("%w (%s is missing)", ErrNoAssets, name)
		}
	}
	return nil
}

func asset(name string) string {
	if file := built.names[name]; file != "" {
		return AssetsPath + file
	}
	return ""
}

// Assets serves the files under [AssetsPath]. A name never changes its content,
// so browsers keep it for good.
func Assets() http.Handler { return http.HandlerFunc(built.serve) }

func (s assetSet) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	if len(s.names) == 0 {
		http.Error(w, ErrNoAssets.Error(), http.StatusServiceUnavailable)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, AssetsPath)
	var kind string // a bare machine has no table of types
	switch path.Ext(name) {
	case ".woff2":
		kind = "font/woff2"
	case ".css":
		kind = "text/css; charset=utf-8"
	case ".js":
		kind = "text/javascript; charset=utf-8"
	case ".svg":
		kind = "image/svg+xml"
	default:
		http.NotFound(w, r)
		return
	}
	content, err := fs.ReadFile(s.files, name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	accepted := r.Header.Get("Accept-Encoding")
	for _, coding := range []struct{ name, ext string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !accepts(accepted, coding.name) {
			continue
		}
		if packed, err := fs.ReadFile(s.files, name+coding.ext); err == nil {
			content = packed
			h.Set("Content-Encoding", coding.name)
			break
		}
	}
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Length", fmt.Sprint(len(content)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(content) // a browser that left wants nothing more
	}
}

// accepts tells whether an Accept-Encoding names the coding and does not refuse it.
func accepts(header, coding string) bool {
	for one := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(one, ";")
		if strings.TrimSpace(name) == coding {
			q := strings.ReplaceAll(params, " ", "")
			return q != "q=0" && !strings.HasPrefix(q, "q=0.0")
		}
	}
	return false
}
