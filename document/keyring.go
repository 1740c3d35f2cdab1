package document

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
)

// A Keyring keeps the keys of agencies as files of one directory:
//
//	CA-00070.key               private key, PKCS #8 PEM, mode 0600
//	3f2a-9c01-77de-0b45.pub    public key, PKIX PEM, of each key that ever signed
//
// A key is made when its agency signs for the first time. To change a key, move
// the .key file away and start the program again: the next signature makes a
// new one, and the .pub file of the old one keeps verifying what it signed. It
// is safe for concurrent use, by several processes too.
type Keyring struct {
	dir  string
	mu   sync.Mutex
	keys map[string]ed25519.PrivateKey
}

// ErrUnknownKey reports a key that never signed here.
var ErrUnknownKey = errors.New("unknown key")

var (
	agencyPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
	keyPattern    = regexp.MustCompile(`^[0-9a-f]{4}(-[0-9a-f]{4}){3}$`)
)

// OpenKeyring opens the directory, which it makes when there is none.
func OpenKeyring(dir string) (*Keyring, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open keyring: %w", err)
	}
	return &Keyring{dir: dir, keys: map[string]ed25519.PrivateKey{}}, nil
}

// KeyID names the key of the agency, which is made when there is none.
func (k *Keyring) KeyID(agency string) (string, error) {
	key, err := k.private(agency)
	if err != nil {
		return "", fmt.Errorf("key of agency %s: %w", agency, err)
	}
	return keyID(key.Public().(ed25519.PublicKey)), nil
}

// Sign signs the file with the key of the agency.
func (k *Keyring) Sign(agency string, file []byte) (Signature, error) {
	key, err := k.private(agency)
	if err != nil {
		return Signature{}, fmt.Errorf("sign for agency %s: %w", agency, err)
	}
	return sign(key, file), nil
}

// Verify checks the file against a signature of any key that ever signed here.
//
// Errors to act upon: ErrSignature, ErrUnknownKey.
func (k *Keyring) Verify(file []byte, sig Signature) error {
	key, err := k.Public(sig.KeyID)
	if err != nil {
		return err
	}
	return Verify(key, file, sig)
}

// Public is the public key with this id; ErrUnknownKey when there is none.
func (k *Keyring) Public(id string) (ed25519.PublicKey, error) {
	b, err := k.PublicPEM(id)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("public key %s: no PEM block", id)
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("public key %s: %w", id, err)
	}
	key, ok := parsed.(ed25519.PublicKey)
	if !ok || keyID(key) != id {
		return nil, fmt.Errorf("public key %s: the file holds another key", id)
	}
	return key, nil
}

// PublicPEM is the file of a public key, for people who check with their own
// tools; ErrUnknownKey when there is none.
func (k *Keyring) PublicPEM(id string) ([]byte, error) {
	if !keyPattern.MatchString(id) {
		return nil, fmt.Errorf("public key %q: %w", id, ErrUnknownKey)
	}
	b, err := os.ReadFile(filepath.Join(k.dir, id+".pub"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("public key %s: %w", id, ErrUnknownKey)
	}
	if err != nil {
		return nil, fmt.Errorf("public key %s: %w", id, err)
	}
	return b, nil
}

func (k *Keyring) private(agency string) (ed25519.PrivateKey, error) {
	if !agencyPattern.MatchString(agency) {
		return nil, fmt.Errorf("agency id %q cannot name a file", agency)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if key := k.keys[agency]; key != nil {
		return key, nil
	}
	path := filepath.Join(k.dir, agency+".key")
	key, err := readPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = k.create(path); err == nil {
			key, err = readPrivate(path)
		}
	}
	if err != nil {
		return nil, err
	}
	if err := k.publish(key.Public().(ed25519.PublicKey)); err != nil {
		return nil, err
	}
	k.keys[agency] = key
	return key, nil
}

func (k *Keyring) create(path string) error {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writeOnce(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
}

// publish keeps the public key, before the key signs anything.
func (k *Keyring) publish(key ed25519.PublicKey) error {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return err
	}
	return writeOnce(filepath.Join(k.dir, keyID(key)+".pub"), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o644)
}

func readPrivate(path string) (ed25519.PrivateKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s: others may read the private key; run chmod 600 %s", path, path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("%s: no PEM block", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s: holds %T, want an Ed25519 key", path, parsed)
	}
	return key, nil
}

// writeOnce writes a file whole, and durably, unless it is there already: of
// two processes that make the same key at once, one wins and both use it.
func writeOnce(path string, b []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
