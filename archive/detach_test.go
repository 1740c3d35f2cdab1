package archive_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/archive"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/doctor"
)

// A month is archived and leaves the tables; its readers learn that, others learn
// nothing; figures, documents and proofs stay; and it comes back as it was.
func TestDetachAndAttach(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	from, until := filed.AddDate(0, -1, 0), filed.AddDate(0, 3, 0)
	before, err := s.cases.StatisticsOf(ctx, from, until)
	s.ok(err)
	if len(before.Procedures) != 1 || before.Procedures[0].Ended != 5 || before.Procedures[0].Total.Median == 0 {
		t.Fatalf("the figures before: %+v", before.Procedures)
	}
	if m := s.month(); m.State != archive.Ended || m.Cases != 4 || m.Open != 0 || m.Events != 12 || m.Bytes == 0 {
		t.Errorf("before: %+v", m)
	}
	made, err := s.detach(archive.Options{})
	s.ok(err)
	if made.Cases != 4 || made.Events != 12 || made.Program == "" || made.Schema < 83 {
		t.Errorf("manifest: %+v", made)
	}
	for table, rows := range map[string]int64{"cases": 4, "case_events": 12, "case_bodies": 4, "case_documents": 1, "case_codes": 4, "anchor_heads": 8, "anchors": 2, "anchor_stamps": 2} {
		i := slices.IndexFunc(made.Files, func(f archive.File) bool { return f.Table == table })
		if i < 0 || made.Files[i].Rows != rows {
			t.Errorf("%s is not in the archive with %d rows", table, rows)
		}
	}
	if m := s.month(); m.State != archive.Detached || m.Cases != 4 || m.Events != 12 {
		t.Errorf("after: %+v", m)
	}
	if n := s.count(ctx, `SELECT count(*) FROM cases`); n != 1 {
		t.Errorf("%d cases are left, want that of the other month", n)
	}

	if _, err := s.cases.Get(ctx, citizen(applicant), s.code(0)); !errors.Is(err, cases.ErrArchived) {
		t.Errorf("its applicant reads it: %v, want ErrArchived", err)
	}
	if _, err := s.cases.Get(ctx, citizen(stranger), s.code(0)); !errors.Is(err, cases.ErrNotFound) || errors.Is(err, cases.ErrArchived) {
		t.Errorf("a stranger reads it: %v, want ErrNotFound alone", err)
	}
	if _, err := s.cases.Act(ctx, citizen(applicant), cases.Command{Code: s.code(0), ID: uuid.New(), Event: "withdraw"}); !errors.Is(err, cases.ErrArchived) {
		t.Errorf("its applicant withdraws it: %v, want ErrArchived", err)
	}
	if v, err := s.cases.Verify(ctx, s.document); err != nil || v.Number != "1/KQ" {
		t.Errorf("its document: %+v, %v", v, err)
	}
	now, err := s.cases.StatisticsOf(ctx, from, until)
	s.ok(err)
	if diff := cmp.Diff(before, now); diff != "" {
		t.Errorf("the figures changed:\n%s", diff)
	}
	if r := s.verify(""); len(r.Findings) > 0 || r.Cases != 1 || !slices.Equal(r.Detached, []string{suffix}) {
		t.Errorf("without the archive: %+v", r)
	}
	if r := s.verify(s.dir); len(r.Findings) > 0 || r.Cases != 5 || r.Events != 15 || r.Heads != 10 || !slices.Equal(r.Archived, []string{suffix}) {
		t.Errorf("with the archive: %+v", r)
	}
	report, err := doctor.Check(ctx, s.owner, doctor.Options{Only: []int{3, 28}})
	if s.ok(err); report.Broken() > 0 {
		t.Errorf("the doctor misses something: %+v", report.Findings)
	}
	if _, err := s.detach(archive.Options{}); !errors.Is(err, archive.ErrDetached) {
		t.Errorf("detached again: %v", err)
	}

	s.ok(s.archive.Attach(ctx, suffix))
	if m := s.month(); m.State != archive.Ended || m.Cases != 4 || m.Events != 12 {
		t.Errorf("attached: %+v", m)
	}
	if r := s.verify(""); len(r.Findings) > 0 || r.Cases != 5 || len(r.Detached) > 0 {
		t.Errorf("attached: %+v", r)
	}
	if _, err := s.owner.Exec(ctx, `DELETE FROM case_events`); err == nil {
		t.Error("the events of the attached month may be deleted")
	}
	if _, err := s.db.Exec(ctx, `TRUNCATE case_events_`+suffix); err == nil {
		t.Error("the events of the attached month may be truncated")
	}
	if err := s.archive.Attach(ctx, suffix); !errors.Is(err, archive.ErrInUse) {
		t.Errorf("attached again: %v", err)
	}
	if now, err = s.cases.StatisticsOf(ctx, from, until); err != nil || cmp.Diff(before, now) != "" {
		t.Errorf("the figures after attaching:\n%s, %v", cmp.Diff(before, now), err)
	}
	s.event(0, 4, "granted", closed) // it can be written again
}

// Partitions are dropped when somebody says so and the archive is complete; then the month is gone for good.
func TestDrop(t *testing.T) {
	t.Parallel()
	s := open(t)
	_, err := s.detach(archive.Options{})
	s.ok(err)
	file := filepath.Join(s.dir, suffix, "case_bodies.csv.gz")
	text, err := os.ReadFile(file)
	s.ok(err)
	s.ok(os.WriteFile(file, text[:len(text)-1], 0o600))
	if _, err := s.detach(archive.Options{Drop: true}); err == nil {
		t.Error("dropped with an archive that was cut")
	}
	if _, err := s.detach(archive.Options{Drop: true, Dir: t.TempDir()}); err == nil {
		t.Error("dropped without its archive")
	}
	s.ok(os.WriteFile(file, text, 0o600))
	_, err = s.detach(archive.Options{Drop: true})
	s.ok(err)
	if n := s.count(t.Context(), `SELECT count(*) FROM pg_class WHERE relnamespace = 'detached'::regnamespace`); n != 0 || s.month().State != archive.Dropped {
		t.Errorf("%d relations are left: %+v", n, s.month())
	}
	if err := s.archive.Attach(t.Context(), suffix); !errors.Is(err, archive.ErrDropped) {
		t.Errorf("attached: %v", err)
	}
	if _, err := s.detach(archive.Options{Drop: true}); !errors.Is(err, archive.ErrDropped) {
		t.Errorf("dropped again: %v", err)
	}
	if _, err := s.db.Exec(t.Context(), `SELECT make_case_month($1)`, filed); err != nil || s.month().State != archive.Dropped {
		t.Errorf("its partitions are made anew: %v", err)
	}
	if r := s.verify(s.dir); len(r.Findings) > 0 || r.Cases != 5 {
		t.Errorf("the records: %+v", r)
	}
}

// What a run that was killed has left is no hindrance: an archive that is not
// complete, one that is, a watch, stubs.
func TestDetachAgainAfterAKill(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, dir := range []string{suffix, suffix + ".partial"} {
		s.ok(os.MkdirAll(filepath.Join(s.dir, dir), 0o700))
		s.ok(os.WriteFile(filepath.Join(s.dir, dir, "cases.csv.gz"), []byte("half"), 0o600))
	}
	first := uuid.UUID(s.ids[0])
	past := s.ids[4]
	s.ok(s.cases.KeepStubs(t.Context(), suffix, first, past))
	if _, err := s.owner.Exec(t.Context(), `CREATE TRIGGER month_watched AFTER UPDATE ON case_effects_`+suffix+` FOR EACH ROW EXECUTE FUNCTION case_month_changed('`+suffix+`')`); err != nil {
		t.Fatal(err)
	}
	if c, err := s.cases.StatisticsOf(t.Context(), filed.AddDate(0, -1, 0), time.Now()); err != nil || c.Procedures[0].Ended != 5 {
		t.Errorf("what was left is counted: %+v, %v", c, err)
	}
	_, err := s.detach(archive.Options{})
	s.ok(err)
	if _, err := os.Stat(filepath.Join(s.dir, suffix+".partial")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the unfinished archive is still there: %v", err)
	}
	if r := s.verify(s.dir); len(r.Findings) > 0 || r.Cases != 5 {
		t.Errorf("the records: %+v", r)
	}
}
