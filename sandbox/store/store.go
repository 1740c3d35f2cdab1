// Package store keeps what a part of the sandbox knows in a JSON file, so that a
// fine that was paid stays paid over a restart. A file is replaced whole or not
// at all.
package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/natefinch/atomic"
)

// A File holds one JSON value. The zero File keeps nothing.
type File struct{ path string }

// In names a file in dir; an empty dir means a File that keeps nothing.
func In(dir, name string) (File, error) {
	if dir == "" {
		return File{}, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return File{}, err
	}
	return File{path: filepath.Join(dir, name)}, nil
}

// Load reads the value; found is false when nothing was saved yet.
func (f File) Load(into any) (found bool, err error) {
	if f.path == "" {
		return false, nil
	}
	text, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return false, fmt.Errorf("sandbox state %s: %w (remove it to begin anew)", f.path, err)
	}
	return true, nil
}

// Save replaces the value.
func (f File) Save(value any) error {
	if f.path == "" {
		return nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return atomic.WriteFile(f.path, bytes.NewReader(text))
}
