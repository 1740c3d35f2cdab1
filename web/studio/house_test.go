package studio

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/document"
	"github.com/hoso-gov/hoso/identity"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/internal/shipped"
	"github.com/hoso-gov/hoso/jobs"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// house is a node with the author's pages over a live database, and an author.
type house struct {
	t       *testing.T
	db      *pgxpool.Pool // the live one
	handler http.Handler
	author  *agency.Actor

	mu  sync.Mutex
	now time.Time
}

func newHouse(t *testing.T) *house { return newHouseOf(t, procedures.FS, "") }

// newHouseOf is a house whose definitions are those of a tree; folder is where
// it is on disk, empty when it is not.
func newHouseOf(t *testing.T, tree fs.FS, folder string) *house {
	t.Helper()
	ctx := t.Context()
	h := &house{t: t, db: pgtest.New(t), now: time.Date(2026, time.November, 26, 9, 0, 0, 0, calendar.Hanoi)}
	h.ok(agency.LoadDemo(ctx, pgtest.Owner(t, h.db)))
	agencies, err := agency.New(ctx, agency.Config{DB: h.db, Now: h.clock})
	h.ok(err)
	running := shipped.Procedures()
	service, err := cases.New(ctx, cases.Config{DB: h.db, Procedures: running, Agencies: agencies, Calendar: calendar.Vietnam(), Records: registry.Directory{}, Outbox: jobs.Outbox{}, Now: h.clock})
	h.ok(err)
	keys, err := document.OpenKeyring(t.TempDir())
	h.ok(err)
	s := &site.Site{DB: h.db, Cases: service, Procedures: running, Agencies: agencies, Keys: keys, BaseURL: "http://hoso.example", Now: h.clock, Log: slog.New(slog.DiscardHandler), Studio: true}
	s.Identity, err = identity.New(identity.Config{DB: h.db, Issuer: "http://id.example", ClientID: "hoso", BaseURL: s.BaseURL, Callback: site.CallbackPath, SignIn: site.SignInPath,
		Officer: func(context.Context, string) (agency.Actor, bool, error) { return agency.Actor{}, false, nil },
		Problem: func(w http.ResponseWriter, r *http.Request, _ int, err error) { s.Fail(w, r, err) }})
	h.ok(err)
	r := chi.NewRouter()
	r.Use(ui.Headers(), ui.Language)
	Routes(r, s, Config{Tree: tree, Prefix: "procedures", Folder: folder, Stage: func(ctx context.Context) (*stage.Database, error) {
		db, err := stage.Open(ctx, pgtest.URL(t))
		if err == nil {
			t.Cleanup(db.Close)
		}
		return db, err
	}})
	h.handler = r
	staff, err := agencies.Officer(ctx, "ub-01-soanthao")
	h.ok(err)
	author := staff.Actor(2)
	h.author = &author
	return h
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// later lets time go by for the node, not on a stage.
func (h *house) later(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// rows counts the rows of every table of the live database.
func (h *house) rows() map[string]int {
	h.t.Helper()
	out := map[string]int{}
	rows, _ := h.db.Query(h.t.Context(), `SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace`)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	h.ok(err)
	owner := pgtest.Owner(h.t, h.db)
	for _, name := range names {
		var n int
		h.ok(owner.QueryRow(h.t.Context(), `SELECT count(*) FROM `+name).Scan(&n))
		out[name] = n
	}
	return out
}

// copied puts the shipped definitions into a folder of their own.
func copied(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "procedures")
	if err := os.CopyFS(dir, procedures.FS); err != nil {
		t.Fatal(err)
	}
	return dir
}
