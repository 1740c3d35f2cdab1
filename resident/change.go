package resident

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// The types of change that definitions name; what Values holds is in
// docs/definitions.md.
const (
	MovePermanent = "move-permanent"
	RegisterBirth = "register-birth"
)

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

func refuse(rule, vi, en string, args ...any) error {
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
		switch c.Type {
		case MovePermanent:
			var v moveValues
			if err := read(values, &v); err != nil {
				return nil, err
			}
			return a.move(ctx, v)
		case RegisterBirth:
			var v birthValues
			if err := read(values, &v); err != nil {
				return nil, err
			}
			return a.birth(ctx, v)
		}
		return nil, fmt.Errorf("%w: type %q", ErrUnknownChange, c.Type)
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
	a := &applier{tx: tx, at: c.At, today: dayOf(c.At), before: map[string]any{}, after: map[string]any{}}
	if output, err = do(a, values); err != nil {
		return nil, err
	}
	return a.record(ctx, c, digest[:], output)
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

// concerns are the values of a person that changes touch.
var concerns = []string{"fullName", "birthDate", "fatherNumber", "motherNumber", "permanentAddress", "temporaryAddress", "presentAddress", "householdId", "householdRelation"}

// picture takes people's values into m. It is part of the change and gives
// nothing out, so it is not a read in the sense of the log.
func (a *applier) picture(ctx context.Context, m map[string]any, people []string) error {
	for _, n := range people {
		values, _, _, err := personValues(ctx, a.tx, n, a.at)
		if err != nil {
			return err
		}
		small := map[string]any{}
		for _, name := range concerns {
			if v, ok := values[name]; ok {
				small[name] = v
			}
		}
		m[n] = small
	}
	return nil
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
