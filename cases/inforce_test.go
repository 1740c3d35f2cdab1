package cases_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
)

// The day of filing chooses the version: what is published for tomorrow is not in
// force today, and a draft of today goes on under it tomorrow. Another node knows
// of it without being told.
func TestDraftGoesOnUnderTheVersionInForce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	who, err := h.Citizen(ctx, "001196000101")
	if err != nil {
		t.Fatal(err)
	}
	old, _ := h.c.Get(residence)
	v2, files := h.load(h.edit("permanent-residence/procedure.yaml", "version: 1", "version: 2"))
	if _, err := h.Cases().Publish(ctx, cases.Proposal{Procedure: v2, Files: files, From: "2026-11-03", ApprovedBy: []string{"Trần Văn Bình"}}); err != nil {
		t.Fatal(err)
	}
	draft, err := h.Cases().StartDraft(ctx, who, residence, "")
	if err != nil || draft.Procedure.Hash != old.Hash {
		t.Fatalf("today's draft is of %v, %v", draft, err)
	}
	h.c.Publish(nil) // as another node has it, which then reads
	if err := h.Cases().ReadPublications(ctx); err != nil {
		t.Fatal(err)
	}
	if err := h.Pass(ctx, h.Now().Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if draft, err = h.Cases().Draft(ctx, who, draft.ID); err != nil || draft.Procedure.Hash != v2.Hash {
		t.Errorf("tomorrow's draft is of %.8s, want %.8s, %v", draft.Procedure.Hash, v2.Hash, err)
	}
	if _, err := h.Cases().Publish(ctx, cases.Proposal{Procedure: v2, Files: files, From: "2026-11-02", ApprovedBy: []string{"Trần Văn Bình"}}); !strings.Contains(refusal(err), "is over") {
		t.Errorf("published for a day that is over: %v", err)
	}
}

// A program that lacks a version on which an open case rests does not start, and
// says which version it is, of what, and how many cases.
func TestLackedVersionIsToldAtTheStart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	id := h.open("own-dwelling-with-a-co-owner", 1)
	if err := h.Cases().StartAgain(ctx); err != nil {
		t.Fatalf("with every version there: %v", err)
	}
	lost := procedures.Hash(strings.Repeat("ab", 32))
	if _, err := h.db.Exec(ctx, `INSERT INTO definitions (hash, procedure_id, version, files) VALUES ($1, $2, 7, '{}')`, lost, residence); err != nil {
		t.Fatal(err)
	}
	if _, err := h.db.Exec(ctx, `UPDATE cases SET definition = $2 WHERE id = $1`, id, lost); err != nil {
		t.Fatal(err)
	}
	err := h.Cases().StartAgain(ctx)
	lacking, ok := errors.AsType[*cases.VersionsError](err)
	if !ok || len(lacking.Versions) != 1 || lacking.Versions[0].Hash != lost || lacking.Versions[0].Procedure != residence || lacking.Versions[0].Cases != 1 {
		t.Fatalf("started with %v", err)
	}
	if text := err.Error(); !strings.Contains(text, "abababababab") || !strings.Contains(text, "--procedures") {
		t.Errorf("it says %q", text)
	}
}
