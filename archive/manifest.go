package archive

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
)

// manifestName is the file that is written last.
const manifestName = "manifest.json"

// Manifest says what an archive holds.
type Manifest struct {
	Format       int       `json:"format"` // of the archive: 1
	Month        string    `json:"month"`
	First        uuid.UUID `json:"first"` // of the range of ids
	Past         uuid.UUID `json:"past"`  // exclusive
	MadeAt       time.Time `json:"madeAt"`
	ClosedBefore time.Time `json:"closedBefore"` // what retention let go
	Cases        int64     `json:"cases"`
	Events       int64     `json:"events"`
	Program      string    `json:"program"` // version of hoso
	Schema       int64     `json:"schema"`  // version of the database's schema
	Files        []File    `json:"files"`
}

// File is one table, as COPY writes it in CSV with a header, compressed by gzip.
type File struct {
	Name   string `json:"name"`
	Table  string `json:"table"`
	Kind   Kind   `json:"kind"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // of the compressed file, hexadecimal
}

// Kind is what becomes of the rows of a file in the database.
type Kind string

// Kinds of files.
const (
	Moved Kind = "moved" // they go with the month's partitions
	Kept  Kind = "kept"  // a copy: they stay in the database too
)

// save writes the manifest into the folder and returns its SHA-256.
func (m *Manifest) save(dir string) ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return nil, err
	}
	text = append(text, '\n')
	f, err := os.OpenFile(filepath.Join(dir, manifestName), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close(), syncDir(dir)); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	return sum[:], nil
}

// readManifest reads the manifest of an archive and its SHA-256.
func readManifest(dir string) (*Manifest, []byte, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, nil, err
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", filepath.Join(dir, manifestName), err)
	}
	sum := sha256.Sum256(text)
	return &m, sum[:], nil
}

// program is the version of this program: of its module, and of its source where it is known.
func program() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := cmp.Or(info.Main.Version, "(devel)")
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			version += " " + s.Value
		}
	}
	return version
}
