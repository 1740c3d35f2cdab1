package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// parts are the rows around a case that a view shows.
type parts struct {
	events    []Event
	files     []File
	documents map[ID][]Document // of the case and its sub-cases
	kids      []childState
	children  []Child
	task      *Task
	judged    map[string]judged
	troubles  []Trouble
	undoing   []Trouble
	payment   *PaymentState
	notices   []Notice
	handovers []Handover

	escalations []Escalation
	parent      *Link
	until       time.Time // when the state's waiting time is over; zero: it has none
}

// childRecord is a row of case_children with what its case has become.
type childRecord struct {
	childState
	code       Code // empty: not opened yet
	definition procedures.Hash
	state      workflow.State
	competent  string
	due        *time.Time
	addressee  string // name
}

// parts reads everything around a case that the reader sees in one batch, which
// is one transaction: the entry of an officer's read stands and falls with it.
// The links to the cases above and below come first, by the id of the case:
// the rest is read behind the wall, where the reader sees none but their own cases.
func (s *Service) parts(ctx context.Context, a agency.Actor, c *snapshot, body *evaluated) (*parts, error) {
	var (
		p        = &parts{documents: map[ID][]Document{}}
		batch    = &pgx.Batch{}
		happened []happened
		children []childRecord
		parent   procedures.Hash
	)
	if err := audit.Queue(batch, s.lookEntries(a, c, body)...); err != nil {
		return nil, err
	}
	r := s.reach(a)
	s.queueLinks(batch, p, r, c, &children, &parent)
	if !r.all {
		r.wall(batch)
	}
	queue(batch, &happened, collectEvents, eventsSQL+toBeRead, c.ID)
	queue(batch, &p.files, collectFiles, filesSQL+toBeRead, c.ID)
	queue(batch, &p.judged, collectJudged, judgementsSQL+toBeRead, c.ID)
	s.queueTask(batch, p, c)
	s.queueTroubles(batch, p, c)
	batch.Queue(`SELECT coalesce(min(fire_at), 'epoch') FROM case_timers WHERE case_id = $1`, c.ID).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&p.until)
		if p.until.Unix() == 0 {
			p.until = time.Time{}
		}
		return err
	})
	s.queueMessages(batch, p, a, c)
	queue(batch, &p.escalations, collectEscalations(c.Procedure), escalationsSQL, c.ID)
	if err := s.cfg.DB.SendBatch(ctx, batch).Close(); err != nil {
		return nil, err
	}
	p.events = s.tell(ctx, c.Procedure, happened)
	for _, k := range children {
		child, err := s.childView(ctx, k, p.documents)
		if err != nil {
			return nil, err
		}
		child.Mine = a.Kind == agency.Citizen && k.Addressed == a.ID
		child.Open = child.Mine || r.all || r.has(agency.ID(k.competent))
		if a.Kind == agency.Citizen && !child.Mine {
			child.Documents = nil // another citizen's answer is theirs
		}
		p.kids, p.children = append(p.kids, k.childState), append(p.children, child)
	}
	if p.parent != nil {
		def, err := s.definition(ctx, parent)
		if err != nil {
			return nil, err
		}
		p.parent.Title = def.Name
	}
	return p, nil
}

// queueLinks reads of the cases above and below what the readers of a case see
// of them: the link, where it stands, and what it issued.
func (s *Service) queueLinks(batch *pgx.Batch, p *parts, r reach, c *snapshot, children *[]childRecord, parent *procedures.Hash) {
	batch.Queue(`
		SELECT case_id, id, kind, title, number, sha256, issued_at, withdrawn_at
		FROM case_documents
		WHERE case_id = ANY (ARRAY(SELECT child_id FROM case_children WHERE case_id = $1) || $1::uuid)
		ORDER BY issued_at, id`, c.ID).Query(p.collectDocuments)
	if c.Memory.Children {
		queue(batch, children, collectChildren, childrenSQL, c.ID)
	}
	if c.ParentID != nil {
		batch.Queue(`
			SELECT c.id, c.code, c.procedure_id, c.definition, b.applicant_name, c.applicant, c.subject, c.receiving, c.competent
			FROM cases c
			JOIN case_bodies b ON b.case_id = c.id
			WHERE c.id = $1`, *c.ParentID).QueryRow(func(row pgx.Row) error {
			var applicant, subject string
			var receiving, competent agency.ID
			p.parent = &Link{}
			err := row.Scan(&p.parent.ID, &p.parent.Code, &p.parent.Procedure, parent, &p.parent.Applicant, &applicant, &subject, &receiving, &competent)
			if errors.Is(err, pgx.ErrNoRows) { // its month was detached: it leaves before its sub-cases
				p.parent = nil
				return nil
			}
			p.parent.Mine = r.citizen != "" && r.sees(applicant, subject, receiving, competent)
			p.parent.Open = r.sees(applicant, subject, receiving, competent)
			return err
		})
	}
}

// toBeRead sets a statement that is read behind the wall apart from the same one outside.
const toBeRead = " -- to be read"

// queue puts a query into the batch whose rows become out.
func queue[T any](batch *pgx.Batch, out *T, collect func(pgx.Rows) (T, error), sql string, args ...any) {
	batch.Queue(sql, args...).Query(func(rows pgx.Rows) (err error) {
		*out, err = collect(rows)
		return err
	})
}

func collectFiles(rows pgx.Rows) ([]File, error) {
	return pgx.CollectRows(rows, pgx.RowToStructByPos[File])
}

func collectJudged(rows pgx.Rows) (map[string]judged, error) {
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[judged])
	out := make(map[string]judged, len(list))
	for _, j := range list {
		out[j.Item] = j
	}
	return out, err
}

func (p *parts) collectDocuments(rows pgx.Rows) error {
	for rows.Next() {
		var (
			of        ID
			d         Document
			withdrawn *time.Time
		)
		if err := rows.Scan(&of, &d.ID, &d.Kind, &d.Title, &d.Number, &d.SHA256, &d.IssuedAt, &withdrawn); err != nil {
			return err
		}
		d.Withdrawn = timeOf(withdrawn)
		p.documents[of] = append(p.documents[of], d)
	}
	return rows.Err()
}

const childrenSQL = `
	SELECT k.slot, k.gen, k.child_id, k.addressed, coalesce(k.outcome, ''), k.output, k.cancelled,
		coalesce(c.code, ''), coalesce(c.definition, ''), coalesce(c.state, ''), coalesce(c.competent, ''), c.due_at, coalesce(b.applicant_name, '')
	FROM case_children k
	LEFT JOIN cases c ON c.id = k.child_id
	LEFT JOIN case_bodies b ON b.case_id = k.child_id
	WHERE k.case_id = $1
	ORDER BY k.gen, k.slot`

func collectChildren(rows pgx.Rows) ([]childRecord, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (k childRecord, err error) {
		var output []byte
		if err = row.Scan(&k.Slot, &k.Gen, &k.ID, &k.Addressed, &k.Outcome, &output, &k.Cancelled,
			&k.code, &k.definition, &k.state, &k.competent, &k.due, &k.addressee); err != nil {
			return k, err
		}
		if err = json.Unmarshal(output, &k.Output); err != nil {
			err = fmt.Errorf("output of sub-case %s: %w", k.Slot, err)
		}
		return k, err
	})
}

func (s *Service) queueTask(batch *pgx.Batch, p *parts, c *snapshot) {
	batch.Queue(`
		SELECT t.state, t.agency, t.role, coalesce(t.assignee, ''), coalesce(o.name, t.assignee, ''), t.applicant, t.opened_at, t.due_at, t.seen_at IS NOT NULL
		FROM case_tasks t
		LEFT JOIN officers o ON o.id = t.assignee
		WHERE t.case_id = $1`, c.ID).QueryRow(func(row pgx.Row) error {
		t := Task{Case: c.ID, Code: c.Code, Procedure: c.Procedure.ID, Variant: c.Variant, CaseDueAt: timeOf(c.DueAt)}
		err := row.Scan(&t.State, &t.Agency, &t.Role, &t.Assignee, &t.AssigneeName, &t.Applicant, &t.OpenedAt, &t.DueAt, &t.Seen)
		if err == nil && t.State == c.State { // another state: the case went on after its row was read
			p.task = &t
		}
		return ignoreNoRows(err)
	})
	batch.Queue(`
		SELECT h.at, h.state, h.act, coalesce(o.name, h.holder), coalesce(w.name, h.officer), h.reason
		FROM case_handovers h
		LEFT JOIN officers o ON o.id = h.holder
		LEFT JOIN officers w ON w.id = h.officer
		WHERE h.case_id = $1
		ORDER BY h.at`, c.ID).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var h Handover
			var state workflow.State
			if err := rows.Scan(&h.At, &state, &h.Act, &h.Holder, &h.Officer, &h.Reason); err != nil {
				return err
			}
			h.State = stateTitle(c.Procedure, state)
			p.handovers = append(p.handovers, h)
		}
		return rows.Err()
	})
}

// troubleSQL reads effects of a case with the outage that they wait for.
const troubleSQL = `
	SELECT e.seq, e.idx, e.type, e.name, e.created_at, coalesce(e.next_at, e.done_at, e.created_at), e.attempts, coalesce(e.error, ''), coalesce(p.name, ''), p.failing_since
	FROM case_effects e
	LEFT JOIN peers p ON p.name = e.waits_for AND p.opened_at IS NOT NULL
	WHERE e.case_id = $1 AND `

func (s *Service) rowToTrouble(row pgx.CollectableRow) (t Trouble, err error) {
	var (
		peer  string
		since *time.Time
	)
	err = row.Scan(&t.Seq, &t.Idx, &t.Type, &t.Name, &t.Since, &t.NextAt, &t.Attempts, &t.Error, &peer, &since)
	if since != nil {
		t.Outage = &Outage{Peer: peer, Title: s.PeerTitle(peer), Since: *since}
	}
	return t, err
}

// queueTroubles reads the effects that are late or were given up.
func (s *Service) queueTroubles(batch *pgx.Batch, p *parts, c *snapshot) {
	batch.Queue(troubleSQL+`(e.status = 4 OR e.status IN (0, 1) AND (e.error IS NOT NULL OR e.waits_for IS NOT NULL OR e.next_at < $2))
		ORDER BY e.seq, e.idx`, c.ID, s.now().Add(-late)).Query(func(rows pgx.Rows) (err error) {
		p.troubles, err = pgx.CollectRows(rows, s.rowToTrouble)
		return err
	})
	if c.ClosedAt != nil && c.stateDef() != nil && c.stateDef().Compensate {
		batch.Queue(troubleSQL+`e.undoes_seq IS NOT NULL AND e.status IN (0, 1, 4)
			ORDER BY e.seq, e.idx`, c.ID).Query(func(rows pgx.Rows) (err error) {
			p.undoing, err = pgx.CollectRows(rows, s.rowToTrouble)
			return err
		})
	}
	batch.Queue(`
		SELECT name, amount, status, pay_url, coalesce(paid_at, 'epoch'), receipt
		FROM case_payments
		WHERE case_id = $1
		ORDER BY asked_at DESC, order_id
		LIMIT 1`, c.ID).QueryRow(func(row pgx.Row) error {
		var m PaymentState
		err := row.Scan(&m.Name, &m.Amount, &m.State, &m.PayURL, &m.Paid, &m.Receipt)
		if m.Paid.Unix() == 0 {
			m.Paid = time.Time{}
		}
		if err == nil {
			p.payment = &m
		}
		return ignoreNoRows(err)
	})
}

// queueMessages reads the messages about the case: the reader's own, or for officers all.
func (s *Service) queueMessages(batch *pgx.Batch, p *parts, a agency.Actor, c *snapshot) {
	to := ""
	if a.Kind == agency.Citizen {
		to = a.ID
	}
	queue(batch, &p.notices, collectNotices, `
		SELECT id, code, at, text, read_at IS NOT NULL
		FROM notices
		WHERE case_id = $1 AND ($2 = '' OR to_whom = $2)
		ORDER BY at, id`, c.ID, to)
}

func collectNotices(rows pgx.Rows) ([]Notice, error) {
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Notice])
}

func ignoreNoRows(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}
