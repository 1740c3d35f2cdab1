package signed

import (
	"context"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Name is what the signer signs as.
func (s *Signer) Name() string { return s.name }

// Detached signs a text that is no HTTP message, for one that is kept and
// verified later. id names the text.
func (s *Signer) Detached(id string, text []byte) (string, error) {
	sig, err := s.sign(id, text)
	if err != nil {
		return "", fmt.Errorf("sign %s: %w", id, err)
	}
	return sig, nil
}

// VerifyDetached checks a signature that [Signer.Detached] made with one of keys.
// How old it may be is for the caller to judge. Errors wrap [ErrBadSignature],
// or come from keys that could not be read.
func VerifyDetached(ctx context.Context, keys Keys, signature string, text []byte) (Signature, error) {
	jws, err := jose.ParseDetached(signature, text, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil || len(jws.Signatures) != 1 {
		return Signature{}, fmt.Errorf("%w: no signature to read", ErrBadSignature)
	}
	head := jws.Signatures[0].Protected
	key, err := keys.Key(ctx, head.KeyID)
	if err != nil {
		return Signature{}, err
	}
	if err := jws.DetachedVerify(text, key); err != nil {
		return Signature{}, fmt.Errorf("%w: %w", ErrBadSignature, err)
	}
	id, _ := head.ExtraHeaders["jti"].(string)
	by, _ := head.ExtraHeaders["iss"].(string)
	iat, _ := head.ExtraHeaders["iat"].(float64)
	return Signature{ID: id, By: by, At: time.Unix(int64(iat), 0)}, nil
}
