package resident

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// The types of change that definitions name; what Values holds is in
// docs/definitions.md.
const (
	MovePermanent     = "move-permanent"
	ClosePermanent    = "close-permanent"
	NameHead          = "name-head"
	RegisterTemporary = "register-temporary"
	ExtendTemporary   = "extend-temporary"
	EndTemporary      = "end-temporary"
	RegisterAbsence   = "register-absence"
	RecordStay        = "record-stay"
	RegisterBirth     = "register-birth"
	RegisterDeath     = "register-death"
	RegisterMarriage  = "register-marriage"
	EndMarriage       = "end-marriage"
	SetParents        = "set-parents"
	IssueCard         = "issue-card"
	CorrectPerson     = "correct-person"
	SetContact        = "set-contact"
)

// makers carry out the types of change.
var makers = map[string]maker{
	MovePermanent:     typed((*applier).move),
	ClosePermanent:    typed((*applier).closePermanent),
	NameHead:          typed((*applier).nameHead),
	RegisterTemporary: typed((*applier).registerTemporary),
	ExtendTemporary:   typed((*applier).extendTemporary),
	EndTemporary:      typed((*applier).endTemporary),
	RegisterAbsence:   typed((*applier).registerAbsence),
	RecordStay:        typed((*applier).recordStay),
	RegisterBirth:     typed((*applier).birth),
	RegisterDeath:     typed((*applier).death),
	RegisterMarriage:  typed((*applier).marry),
	EndMarriage:       typed((*applier).divorce),
	SetParents:        typed((*applier).setParents),
	IssueCard:         typed((*applier).issueCard),
	CorrectPerson:     typed((*applier).correct),
	SetContact:        typed((*applier).setContact),
}

// Types are the types of change, in the order of their names.
func Types() []string { return slices.Sorted(maps.Keys(makers)) }

// maker makes a change of one type from its values, as JSON.
type maker func(ctx context.Context, a *applier, values []byte) (map[string]any, error)

// typed is the maker whose values are a V.
func typed[V any](do func(*applier, context.Context, V) (map[string]any, error)) maker {
	return func(ctx context.Context, a *applier, values []byte) (map[string]any, error) {
		var v V
		if err := read(values, &v); err != nil {
			return nil, err
		}
		return do(a, ctx, v)
	}
}

// Cause is the effect of a case's event that a change comes from. It is the
// change's identity: the same cause takes effect once.
type Cause struct {
	CaseID   string // required
	CaseCode string
	Seq      int // of the event
	Idx      int // of the effect within the event
}

// Change is one typed change of the resident database.
type Change struct {
	Type   string
	Values map[string]any
	Cause  Cause
	At     time.Time // the instant of the decision's effect; zero: now
}

// RefusedError reports that the registry looked and said no: the case must go
// another way. The registry is as before, and the transaction can go on.
type RefusedError struct {
	Rule   string // kebab-case: dead-person, head-elsewhere …
	VI, EN string // what the officer reads
}

func (e *RefusedError) Error() string {
	return "the resident database refuses: " + e.Rule + ": " + e.EN
}

// refuse is a variable for the twins of the tests, which lack a rule.
var refuse = func(rule, vi, en string, args ...any) error {
	return &RefusedError{Rule: rule, VI: fmt.Sprintf(vi, args...), EN: fmt.Sprintf(en, args...)}
}

var (
	// ErrUnknownChange reports a type of change that does not exist, or values
	// that do not have its shape: a fault of the definition.
	ErrUnknownChange = errors.New("unknown change")

	// ErrOtherChange reports that the cause already made a different change.
	ErrOtherChange = errors.New("the cause already made another change")
)

// Apply makes a change in the caller's transaction and returns what the case
// learns from it. A second call with the same cause changes nothing and returns
// the first output. Errors: [RefusedError] when a rule of the registry stands
// against it, [ErrUnknownChange], [ErrOtherChange]; any other is a fault that a
// later attempt may not meet.
func Apply(ctx context.Context, tx pgx.Tx, c Change) (map[string]any, error) {
	out, err := apply(ctx, tx, c)
	if err != nil {
		return nil, fmt.Errorf("apply %s of case %s event %d effect %d: %w", c.Type, c.Cause.CaseID, c.Cause.Seq, c.Cause.Idx, err)
	}
	return out, nil
}

func apply(ctx context.Context, tx pgx.Tx, c Change) (map[string]any, error) {
	return once(ctx, tx, c, func(a *applier, values []byte) (map[string]any, error) {
		do := makers[c.Type]
		if do == nil {
			return nil, fmt.Errorf("%w: type %q", ErrUnknownChange, c.Type)
		}
		return do(ctx, a, values)
	})
}

// once carries a change out and writes it down, unless its cause has made it
// before: then it returns what that gave.
func once(ctx context.Context, tx pgx.Tx, c Change, do func(a *applier, values []byte) (map[string]any, error)) (map[string]any, error) {
	if c.Cause.CaseID == "" {
		return nil, fmt.Errorf("%w: it has no cause", ErrUnknownChange)
	}
	values, err := json.Marshal(c.Values)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnknownChange, err)
	}
	digest := sha256.Sum256(append([]byte(c.Type+"\x00"), values...))
	cause := pgx.StrictNamedArgs{"case": c.Cause.CaseID, "seq": c.Cause.Seq, "idx": c.Cause.Idx}
	// Two workers with the same job: the second waits here and finds the first one's output.
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended(@case || '/' || @seq::int || '/' || @idx::int, 0))", cause); err != nil {
		return nil, err
	}
	var former []byte
	var output map[string]any
	err = tx.QueryRow(ctx, `
		SELECT digest, output
		FROM resident_changes
		WHERE case_id = @case AND seq = @seq AND idx = @idx`, cause).Scan(&former, &output)
	switch {
	case err == nil && !bytes.Equal(former, digest[:]):
		return nil, ErrOtherChange
	case err == nil:
		return output, nil
	case !errors.Is(err, pgx.ErrNoRows):
		return nil, err
	}
	if c.At.IsZero() {
		c.At = time.Now()
	}
	// A rule may refuse when half of the change is written: that half is rolled back.
	err = pgx.BeginFunc(ctx, tx, func(part pgx.Tx) (err error) {
		a := &applier{tx: part, at: c.At, today: dayOf(c.At), before: map[string]any{}, after: map[string]any{}}
		if output, err = do(a, values); err == nil {
			output, err = a.record(ctx, c, digest[:], output)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return output, nil
}

// read takes the values of a change into its struct; a key that the type of
// change does not have is an error.
func read(values []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(values))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: its values: %w", ErrUnknownChange, err)
	}
	return nil
}

// applier carries one change through its steps.
type applier struct {
	tx            pgx.Tx
	at            time.Time
	today         time.Time      // date in Hanoi
	before, after map[string]any // number → what the change concerns
	notes         []note
}

// note tells the officers of something that the change brought along.
type note struct {
	Rule string `json:"rule"`
	VI   string `json:"vi"`
	EN   string `json:"en"`
}

// record writes the change with its cause, and returns the output as every later
// call will return it.
func (a *applier) record(ctx context.Context, c Change, digest []byte, output map[string]any) (map[string]any, error) {
	if len(a.notes) > 0 {
		output["notes"] = a.notes
	}
	var people []string
	for n := range a.after {
		people = append(people, n)
	}
	slices.Sort(people)
	var stored map[string]any
	err := a.tx.QueryRow(ctx, `
		INSERT INTO resident_changes (case_id, case_code, seq, idx, at, type, digest, people, before, after, output)
		VALUES (@case, @code, @seq, @idx, @at, @type, @digest, @people, @before, @after, @output)
		RETURNING output`, pgx.StrictNamedArgs{"case": c.Cause.CaseID, "code": c.Cause.CaseCode, "seq": c.Cause.Seq, "idx": c.Cause.Idx,
		"at": c.At, "type": c.Type, "digest": digest, "people": people, "before": a.before, "after": a.after, "output": output}).Scan(&stored)
	return stored, err
}
