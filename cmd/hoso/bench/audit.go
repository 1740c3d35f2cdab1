package bench

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/audit/anchor"
	"github.com/hoso-gov/hoso/audit/check"
	"github.com/hoso-gov/hoso/audit/tsa"
	"github.com/hoso-gov/hoso/postgres"
	"github.com/hoso-gov/hoso/sandbox/drill"
	sandbox "github.com/hoso-gov/hoso/sandbox/tsa"
)

// Audit is what was measured of the verification of records, in events of cases a second.
type Audit struct {
	Events  int64   `json:"events"`
	Reads   int64   `json:"reads"`
	Anchors int64   `json:"anchors"`
	Floor   float64 `json:"floor_eps"`  // the rows of all chains read in their order, and nothing computed
	Verify  float64 `json:"verify_eps"` // all of hoso audit verify
	Ratio   float64 `json:"ratio"`
}

// Shape of a day's records.
const (
	eventsACase = 12
	anchorsOver = 20 // anchors that share the events: each case is under three of them
)

// MeasureAudit fills a database with about so many events, and with reads and
// anchors over them, and verifies it.
func MeasureAudit(ctx context.Context, url string, events int) (a Audit, err error) {
	db, err := postgres.Open(ctx, url, postgres.Options{MaxConns: 4, ApplicationName: "hoso bench", Statement: time.Hour})
	if err != nil {
		return a, err
	}
	defer db.Close()
	trusted, err := fillRecords(ctx, db, max(1, events/eventsACase))
	if err != nil {
		return a, fmt.Errorf("fill the records: %w", err)
	}
	if _, err := db.Exec(ctx, "VACUUM (ANALYZE) cases, case_events, anchor_heads, access_log"); err != nil {
		return a, err
	}
	start := time.Now()
	n, err := scanRecords(ctx, db)
	if err != nil {
		return a, fmt.Errorf("scan the records: %w", err)
	}
	a.Floor = float64(n) / time.Since(start).Seconds()
	start = time.Now()
	r, err := check.Verify(ctx, check.Config{DB: db, Trusted: trusted})
	if err != nil {
		return a, err
	}
	if len(r.Findings) > 0 || r.Events != n || r.Stamped != r.Anchors {
		return a, fmt.Errorf("the records made for the measurement do not hold: %+v", r)
	}
	a.Events, a.Reads, a.Anchors, a.Verify = r.Events, r.Sealed, r.Anchors, float64(n)/time.Since(start).Seconds()
	a.Ratio = a.Verify / a.Floor
	return a, nil
}

// scanRecords reads the rows of all chains in their order, and returns how many events there were.
func scanRecords(ctx context.Context, db *pgxpool.Pool) (events int64, err error) {
	for _, sql := range []string{"SELECT * FROM anchor_heads ORDER BY case_id, revision", "SELECT * FROM access_log ORDER BY seq", "SELECT * FROM case_events ORDER BY case_id, seq"} {
		rows, err := db.Query(ctx, sql)
		if err != nil {
			return 0, err
		}
		for events = 0; rows.Next(); events++ {
			rows.RawValues()
		}
		if rows.Close(); rows.Err() != nil {
			return 0, rows.Err()
		}
	}
	return events, nil
}

// fillRecords makes cases with true chains, part after part, each under an anchor.
func fillRecords(ctx context.Context, db *pgxpool.Pool, cases int) (*x509.CertPool, error) {
	authority, err := sandbox.New(sandbox.Config{Board: drill.New()})
	if err != nil {
		return nil, err
	}
	r := chi.NewRouter()
	r.Route("/", authority.Routes)
	server := httptest.NewServer(http.Handler(r))
	defer server.Close()
	client, err := tsa.New(tsa.Config{URL: server.URL})
	if err != nil {
		return nil, err
	}
	anchors, err := anchor.New(anchor.Config{DB: db, Authority: client, Every: time.Nanosecond})
	if err != nil {
		return nil, err
	}
	if _, err := db.Exec(ctx, "INSERT INTO definitions (hash, procedure_id, version, files) VALUES ('bench', 'bench', 1, '{}')"); err != nil {
		return nil, err
	}
	for done := 0; done < cases; {
		part := min(cases-done, max(1, cases*3/anchorsOver))
		if err := fillPart(ctx, db, anchors, done, part); err != nil {
			return nil, err
		}
		done += part
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(authority.Root())
	return trusted, nil
}

// fillPart makes cases in three stretches of their lives, an anchor after each.
func fillPart(ctx context.Context, db *pgxpool.Pool, anchors *anchor.Anchors, first, n int) error {
	ids, heads := make([]uuid.UUID, n), make([][]byte, n)
	for i := range ids {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		ids[i], heads[i] = id, check.Genesis(id)
	}
	for stretch := range 3 {
		err := pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
			if err := copyEvents(ctx, tx, ids, heads, stretch*eventsACase/3); err != nil {
				return err
			}
			if stretch < 2 {
				return nil
			}
			if err := copyCases(ctx, tx, ids, heads, first); err != nil {
				return err
			}
			return audit.Read(ctx, tx, readsOf(first, n)...)
		})
		if err != nil {
			return err
		}
		if _, err := audit.Seal(ctx, db); err != nil {
			return err
		}
		if err := anchors.Work(ctx); err != nil {
			return err
		}
	}
	return nil
}

func copyEvents(ctx context.Context, tx pgx.Tx, ids []uuid.UUID, heads [][]byte, after int) error {
	columns := []string{"case_id", "seq", "command_id", "hop", "req_hash", "kind", "event", "from_state", "to_state", "actor_kind", "actor", "actor_name", "on_behalf", "agency",
		"at", "input", "input_hash", "prev_hash", "hash"}
	each := eventsACase / 3
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"case_events"}, columns, pgx.CopyFromSlice(len(ids)*each, func(row int) ([]any, error) {
		i := row / each
		e := check.Event{Seq: int64(after + row%each + 1), Command: uuid.New(), Texts: [9]string{"action", "forward", "examination", "decision", "officer", "ub-00070-thuly", "Trần Thị Cán", "", "UB-00070"},
			At: time.Now().Truncate(time.Microsecond), Input: []byte(`{"note": "Hồ sơ đủ điều kiện, chuyển lãnh đạo xem xét", "judgements": [{"item": "who", "verdict": "satisfied"}]}`), Prev: heads[i]}
		e.InputHash = check.InputHash(e.Input)
		e.Hash = e.Sum(ids[i], e.InputHash)
		heads[i] = e.Hash
		t := e.Texts
		return []any{ids[i], int32(e.Seq), e.Command, int16(0), e.InputHash, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], e.At, string(e.Input), e.InputHash, e.Prev, e.Hash}, nil
	}))
	return err
}

func copyCases(ctx context.Context, tx pgx.Tx, ids []uuid.UUID, heads [][]byte, first int) error {
	columns := []string{"id", "code", "procedure_id", "definition", "variant", "state", "revision", "applicant", "subject", "receiving", "competent", "filed_at", "head_hash"}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"cases"}, columns, pgx.CopyFromSlice(len(ids), func(i int) ([]any, error) {
		return []any{ids[i], fmt.Sprintf("B-%d", first+i), "bench", "bench", "", "decision", int32(eventsACase), citizen.ID, citizen.ID, "UB-00070", "UB-00070", time.Now(), heads[i]}, nil
	}))
	return err
}

func readsOf(first, n int) []audit.Entry {
	out := make([]audit.Entry, n)
	for i := range out {
		out[i] = audit.Entry{ReaderKind: "officer", Reader: "ub-00070-thuly", Agency: "UB-00070", Subject: citizen.ID, Case: fmt.Sprintf("B-%d", first+i),
			Purpose: "Giải quyết hồ sơ", Basis: "law: Luật Cư trú", Fields: []string{"birthDate", "fullName", "residence"}}
	}
	return out
}
