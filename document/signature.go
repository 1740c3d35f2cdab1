package document

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// Algorithm names how files are signed: Ed25519 (RFC 8032) over the 32 bytes
// of the file's SHA-256. It is deterministic, so signing again changes nothing.
//
// Anybody checks it with openssl, key.pub being the agency's public key:
//
//	openssl dgst -sha256 -binary paper.pdf > digest
//	openssl pkeyutl -verify -rawin -pubin -inkey key.pub -in digest -sigfile signature
const Algorithm = "Ed25519-SHA256"

// Signature is what stands beside a file.
type Signature struct {
	KeyID     string
	Algorithm string
	Value     []byte
}

// ErrSignature reports that a signature does not belong to the file and key.
var ErrSignature = errors.New("signature does not match")

// Verify reports whether sig is the key's signature of the file: nil, or an
// error that wraps ErrSignature.
func Verify(key ed25519.PublicKey, file []byte, sig Signature) error {
	if sig.Algorithm != Algorithm {
		return fmt.Errorf("algorithm %q, want %q: %w", sig.Algorithm, Algorithm, ErrSignature)
	}
	if id := keyID(key); sig.KeyID != id {
		return fmt.Errorf("key %s, want %s: %w", id, sig.KeyID, ErrSignature)
	}
	sum := sha256.Sum256(file)
	if !ed25519.Verify(key, sum[:], sig.Value) {
		return fmt.Errorf("key %s: %w", sig.KeyID, ErrSignature)
	}
	return nil
}

func sign(key ed25519.PrivateKey, file []byte) Signature {
	sum := sha256.Sum256(file)
	return Signature{keyID(key.Public().(ed25519.PublicKey)), Algorithm, ed25519.Sign(key, sum[:])}
}

// keyID names a key by the first 64 bits of its SHA-256, in groups that people
// can compare: 3f2a-9c01-77de-0b45.
func keyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	h := hex.EncodeToString(sum[:8])
	return h[:4] + "-" + h[4:8] + "-" + h[8:12] + "-" + h[12:]
}

func digest(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}
