package registry

import (
	"context"
	"errors"
	"fmt"
)

// A Class says why a message to a registry takes effect once, also when nobody
// knows whether an earlier attempt did.
type Class string

// The classes.
const (
	// Keyed: the registry knows the message's key and does each key once.
	Keyed Class = "key"
	// Natural: the message says how things are to be, and saying it twice changes nothing.
	Natural Class = "natural"
	// Probed: the registry knows no keys, but can be asked whether a message was
	// carried out. It is asked before a message is sent again.
	Probed Class = "probe"
	// Manual: neither. No message is sent; a person has to do it.
	Manual Class = "manual"
)

// A Message asks a registry to do something. A registry of class [Keyed] gives
// the same Key the same answer, and does it once, however often it is sent.
type Message struct {
	To        string         // name of the registry
	Operation string         // mark-paid, issue-card, register-birth …
	Key       string         // idempotency key, a UUID
	Body      map[string]any // as the operation says
}

// The outcomes of a message.
const (
	Done    = "done"    // the registry did it, now or on an earlier attempt
	Refused = "refused" // the registry looked and said no; Body["reason"] says why
)

// A Reply is a registry's word on a message. A refusal is a reply, not an error.
type Reply struct {
	Outcome string         `json:"outcome"` // Done or Refused
	Body    map[string]any `json:"body,omitempty"`
	Receipt string         `json:"receipt,omitempty"` // the registry's own number for what it did
}

// A Writer sends messages. Errors wrap [ErrUnavailable] or [ErrAmbiguous] when a
// later attempt with the same key makes sense; any other error is permanent.
type Writer interface {
	Send(ctx context.Context, m Message) (Reply, error)
}

var (
	// ErrUnavailable reports that the registry did not take the message: it is
	// down, overloaded, or its breaker is open. Nothing happened there.
	ErrUnavailable = errors.New("registry unavailable")

	// ErrAmbiguous reports that the message was sent and no believable answer
	// came: the registry may have done it. Send again with the same key.
	ErrAmbiguous = errors.New("registry may have acted")

	// ErrNotDone reports that the registry was asked and never carried the message out.
	ErrNotDone = errors.New("registry has not done it")

	// ErrUnknownRegistry reports a message to a registry that is not configured.
	ErrUnknownRegistry = errors.New("unknown registry")
)

// IsTransient tells whether the same message should be sent again later.
func IsTransient(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrAmbiguous)
}

// Writers sends each message to the registry it names.
type Writers map[string]Writer

// A Prober is a registry that can be asked whether it carried a message out: its
// answer of then, or an error that wraps [ErrNotDone], [ErrUnavailable] or [ErrAmbiguous].
type Prober interface {
	Probe(ctx context.Context, m Message) (Reply, error)
}

// ClassOf is the class of the registry named to; [Keyed] when its writer names none.
func ClassOf(w Writer, to string) Class {
	if all, ok := w.(Writers); ok {
		w = all[to]
	}
	if c, ok := w.(interface{ Class() Class }); ok {
		return c.Class()
	}
	return Keyed
}

// Probe asks whether m was carried out.
func Probe(ctx context.Context, w Writer, m Message) (Reply, error) {
	if all, ok := w.(Writers); ok {
		w = all[m.To]
	}
	p, ok := w.(Prober)
	if !ok {
		return Reply{}, fmt.Errorf("registry %s cannot be asked what it has done", m.To)
	}
	return p.Probe(ctx, m)
}

// Send passes m to the writer of m.To; [ErrUnknownRegistry] when there is none.
func (w Writers) Send(ctx context.Context, m Message) (Reply, error) {
	to, ok := w[m.To]
	if !ok {
		return Reply{}, fmt.Errorf("send %s to %q: %w", m.Operation, m.To, ErrUnknownRegistry)
	}
	return to.Send(ctx, m)
}
