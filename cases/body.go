package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
)

// body is what was filed: the answers and the records they rest on.
type body struct {
	Revision      int
	ApplicantName string
	SubjectName   string
	Answers       map[string]any
	Contests      map[forms.Pointer]forms.Contest
	Records       map[string]subjectRecord
	Session       map[string]any
	Given         map[string]any
	Changed       map[forms.Pointer]any
	Digest        string
}

// subjectRecord is a subject's record with the key it was read by.
type subjectRecord struct {
	forms.Record
	Kind string
	Key  string
}

type bodyColumns struct{ answers, contests, records, session, given, changed []byte }

func (b *body) columns() (c bodyColumns, err error) {
	for _, p := range []struct {
		to   *[]byte
		from any
	}{{&c.answers, orEmpty(b.Answers)}, {&c.contests, orEmpty(b.Contests)}, {&c.records, orEmpty(b.Records)},
		{&c.session, orEmpty(b.Session)}, {&c.given, orEmpty(b.Given)}, {&c.changed, orEmpty(b.Changed)}} {
		if *p.to, err = json.Marshal(p.from); err != nil {
			return c, err
		}
	}
	return c, nil
}

func orEmpty[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return m
}

// context is the body as the form sees it.
func (b *body) context(variant, today string, check func(province, commune string) bool) forms.Context {
	return forms.Context{Answers: b.Answers, Contests: b.Contests, Records: formRecords(b.Records), Session: b.Session,
		Today: today, Variant: variant, CheckUnit: check, Case: map[string]any{"given": orEmpty(b.Given)}}
}

func formRecords(in map[string]subjectRecord) map[string]forms.Record {
	out := make(map[string]forms.Record, len(in))
	for k, r := range in {
		out[k] = r.Record
	}
	return out
}

// evaluated is a body with its form evaluated. It must not be changed.
type evaluated struct {
	*body
	State *forms.State
	of    procedures.Hash // the version that it was evaluated by
}

// bodyCache keeps the bodies of cases that were touched lately, by case. A case's
// body hardly ever changes, while each of its steps needs it.
type bodyCache struct {
	mu      sync.Mutex
	entries map[ID]*evaluated
}

const bodyCacheSize = 4096

func (c *bodyCache) put(id ID, e *evaluated) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil || len(c.entries) >= bodyCacheSize { // start anew rather than keep an order
		c.entries = make(map[ID]*evaluated, bodyCacheSize)
	}
	c.entries[id] = e
}

func (c *bodyCache) get(id ID) *evaluated {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries[id]
}

// forget drops a case whose body has changed.
func (c *bodyCache) forget(id ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, id)
}

// body loads what was filed. revision is the newest the caller knows of: an
// older one in the cache is read again.
func (s *Service) body(ctx context.Context, c *snapshot) (*evaluated, error) {
	var (
		b                                                   body
		answers, contests, records, session, given, changed []byte
	)
	if e := s.bodies.get(c.ID); e != nil && e.Revision == c.bodyRevision() && e.of == c.Procedure.Hash {
		return e, nil
	}
	err := s.cfg.DB.QueryRow(ctx, `
		SELECT revision, applicant_name, subject_name, answers, contests, records, session, given, changed, digest
		FROM case_bodies
		WHERE case_id = $1`, c.ID).Scan(&b.Revision, &b.ApplicantName, &b.SubjectName, &answers, &contests, &records, &session, &given, &changed, &b.Digest)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	for _, p := range []struct {
		from []byte
		to   any
	}{{answers, &b.Answers}, {contests, &b.Contests}, {records, &b.Records}, {session, &b.Session}, {given, &b.Given}, {changed, &b.Changed}} {
		if err := json.Unmarshal(p.from, p.to); err != nil {
			return nil, fmt.Errorf("body of case %s: %w", c.Code, err)
		}
	}
	state, err := c.Procedure.Form.Evaluate(b.context(c.Variant, dayOf(c.FiledAt), s.checkUnit))
	if err != nil {
		return nil, fmt.Errorf("form of case %s: %w", c.Code, err)
	}
	e := &evaluated{body: &b, State: state, of: c.Procedure.Hash}
	s.bodies.put(c.ID, e)
	return e, nil
}

// bodyRevision is the revision of the body that the case is at: one, and one more for each supplement.
func (c *snapshot) bodyRevision() int { return 1 + c.Memory.Supplements }
