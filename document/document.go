// Package document prints the papers of the administration as PDF: receipt,
// supplement request, refusal, apology and result.
//
// A paper follows Annex I of Decree 30/2020/NĐ-CP on clerical work: A4, the
// national heading, the agency, number, place and date, title, body, the list
// of recipients and the block of the signatory. The papers of the one-stop
// mechanism bear the names of forms 01 to 04 of Annex I of Circular
// 03/2025/TT-VPCP, which guides Decree 118/2025/NĐ-CP, unless the procedure's own
// law names them otherwise. Each paper bears a QR code that leads to its public
// page of verification, and each file is signed by its agency's key.
//
// The package sets what it is given, in one order for all papers. Which paper is
// due, its number, its words and where the file is kept belong to package jobs.
// The signature stands beside the file ([Signature]), it is not embedded in it
// (no PAdES), and the PDF carries no tags for screen readers: the same words
// stand on the case's page, which is accessible.
package document

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// A Signer holds the keys of agencies. [Keyring] is one on files; a hardware
// module is another.
type Signer interface {
	// KeyID names the key that signs for the agency now.
	KeyID(agency string) (string, error)
	// Sign signs the file with that key.
	Sign(agency string, file []byte) (Signature, error)
}

// Config carries what a Printer needs; both fields are required.
type Config struct {
	BaseURL string // of the portal, without a path: https://hoso.example.vn
	Signer  Signer
}

// A Printer sets papers. It is safe for concurrent use.
type Printer struct {
	base   string
	signer Signer
	faces  faces
	plain  bool // page contents are left uncompressed, for tests that read them
}

// New returns a Printer that is ready, or says what is wrong with cfg.
func New(cfg Config) (*Printer, error) {
	u, err := url.Parse(cfg.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("document: base URL: %w", err)
	}
	if u.Scheme == "" || u.Host == "" {
		return nil, fmt.Errorf("document: base URL %q: want a scheme and a host, as in https://hoso.example.vn", cfg.BaseURL)
	}
	if cfg.Signer == nil {
		return nil, errors.New("document: no signer")
	}
	f, err := loadFaces()
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	return &Printer{base: strings.TrimRight(cfg.BaseURL, "/"), signer: cfg.Signer, faces: f}, nil
}

// Printed is a paper's file with its signature.
type Printed struct {
	PDF       []byte
	SHA256    string // of PDF, lower-case hexadecimal
	Signature Signature
	VerifyURL string // that the QR code holds
	Pages     int
}

// Print sets the paper and signs the file. The same Paper under the same key
// gives the same bytes, so an effect that runs again issues the same file.
//
// Errors to act upon: *IncompleteError, *RuneError; neither passes by itself.
func (p *Printer) Print(paper Paper) (*Printed, error) {
	out, err := p.print(paper)
	if err != nil {
		return nil, fmt.Errorf("print %s %s of case %s: %w", paper.Kind, paper.ID, paper.CaseCode, err)
	}
	return out, nil
}

func (p *Printer) print(paper Paper) (*Printed, error) {
	paper = paper.clean()
	if err := paper.check(); err != nil {
		return nil, err
	}
	key, err := p.signer.KeyID(paper.Agency.ID)
	if err != nil {
		return nil, err
	}
	s := newSheet(p.faces, paper, p.VerifyURL(paper.ID), key)
	s.pdf.SetCompression(!p.plain)
	if err := s.set(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := s.pdf.Output(&b); err != nil {
		return nil, err
	}
	out := &Printed{PDF: b.Bytes(), SHA256: digest(b.Bytes()), VerifyURL: s.verify, Pages: s.pdf.PageCount()}
	out.Signature, err = p.signer.Sign(paper.Agency.ID, out.PDF)
	return out, err
}

// VerifyURL is the public page that tells whether the paper with this id is
// genuine and in force.
func (p *Printer) VerifyURL(id string) string { return p.base + "/verify/" + url.PathEscape(id) }
