package cases

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/workflow"
)

// revisionOf is the case's revision as the database has it.
func (o *office) revisionOf(c *Case) (n int) {
	o.t.Helper()
	o.ok(o.db.QueryRow(o.t.Context(), "SELECT revision FROM cases WHERE id = $1", c.ID).Scan(&n))
	return n
}

// A node that wrote a case last decides upon it without reading it, and what
// others did meanwhile still counts: each command here names the revision that
// the node remembers.
func TestRecentCasesDoNotHideWhatOthersDid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(o *office, c *Case)
		check     func(err error) bool
	}{
		"nothing": {func(*office, *Case) {}, func(err error) bool { return err == nil }},
		"another node moved the case": {func(o *office, c *Case) {
			other, err := New(o.t.Context(), o.cfg)
			o.ok(err)
			o.ok(other.Signal(o.t.Context(), c.ID, uuid.New(), "nothing", "test", nil))
		}, func(err error) bool { _, ok := errors.AsType[*ConflictError](err); return ok }},
		"another officer took the task": {func(o *office, c *Case) {
			o.ok(o.Take(o.t.Context(), officer("somebody", desk70.Seats...), c.Code))
		}, func(err error) bool {
			refused, ok := errors.AsType[*workflow.NotAllowedError](err)
			return ok && refused.Reason == "taken by another officer"
		}},
		"the officer took the task": {func(o *office, c *Case) { o.ok(o.Take(o.t.Context(), desk70, c.Code)) }, func(err error) bool { return err == nil }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			of := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
			if recent, err := o.recent.at(of.Code, of.Revision); recent == nil || err != nil {
				t.Fatalf("the node does not remember what it wrote: %v", err)
			}
			c.meanwhile(o, of)
			before := o.revisionOf(of)
			err := o.Do(t.Context(), desk70, Command{Code: of.Code, ID: uuid.New(), Revision: of.Revision, Event: "decline", Input: Input{Grounds: []string{"no-place"}}})
			if !c.check(err) {
				t.Errorf("got %v", err)
			}
			if after := o.revisionOf(of); (after > before) != (err == nil) {
				t.Errorf("revision %d became %d, and the answer is %v", before, after, err)
			}
		})
	}
}

// A command that was carried out is answered alike when it comes again, also by
// the node that carried it out; with another content it is refused.
func TestRecentCasesKeepCommandsIdempotent(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	of := o.receive(received{Applicant: lan.ID, Name: lan.Name, Receiving: "UB-00070", Competent: "UB-00070"})
	cmd := Command{Code: of.Code, ID: uuid.New(), Revision: of.Revision, Event: "decline", Input: Input{Grounds: []string{"no-place"}}}
	o.ok(o.Do(t.Context(), desk70, cmd))
	done := o.revisionOf(of)
	o.ok(o.Do(t.Context(), desk70, cmd))
	cmd.Revision = done // as if the page had been loaded since
	o.ok(o.Do(t.Context(), desk70, cmd))
	if now := o.revisionOf(of); now != done {
		t.Errorf("the same command was carried out again: revision %d, want %d", now, done)
	}
	cmd.Input.Note = "khác"
	if err := o.Do(t.Context(), desk70, cmd); !errors.Is(err, ErrReused) {
		t.Errorf("another content: got %v, want ErrReused", err)
	}
}
