package resident

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/registry"
)

// Kinds are the kinds of record that [Source] answers, for registry.Directory.Add.
var Kinds = []string{"person", ContactKind, CardKind, "children", "household", "homeOf", "identityMatch"}

// ContactKind is the kind of record that tells how to reach a person, and
// nothing else about them. Definitions do not name it; who sends messages does.
const ContactKind = "contact"

// CardKind is the kind of record that holds a person's identity card, and
// nothing else about them. Definitions do not name it: they have the person's.
const CardKind = "identityCard"

// Registry is the name under which the resident database answers.
const Registry = "resident"

// ErrNotOurs reports a request for a kind that the resident database does not
// hold: a fault of the wiring.
var ErrNotOurs = errors.New("the resident database does not hold this kind")

// Source answers requests for records of the resident database. Each request is
// a transaction of its own, the entry in the log of reads included.
type Source struct {
	DB  *pgxpool.Pool
	Now func() time.Time // nil: time.Now
}

// Fetch reads the record that r asks for. A key that nobody has is a record
// with state Empty. Errors are faults of ours: the database, or a purpose that
// does not say why (audit.ErrIncomplete).
func (s *Source) Fetch(ctx context.Context, r registry.Request) (registry.Record, error) {
	var rec registry.Record
	err := pgx.BeginFunc(ctx, s.DB, func(tx pgx.Tx) (err error) {
		rec, err = s.fetch(ctx, tx, r)
		return err
	})
	return rec, err
}

func (s *Source) fetch(ctx context.Context, tx pgx.Tx, r registry.Request) (registry.Record, error) {
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	switch r.Kind {
	case "person":
		return Person(ctx, tx, r.Purpose, r.Key, now())
	case ContactKind:
		return Contact(ctx, tx, r.Purpose, r.Key, now())
	case CardKind:
		return Card(ctx, tx, r.Purpose, r.Key, now())
	case "children":
		return Children(ctx, tx, r.Purpose, r.Key, now())
	case "household":
		return Household(ctx, tx, r.Purpose, r.Key, now())
	case "identityMatch":
		return IdentityMatch(ctx, tx, r.Purpose, r.Key, now())
	case "homeOf":
		address, ok := agency.ParseAddressKey(r.Key)
		if !ok || address.Line == "" {
			return record(r.Kind, r.Key, now()), nil
		}
		return HomeOf(ctx, tx, r.Purpose, address, now())
	}
	return registry.Record{}, fmt.Errorf("fetch %s: %w", r.Kind, ErrNotOurs)
}

// record is an empty answer; the reads below fill it.
func record(kind, key string, now time.Time) registry.Record {
	return registry.Record{Registry: Registry, Kind: kind, Key: key, State: registry.Empty, FetchedAt: now}
}

// entry is what the log of reads says about one person.
func entry(p registry.Purpose, subject string, at time.Time, fields ...string) audit.Entry {
	basis := p.Basis
	if basis == "" && p.ReaderKind == string(agency.Citizen) && p.Reader == subject {
		basis = "self"
	}
	return audit.Entry{At: at, ReaderKind: p.ReaderKind, Reader: p.Reader, Agency: p.Agency, Subject: subject, Case: p.Case,
		Purpose: p.Text, Basis: basis, Fields: fields}
}

// contentVersion is the version of a record that is put together from rows of
// several people: it changes whenever the values do.
func contentVersion(values map[string]any) (string, error) {
	text, err := json.Marshal(values)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}
