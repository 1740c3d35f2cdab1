package tsa

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"github.com/hoso-gov/hoso/sandbox/store"
)

// keys are the root, and the key that stamps with its certificate under the root.
type keys struct {
	root, cert *x509.Certificate
	key        *ecdsa.PrivateKey
}

// saved is the form of keys in the store. The root's key is thrown away: it has signed what it is for.
type saved struct {
	Root []byte `json:"root"` // DER
	Cert []byte `json:"cert"` // DER
	Key  []byte `json:"key"`  // PKCS 8
}

const validity = 20 * 365 * 24 * time.Hour

func readKeys(s store.File, now time.Time) (*keys, error) {
	var in saved
	found, err := s.Load(&in)
	if err != nil {
		return nil, err
	}
	if !found {
		if in, err = makeKeys(now); err != nil {
			return nil, fmt.Errorf("make the keys of the time-stamping authority: %w", err)
		}
		if err := s.Save(in); err != nil {
			return nil, err
		}
	}
	k := &keys{}
	if k.root, err = x509.ParseCertificate(in.Root); err != nil {
		return nil, fmt.Errorf("keys of the time-stamping authority: %w", err)
	}
	if k.cert, err = x509.ParseCertificate(in.Cert); err != nil {
		return nil, fmt.Errorf("keys of the time-stamping authority: %w", err)
	}
	key, err := x509.ParsePKCS8PrivateKey(in.Key)
	if err != nil {
		return nil, fmt.Errorf("keys of the time-stamping authority: %w", err)
	}
	var ok bool
	if k.key, ok = key.(*ecdsa.PrivateKey); !ok {
		return nil, fmt.Errorf("keys of the time-stamping authority: the key is a %T", key)
	}
	return k, nil
}

// timeStamping is the extended key usage as RFC 3161 wants it: critical, and alone.
var timeStamping = pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true}

func init() {
	der, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		panic(err)
	}
	timeStamping.Value = der
}

func makeKeys(now time.Time) (out saved, err error) {
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return out, err
	}
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{Country: []string{"VN"}, Organization: []string{"Hoso sandbox"}, CommonName: "Sandbox root of time"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(validity), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	if out.Root, err = x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey); err != nil {
		return out, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return out, err
	}
	cert := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{Country: []string{"VN"}, Organization: []string{"Hoso sandbox"}, CommonName: "Sandbox time-stamping authority"},
		NotBefore: root.NotBefore, NotAfter: root.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{timeStamping}}
	if out.Cert, err = x509.CreateCertificate(rand.Reader, cert, root, key.Public(), rootKey); err != nil {
		return out, err
	}
	out.Key, err = x509.MarshalPKCS8PrivateKey(key)
	return out, err
}
