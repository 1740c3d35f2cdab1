package doctor

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/internal/shipped"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/sandbox/world"
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/workflow"
)

// patient is a database in which stories were played, with what the peers and a
// client of the time would have written down.
type patient struct {
	t         *testing.T
	catalogue *procedures.Catalogue
	db        *pgxpool.Pool // as its owner, who may change anything
	opts      Options
	name      string // of the database
	admin     string // URL of another database of the server
}

// stories are those played, with how many of their steps: what is cut off in the
// middle leaves open cases.
var stories = []struct {
	procedure procedures.ID
	id        string
	steps     int // -1: all
}{
	{"permanent-residence", "supplement-then-granted", -1},
	{"permanent-residence", "withdrawn", -1},
	{"birth-interlinked", "i1-straight", -1},
	{"camera-fine-payment", "not-paid", -1},
	{"camera-fine-payment", "own-fine-on-time", -1},
	{"permanent-residence", "own-dwelling-with-a-co-owner", 0},
	{"permanent-residence", "wife-joins-husband", 1},
	{"birth-interlinked", "birth-refused", 2},
}

// newPatient plays the stories once.
func newPatient(t *testing.T) *patient {
	t.Helper()
	ctx := t.Context()
	catalogue := shipped.WithScenarios()
	pool := pgtest.New(t)
	first := story(t, catalogue, stories[0].procedure, stories[0].id)
	s, err := stage.New(ctx, pool, catalogue, first.At, t.TempDir())
	must(t, err)
	for _, st := range stories {
		p, ok := catalogue.Get(st.procedure)
		if !ok {
			t.Fatalf("no procedure %s", st.procedure)
		}
		play := *story(t, catalogue, st.procedure, st.id)
		if play.At.After(s.Now()) {
			must(t, s.Pass(ctx, play.At))
		}
		if st.steps >= 0 {
			play.Steps, play.Ends = play.Steps[:st.steps], procedures.Ends{}
		}
		if _, err := s.Play(ctx, p, &play); err != nil {
			t.Fatalf("%s: %v", st.id, err)
		}
	}
	must(t, s.Pass(ctx, s.Now().Add(10*time.Minute)))
	p := &patient{t: t, catalogue: catalogue}
	p.db, err = pgxpool.New(ctx, pool.Config().ConnString())
	must(t, err)
	t.Cleanup(p.db.Close)
	// The stage works effects off without River, whose bells it leaves as they are.
	_, err = p.db.Exec(ctx, `DELETE FROM river.river_job j
		WHERE NOT EXISTS (SELECT FROM case_effects e WHERE e.case_id = (j.args ->> 'case')::uuid AND e.seq = (j.args ->> 'seq')::int AND e.idx = (j.args ->> 'idx')::int AND e.status IN (0, 1))`)
	must(t, err)
	_, err = p.db.Exec(ctx, `
		INSERT INTO incidents (case_id, seq, idx, kind, code, agency, receiving, peer, type, name, opened_at, closed_at, closed_by, closed_how)
		SELECT e.case_id, e.seq, e.idx, 'failing', c.code, c.competent, c.receiving, '', e.type, e.name, e.created_at, e.done_at, 'system', 'done'
		FROM case_effects e JOIN cases c ON c.id = e.case_id WHERE e.status = 2 ORDER BY e.key LIMIT 1`)
	must(t, err)
	p.name, p.admin = pool.Config().ConnConfig.Database, withDatabase(t, pool.Config().ConnString(), "postgres")
	p.opts = Options{Procedures: catalogue, Cases: s.Cases(), Now: s.Now, Books: p.books(s.World()), Journal: p.journal()}
	return p
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func story(t *testing.T, c *procedures.Catalogue, id procedures.ID, name string) *procedures.Scenario {
	t.Helper()
	p, ok := c.Get(id)
	if !ok {
		t.Fatalf("no procedure %s", id)
	}
	for _, s := range p.Scenarios {
		if s.ID == name {
			return s
		}
	}
	t.Fatalf("no story %s of %s", name, id)
	return nil
}

func withDatabase(t *testing.T, conn, name string) string {
	t.Helper()
	u, err := url.Parse(conn)
	if err != nil || u.Scheme == "" {
		t.Fatalf("the test's database has no URL: %q", conn)
	}
	u.Path = "/" + name
	return u.String()
}

// books are those of the stage's registries; payment platform and mailbox have
// none there, so theirs are what the effects should have left in them.
func (p *patient) books(w *world.World) *Books {
	b := &Books{Registries: map[string][]Execution{}}
	for _, name := range w.Registries() {
		for _, e := range w.Book(name) {
			b.Registries[name] = append(b.Registries[name], Execution{Key: e.Key, Operation: e.Operation, Digest: e.Digest, Times: e.Times})
		}
	}
	rows, err := p.db.Query(p.t.Context(), `SELECT type, key FROM case_effects WHERE attempts > 0 AND type IN ('request-payment', 'notify') ORDER BY key`)
	must(p.t, err)
	var kind string
	var key uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&kind, &key}, func() error {
		if kind == "notify" {
			b.Messages = append(b.Messages, Delivered{Kind: "email", Key: key.String() + "@hoso.example", To: "x@example.vn", Times: 1})
		} else {
			b.Orders = append(b.Orders, Order{ID: key.String(), Amount: 1, Status: "pending"})
		}
		return nil
	})
	must(p.t, err)
	return b
}

// journal is what a client would have written down of the stories' acts: one
// after the other, a minute apart, each looked at before and after.
func (p *patient) journal() *Journal {
	j := &Journal{Builds: []Build{{Stamp: "new", Runs: 3}, {Stamp: "old", Old: true, Runs: 2}}}
	rows, err := p.db.Query(p.t.Context(), `
		SELECT e.command_id, c.code, e.event, e.seq, e.kind
		FROM case_events e
		JOIN cases c ON c.id = e.case_id
		WHERE e.hop = 0 AND e.kind IN ('action', 'withdraw')
		ORDER BY e.case_id, e.seq`)
	must(p.t, err)
	var c Command
	var seq int
	var kind workflow.TriggerKind
	at := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)
	_, err = pgx.ForEachRow(rows, []any{&c.ID, &c.Case, &c.Event, &seq, &kind}, func() error {
		at = at.Add(time.Minute)
		c.Expected, c.Revision, c.Status, c.Body = seq-1, seq, 200, fmt.Sprint(seq)
		c.Sent, c.Answered = at, at.Add(time.Second)
		j.Commands = append(j.Commands, c)
		j.Reads = append(j.Reads, Read{Reader: "nobody", Kind: agency.Citizen, Case: c.Case, Sent: at.Add(2 * time.Second), Answered: at.Add(3 * time.Second), Status: 200, Revision: seq})
		return nil
	})
	must(p.t, err)
	// One that was refused, and one that was sent again.
	last := j.Commands[len(j.Commands)-1]
	again, refused := last, last
	again.Sent, again.Answered = at.Add(10*time.Second), at.Add(11*time.Second)
	refused.ID, refused.Status = uuid.New(), 409
	j.Commands = append(j.Commands, again, refused)
	j.Recovery = &Recovery{Ended: at, Stuck: 4, Moving: at.Add(20 * time.Second), Normal: at.Add(30 * time.Second)}
	j.Restored = &Restore{At: at, Cases: 9, Resumed: 2}
	return j
}

// twin is a copy of the patient's database, gone when the test ends. Nobody may
// be connected to the patient meanwhile.
func (p *patient) twin(ctx context.Context, t *testing.T) *pgxpool.Pool {
	t.Helper()
	name := p.name + "_" + strings.ToLower(strings.ReplaceAll(uuid.NewString()[:8], "-", ""))
	admin, err := pgx.Connect(ctx, p.admin)
	must(t, err)
	defer admin.Close(ctx)
	p.db.Reset()
	defer p.db.Reset()
	_, err = admin.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, p.name)
	must(t, err)
	_, err = admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+p.name)
	must(t, err)
	cfg, err := pgxpool.ParseConfig(withDatabase(t, p.admin, name))
	must(t, err)
	cfg.ConnConfig.RuntimeParams["session_replication_role"] = "replica" // no trigger keeps the fault out
	cfg.MaxConns = 3
	db, err := pgxpool.NewWithConfig(ctx, cfg)
	must(t, err)
	t.Cleanup(func() {
		db.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if c, err := pgx.Connect(ctx, p.admin); err == nil {
			defer c.Close(ctx)
			if _, err := c.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
				t.Error(err)
			}
		}
	})
	return db
}

// red are the numbers of the invariants that a report finds broken.
func red(r *Report) []int {
	var out []int
	for _, f := range r.Findings {
		if f.Broken > 0 {
			out = append(out, f.N)
		}
	}
	slices.Sort(out)
	return out
}
