package archive_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hoso-gov/hoso/archive"
)

// What is done to the files of an archive is found.
func TestTamperedArchive(t *testing.T) {
	t.Parallel()
	s := open(t)
	_, err := s.detach(archive.Options{})
	s.ok(err)
	for name, x := range map[string]struct {
		file   string
		change func(string) error
		want   string
	}{
		"a byte":       {"case_events.csv.gz", func(p string) error { return flip(p) }, "case_events.csv.gz was changed"},
		"a file":       {"notices.csv.gz", os.Remove, "notices.csv.gz is missing"},
		"the manifest": {"manifest.json", func(p string) error { return flip(p) }, "not the one that the database names"},
		"all":          {"manifest.json", os.Remove, "it is not in"},
	} {
		path := filepath.Join(s.dir, suffix, x.file)
		text, err := os.ReadFile(path)
		s.ok(err)
		s.ok(x.change(path))
		if r := s.verify(s.dir); len(r.Findings) != 1 || !strings.Contains(r.Findings[0].String(), x.want) {
			t.Errorf("%s: found %v, want %q", name, r.Findings, x.want)
		}
		s.ok(os.WriteFile(path, text, 0o600))
	}
	if r := s.verify(s.dir); len(r.Findings) > 0 {
		t.Errorf("as it was: %v", r.Findings)
	}
}

func flip(path string) error {
	text, err := os.ReadFile(path)
	if err == nil {
		text[len(text)/2] ^= 1
		err = os.WriteFile(path, text, 0o600)
	}
	return err
}

// Whoever changes an archive and makes the manifest and the database fit it is
// found by the chains and by the heads that the anchors are over.
func TestArchiveMadeToFit(t *testing.T) {
	t.Parallel()
	s := open(t)
	_, err := s.detach(archive.Options{})
	s.ok(err)
	for name, x := range map[string]struct {
		change func(text string) string
		want   string
	}{
		"nothing":                {func(text string) string { return text }, ""},
		"an actor":               {func(text string) string { return strings.Replace(text, "cb-01", "cb-02", 1) }, "event 1: was changed after it was written"},
		"the end of a line":      {func(text string) string { return strings.Replace(text, "\r\nCán", "\nCán", 1) }, "event 1: was changed after it was written"},
		"a text that was none":   {func(text string) string { return strings.Replace(text, `\\x`, `\\y`, 1) }, "event 1: its input was changed"},
		"the last event is gone": {func(text string) string { return text[:strings.LastIndex(text, s.ids[3].String())] }, "the history is cut here: anchor 2 has event 3"},
		"all of a case is gone":  {func(text string) string { return text[:strings.Index(text, s.ids[3].String())] }, "the history is cut here: anchor 2 has event 3"},
	} {
		path := filepath.Join(s.dir, suffix, "case_events.csv.gz")
		before, err := os.ReadFile(path)
		s.ok(err)
		manifest := filepath.Join(s.dir, suffix, "manifest.json")
		said, err := os.ReadFile(manifest)
		s.ok(err)
		now := zipped(t, x.change(unzipped(t, before)))
		s.ok(os.WriteFile(path, now, 0o600))
		fit := bytes.Replace(said, []byte(sum(before)), []byte(sum(now)), 1)
		s.ok(os.WriteFile(manifest, fit, 0o600))
		s.behind(`UPDATE case_months SET manifest = sha256($1) WHERE suffix = $2`, fit, suffix)
		r := s.verify(s.dir)
		if x.want == "" && len(r.Findings) > 0 || x.want != "" && (len(r.Findings) == 0 || !strings.Contains(r.Findings[0].String(), x.want)) {
			t.Errorf("%s: found %v, want %q", name, r.Findings, x.want)
		}
		s.ok(os.WriteFile(path, before, 0o600))
		s.ok(os.WriteFile(manifest, said, 0o600))
	}
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func unzipped(t *testing.T, b []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
