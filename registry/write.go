package registry

import (
	"context"
	"errors"
	"fmt"
)

// A Message asks a registry to do something. The same Key gets the same answer
// and takes effect once, however often it is sent.
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

	// ErrUnknownRegistry reports a message to a registry that is not configured.
	ErrUnknownRegistry = errors.New("unknown registry")
)

// IsTransient tells whether the same message should be sent again later.
func IsTransient(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrAmbiguous)
}

// Writers sends each message to the registry it names.
type Writers map[string]Writer

// Send passes m to the writer of m.To; [ErrUnknownRegistry] when there is none.
func (w Writers) Send(ctx context.Context, m Message) (Reply, error) {
	to, ok := w[m.To]
	if !ok {
		return Reply{}, fmt.Errorf("send %s to %q: %w", m.Operation, m.To, ErrUnknownRegistry)
	}
	return to.Send(ctx, m)
}
