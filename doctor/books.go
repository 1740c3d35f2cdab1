package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/cases"
)

// Books are what the peers did, as they wrote it down themselves. The sandbox
// answers them at /books.json.
type Books struct {
	Orders     []Order                `json:"orders"`     // of the payment platform
	Registries map[string][]Execution `json:"registries"` // by name, in their order
	Messages   []Delivered            `json:"messages"`   // e-mails and short messages

	// Later tells that the peers have done more than this database can know: it
	// was restored to a point in time before that.
	Later bool `json:"-"`
}

// Order is a payment that somebody was asked for.
type Order struct {
	ID      string `json:"id"`
	Amount  int64  `json:"amount"`
	Account string `json:"account"`
	Status  string `json:"status"` // pending, paid, failed, refunded
	Receipt string `json:"receipt"`

	CallbackURL string `json:"callback_url"`
}

// Execution is something that a registry did.
type Execution struct {
	Key       string `json:"key"`
	Operation string `json:"operation"`
	Digest    string `json:"digest"` // of the request
	Times     int    `json:"times"`  // how often it was asked for
}

// Delivered is a message in somebody's mailbox, where several with one key are one.
type Delivered struct {
	Kind  string `json:"kind"` // email, sms
	Key   string `json:"key"`
	To    string `json:"to"`
	Times int    `json:"times"` // how often it arrived
}

// ReadBooks asks a sandbox for its books.
func ReadBooks(ctx context.Context, url string) (*Books, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(url, "/")+"/books.json", nil)
	if err != nil {
		return nil, fmt.Errorf("read the books: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("read the books: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("read the books: answered %s", resp.Status)
	}
	b := &Books{}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<30)).Decode(b); err != nil {
		return nil, fmt.Errorf("read the books: %w", err)
	}
	return b, nil
}

// booked is an effect as far as the peers' books know of it.
type booked struct {
	code   cases.Code
	kind   string
	name   string
	status int
}

// checkBooks is invariant 9 and the mailbox's part of 27.
func checkBooks(ctx context.Context, x *examiner) error {
	if x.wants(9) {
		if err := x.residentBook(ctx); err != nil {
			return err
		}
	}
	b := x.opts.Books
	if b == nil {
		x.unable(9, "the peers' books are not given (--books)")
		x.unable(27, "the mailbox's book is not given (--books)")
		return nil
	}
	known := map[string]booked{}
	rows, err := x.db.Query(ctx, `
		SELECT e.key, c.code, e.type, e.name, e.status
		FROM case_effects e
		JOIN cases c ON c.id = e.case_id
		WHERE e.type IN ('request-payment', 'send', 'notify')`)
	if err != nil {
		return err
	}
	var key uuid.UUID
	var e booked
	if _, err := pgx.ForEachRow(rows, []any{&key, &e.code, &e.kind, &e.name, &e.status}, func() error {
		known[key.String()] = e
		return nil
	}); err != nil {
		return err
	}
	x.executions(b, known)
	x.orders(b, known)
	return x.mail(ctx, b, known)
}

// executions: each key once, none that no effect bears, and every message that
// is done or refused was taken in by a registry.
func (x *examiner) executions(b *Books, known map[string]booked) {
	done := map[string]string{}
	for name, book := range b.Registries {
		for _, run := range book {
			x.saw(9, 1)
			if other, twice := done[run.Key]; twice {
				x.bad(9, known[run.Key].code, "key %s was executed twice: by %s and by %s", run.Key, other, name)
			}
			done[run.Key] = name
			if known[run.Key].kind != cases.EffectSend && !b.Later {
				x.bad(9, "", "registry %s did %s for key %s, which is no effect's", name, run.Operation, run.Key)
			}
		}
	}
	for key, e := range known {
		if e.kind == cases.EffectSend && (e.status == effectDone || e.status == effectRefused) && done[key] == "" {
			x.bad(9, e.code, "message %s is done, and no registry knows its key %s", e.name, key)
		}
	}
}

// orders: each order is an effect's, and a payment that is done was ordered.
func (x *examiner) orders(b *Books, known map[string]booked) {
	placed := map[string]int{}
	for _, o := range b.Orders {
		x.saw(9, 1)
		if placed[o.ID]++; placed[o.ID] == 2 {
			x.bad(9, known[o.ID].code, "order %s was placed twice", o.ID)
		}
		if known[o.ID].kind != cases.EffectPayment && !b.Later {
			x.bad(9, "", "the platform has order %s, which is no effect's", o.ID)
		}
		if e, ok := known[o.ID]; ok && o.Status == "paid" && e.status == effectOpen && !b.Later {
			x.bad(9, e.code, "order %s is paid, and its effect is still open", o.ID)
		}
	}
}

// residentBook holds the resident database's own book of changes against the
// effects: both are in this database.
func (x *examiner) residentBook(ctx context.Context) error {
	if err := x.count(ctx, 9, `SELECT count(*) FROM resident_changes`); err != nil {
		return err
	}
	return x.faults(ctx, []fault{
		{9, `SELECT c.code, 'change ' || e.name || ' (' || e.seq || '.' || e.idx || ') is done, and the resident database does not know it'
			FROM case_effects e
			JOIN cases c ON c.id = e.case_id
			WHERE e.type = 'update-resident' AND e.status = 2 AND coalesce(e.receipt ->> 'receipt', '') NOT LIKE 'not done%'
				AND NOT EXISTS (SELECT FROM resident_changes r WHERE r.case_id = e.case_id::text AND r.seq = e.seq AND r.idx = e.idx)`},
		{9, `SELECT r.case_code, 'the resident database changed by ' || r.seq || '.' || r.idx || ', which is no such effect'
			FROM resident_changes r
			WHERE NOT EXISTS (SELECT FROM case_effects e WHERE e.case_id::text = r.case_id AND e.seq = r.seq AND e.idx = r.idx AND e.type = 'update-resident')`},
		{9, `SELECT c.code, 'paper ' || d.kind || ' was issued by no effect'
			FROM case_documents d
			JOIN cases c ON c.id = d.case_id
			WHERE NOT EXISTS (SELECT FROM case_effects e WHERE e.case_id = d.case_id AND e.key = d.id)`},
		{9, `SELECT c.code, e.type || ' (' || e.seq || '.' || e.idx || ') is done, and there is no paper'
			FROM case_effects e
			JOIN cases c ON c.id = e.case_id
			WHERE e.type IN ('issue-receipt', 'issue-letter', 'issue-result') AND e.status = 2
				AND NOT EXISTS (SELECT FROM case_documents d WHERE d.case_id = e.case_id AND d.id = e.key)`},
	})
}
