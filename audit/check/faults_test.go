package check_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/audit/check"
)

// found is a finding; reason is part of it.
type found struct {
	of, code string
	seq      int64
	reason   string
}

// differs verifies, and tells how the first finding differs from the one wanted; empty: it does not.
func (a *archive) differs(want found) string {
	a.t.Helper()
	first := a.verify(false)
	if len(first.Findings) != 1 {
		return fmt.Sprintf("found %v, want %+v", first.Findings, want)
	}
	f := first.Findings[0]
	if f.Of != want.of || f.Case != want.code || f.Seq != want.seq || !strings.Contains(f.Reason, want.reason) {
		return fmt.Sprintf("found %q, want %+v", f, want)
	}
	return ""
}

func (a *archive) expect(want found) {
	a.t.Helper()
	if diff := a.differs(want); diff != "" {
		a.t.Error(diff)
	}
}

// A changed event: whatever of it.
func TestChangedEvent(t *testing.T) {
	t.Parallel()
	a := open(t)
	faults := map[string]fault{}
	for name, set := range map[string]string{
		"event": "event = 'reject'", "state": "to_state = 'granted'", "actor": "actor = 'cb-02'", "name": "actor_name = 'Ai đó'", "agency": "agency = 'CA-1'", "time": "at = at - interval '1 microsecond'",
		"command": "command_id = gen_random_uuid()", "hop": "hop = 1", "two texts shifted": "from_state = from_state || 'a', to_state = substr(to_state, 2)", "hash": "hash = sha256('x')",
	} {
		faults[name] = fault{"UPDATE case_events SET " + set + " WHERE case_id = $1 AND seq = 2", []any{a.ids[1]}, found{check.OfCase, a.code(1), 2, "changed after it was written"}}
	}
	a.faults(faults)
}

// A changed input is told from an erased one, also when it is marked as erased.
func TestChangedInput(t *testing.T) {
	t.Parallel()
	a := open(t)
	faults := map[string]fault{}
	for name, c := range map[string]struct{ set, reason string }{
		"changed":               {`input = '{"note": "thiếu giấy tờ"}'`, "input was changed"},
		"changed with its hash": {`input = '{"note": "thiếu"}', input_hash = sha256(convert_to('{"note": "thiếu"}', 'UTF8'))`, "changed after it was written"},
		"no mark":               {`input = '{}'`, "input was changed"},
		"mark without erasure":  {`input = '{"note": "thiếu"}', erased_at = now()`, "marked as erased and is not"},
		"erased with a hash":    {`input = '{}', erased_at = now(), input_hash = sha256('x')`, "changed after it was written"},
		"erased without a hash": {`input = '{}', erased_at = now(), input_hash = NULL`, "marked as erased and is not"},
		"hash forgotten":        {`input = '{"note": "thiếu"}', input_hash = NULL`, "changed after it was written"},
	} {
		faults[name] = fault{"UPDATE case_events SET " + c.set + " WHERE case_id = $1 AND seq = 2", []any{a.ids[1]}, found{check.OfCase, a.code(1), 2, c.reason}}
	}
	a.faults(faults)
}

// A removed event, at each place of the history.
func TestRemovedEvent(t *testing.T) {
	t.Parallel()
	a := open(t)
	remove := func(seq int64, reason string) fault {
		return fault{"DELETE FROM case_events WHERE case_id = $1 AND seq = $2", []any{a.ids[2], seq}, found{check.OfCase, a.code(2), seq, reason}}
	}
	a.faults(map[string]fault{"the first": remove(1, "is missing"), "one between": remove(2, "is missing"), "the last": remove(3, "the history is cut here"),
		"all": {"DELETE FROM case_events WHERE case_id = $1", []any{a.ids[2]}, found{check.OfCase, a.code(2), 1, "the history is cut here"}}})
}

// Two events that changed places, and an event that became another case's.
func TestSwappedEvents(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.behind("UPDATE case_events SET seq = seq + 10 WHERE case_id = $1 AND seq > 1", a.ids[0])
	a.behind("UPDATE case_events SET seq = 15 - seq WHERE case_id = $1 AND seq > 1", a.ids[0])
	a.expect(found{check.OfCase, a.code(0), 2, "does not follow"})
	b := open(t)
	b.behind("UPDATE case_events SET seq = 4, case_id = $2 WHERE case_id = $1 AND seq = 3", b.ids[0], b.ids[1])
	b.expect(found{check.OfCase, b.code(1), 4, "does not follow"})
	if r := b.verify(true); len(r.Findings) < 2 || r.Findings[1].Case != b.code(0) || r.Findings[1].Seq != 3 {
		t.Errorf("found %v, want the end of the other case too", r.Findings)
	}
}

// A history cut at its end, with the case's row made to fit: the chain holds, the
// anchor tells.
func TestCutHistory(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.behind("DELETE FROM case_events WHERE case_id = $1 AND seq = 3", a.ids[3])
	a.behind("UPDATE cases SET revision = 2, state = 'received', head_hash = (SELECT hash FROM case_events WHERE case_id = $1 AND seq = 2) WHERE id = $1", a.ids[3])
	a.expect(found{check.OfCase, a.code(3), 3, "anchor 2 has event 3"})
}

// The same with the heads under the anchor removed too: the anchor is not over
// what is left.
func TestCutHistoryAndHeads(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.behind("DELETE FROM case_events WHERE case_id = $1 AND seq = 3", a.ids[3])
	a.behind("UPDATE cases SET revision = 2, head_hash = (SELECT hash FROM case_events WHERE case_id = $1 AND seq = 2) WHERE id = $1", a.ids[3])
	a.behind("DELETE FROM anchor_heads WHERE case_id = $1 AND n = 2", a.ids[3])
	a.expect(found{check.OfAnchor, "", 2, "over 4 heads of cases, 3 are there"})
	if r := a.verify(true); len(r.Findings) != 2 || r.Findings[1].Of != check.OfCounts || !strings.Contains(r.Findings[1].Reason, "counts 12, 11 are there") {
		t.Errorf("found %v, want the count of the month too", r.Findings)
	}
}

// A history written anew from an event on, with all its hashes, its case and the
// heads: the anchors are not over it.
func TestRewrittenHistory(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.behind("DELETE FROM case_events WHERE case_id = $1 AND seq > 1", a.ids[1])
	a.behind("UPDATE cases SET revision = 1, head_hash = (SELECT hash FROM case_events WHERE case_id = $1) WHERE id = $1", a.ids[1])
	a.step(1, 2)
	a.step(1, 3)
	a.expect(found{check.OfCase, a.code(1), 2, "is not the one that anchor 1 has"})
	a.behind("UPDATE anchor_heads h SET head_hash = e.hash FROM case_events e WHERE e.case_id = h.case_id AND e.seq = h.revision AND h.case_id = $1", a.ids[1])
	a.expect(found{check.OfAnchor, "", 1, "are not those that it was made over"})
}

// A case that is gone, with and without its events; and the row that says another count.
func TestGoneCase(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.behind("DELETE FROM cases WHERE id = $1", a.ids[1])
	a.expect(found{check.OfCase, a.ids[1].String(), 1, "its case is gone"})
	a.behind("DELETE FROM case_events WHERE case_id = $1", a.ids[1])
	a.expect(found{check.OfCase, a.ids[1].String(), 1, "the history is cut here"})
	b := open(t)
	b.behind("UPDATE cases SET revision = 2 WHERE id = $1", b.ids[1])
	b.expect(found{check.OfCase, b.code(1), 3, "one too many"})
	c := open(t)
	c.behind("UPDATE cases SET head_hash = sha256('x') WHERE id = $1", c.ids[1])
	c.expect(found{check.OfCase, c.code(1), 3, "not the one that the case names"})
}

// An event that was slipped past the anchors.
func TestUnanchoredEvent(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.step(2, 4)
	a.behind("UPDATE case_events SET recorded_at = recorded_at - interval '1 hour' WHERE case_id = $1 AND seq = 4", a.ids[2])
	a.expect(found{check.OfCase, a.code(2), 4, "in no anchor"})
}

// Reads: changed, removed, swapped, taken out of the chain.
func TestReads(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.behind("DROP INDEX access_log_seq")
	reads := func(sql string, seq int64, reason string) fault {
		return fault{sql, nil, found{check.OfReads, "", seq, reason}}
	}
	a.faults(map[string]fault{
		"changed":          reads("UPDATE access_log SET reader = 'cb-02' WHERE seq = 3", 3, "changed after it was sealed"),
		"changed purpose":  reads("UPDATE access_log SET purpose = 'khác' WHERE seq = 6", 6, "changed after it was sealed"),
		"removed":          reads("DELETE FROM access_log WHERE seq = 2", 2, "1 entries are missing"),
		"removed first":    reads("DELETE FROM access_log WHERE seq = 1", 1, "1 entries are missing"),
		"removed last":     reads("DELETE FROM access_log WHERE seq = 6", 6, "were sealed and are gone"),
		"removed all":      reads("DELETE FROM access_log", 1, "were sealed and are gone"),
		"swapped":          reads("UPDATE access_log SET seq = 9 - seq WHERE seq IN (4, 5)", 4, "does not follow"),
		"hash made to fit": reads("UPDATE access_log SET reader = 'cb-02', hash = sha256('x') WHERE seq = 3", 3, "changed after it was sealed"),
		"unsealed":         reads("UPDATE access_log SET seq = NULL, hash = NULL, prev_hash = NULL WHERE seq = 2", 2, "1 entries are missing"),
		"seal changed":     reads("UPDATE access_seals SET hash = sha256('x') WHERE seq = 3", 3, "differs from the head"),
	})
}

// A log of reads cut at its end, with its seals: the chain holds, the anchor tells.
func TestCutReads(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.behind("DELETE FROM access_log WHERE seq > 4")
	a.behind("DELETE FROM access_seals WHERE seq > 4")
	a.expect(found{check.OfReads, "", 5, "anchor 2 has them"})
}

// A changed anchor: a field, its root with its hash, one that is gone.
func TestChangedAnchor(t *testing.T) {
	t.Parallel()
	a := open(t)
	anchor := func(sql string, n int64, reason string) fault {
		return fault{sql, nil, found{check.OfAnchor, "", n, reason}}
	}
	const other = "are not those that it was made over"
	a.faults(map[string]fault{
		"time":                   anchor("UPDATE anchors SET at = at - interval '1 hour' WHERE n = 1", 1, "changed after it was made"),
		"counts":                 anchor(`UPDATE anchors SET counts = '{"events": {}, "reads": {}}' WHERE n = 2`, 2, other),
		"head of the reads":      anchor("UPDATE anchors SET log_seq = 2 WHERE n = 1", 1, other),
		"root":                   anchor("UPDATE anchors SET root = sha256('x') WHERE n = 1", 1, "changed after it was made"),
		"hash":                   anchor("UPDATE anchors SET hash = sha256('x') WHERE n = 1", 1, "changed after it was made"),
		"a head":                 anchor("UPDATE anchor_heads SET revision = 1 WHERE n = 1 AND case_id = (SELECT case_id FROM anchor_heads LIMIT 1)", 1, other),
		"removed":                anchor("DELETE FROM anchors WHERE n = 1", 1, "is missing"),
		"removed with its heads": anchor("WITH h AS (DELETE FROM anchor_heads WHERE n = 1) DELETE FROM anchors WHERE n = 1", 1, "is missing"),
	})
}

// A forged time-stamp: by an authority that is not ours, over another anchor, one
// that was removed.
func TestForgedStamp(t *testing.T) {
	t.Parallel()
	a := open(t)
	var hash []byte
	a.ok(a.db.QueryRow(t.Context(), "SELECT hash FROM anchors WHERE n = 2").Scan(&hash))
	forged := newAuthority(t).stamp(t.Context(), t, hash)
	a.behind("UPDATE anchor_stamps SET token = $1 WHERE n = 2", forged)
	a.expect(found{check.OfStamp, "", 2, "does not hold"})
	if r, err := check.Verify(t.Context(), check.Config{DB: a.db}); err != nil || len(r.Findings) > 0 {
		t.Errorf("nobody said whom to trust: %v, %v", r.Findings, err)
	}
	b := open(t)
	b.behind("UPDATE anchor_stamps SET token = (SELECT token FROM anchor_stamps WHERE n = 1) WHERE n = 2")
	b.expect(found{check.OfStamp, "", 2, "over other bytes"})
	c := open(t)
	c.behind("DELETE FROM anchor_stamps WHERE n = 1")
	c.expect(found{check.OfStamp, "", 1, "is missing"})
}

// The copies tell of anchors that were made anew or removed with all that they
// were over; a copy that was changed or cut is found too.
func TestCopies(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.behind("DELETE FROM anchor_stamps WHERE n = 2")
	a.behind("DELETE FROM anchor_heads WHERE n = 2")
	a.behind("DELETE FROM anchors WHERE n = 2")
	a.expect(found{check.OfAnchor, "", 2, "the copies have anchors up to 2"})

	b := open(t)
	b.behind("DELETE FROM anchor_stamps")
	b.behind("DELETE FROM anchor_heads")
	b.behind("DELETE FROM anchors")
	_, err := b.anchors.Make(t.Context())
	b.ok(err)
	b.expect(found{check.OfCopy, "", 1, "differs from the database"})

	for name, c := range map[string]struct {
		change func(lines []string) []string
		n      int64
		reason string
	}{
		"changed": {func(l []string) []string {
			l[0] = strings.Replace(l[0], `"heads":4`, `"heads":3`, 1)
			return l
		}, 1, "changed after it was written"},
		"removed": {func(l []string) []string { return l[1:] }, 1, "has a time-stamp and is missing"},
		"cut":     {func(l []string) []string { return l[:2] }, 2, "is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t)
			files, err := filepath.Glob(filepath.Join(a.copies, "*"))
			a.ok(err)
			text, err := os.ReadFile(files[0])
			a.ok(err)
			lines := c.change(strings.SplitAfter(string(text), "\n"))
			a.ok(os.WriteFile(files[0], []byte(strings.Join(lines, "")), 0o600))
			a.expect(found{check.OfCopy, "", c.n, c.reason})
		})
	}
}

// All findings are told when asked for, and one fault is one finding.
func TestAll(t *testing.T) {
	t.Parallel()
	a := open(t)
	a.behind("UPDATE case_events SET actor = 'cb-02' WHERE seq = 2 AND case_id = ANY ($1)", []uuid.UUID{a.ids[0], a.ids[2]})
	a.behind("UPDATE access_log SET reader = 'cb-02' WHERE seq = 1")
	r := a.verify(true)
	if len(r.Findings) != 3 || r.Findings[0].Of != check.OfReads || r.Findings[1].Case != a.code(0) || r.Findings[2].Case != a.code(2) {
		t.Errorf("found %v", r.Findings)
	}
}
