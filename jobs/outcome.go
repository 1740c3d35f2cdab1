package jobs

import (
	"errors"
	"time"

	"github.com/hoso-gov/hoso/cases"
)

// Every attempt ends in one of these: done or refused (nil: it was finished), on
// its way, transient, ambiguous, permanent, by hand, passed. An error that is
// none of them is a fault of our own house, and transient.

// waiting tells that an effect is on its way and is to be looked at again.
type waiting struct{ until time.Time }

func (w *waiting) Error() string { return "waiting until " + w.until.Format(time.RFC3339) }

// permanent wraps an error that no later attempt can mend.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// byHand wraps the reason why a person has to do it.
type byHand struct{ error }

func (b byHand) Unwrap() error { return b.error }

// passed wraps the reason why it is not to be done any more.
type passed struct{ error }

func (p passed) Unwrap() error { return p.error }

// noAnswer wraps the error of a call that its peer did not answer.
type noAnswer struct {
	error
	maybe bool // it may have been done
}

func (n noAnswer) Unwrap() error { return n.error }

// failure says what an error means for the next attempt.
func failure(err error) cases.Failure {
	f := cases.Failure{Kind: cases.Transient, Err: err}
	if _, ok := errors.AsType[permanent](err); ok {
		f.Kind = cases.Permanent
		return f
	}
	if _, ok := errors.AsType[byHand](err); ok {
		f.Kind = cases.ByHand
		return f
	}
	if _, ok := errors.AsType[passed](err); ok {
		f.Kind = cases.Passed
		return f
	}
	if n, ok := errors.AsType[noAnswer](err); ok {
		f.Peer = true
		if n.maybe {
			f.Kind = cases.Ambiguous
		}
	}
	return f
}
