// Package registry is how Hoso learns what the state already knows, and how it
// tells other registries what was decided. A [Source] answers one kind of
// question, a [Directory] knows which source holds which kind, and a [Writer]
// carries a message to a registry that is not ours.
//
// The package holds the words that both sides share. The resident database
// stands in package registry/resident, the signed exchange with the registries
// of other ministries in package registry/exchange. What a record means for a
// form belongs to package forms.
package registry

import (
	"context"
	"time"
)

// A State tells what came of asking a registry.
type State string

// The states of a record. Forms and workflows read them as `sources.NAME`.
const (
	Fetched     State = "fetched"     // the registry answered, Values holds the record
	Empty       State = "empty"       // the registry answered that it holds no such record
	Unavailable State = "unavailable" // the registry could not be reached or believed
	Stale       State = "stale"       // an older copy, because the registry is out of reach
	Unknown     State = "unknown"     // it was not asked: there was no key
)

// Purpose says who reads, for which case, why, and on what legal basis. It goes
// with every request and into the record of reads that the citizen can see.
type Purpose struct {
	Reader     string `json:"reader"`           // personal number, officer id or name of the job
	ReaderKind string `json:"readerKind"`       // citizen, officer, system
	Agency     string `json:"agency,omitempty"` // of the officer
	Case       string `json:"case,omitempty"`   // case code; empty for a draft
	Text       string `json:"text"`             // why, as the citizen reads it
	Basis      string `json:"basis"`            // self, guardian, household, consent, or "law: …"
}

// A Request asks for one record.
type Request struct {
	Kind    string  `json:"kind"` // of procedures/common/elements.yaml: person, dwelling, fine …
	Key     string  `json:"key"`  // as the kind says; empty: nothing is asked, the record is Unknown
	Purpose Purpose `json:"purpose"`
}

// A Record is a registry's answer. A registry out of reach is a Record too.
type Record struct {
	Registry  string         `json:"registry"` // resident, civil-status, health-insurance, land, fines
	Kind      string         `json:"kind"`
	Key       string         `json:"key"`
	Version   string         `json:"version,omitempty"` // changes whenever Values do; empty unless fetched
	State     State          `json:"state"`
	AsOf      time.Time      `json:"asOf,omitzero"` // when the registry says this was so
	FetchedAt time.Time      `json:"fetchedAt"`     // when we asked
	Values    map[string]any `json:"values,omitempty"`
	// Values of a kind that answers a list hold it under "list". Dates are ISO
	// strings, money is integer đồng (int64), addresses are objects.
}

// A Source answers requests of the kinds it holds. An unreachable registry is a
// Record with State [Unavailable] and a nil error; an error is a fault of ours.
type Source interface {
	Fetch(ctx context.Context, r Request) (Record, error)
}

// SourceFunc lets a function be a [Source].
type SourceFunc func(ctx context.Context, r Request) (Record, error)

// Fetch calls f.
func (f SourceFunc) Fetch(ctx context.Context, r Request) (Record, error) { return f(ctx, r) }
