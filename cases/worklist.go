package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// Tab is a part of an officer's cases.
type Tab string

// The tabs of the worklist.
const (
	TabUnassigned Tab = "unassigned" // tasks of the officer's seats that nobody has taken: Chưa nhận
	TabMine       Tab = "mine"       // tasks that the officer holds: Của tôi
	TabApplicant  Tab = "applicant"  // the citizen must act: Chờ dân
	TabOthers     Tab = "others"     // another agency, a registry or the system must: Chờ cơ quan khác
	TabDecided    Tab = "decided"    // ended, newest first: Đã quyết định
	TabAll        Tab = "all"        // every case of the officer's agencies, newest first: Tất cả
)

// Tabs are all tabs, in the order of the page.
var Tabs = []Tab{TabUnassigned, TabMine, TabApplicant, TabOthers, TabDecided, TabAll}

// WorklistQuery says which cases are wanted. Zero fields do not filter.
type WorklistQuery struct {
	Agency    agency.ID // one of the officer's
	Procedure procedures.ID
	State     workflow.State
	Tab       Tab // empty: unassigned
	Due       Due
	Cursor    string
	Limit     int // 0: 50; at most 200
}

// Worklist is one page of an officer's cases.
type Worklist struct {
	Tab    Tab
	Rows   []WorkRow
	Next   string // cursor of the next page; empty: there is none
	Counts map[Tab]Count
}

// Count is a number that may not be counted beyond a bound.
type Count struct {
	N    int
	More bool // there are more than N
}

// Where counting stops that goes through the cases, "hơn 5.000": of the tab that is shown, and of the others.
const (
	countBound  = 5_000
	countBeside = 1_000
)

// WorkRow is a case in a worklist, with everything that the table shows.
type WorkRow struct {
	ID         ID
	Code       Code
	Procedure  procedures.ID
	Title      workflow.Text // of the procedure
	Variant    string
	VariantOf  workflow.Text // title of the variant; zero: none
	State      workflow.State
	StateTitle workflow.Text
	Applicant  string // name
	Subject    string // name
	Receiving  agency.ID
	Competent  agency.ID
	Role       workflow.Role // whose task it is; empty: nobody's
	Holder     string        // officer id; empty: nobody
	HolderName string
	Since      time.Time // when it came into its state; zero: ended
	TaskDueAt  time.Time // zero: no task
	DueAt      time.Time // end of the legal term; zero: not running
	FiledAt    time.Time
	ClosedAt   time.Time // zero: open
	Outcome    workflow.Outcome
	Seen       bool // false: a task that nobody has opened since it came
}

// Worklist returns a page of the cases at the officer's agencies. Errors to act
// upon: ErrForbidden for others and for an agency that is not the officer's, *CursorError.
func (s *Service) Worklist(ctx context.Context, a agency.Actor, q WorklistQuery) (*Worklist, error) {
	w, err := s.worklist(ctx, a, q)
	if err != nil {
		return nil, fmt.Errorf("worklist %s: %w", q.Tab, err)
	}
	return w, nil
}

func (s *Service) worklist(ctx context.Context, a agency.Actor, q WorklistQuery) (*Worklist, error) {
	l, err := s.list(a, q)
	if err != nil {
		return nil, err
	}
	var (
		out   = &Worklist{Tab: l.query.Tab, Counts: map[Tab]Count{}}
		batch = &pgx.Batch{}
		rows  []workRecord
	)
	l.reach.wall(batch)
	if l.any {
		queue(batch, &rows, collectWork, l.page, l.args)
	}
	queueCounts(batch, out, l.query, l.of, l.args)
	if err := s.cfg.DB.SendBatch(ctx, batch).Close(); err != nil {
		return nil, err
	}
	out.Rows, out.Next, err = s.workRows(ctx, rows, l.limit)
	return out, err
}

// asked is a list as it is asked of the database.
type asked struct {
	query WorklistQuery
	of    kinds
	any   bool // the tab may hold such cases at all
	reach reach
	args  pgx.NamedArgs
	limit int
	page  string // statement of one row more than the limit
}

func (s *Service) list(a agency.Actor, q WorklistQuery) (asked, error) {
	if q.Tab == "" {
		q.Tab = TabUnassigned
	}
	src, known := sources[q.Tab]
	if !known {
		return asked{}, fmt.Errorf("there is no tab %q", q.Tab)
	}
	if !q.Due.known() {
		return asked{}, fmt.Errorf("there is no due date %q", q.Due)
	}
	args, r, err := s.worklistArgs(a, q, src)
	if err != nil {
		return asked{}, err
	}
	of, limit := s.kindsOf(q), pageOf(q.Limit)
	return asked{query: q, of: of, any: of.in(q.Tab), reach: r, args: args, limit: limit, page: src.page(q.filters(q.Tab, of), limit+1)}, nil
}

// workRows puts a page into words; next is the cursor when there is a row beyond the limit.
func (s *Service) workRows(ctx context.Context, rows []workRecord, limit int) (out []WorkRow, next string, err error) {
	rows, next = onePage(rows, limit, func(r workRecord) cursor { return cursor{At: r.key, ID: r.ID} })
	for _, r := range rows {
		p, err := s.definition(ctx, r.definition)
		if err != nil {
			return nil, "", err
		}
		r.Title, r.StateTitle = p.Name, stateTitle(p, r.State)
		if v := p.Variant(r.Variant); v != nil {
			r.VariantOf = v.Title
		}
		out = append(out, r.WorkRow)
	}
	return out, next, nil
}

// worklistArgs are the arguments of a list's statements, and what the officer
// may see. Tasks are those of the officer's roles; with an agency only those that
// it or an agency before it was given.
func (s *Service) worklistArgs(a agency.Actor, q WorklistQuery, src source) (pgx.NamedArgs, reach, error) {
	if a.Kind != agency.Officer {
		return nil, reach{}, ErrForbidden
	}
	seats := a.Seats
	if q.Agency != "" {
		if !a.At(q.Agency) {
			return nil, reach{}, ErrForbidden
		}
		seats = slices.DeleteFunc(slices.Clone(seats), func(seat agency.Seat) bool { return seat.Agency != q.Agency })
	}
	after, err := parseCursor(q.Cursor, src.start)
	if err != nil {
		return nil, reach{}, err
	}
	var at, roles []string
	for _, seat := range seats {
		for _, id := range s.cfg.Agencies.WorkOf(seat.Agency) {
			at, roles = append(at, string(id)), append(roles, seat.Role)
		}
	}
	r := reach{agencies: s.reachOf(seats)}
	now, tomorrow, monday := s.days()
	return pgx.NamedArgs{"now": now, "tomorrow": tomorrow, "monday": monday, "agencies": agencyTexts(r.agencies), "seatAgencies": at, "seatRoles": roles, "me": a.ID, "procedure": string(q.Procedure), "state": string(q.State),
		"after": after.At, "afterID": after.ID}, r, nil
}

// workRecord is a row of a page before its titles are known.
type workRecord struct {
	WorkRow
	definition procedures.Hash
	key        time.Time
	applicant  string // personal number
	subject    string
}

func collectWork(rows pgx.Rows) ([]workRecord, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r workRecord, err error) {
		var since, taskDue, due, closed *time.Time
		err = row.Scan(&r.ID, &r.key, &r.Code, &r.Procedure, &r.definition, &r.Variant, &r.State, &r.Applicant, &r.Subject, &r.Receiving, &r.Competent,
			&r.Role, &r.Holder, &r.HolderName, &since, &taskDue, &due, &r.FiledAt, &closed, &r.Outcome, &r.Seen, &r.applicant, &r.subject)
		r.Since, r.TaskDueAt, r.DueAt, r.ClosedAt = timeOf(since), timeOf(taskDue), timeOf(due), timeOf(closed)
		return r, err
	})
}

// figuresSQL are the figures of the officer's seats and agencies that count whole
// tabs, in the order of byFigures: what was added up, and what came since.
func figuresSQL(condition string) string {
	return `
	SELECT coalesce(sum(untaken), 0)::bigint, coalesce(sum(n) FILTER (WHERE waits = '` + waitsForApplicant + `'), 0)::bigint,
		coalesce(sum(n) FILTER (WHERE waits = '` + waitsForOthers + `'), 0)::bigint, coalesce(sum(ended), 0)::bigint, coalesce(sum(filed), 0)::bigint
	FROM (` + strings.Join([]string{
		ofSeats("task_counts", "n, '', 0, 0, 0", condition), ofSeats("task_count_deltas", "d, '', 0, 0, 0", condition),
		ofAgencies("case_counts", "0, waits, n, 0, 0", condition), ofAgencies("case_count_deltas", "0, waits, d, 0, 0", condition),
		ofAgencies("case_totals", "0, '', 0, ended, filed", condition), ofAgencies("case_total_deltas", "0, '', 0, ended, filed", condition),
	}, unionAll) + `) AS figures (untaken, waits, n, ended, filed)`
}

const unionAll = "\n\t\tUNION ALL"

// ofSeats reads figures of the officer's seats.
func ofSeats(table, columns, condition string) string {
	return "\n\t\tSELECT " + columns + " FROM " + eachSeat + " JOIN " + table + " USING (agency, role) WHERE true" + condition
}

// ofAgencies reads figures of the officer's agencies: those that they decide by
// one index, those that they only received by another.
func ofAgencies(table, columns, condition string) string {
	from := "\n\t\tSELECT " + columns + " FROM " + table
	return from + " WHERE competent = ANY (@agencies::text[])" + condition + unionAll + from + " WHERE receiving = ANY (@agencies::text[])" + elsewhere + condition
}

// byFigures are the tabs that figuresSQL counts, in its order.
var byFigures = []Tab{TabUnassigned, TabApplicant, TabOthers, TabDecided, TabAll}

// queueCounts counts the tabs: by the figures that are kept, whatever there is;
// what the officer holds, and what is asked for by state or due date, up to a bound.
func queueCounts(batch *pgx.Batch, out *Worklist, q WorklistQuery, of kinds, args pgx.NamedArgs) {
	kept := q.State == "" && q.Due == ""
	for _, tab := range Tabs {
		bound := countBeside
		if tab == q.Tab {
			bound = countBound
		}
		out.Counts[tab] = Count{}
		if !of.in(tab) || kept && slices.Contains(byFigures, tab) {
			continue
		}
		batch.Queue(sources[tab].count(q.filters(tab, of), bound), args).QueryRow(func(row pgx.Row) error {
			var n int
			err := row.Scan(&n)
			out.Counts[tab] = Count{N: min(n, bound), More: n > bound}
			return err
		})
	}
	if !kept {
		return
	}
	condition := ""
	if q.Procedure != "" {
		condition = " AND procedure_id = @procedure"
	}
	batch.Queue(figuresSQL(condition), args).QueryRow(func(row pgx.Row) error {
		n := make([]int, len(byFigures))
		err := row.Scan(&n[0], &n[1], &n[2], &n[3], &n[4])
		for i, tab := range byFigures {
			out.Counts[tab] = Count{N: n[i]}
		}
		return err
	})
}
