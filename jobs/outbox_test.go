package jobs

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/postgres"
)

// The rows that a step writes are those that River's own insert writes, but for
// their ids and times.
func TestInsertSQL(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.New(t)
	id := uuid.New()
	client, err := river.NewClient(riverpgxv5.New(db), &river.Config{Schema: postgres.RiverSchema})
	must(t, err)
	_, err = client.Insert(ctx, effectArgs{Case: id, Seq: 7, Idx: 1}, &river.InsertOpts{Queue: "registry_civil-status"})
	must(t, err)
	_, err = db.Exec(ctx, `WITH rung AS (SELECT unnest($1::jsonb[]) AS bell), bells AS (`+Outbox{}.InsertSQL("rung")+`) SELECT 1`,
		[]string{`{"case": "` + id.String() + `", "seq": 7, "idx": 1, "queue": "registry_civil-status"}`})
	must(t, err)
	rows, err := db.Query(ctx, `SELECT to_jsonb(j) FROM river.river_job j ORDER BY id`)
	must(t, err)
	jobs, err := pgx.CollectRows(rows, pgx.RowTo[map[string]any])
	must(t, err)
	if len(jobs) != 2 {
		t.Fatalf("%d rows, want River's and ours", len(jobs))
	}
	for _, j := range jobs {
		for _, differs := range []string{"id", "created_at", "scheduled_at"} {
			if j[differs] == nil {
				t.Errorf("%s is empty", differs)
			}
			delete(j, differs)
		}
	}
	if diff := cmp.Diff(jobs[0], jobs[1]); diff != "" {
		t.Errorf("River's row (-) and ours (+): %s", diff)
	}
}

// A step that is not written rings no bell.
func TestInsertSQLWithoutStep(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.New(t)
	_, err := db.Exec(ctx, `WITH rung AS (SELECT unnest($1::jsonb[]) AS bell WHERE false), bells AS (`+Outbox{}.InsertSQL("rung")+`) SELECT 1`,
		[]string{`{"case": "` + uuid.NewString() + `", "seq": 1, "idx": 0, "queue": "cases"}`})
	must(t, err)
	var n int
	must(t, db.QueryRow(ctx, `SELECT count(*) FROM river.river_job`).Scan(&n))
	if n != 0 {
		t.Errorf("%d jobs, want none", n)
	}
}

// The two GIN indexes that cost a third of the WAL of a job are gone.
func TestNoGIN(t *testing.T) {
	t.Parallel()
	var n int
	must(t, pgtest.New(t).QueryRow(t.Context(), `SELECT count(*) FROM pg_indexes WHERE schemaname = 'river' AND tablename = 'river_job' AND indexdef LIKE '% gin %'`).Scan(&n))
	if n != 0 {
		t.Errorf("%d GIN indexes on river_job", n)
	}
}
