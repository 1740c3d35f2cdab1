package check_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/audit/anchor"
	"github.com/hoso-gov/hoso/audit/check"
	"github.com/hoso-gov/hoso/audit/tsa"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/sandbox/drill"
	sandbox "github.com/hoso-gov/hoso/sandbox/tsa"
)

// archive is a database with cases, reads and anchors over them, stamped by the
// sandbox and copied to a folder.
type archive struct {
	t       *testing.T
	db      *pgxpool.Pool
	anchors *anchor.Anchors
	trusted *x509.CertPool
	copies  string
	ids     [4]uuid.UUID
}

// open makes cases 0 to 3 with three events each and six reads, under two
// anchors; the third event and the last three reads came between the two.
func open(t *testing.T) *archive {
	t.Helper()
	a := &archive{t: t, db: pgtest.New(t), trusted: x509.NewCertPool(), copies: t.TempDir()}
	authority := newAuthority(t)
	a.trusted.AddCert(authority.root)
	var err error
	a.anchors, err = anchor.New(anchor.Config{DB: a.db, Authority: authority.client, Dir: a.copies, Every: time.Nanosecond, Patience: time.Minute})
	a.ok(err)
	_, err = a.db.Exec(t.Context(), "INSERT INTO definitions (hash, procedure_id, version, files) VALUES ('d', 'p', 1, '{}')")
	a.ok(err)
	for i := range a.ids {
		a.ids[i], err = uuid.NewV7()
		a.ok(err)
		a.step(i, 1)
		a.step(i, 2)
	}
	a.read(3)
	a.ok(a.anchors.Work(t.Context()))
	for i := range a.ids {
		a.step(i, 3)
	}
	a.read(3)
	a.ok(a.anchors.Work(t.Context()))
	return a
}

func (a *archive) ok(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

func (a *archive) code(i int) string { return fmt.Sprintf("H01-%d", i) }

// step writes an event as package cases does; that it does is shown there.
func (a *archive) step(i, seq int) {
	a.t.Helper()
	id := a.ids[i]
	e := check.Event{Seq: int64(seq), Command: uuid.New(), Texts: [9]string{"action", "accept", "received", "accepted", "officer", "cb-01", "Trần Thị Cán", "", "CA-00070"},
		At: time.Now().Truncate(time.Microsecond), Input: []byte(fmt.Sprintf(`{"note": "đủ giấy tờ %d"}`, seq)), Prev: check.Genesis(id)}
	if seq > 1 {
		a.ok(a.db.QueryRow(a.t.Context(), "SELECT head_hash FROM cases WHERE id = $1", id).Scan(&e.Prev))
	}
	e.InputHash = check.InputHash(e.Input)
	e.Hash = e.Sum(id, e.InputHash)
	t := e.Texts
	_, err := a.db.Exec(a.t.Context(), `
		INSERT INTO case_events (case_id, seq, command_id, req_hash, kind, event, from_state, to_state, actor_kind, actor, actor_name, on_behalf, agency, at, input, input_hash, prev_hash, hash)
		VALUES ($1, $2, $3, '', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		id, seq, e.Command, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], e.At, string(e.Input), e.InputHash, e.Prev, e.Hash)
	a.ok(err)
	_, err = a.db.Exec(a.t.Context(), `
		INSERT INTO cases (id, code, procedure_id, definition, variant, state, revision, applicant, subject, receiving, competent, filed_at, head_hash)
		VALUES ($1, $2, 'p', 'd', '', 'accepted', $3, '1', '1', 'CA-00070', 'CA-00070', now(), $4)
		ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, head_hash = excluded.head_hash`, id, a.code(i), seq, e.Hash)
	a.ok(err)
}

// read logs n reads and seals them, one seal each.
func (a *archive) read(n int) {
	a.t.Helper()
	for i := range n {
		a.ok(pgx.BeginFunc(a.t.Context(), a.db, func(tx pgx.Tx) error {
			return audit.Read(a.t.Context(), tx, audit.Entry{ReaderKind: "officer", Reader: "cb-01", Agency: "CA-00070", Subject: "001196000101", Case: a.code(i),
				Purpose: "Giải quyết hồ sơ", Basis: "law: Luật Cư trú", Fields: []string{"fullName", "birthDate"}})
		}))
		_, err := audit.Seal(a.t.Context(), a.db)
		a.ok(err)
	}
}

// behind runs statements as an owner would who switches the triggers off.
func (a *archive) behind(sql string, args ...any) {
	a.t.Helper()
	a.ok(pgx.BeginFunc(a.t.Context(), pgtest.Owner(a.t, a.db), func(tx pgx.Tx) error {
		if _, err := tx.Exec(a.t.Context(), "SET LOCAL session_replication_role = replica"); err != nil {
			return err
		}
		_, err := tx.Exec(a.t.Context(), sql, args...)
		return err
	}))
}

// kept are the tables that faults are made in.
var kept = []string{"cases", "case_events", "access_log", "access_seals", "anchors", "anchor_heads", "anchor_stamps"}

// faults makes one fault after the other, each in the records as they were.
func (a *archive) faults(list map[string]fault) {
	a.t.Helper()
	for _, table := range kept {
		a.behind("CREATE TABLE kept_" + table + " AS SELECT * FROM " + table)
	}
	for name, f := range list {
		a.behind(f.sql, f.args...)
		if diff := a.differs(f.want); diff != "" {
			a.t.Errorf("%s: %s", name, diff)
		}
		for _, table := range kept {
			a.behind("DELETE FROM " + table)
			a.behind("INSERT INTO " + table + " SELECT * FROM kept_" + table)
		}
	}
	if r := a.verify(false); len(r.Findings) > 0 {
		a.t.Errorf("the records are not as they were: %v", r.Findings)
	}
}

// fault is what an owner does, and what is to be found.
type fault struct {
	sql  string
	args []any
	want found
}

func (a *archive) verify(all bool) check.Report {
	a.t.Helper()
	r, err := check.Verify(a.t.Context(), check.Config{DB: a.db, Trusted: a.trusted, Copies: a.copies, All: all})
	a.ok(err)
	return r
}

// authority is the sandbox's, and a client of it.
type authority struct {
	client *tsa.Client
	root   *x509.Certificate
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	s, err := sandbox.New(sandbox.Config{Board: drill.New()})
	if err != nil {
		t.Fatal(err)
	}
	r := chi.NewRouter()
	r.Route("/", s.Routes)
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	client, err := tsa.New(tsa.Config{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return authority{client, s.Root()}
}

func (s authority) stamp(ctx context.Context, t *testing.T, digest []byte) []byte {
	t.Helper()
	token, err := s.client.Stamp(ctx, digest)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// Records as they are written are sound: also with an input that was erased, with
// events and reads that no anchor has yet, and when the check runs beside the program.
func TestSound(t *testing.T) {
	t.Parallel()
	a := open(t)
	want := check.Report{Cases: 4, Events: 12, Sealed: 6, Anchors: 2, Heads: 8, Stamped: 2, Copied: 2, Findings: []check.Finding{}}
	if diff := cmp.Diff(want, a.verify(false)); diff != "" {
		t.Error(diff)
	}
	_, err := pgtest.Owner(t, a.db).Exec(t.Context(), "UPDATE case_events SET erased_at = now() WHERE case_id = $1 AND seq = 2", a.ids[1])
	a.ok(err)
	var input string
	a.ok(a.db.QueryRow(t.Context(), "SELECT input::text FROM case_events WHERE case_id = $1 AND seq = 2", a.ids[1]).Scan(&input))
	a.step(0, 4)
	a.read(1)
	want.Erased, want.Events, want.Fresh, want.Sealed = 1, 13, 1, 7
	if diff := cmp.Diff(want, a.verify(false)); diff != "" || input != "{}" {
		t.Errorf("input %s; %s", input, diff)
	}
}

// An event allows one change, the erasure of its input, and that once; nothing
// else of the records can be changed, also by an owner who leaves the triggers on.
func TestAppendOnly(t *testing.T) {
	t.Parallel()
	a := open(t)
	owner := pgtest.Owner(t, a.db)
	erase := "UPDATE case_events SET erased_at = now() WHERE seq = 1"
	_, err := owner.Exec(t.Context(), erase)
	a.ok(err)
	var part, headsPart string
	a.ok(a.db.QueryRow(t.Context(), "SELECT tableoid::regclass::text FROM case_events LIMIT 1").Scan(&part))
	a.ok(a.db.QueryRow(t.Context(), "SELECT tableoid::regclass::text FROM anchor_heads LIMIT 1").Scan(&headsPart))
	for _, sql := range []string{erase,
		"UPDATE case_events SET erased_at = NULL WHERE seq = 1", "UPDATE case_events SET input = '{}' WHERE seq = 2", "UPDATE case_events SET actor = 'x' WHERE seq = 2",
		"UPDATE case_events SET erased_at = now(), actor = 'x' WHERE seq = 2", "UPDATE case_events SET erased_at = now(), input = '[]' WHERE seq = 2",
		"DELETE FROM case_events", "TRUNCATE case_events", "TRUNCATE " + part, "TRUNCATE " + headsPart,
		"UPDATE anchors SET heads = 0", "DELETE FROM anchors", "TRUNCATE anchors", "UPDATE anchor_heads SET revision = 9", "DELETE FROM anchor_heads", "TRUNCATE anchor_heads",
		"UPDATE anchor_stamps SET token = ''", "DELETE FROM anchor_stamps", "TRUNCATE anchor_stamps", "DELETE FROM anchor_exports", "TRUNCATE anchor_exports",
		"TRUNCATE access_log", "DELETE FROM access_log", "TRUNCATE access_seals", "DELETE FROM access_seals",
	} {
		if _, err := owner.Exec(t.Context(), sql); err == nil {
			t.Errorf("the database took: %s", sql)
		}
	}
	for _, sql := range []string{"UPDATE case_events SET erased_at = now() WHERE seq = 3", "INSERT INTO anchors SELECT * FROM anchors"} {
		if _, err := a.db.Exec(t.Context(), sql); err == nil {
			t.Errorf("the program may: %s", sql)
		}
	}
	if r := a.verify(false); len(r.Findings) > 0 {
		t.Errorf("found %v", r.Findings)
	}
}
