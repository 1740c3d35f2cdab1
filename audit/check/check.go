// Package check verifies the records: the chain of every case, the chain of the
// log of reads, the anchors over both, their time-stamps, and the copies of the
// anchors outside of the database. It computes everything anew from what
// docs/audit.md says, by plain SQL, and shares no code with the packages that
// write the records: a mistake there is not made twice.
//
// Whether the state of a case follows from its events is checked by the doctor.
package check

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Config says what to verify. DB is required.
type Config struct {
	DB *pgxpool.Pool
	// Trusted are the certificates that time-stamps must lead to; nil: the
	// certificate in a time-stamp is believed, so one that was made by somebody else passes.
	Trusted *x509.CertPool
	Copies  string // folder of the copies of the anchors; empty: not compared
	All     bool   // go on after the first finding; at most a thousand are told
	// From and Until are a range of ids of cases, Until exclusive: only their chains and the anchors over
	// them are verified, no reads and no copies. Until zero: everything is.
	From, Until uuid.UUID
	// Archive is the folder with the archives of detached months, which are verified as well; empty: detached
	// months are not.
	Archive string
	// Progress is told what was verified so far; nil: nobody watches.
	Progress func(Report)
}

// What a finding is about.
const (
	OfCase   = "case"       // an event of a case
	OfReads  = "reads"      // an entry of the log of reads
	OfAnchor = "anchor"     // an anchor
	OfStamp  = "time-stamp" // of an anchor
	OfCopy   = "copy"       // of an anchor
	OfCounts = "counts"     // the rows of a month
	OfFile   = "archive"    // of a detached month
)

// A Finding is one place where the records are not what was written.
type Finding struct {
	Of     string `json:"of"`
	Case   string `json:"case,omitempty"` // code, or id when the case itself is gone
	Seq    int64  `json:"seq"`            // of the event, the entry or the anchor; 0: of a whole month
	Reason string `json:"reason"`         // in English, for whoever runs the check
}

func (f Finding) String() string {
	switch f.Of {
	case OfCase:
		return fmt.Sprintf("case %s, event %d: %s", f.Case, f.Seq, f.Reason)
	case OfReads:
		return fmt.Sprintf("log of reads, entry %d: %s", f.Seq, f.Reason)
	case OfAnchor:
		return fmt.Sprintf("anchor %d: %s", f.Seq, f.Reason)
	case OfCounts, OfFile:
		return f.Reason
	}
	return fmt.Sprintf("%s of anchor %d: %s", f.Of, f.Seq, f.Reason)
}

// A Report says what was gone over. The records are sound when it has no Findings.
type Report struct {
	Cases    int64     `json:"cases"`
	Events   int64     `json:"events"`
	Erased   int64     `json:"erased"`   // events whose input was erased; the chain holds
	Fresh    int64     `json:"fresh"`    // events that wait for the next anchor
	Sealed   int64     `json:"sealed"`   // entries of the log of reads
	Unsealed int64     `json:"unsealed"` // entries that wait for the next sealing
	Anchors  int64     `json:"anchors"`
	Heads    int64     `json:"heads"`              // under them
	Stamped  int64     `json:"stamped"`            // anchors with a time-stamp
	Copied   int64     `json:"copied"`             // anchors in the folder of the copies
	Archived []string  `json:"archived,omitempty"` // detached months whose archive was verified
	Detached []string  `json:"detached,omitempty"` // detached months that were not verified: there is no archive at hand
	Findings []Finding `json:"findings"`
}

// Most is how many findings are told; a record that is wholly rewritten has as
// many as it has rows.
const Most = 1000

// errEnough ends the check after the first finding, or after too many.
var errEnough = errors.New("enough was found")

// Verify verifies everything: anchors, reads, cases, copies, in this order. It
// may run beside the program: no transaction is open for longer than a page takes.
//
// The cases of a detached month are verified in its archive: its files must be
// those of the manifest that the database names, and their chains are computed
// anew and held against the anchors, whose heads stay in the database.
func Verify(ctx context.Context, cfg Config) (Report, error) {
	v := &verifier{cfg: cfg, Report: Report{Findings: []Finding{}}}
	parts := []func(context.Context) error{v.anchors, v.reads, v.cases, v.copies}
	if cfg.ranged() {
		parts = []func(context.Context) error{v.anchors, v.cases}
	}
	for _, part := range parts {
		if err := part(ctx); errors.Is(err, errEnough) {
			break
		} else if err != nil {
			return v.Report, fmt.Errorf("verify the records: %w", err)
		}
	}
	return v.Report, nil
}

func (c Config) ranged() bool { return c.Until != uuid.Nil }

// verifier is a check under way.
type verifier struct {
	Report
	cfg Config

	hashes [][]byte // of the anchors in the database, by n - 1
	logs   []logHead
	last   anchorRow // the newest anchor when the check began; N 0: none
	left   []idRange // of ids that are not verified
}

// logHead is what an anchor says of the log of reads.
type logHead struct {
	seq  int64
	hash []byte
	n    int64 // the anchor
}

func (v *verifier) found(f Finding) error {
	v.Findings = append(v.Findings, f)
	if !v.cfg.All || len(v.Findings) >= Most {
		return errEnough
	}
	return nil
}

func (v *verifier) tell() {
	if v.cfg.Progress != nil {
		v.cfg.Progress(v.Report)
	}
}
