package cases

import (
	"testing"
	"time"
)

// A draft goes with its papers on its day, and no day before; one that was filed
// and corrections that are asked for stay.
func TestRemoveExpired(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	c := o.asked()
	_, err := o.Amend(t.Context(), lan, c.Code, map[string]any{"stall": map[string]any{"size": int64(4)}})
	o.ok(err)
	d, err := o.StartDraft(t.Context(), lan, "stall", "")
	o.ok(err)
	_, err = o.AddFile(t.Context(), lan, d.ID, "drawing", "ban-ve.pdf", []byte("%PDF-1.4\n%%EOF\n"))
	o.ok(err)
	filed, err := o.StartDraft(t.Context(), minh, "stall", "")
	o.ok(err)
	_, err = o.db.Exec(t.Context(), `UPDATE drafts SET filed = $2 WHERE id = $1`, filed.ID, c.Code)
	o.ok(err)
	check := func(when string, removed int64, drafts, papers, amendments int) {
		t.Helper()
		n, err := o.RemoveExpired(t.Context())
		o.ok(err)
		var gotDrafts, gotPapers, gotAmendments int
		o.ok(o.db.QueryRow(t.Context(), `
			SELECT (SELECT count(*) FROM drafts), (SELECT count(*) FROM case_files WHERE owner_id = $1), (SELECT count(*) FROM case_amendments)`, d.ID).
			Scan(&gotDrafts, &gotPapers, &gotAmendments))
		if n != removed || gotDrafts != drafts || gotPapers != papers || gotAmendments != amendments {
			t.Errorf("%s: removed %d, left %d drafts, %d papers, %d corrections", when, n, gotDrafts, gotPapers, gotAmendments)
		}
	}
	o.time = d.ExpiresAt.Add(-time.Second)
	check("the day before", 0, 2, 1, 1)
	o.time = d.ExpiresAt
	o.act(lan, c, "supply", Input{Note: "Không cần sửa"})
	check("on its day", 1, 1, 0, 0)
	if _, err := o.Draft(t.Context(), minh, filed.ID); err != nil {
		t.Errorf("the filed one: %v", err)
	}
}
