package cases

import (
	"errors"
	"fmt"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/workflow"
)

var (
	// ErrNotFound reports a case, draft or file that does not exist, or that the reader may not know of.
	ErrNotFound = errors.New("not found")
	// ErrArchived reports a case of the reader's whose month was archived: it is not in the database any more.
	// It is an ErrNotFound too.
	ErrArchived = fmt.Errorf("archived: %w", ErrNotFound)
	// ErrForbidden reports that the actor may see the thing but not do this.
	ErrForbidden = errors.New("not allowed for this person")
	// ErrReused reports a command id that was used for another command.
	ErrReused = errors.New("command id was used for another command")
	// ErrPressed reports that the system is pressed and takes no new filing from programs just now.
	ErrPressed = errors.New("new filings have to wait")
)

// ConflictError reports that the case or draft changed after the caller read it.
type ConflictError struct {
	Seen, Now int
	Changes   []Change // what changed meanwhile
}

// Change is one difference, in words.
type Change struct {
	What, Before, After workflow.Text
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("changed meanwhile: revision %d was seen, it is %d now", e.Seen, e.Now)
}

// InvalidError reports answers or input that cannot be accepted.
type InvalidError struct {
	Problems []forms.Problem
}

func (e *InvalidError) Error() string {
	if len(e.Problems) == 0 {
		return "input not accepted"
	}
	return fmt.Sprintf("input not accepted: %s (%d in all)", e.Problems[0].EN, len(e.Problems))
}

// StaleError reports that a record read again before a decision differs from the one in the case.
type StaleError struct {
	Subject string
	Changes []Change
}

func (e *StaleError) Error() string {
	return fmt.Sprintf("record of %s changed since filing", e.Subject)
}

// DuplicateError reports that a case like the one filed is already open.
type DuplicateError struct {
	Code Code
}

func (e *DuplicateError) Error() string { return "already filed as " + string(e.Code) }
