package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// snapshot is a case row with what is needed to decide its next step.
type snapshot struct {
	ID         ID
	Code       Code
	Procedure  *procedures.Procedure
	Variant    string
	State      workflow.State
	Revision   int
	Applicant  string
	Subject    string
	Receiving  agency.ID
	Competent  agency.ID
	ParentID   *uuid.UUID
	ParentSlot string
	ParentGen  int
	FiledAt    time.Time
	DueAt      *time.Time
	ClosedAt   *time.Time
	Outcome    workflow.Outcome
	Fee        int64
	Memory     memory
	Term       term
	Head       []byte

	Assignee string    // of the open task
	Known    *answered // the command was carried out before

	recalled bool // not read: Assignee and Known are not known
}

// answered is a command that was carried out before.
type answered struct {
	Seq     int
	Request []byte
}

func (c *snapshot) stateDef() *workflow.StateDef { return c.Procedure.Machine.States[c.State] }

// snapshotSQL reads a case and, in the same round trip, whether a command was
// carried out before. It takes no lock: the write names the revision.
const snapshotSQL = `
	SELECT c.id, c.code, c.definition, c.variant, c.state, c.revision, c.applicant, c.subject, c.receiving, c.competent,
		c.parent_id, coalesce(c.parent_slot, ''), coalesce(c.parent_gen, 0), c.filed_at, c.due_at, c.closed_at,
		coalesce(c.outcome, ''), c.fee, c.memory, c.clock, c.head_hash,
		coalesce(t.assignee, ''), e.seq, e.req_hash
	FROM cases c
	LEFT JOIN case_tasks t ON t.case_id = c.id
	LEFT JOIN case_events e ON e.case_id = c.id AND e.command_id = $2 AND e.hop = 0
	WHERE `

func (s *Service) snapshot(ctx context.Context, id ID, command uuid.UUID) (*snapshot, error) {
	return s.scanSnapshot(ctx, s.cfg.DB.QueryRow(ctx, snapshotSQL+`c.id = $1`, id, command))
}

func (s *Service) snapshotByCode(ctx context.Context, code Code, command uuid.UUID) (*snapshot, error) {
	if !code.plausible() {
		return nil, ErrNotFound
	}
	return s.scanSnapshot(ctx, s.cfg.DB.QueryRow(ctx, snapshotSQL+`c.id = (SELECT case_id FROM case_codes WHERE code = $1)`, code, command))
}

func (s *Service) scanSnapshot(ctx context.Context, row pgx.Row) (*snapshot, error) {
	c, hash, err := readSnapshot(row)
	if err != nil {
		return nil, err
	}
	if c.Procedure, err = s.definition(ctx, hash); err != nil {
		return nil, err
	}
	return c, nil
}

// readSnapshot reads a row of snapshotSQL; its version of the procedure is still to be found.
func readSnapshot(row pgx.Row) (*snapshot, procedures.Hash, error) {
	var (
		c          snapshot
		hash       procedures.Hash
		mem, clock []byte
		seq        *int
		request    []byte
	)
	err := row.Scan(&c.ID, &c.Code, &hash, &c.Variant, &c.State, &c.Revision, &c.Applicant, &c.Subject, &c.Receiving, &c.Competent,
		&c.ParentID, &c.ParentSlot, &c.ParentGen, &c.FiledAt, &c.DueAt, &c.ClosedAt,
		&c.Outcome, &c.Fee, &mem, &clock, &c.Head, &c.Assignee, &seq, &request)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, "", ErrNotFound
	}
	if err != nil {
		return nil, "", err
	}
	if err := json.Unmarshal(mem, &c.Memory); err != nil {
		return nil, "", fmt.Errorf("memory of case %s: %w", c.Code, err)
	}
	if err := json.Unmarshal(clock, &c.Term); err != nil {
		return nil, "", fmt.Errorf("clock of case %s: %w", c.Code, err)
	}
	if seq != nil {
		c.Known = &answered{Seq: *seq, Request: request}
	}
	return &c, hash, nil
}
