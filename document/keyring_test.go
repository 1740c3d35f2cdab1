package document

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// What was signed verifies; one changed byte, another algorithm, another key
// or an unknown one does not.
func TestSignature(t *testing.T) {
	t.Parallel()
	p, k := newPrinter(t)
	out, err := p.Print(samples()["result"])
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Verify(out.PDF, out.Signature); err != nil {
		t.Error(err)
	}
	if out.SHA256 != digest(out.PDF) || out.Signature.Algorithm != Algorithm {
		t.Errorf("got sha256 %s, algorithm %s", out.SHA256, out.Signature.Algorithm)
	}
	other, err := k.KeyID("UB-00070")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		spoil func(file []byte, sig *Signature)
		want  error
	}{
		"changed file":      {func(f []byte, _ *Signature) { f[len(f)/2] ^= 1 }, ErrSignature},
		"changed signature": {func(_ []byte, s *Signature) { s.Value[0] ^= 1 }, ErrSignature},
		"short signature":   {func(_ []byte, s *Signature) { s.Value = s.Value[:10] }, ErrSignature},
		"no signature":      {func(_ []byte, s *Signature) { s.Value = nil }, ErrSignature},
		"another algorithm": {func(_ []byte, s *Signature) { s.Algorithm = "none" }, ErrSignature},
		"another's key":     {func(_ []byte, s *Signature) { s.KeyID = other }, ErrSignature},
		"unknown key":       {func(_ []byte, s *Signature) { s.KeyID = "0000-0000-0000-0000" }, ErrUnknownKey},
		"key that is a way": {func(_ []byte, s *Signature) { s.KeyID = "../CA-00070" }, ErrUnknownKey},
	} {
		file, sig := append([]byte(nil), out.PDF...), out.Signature
		sig.Value = append([]byte(nil), sig.Value...)
		c.spoil(file, &sig)
		if err := k.Verify(file, sig); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// A key survives the program, only its owner reads it, and many first
// signatures at once, from several processes, make one key.
func TestKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	ids := make([]string, 8)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			k, err := OpenKeyring(dir)
			if err != nil {
				t.Error(err)
				return
			}
			if ids[i], err = k.KeyID("CA-00070"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] || id == "" {
			t.Fatalf("got keys %v, want one", ids)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	if len(names) != 2 {
		t.Errorf("got files %v, want a .key and a .pub", names)
	}
	info, err := os.Stat(filepath.Join(dir, "CA-00070.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v, error %v, want 0600", info.Mode(), err)
	}
}

// When an agency changes its key, papers under the old one keep verifying.
func TestOldKeyVerifies(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sign := func(file string) (*Keyring, Signature) {
		k, err := OpenKeyring(dir)
		if err != nil {
			t.Fatal(err)
		}
		sig, err := k.Sign("CA-00070", []byte(file))
		if err != nil {
			t.Fatal(err)
		}
		return k, sig
	}
	_, old := sign("old")
	if err := os.Remove(filepath.Join(dir, "CA-00070.key")); err != nil {
		t.Fatal(err)
	}
	k, now := sign("now")
	if old.KeyID == now.KeyID {
		t.Fatal("the key is the same")
	}
	if err := errors.Join(k.Verify([]byte("old"), old), k.Verify([]byte("now"), now)); err != nil {
		t.Error(err)
	}
}

// A key that others may read, or that is none, signs nothing.
func TestBadKeys(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		text string
		mode os.FileMode
	}{
		"chmod 600":    {testKey, 0o644},
		"no PEM block": {"key", 0o600},
		"asn1":         {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 0o600},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "CA-00070.key"), []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		k, err := OpenKeyring(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Sign("CA-00070", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// A printer that could print nothing sound is not made.
func TestNew(t *testing.T) {
	t.Parallel()
	_, k := newPrinter(t)
	for _, cfg := range []Config{{BaseURL: "http://127.0.0.1:8080"}, {Signer: k}, {BaseURL: "127.0.0.1", Signer: k}, {BaseURL: "http://%zz", Signer: k}} {
		if _, err := New(cfg); err == nil {
			t.Errorf("New(%+v) gave a printer", cfg)
		}
	}
}
