package archive_test

import (
	"context"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/archive"
	"github.com/hoso-gov/hoso/audit/anchor"
	"github.com/hoso-gov/hoso/audit/check"
	"github.com/hoso-gov/hoso/audit/tsa"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/internal/shipped"
	"github.com/hoso-gov/hoso/jobs"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/sandbox/drill"
	sandbox "github.com/hoso-gov/hoso/sandbox/tsa"
)

// The month that the tests detach, of the cases 0 to 3; case 4 is of the month behind it.
const suffix = "2025_05"

var (
	filed  = time.Date(2025, time.May, 12, 9, 0, 0, 0, calendar.Hanoi)
	closed = time.Date(2025, time.June, 3, 15, 0, 0, 0, calendar.Hanoi)
	after  = time.Date(2025, time.June, 4, 0, 0, 0, 0, calendar.Hanoi)
)

const applicant, stranger = "001090000101", "001090000102"

// site is a database with ended cases of old months under anchors, and the
// services over it.
type site struct {
	t        *testing.T
	db       *pgxpool.Pool // as the program
	owner    *pgxpool.Pool
	cases    *cases.Service
	anchors  *anchor.Anchors
	trusted  *x509.CertPool
	archive  *archive.Archive
	dir      string
	ids      [5]uuid.UUID
	document uuid.UUID // of case 0
	def      procedures.Hash
}

func (s *site) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// open makes the months, their cases with three events each, and two anchors.
func open(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, db: pgtest.New(t), trusted: x509.NewCertPool(), dir: t.TempDir(), document: uuid.New()}
	s.owner = pgtest.Owner(t, s.db)
	s.ok(agency.LoadDemo(t.Context(), s.owner))
	agencies, err := agency.New(t.Context(), agency.Config{DB: s.db})
	s.ok(err)
	catalogue := shipped.Procedures()
	s.cases, err = cases.New(t.Context(), cases.Config{DB: s.owner, Procedures: catalogue, Agencies: agencies, Calendar: calendar.Vietnam(), Records: registry.Directory{}, Outbox: jobs.Outbox{}})
	s.ok(err)
	p, _ := catalogue.Get("permanent-residence")
	s.def = p.Hash
	s.anchors, err = anchor.New(anchor.Config{DB: s.db, Authority: s.authority(), Every: time.Nanosecond, Patience: time.Minute})
	s.ok(err)
	for i := range s.ids {
		at := filed.Add(time.Duration(i) * time.Minute)
		if i == 4 {
			at = at.AddDate(0, 1, 0)
		}
		_, err := s.db.Exec(t.Context(), `SELECT make_case_month($1)`, at)
		s.ok(err)
		s.ids[i] = uuid.Must(uuid.NewV7())
		var ms [8]byte
		binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli())<<16)
		copy(s.ids[i][:6], ms[:])
		s.event(i, 1, "submitted", at)
		s.event(i, 2, "examine", at.Add(24*time.Hour))
	}
	s.ok(s.anchors.Work(t.Context()))
	for i := range s.ids {
		s.event(i, 3, "granted", closed)
		s.exec(`UPDATE cases SET closed_at = $2, outcome = 'granted' WHERE id = $1`, s.ids[i], closed)
	}
	s.ok(s.anchors.Work(t.Context()))
	s.exec(`SELECT recount_cases()`)
	s.exec(`INSERT INTO case_documents (id, case_id, kind, title, number, sha256, content, issued_at, agency) VALUES ($1, $2, 'result', '{"vi": "Kết quả", "en": "Result"}', '1/KQ', 'sum', '%PDF', $3, 'CA-00070')`,
		s.document, s.ids[0], closed)
	s.archive, err = archive.New(archive.Config{DB: s.owner, Cases: s.cases, Trusted: s.trusted})
	s.ok(err)
	return s
}

func (s *site) authority() *tsa.Client {
	s.t.Helper()
	a, err := sandbox.New(sandbox.Config{Board: drill.New()})
	s.ok(err)
	r := chi.NewRouter()
	r.Route("/", a.Routes)
	server := httptest.NewServer(r)
	s.t.Cleanup(server.Close)
	s.trusted.AddCert(a.Root())
	client, err := tsa.New(tsa.Config{URL: server.URL})
	s.ok(err)
	return client
}

func (s *site) exec(sql string, args ...any) {
	s.t.Helper()
	_, err := s.db.Exec(s.t.Context(), sql, args...)
	s.ok(err)
}

// code is the code of a case; a text with quotes, commas and ends of lines is in its events.
func (s *site) code(i int) cases.Code { return cases.Code(fmt.Sprintf("H01.%s-%d", suffix, i)) }

// event writes an event as package cases does; that it does is shown there.
func (s *site) event(i, seq int, to string, at time.Time) {
	s.t.Helper()
	ctx, id := s.t.Context(), s.ids[i]
	e := check.Event{Seq: int64(seq), Command: uuid.New(), Texts: [9]string{"action", "accept", "received", to, "officer", "cb-01", "Trần \"Thị\",\r\nCán", "", "CA-00070"},
		At: at, Input: fmt.Appendf(nil, "{\"note\": \"đủ, \\\"%d\\\"\",\r\n \"x\": \"\\\\x\"}", seq), Prev: check.Genesis(id)}
	if seq > 1 {
		s.ok(s.db.QueryRow(ctx, "SELECT head_hash FROM cases WHERE id = $1", id).Scan(&e.Prev))
	}
	e.InputHash = check.InputHash(e.Input)
	e.Hash = e.Sum(id, e.InputHash)
	t := e.Texts
	s.exec(`
		INSERT INTO case_events (case_id, seq, command_id, req_hash, kind, event, from_state, to_state, actor_kind, actor, actor_name, on_behalf, agency, at, input, input_hash, prev_hash, hash)
		VALUES ($1, $2, $3, '', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		id, seq, e.Command, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], e.At, string(e.Input), e.InputHash, e.Prev, e.Hash)
	s.exec(`
		INSERT INTO cases (id, code, procedure_id, definition, variant, state, revision, applicant, subject, receiving, competent, filed_at, head_hash)
		VALUES ($1, $2, 'permanent-residence', $3, '', $4, $5, $6, $6, 'CA-00070', 'CA-00070', $7, $8)
		ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, head_hash = excluded.head_hash, state = excluded.state`, id, s.code(i), s.def, to, seq, applicant, at, e.Hash)
	if seq == 1 {
		s.exec(`INSERT INTO case_codes (code, case_id) VALUES ($1, $2)`, s.code(i), id)
		s.exec(`INSERT INTO case_bodies (case_id, revision, applicant_name, subject_name, answers, records, session, digest) VALUES ($1, 1, 'An', 'An', '{"a": "b,\n\"c\""}', '{}', '{}', '')`, id)
	}
}

// behind runs statements as an owner would who switches the triggers off.
func (s *site) behind(sql string, args ...any) {
	s.t.Helper()
	s.ok(pgx.BeginFunc(s.t.Context(), s.owner, func(tx pgx.Tx) error {
		if _, err := tx.Exec(s.t.Context(), "SET LOCAL session_replication_role = replica"); err != nil {
			return err
		}
		_, err := tx.Exec(s.t.Context(), sql, args...)
		return err
	}))
}

func (s *site) detach(o archive.Options) (*archive.Manifest, error) {
	if o.Dir == "" {
		o.Dir = s.dir
	}
	if o.ClosedBefore.IsZero() {
		o.ClosedBefore = after
	}
	return s.archive.Detach(s.t.Context(), suffix, o)
}

// verify verifies all records, with the archives.
func (s *site) verify(dir string) check.Report {
	s.t.Helper()
	r, err := check.Verify(s.t.Context(), check.Config{DB: s.db, Trusted: s.trusted, Archive: dir, All: true})
	s.ok(err)
	return r
}

func (s *site) month() archive.Month {
	s.t.Helper()
	list, _, err := archive.Months(s.t.Context(), s.db)
	s.ok(err)
	for _, m := range list {
		if m.Suffix == suffix {
			return m
		}
	}
	s.t.Fatalf("there is no month %s", suffix)
	return archive.Month{}
}

func citizen(number string) agency.Actor {
	return agency.Actor{Kind: agency.Citizen, ID: number, Name: "An", Level: 2}
}

// count is a number that a statement counts.
func (s *site) count(ctx context.Context, sql string, args ...any) (n int) {
	s.t.Helper()
	s.ok(s.db.QueryRow(ctx, sql, args...).Scan(&n))
	return n
}
