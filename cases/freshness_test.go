package cases

import (
	"context"
	"testing"
	"time"

	"github.com/hoso-gov/hoso/registry"
)

// A draft rests on a record as long as the catalogue says for its kind: a fine,
// whose amount grows by the day, an hour; a person's data twelve. A registry
// that is silent when its time is over leaves the record stale.
func TestFreshness(t *testing.T) {
	t.Parallel()
	o := newTown(t)
	d, err := o.StartDraft(t.Context(), an, "camera-fine-payment", "")
	o.ok(err)
	d, _, err = o.SaveSection(t.Context(), an, d.ID, d.Revision, "/search", map[string]any{"mode": "decision", "decisionNumber": "105/QĐ-XPHC"}, true)
	o.ok(err)
	first := o.time
	read := func(subject string) subjectRecord {
		t.Helper()
		d, err = o.Draft(t.Context(), an, d.ID)
		o.ok(err)
		return d.records[subject]
	}
	for _, step := range []struct {
		after         time.Duration
		fine, citizen time.Duration // since the beginning: when the record is of
	}{
		{time.Hour, 0, 0},
		{2 * time.Hour, 2 * time.Hour, 0},
		{3 * time.Hour, 2 * time.Hour, 0},
		{13 * time.Hour, 13 * time.Hour, 13 * time.Hour},
	} {
		o.time = first.Add(step.after)
		for subject, want := range map[string]time.Duration{"fine": step.fine, "applicant": step.citizen} {
			if got := read(subject); got.State != "fetched" || !got.FetchedAt.Equal(first.Add(want)) {
				t.Errorf("after %s the record %s is %s of %s later, want %s", step.after, subject, got.State, got.FetchedAt.Sub(first), want)
			}
		}
	}
	o.cfg.Records.(registry.Directory).Add(registry.SourceFunc(func(_ context.Context, r registry.Request) (registry.Record, error) {
		return registry.Record{Kind: r.Kind, Key: r.Key, State: registry.Unavailable, FetchedAt: o.time}, nil
	}), "fine")
	o.time = first.Add(15 * time.Hour)
	if got := read("fine"); got.State != "stale" || !got.FetchedAt.Equal(first.Add(13*time.Hour)) {
		t.Errorf("with the registry silent: %s of %s later, want stale of 13h", got.State, got.FetchedAt.Sub(first))
	}
	if got := read("applicant"); got.State != "fetched" {
		t.Errorf("the applicant's record: %s", got.State)
	}
}
