package cases

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/vietnamese"
	"github.com/hoso-gov/hoso/workflow"
)

// Found is a case that a search found.
type Found struct {
	ID         ID
	Code       Code
	Procedure  procedures.ID
	Title      workflow.Text // of the procedure
	StateTitle workflow.Text
	Applicant  string // name
	Subject    string // name
	Competent  agency.ID
	FiledAt    time.Time
	ClosedAt   time.Time // zero: open
}

const (
	// searchDepth is how many of the newest cases whose people's names agree without diacritics one search looks at.
	searchDepth = 2000
	// searchFound is how many cases a search shows.
	searchFound = 50
	// searchFirst is how many cases are looked at first; each further look goes four times as deep as the one before.
	searchFirst = 2 * searchFound
)

// Search finds cases that the actor may see: by their code, by the personal
// number of who filed or whom it is about, or by words of their names in any
// order. A word typed with diacritics must agree in them; one typed without
// finds all. Newest first, at most 50. An officer's finds are logged as reads
// of the people they show.
func (s *Service) Search(ctx context.Context, a agency.Actor, text string) ([]Found, error) {
	var found []Found
	err := pgx.BeginFunc(ctx, s.cfg.DB, func(tx pgx.Tx) error {
		rows, err := s.search(ctx, tx, a, text)
		if err != nil {
			return err
		}
		for _, r := range rows {
			p, err := s.definition(ctx, r.definition)
			if err != nil {
				return err
			}
			r.Procedure, r.Title, r.StateTitle = p.ID, p.Name, stateTitle(p, r.state)
			found = append(found, r.Found)
		}
		return audit.Read(ctx, tx, s.searchEntries(a, rows)...)
	})
	if err != nil {
		return nil, fmt.Errorf("search cases: %w", err)
	}
	return found, nil
}

// foundRecord is a row of a search before its words are known.
type foundRecord struct {
	Found
	definition procedures.Hash
	state      workflow.State
	applicant  string // personal number
	subject    string
	receiving  agency.ID
}

func (s *Service) search(ctx context.Context, tx pgx.Tx, a agency.Actor, text string) (found []foundRecord, err error) {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, " "), "\x00", " ") // what the database takes for text
	words := strings.Fields(vietnamese.Fold(text))
	if len(words) == 0 {
		return nil, nil
	}
	r := s.reach(a)
	for last, depth := uuid.Max, searchFirst; ; depth = min(4*depth, searchDepth) {
		hits, byName, err := s.hits(ctx, tx, a, r, words, depth)
		if err != nil {
			return nil, err
		}
		end := len(hits) < depth || depth == searchDepth
		hits = slices.DeleteFunc(hits, func(id ID) bool { return bytes.Compare(id[:], last[:]) >= 0 }) // seen before
		rows, err := s.look(ctx, tx, r, hits)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if !byName || resident.Agrees(row.Applicant, text) || resident.Agrees(row.Subject, text) {
				found = append(found, row)
			}
		}
		if end || len(found) >= searchFound {
			return found[:min(searchFound, len(found))], nil
		}
		if len(hits) > 0 {
			last = hits[len(hits)-1]
		}
	}
}

// hits are the newest cases that the words may mean, newest first, down to a depth.
// Those found by name agree without diacritics only.
func (s *Service) hits(ctx context.Context, tx pgx.Tx, a agency.Actor, r reach, words []string, depth int) (ids []ID, byName bool, err error) {
	args := r.args()
	args["depth"] = depth
	number, code := digitsOf(words), strings.ToUpper(strings.Join(words, ""))
	var sql string
	switch {
	case number != "":
		sql = `SELECT id FROM cases WHERE applicant = @number UNION SELECT id FROM cases WHERE subject = @number AND subject <> applicant`
		args["number"] = number
	case strings.HasPrefix(code, "H") && strings.Count(code, "-") == 2:
		sql = `SELECT case_id FROM case_codes WHERE code = @code`
		args["code"] = code
	default:
		byName = true
		sql = namesSQL(a)
		args["words"], args["at"] = words, agencyTokens(r.agencies)
	}
	ids, err = behind(ctx, tx, r, func(rows pgx.Rows) ([]ID, error) { return pgx.CollectRows(rows, pgx.RowTo[ID]) },
		`SELECT id FROM (`+sql+`) AS hit (id) ORDER BY id DESC LIMIT @depth::int`, args)
	return ids, byName, err
}

// look reads those of some cases that are in reach, newest first.
func (s *Service) look(ctx context.Context, tx pgx.Tx, r reach, ids []ID) ([]foundRecord, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := r.args()
	args["ids"] = ids
	return behind(ctx, tx, r, collectFound, `
		SELECT c.id, c.code, c.definition, c.state, c.applicant, c.subject, b.applicant_name, b.subject_name, c.receiving, c.competent, c.filed_at, c.closed_at
		FROM unnest(@ids::uuid[]) AS hit (id)
		JOIN cases c ON c.id = hit.id
		JOIN case_bodies b ON b.case_id = c.id
		WHERE `+seesSQL+`
		ORDER BY c.id DESC`, args)
}

func collectFound(rows pgx.Rows) ([]foundRecord, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r foundRecord, err error) {
		var closed *time.Time
		err = row.Scan(&r.ID, &r.Code, &r.definition, &r.state, &r.applicant, &r.subject, &r.Applicant, &r.Subject, &r.receiving, &r.Competent, &r.FiledAt, &closed)
		r.ClosedAt = timeOf(closed)
		return r, err
	})
}

// namesSQL finds cases by words of names: an officer's among those of the
// agencies, which the same index holds; a citizen's among the citizen's own.
func namesSQL(a agency.Actor) string {
	if a.Kind == agency.Officer {
		return `SELECT cases_named(@words::text[], @at::text[], @depth::int)`
	}
	return `SELECT case_id FROM case_bodies WHERE tokens @> @words::text[]
			AND case_id = ANY (ARRAY(SELECT id FROM cases WHERE applicant = @citizen UNION ALL SELECT id FROM cases WHERE subject = @citizen))`
}

// digitsOf is the personal number that the words are, however they are spaced;
// empty when they are none.
func digitsOf(words []string) string {
	number := strings.Join(words, "")
	if len(number) != 12 || strings.Trim(number, "0123456789") != "" {
		return ""
	}
	return number
}

// searchTokens are what a case is found by: its agencies and the words of its people's names.
func searchTokens(c *snapshot, b *body) []string {
	tokens := agencyTokens([]agency.ID{c.Receiving, c.Competent})
	tokens = append(tokens, strings.Fields(vietnamese.Fold(b.ApplicantName))...)
	tokens = append(tokens, strings.Fields(vietnamese.Fold(b.SubjectName))...)
	slices.Sort(tokens)
	return slices.Compact(tokens)
}

func agencyTokens(ids []agency.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = "@" + string(id)
	}
	return out
}

// searchEntries are the entries of the log of reads for what a search showed an officer.
func (s *Service) searchEntries(a agency.Actor, found []foundRecord) []audit.Entry {
	if a.Kind != agency.Officer {
		return nil
	}
	var out []audit.Entry
	for _, r := range found {
		at := s.seatBy(a, r.receiving, r.Competent)
		for _, number := range slices.Compact([]string{r.applicant, r.subject}) {
			out = append(out, audit.Entry{At: s.now(), ReaderKind: string(a.Kind), Reader: a.ID, Agency: string(cmp.Or(at, r.Competent)), Subject: number, Case: string(r.Code),
				Purpose: "Tìm hồ sơ để giải quyết", Basis: "law: Nghị định 118/2025/NĐ-CP", Fields: []string{"fullName", "case"}})
		}
	}
	return out
}
