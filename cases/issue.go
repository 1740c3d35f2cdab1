package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/procedures"
)

// Paper is what an issue effect prints, in Vietnamese, with its line in the
// register of outgoing papers. Setting and signing it belongs to package document.
type Paper struct {
	ID         uuid.UUID // the effect's key
	Kind       string    // receipt, supplement, refusal, apology, result
	Text       procedures.Rendered
	Procedure  *procedures.Procedure
	Code       Code
	Agency     agency.Agency
	Parent     string // name of the agency above; empty: none heads the paper
	Place      string // name of the unit, as the dateline has it
	IssuedAt   time.Time
	Recipient  string // Bà Trần Thị Bình
	Person     string // personal number of the recipient
	Items      []AskedItem
	Note       string // what the officer wrote with a refusal
	Files      []File
	Provenance []Told
	Fee        int64
	Paid       bool
	FiledAt    time.Time
	Due        time.Time // zero: the paper sets no date
	Was        time.Time // of an apology: the date that it replaces
	Term       calendar.Duration
	Because    []calendar.Line
	Signatory  string // name; empty: issued by the system in the agency's name
	Role       string // of the signatory
}

// Told is an answer that a register gave.
type Told struct {
	Label, Value string
	Registry     string // title
	AsOf         time.Time
}

// kindOfPaper is the document of the procedure that an effect prints, and which form it has.
func kindOfPaper(kind, name string) (document, form string) {
	switch kind {
	case EffectReceipt:
		return "receipt", "receipt"
	case EffectLetter:
		return name, name
	}
	if name == "" {
		name = "result"
	}
	return name, "result"
}

// Paper writes what an issue effect prints. The number is taken from the
// register once: an attempt after a crash finds the same number and day.
func (s *Service) Paper(ctx context.Context, e *Effect) (*Paper, error) {
	p, err := s.paper(ctx, e)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e, err)
	}
	return p, nil
}

func (s *Service) paper(ctx context.Context, e *Effect) (*Paper, error) {
	document, form := kindOfPaper(e.Type, e.Name)
	def := documentDef(e)
	if def == nil {
		return nil, fmt.Errorf("there is no document %q", document)
	}
	at := s.cfg.Agencies.Heir(e.c.Competent)
	if form == "receipt" {
		at = s.cfg.Agencies.Heir(e.c.Receiving)
	}
	p := &Paper{ID: e.Key, Kind: form, Procedure: e.c.Procedure, Code: e.Code, Person: e.c.Applicant, FiledAt: e.c.FiledAt}
	if err := s.letterhead(p, at); err != nil {
		return nil, err
	}
	symbol := symbolOf(def.Number)
	if def == apologyDocument {
		symbol = symbolOfApology(e.c.Procedure)
	}
	n, err := s.register(ctx, p, e, symbol)
	if err != nil {
		return nil, err
	}
	v, err := s.effectVars(ctx, e)
	if err != nil {
		return nil, err
	}
	if d, ok := delayOf(e); ok && form == "apology" {
		c := *e.c
		c.DueAt, v.c = &d.Due, &c // the text speaks of the new date
	}
	if def == apologyDocument {
		p.Text = s.apologyText(e, "vi", n)
	} else if p.Text, err = def.Render(s.in(v, "vi"), "vi", n); err != nil {
		return nil, err
	}
	p.Recipient = addressed(v.b, e.c.Applicant)
	if p.Signatory, p.Role, err = s.signatory(ctx, e); err != nil {
		return nil, err
	}
	return p, s.particulars(ctx, p, e, v)
}

// letterhead says which agency issues the paper, and where. A people's
// committee is headed by no other agency.
//
// Source: Decree 30/2020/NĐ-CP, Annex I, part I, section II.2 and II.4.
func (s *Service) letterhead(p *Paper, at agency.ID) error {
	a, ok := s.cfg.Agencies.Agency(at)
	if !ok {
		return fmt.Errorf("agency %s is not there", at)
	}
	p.Agency = a
	if above, ok := s.cfg.Agencies.Agency(a.ParentID); ok && a.Kind != agency.CommuneCommittee {
		p.Parent = above.NameVI
	}
	unit, ok := s.cfg.Agencies.Commune(a.UnitCode)
	if !ok {
		unit, ok = s.cfg.Agencies.Province(a.UnitCode)
	}
	if !ok {
		return fmt.Errorf("unit %s of agency %s is not there", a.UnitCode, at)
	}
	p.Place = unit.NameVI
	return nil
}

// symbolOf is what follows the number: TB-CAX of "{seq}/TB-CAX".
func symbolOf(number string) string {
	return strings.Trim(strings.ReplaceAll(number, "{seq}", ""), "/ ")
}

// register enters the paper into the register of outgoing papers and returns its
// number; 0 for a paper that bears none. Numbers run from 1 in each year, by
// agency and symbol.
//
// Source: Decree 30/2020/NĐ-CP, Art. 15.
func (s *Service) register(ctx context.Context, p *Paper, e *Effect, symbol string) (int, error) {
	var n *int
	now := s.now()
	err := pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error {
		find := func() error {
			return tx.QueryRow(ctx, `SELECT n, issued_at FROM document_register WHERE id = $1`, p.ID).Scan(&n, &p.IssuedAt)
		}
		// Two attempts at once: the second waits here and finds the first one's line.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, "document "+p.ID.String()); err != nil {
			return err
		}
		if err := find(); !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		year := now.In(calendar.Hanoi).Year()
		if symbol != "" {
			if err := tx.QueryRow(ctx, `
				INSERT INTO document_numbers (agency, kind, year, n)
				VALUES ($1, $2, $3, 1)
				ON CONFLICT (agency, kind, year) DO UPDATE SET n = document_numbers.n + 1
				RETURNING n`, p.Agency.ID, symbol, year).Scan(&n); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO document_register (id, case_id, agency, symbol, year, n, issued_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, p.ID, e.Case, p.Agency.ID, symbol, year, n, now); err != nil {
			return err
		}
		return find()
	})
	if err != nil || n == nil {
		return 0, err
	}
	return *n, nil
}

// signatory is the officer whose decision the paper carries out: the last one
// who acted up to the event.
func (s *Service) signatory(ctx context.Context, e *Effect) (name, role string, err error) {
	var event, from string
	err = s.cfg.DB.QueryRow(ctx, `
		SELECT actor_name, event, from_state
		FROM case_events
		WHERE case_id = $1 AND seq <= $2 AND actor_kind = 'officer' AND hop = 0 AND kind IN ('action', 'extend')
		ORDER BY seq DESC
		LIMIT 1`, e.Case, e.Seq).Scan(&name, &event, &from)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", "", nil
	}
	if err != nil {
		return "", "", err
	}
	return name, titleOfRole(e.c.Procedure.Machine, from, event), nil
}

// KeepPaper stores the printed paper and the effect's result, once. signature is
// what stands beside the file.
func (s *Service) KeepPaper(ctx context.Context, e *Effect, p *Paper, pdf []byte, sha256 string, signature any) error {
	title, err := json.Marshal(documentDef(e).Title)
	if err != nil {
		return fmt.Errorf("%s: %w", e, err)
	}
	signed, err := json.Marshal(signature)
	if err != nil {
		return fmt.Errorf("%s: %w", e, err)
	}
	err = pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			INSERT INTO case_documents (id, case_id, kind, title, number, sha256, content, issued_at, agency, signature)
			VALUES (@id, @case, @kind, @title, @number, @sha, @content, @at, @agency, @signature)
			ON CONFLICT (id) DO NOTHING`, pgx.StrictNamedArgs{
			"id": p.ID, "case": e.Case, "kind": p.Kind, "title": title, "number": p.Text.Number, "sha": sha256, "content": pdf,
			"at": p.IssuedAt, "agency": p.Agency.ID, "signature": signed}); err != nil {
			return err
		}
		return s.Keep(ctx, tx, e, Result{Receipt: p.Text.Number})
	})
	if err != nil {
		return fmt.Errorf("%s: %w", e, err)
	}
	return nil
}
