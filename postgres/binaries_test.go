package postgres

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What the repository offers ends in the directory asked for, runs there, and
// nothing else is left; a wrong digest is refused.
func TestDownload(t *testing.T) {
	xz, err := exec.LookPath("xz")
	if err != nil {
		t.Skip("the archive of the test is packed with xz, which is not installed")
	}
	t.Parallel()
	jar := archive(t, xz)
	for _, c := range []struct {
		name, digest string
		ok           bool
	}{
		{"right digest", fmt.Sprintf("%x", sha256.Sum256(jar)), true},
		{"wrong digest", strings.Repeat("0", 64), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			repo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, ".sha256") {
					fmt.Fprint(w, c.digest)
					return
				}
				w.Write(jar)
			}))
			defer repo.Close()
			dir := filepath.Join(passable(t), "pg-binaries")
			err := download(dir, repo.URL, slog.New(slog.DiscardHandler))
			if got := majorVersion(t.Context(), filepath.Join(dir, "bin")); (err == nil) != c.ok || (got == 17) != c.ok {
				t.Fatalf("got version %d, error %v; want success %t", got, err, c.ok)
			}
			entries, err := os.ReadDir(dir)
			if err != nil || c.ok && len(entries) != 3 || !c.ok && len(entries) != 0 {
				t.Errorf("left in the directory: %v, %v", entries, err)
			}
		})
	}
}

// archive packs programs that only know their version as the repository does.
func archive(t *testing.T, xz string) []byte {
	t.Helper()
	tree := t.TempDir()
	for _, part := range []string{"bin", "lib", "share"} {
		if err := os.Mkdir(filepath.Join(tree, part), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, says := range map[string]string{"postgres": "echo 'postgres (PostgreSQL) 17.5'", "initdb": "exit 1", "pg_ctl": "exit 1"} {
		if err := os.WriteFile(filepath.Join(tree, "bin", name), []byte("#!/bin/sh\n"+says+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"lib/library", "share/file"} {
		if err := os.WriteFile(filepath.Join(tree, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tar, err := exec.Command("tar", "--use-compress-program="+xz, "-cf", "-", "-C", tree, "bin", "lib", "share").Output()
	if err != nil {
		t.Fatal(err)
	}
	var jar bytes.Buffer
	z := zip.NewWriter(&jar)
	w, err := z.Create("postgres-linux-x86_64.txz")
	if err == nil {
		_, err = w.Write(tar)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return jar.Bytes()
}
