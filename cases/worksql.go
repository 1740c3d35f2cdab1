package cases

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// source is where the cases of a tab come from: branches that are each a range
// of one index, merged. The branches share no case.
type source struct {
	branches   []branch
	order      string // of a page: ASC or DESC, by key and id
	byID       bool   // the id alone is the order: ids are ordered by time
	comparison string // of a row behind the cursor
	start      cursor // before the first row
}

// branch is one index range for each value of over.
type branch struct {
	over string // relation of what the range is for
	from string // table and condition
	key  string // what the list is ordered by
	id   string
}

const (
	eachSeat   = `unnest(@seatAgencies::text[], @seatRoles::text[]) AS seat (agency, role)`
	eachAgency = `unnest(@agencies::text[]) AS at (agency)`
	// elsewhere holds for cases that another agency decides: the ones decided here are in the other branch.
	elsewhere = ` AND receiving <> competent AND competent <> ALL (@agencies::text[])`
)

// sources are the tabs.
var sources = map[Tab]source{
	TabUnassigned: soonest(tasksOf(`''`)),
	TabMine:       soonest(tasksOf(`@me`)),
	TabApplicant:  soonest(waitsOf(waitsForApplicant)...),
	TabOthers:     soonest(waitsOf(waitsForOthers)...),
	TabDecided:    newest(false, casesOf("closed_at", " AND closed_at IS NOT NULL")),
	TabAll:        newest(true, casesOf("filed_at", "")),
}

func soonest(branches ...branch) source {
	return source{branches: branches, order: "ASC", comparison: ">", start: cursor{At: time.Unix(0, 0)}}
}

func newest(byID bool, branches []branch) source {
	return source{branches: branches, order: "DESC", byID: byID, comparison: "<", start: cursor{At: noDue, ID: uuid.Max}}
}

func tasksOf(holder string) branch {
	return branch{over: eachSeat, key: "due_at", id: "case_id",
		from: `case_tasks WHERE agency = seat.agency AND role = seat.role AND holder = ` + holder}
}

func waitsOf(whom string) []branch {
	return []branch{
		{over: eachAgency, key: "due_at", id: "case_id", from: `case_waits WHERE competent = at.agency AND waits_for = '` + whom + `'`},
		{over: eachAgency, key: "due_at", id: "case_id", from: `case_waits WHERE receiving = at.agency AND waits_for = '` + whom + `'` + elsewhere},
	}
}

func casesOf(key, condition string) []branch {
	return []branch{
		{over: eachAgency, key: key, id: "id", from: `cases WHERE competent = at.agency` + condition},
		{over: eachAgency, key: key, id: "id", from: `cases WHERE receiving = at.agency` + elsewhere + condition},
	}
}

// orderBy orders by a key and an id.
func (s source) orderBy(key, id string) string {
	if s.byID {
		return " ORDER BY " + id + " " + s.order
	}
	return " ORDER BY " + key + " " + s.order + ", " + id + " " + s.order
}

// behind is the condition of the branch's rows behind the cursor.
func (s source) behind(b branch) string {
	if s.byID {
		return " AND " + b.id + " " + s.comparison + " @afterID::uuid"
	}
	return " AND (" + b.key + ", " + b.id + ") " + s.comparison + " (@after::timestamptz, @afterID::uuid)"
}

// filters are the conditions that the query adds to each range of a tab. They
// stand in the text only when they are wanted, so that counting needs the index alone.
func (q WorklistQuery) filters(tab Tab, of kinds) (sql string) {
	if q.Procedure != "" {
		sql += " AND procedure_id = @procedure"
	}
	if q.State != "" {
		sql += " AND state = @state"
	}
	sql += q.Due.filter()
	switch {
	case tab != TabAll:
	case !of.ended:
		sql += " AND closed_at IS NULL"
	case !of.open:
		sql += " AND closed_at IS NOT NULL"
	}
	return sql
}

// kinds tells of which kinds the states are that a query asks for.
type kinds struct{ open, ended bool }

// in tells whether a tab may hold such cases at all.
func (k kinds) in(tab Tab) bool {
	return tab == TabAll || tab == TabDecided && k.ended || tab != TabDecided && k.open
}

// kindsOf looks a query's state up in the versions that are loaded.
func (s *Service) kindsOf(q WorklistQuery) (of kinds) {
	if q.Due != "" { // what has ended is not due
		defer func() { of.ended = false }()
	}
	if q.State == "" {
		return kinds{open: true, ended: true}
	}
	look := func(p *procedures.Procedure) {
		if def := p.Machine.States[q.State]; def != nil && (q.Procedure == "" || q.Procedure == p.ID) {
			of.open, of.ended = of.open || def.Kind != workflow.Final, of.ended || def.Kind == workflow.Final
		}
	}
	for _, p := range s.cfg.Procedures.All() {
		look(p)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, p := range s.archived {
		look(p)
	}
	return of
}

// page is the statement of one page of limit rows, with all columns of the
// table. The limit stands in the text, so that PostgreSQL plans for few rows.
func (s source) page(filters string, limit int) string {
	most := " LIMIT " + strconv.Itoa(limit)
	return `
		WITH page AS (SELECT id, key FROM (` + s.merge(func(b branch) string {
		return "SELECT " + b.id + " AS id, " + b.key + " AS key FROM " + b.from + filters + s.behind(b) + s.orderBy(b.key, b.id) + most
	}) + `) AS merged` + s.orderBy("key", "id") + most + `)
		SELECT c.id, page.key, c.code, c.procedure_id, c.definition, c.variant, c.state, b.applicant_name, b.subject_name, c.receiving, c.competent,
			coalesce(t.role, ''), coalesce(t.assignee, ''), coalesce(o.name, t.assignee, ''), coalesce(t.opened_at, w.since), t.due_at, c.due_at,
			c.filed_at, c.closed_at, coalesce(c.outcome, ''), t.case_id IS NULL OR t.seen_at IS NOT NULL, c.applicant, c.subject
		FROM page
		JOIN cases c ON c.id = page.id
		JOIN case_bodies b ON b.case_id = c.id
		LEFT JOIN case_tasks t ON t.case_id = c.id
		LEFT JOIN case_waits w ON w.case_id = c.id
		LEFT JOIN officers o ON o.id = t.assignee` + s.orderBy("page.key", "page.id")
}

// merge puts the ranges of all branches together.
func (s source) merge(one func(branch) string) string {
	parts := make([]string, len(s.branches))
	for i, b := range s.branches {
		parts[i] = "\n\t\t\tSELECT r.* FROM " + b.over + ", LATERAL (" + one(b) + ") AS r"
	}
	return strings.Join(parts, "\n\t\t\tUNION ALL")
}

// count is the statement that counts up to the bound.
func (s source) count(filters string, bound int) string {
	most := " LIMIT " + strconv.Itoa(bound+1)
	return "\n\t\tSELECT count(*) FROM (SELECT FROM (" + s.merge(func(b branch) string {
		return "SELECT 1 AS one FROM " + b.from + filters + most
	}) + ") AS merged" + most + ") AS counted"
}
