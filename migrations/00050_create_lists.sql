-- +goose Up

-- What lists, search and statistics of cases read. Every list is a page by key from an index, whatever the number of cases.

-- Nobody's tasks, mine, and all of a seat, each in the order of their dates, from one index.
DROP INDEX case_tasks_queue;
DROP INDEX case_tasks_mine;
CREATE INDEX case_tasks_queue ON case_tasks (agency, role, coalesce(assignee, ''), due_at, case_id);

-- Open cases that wait for somebody outside the office: one row a case at most, never beside a task. A table of its own,
-- so that the row of the case carries no index over what each step changes.
CREATE TABLE case_waits (
	case_id      uuid PRIMARY KEY,
	procedure_id text NOT NULL,
	state        text NOT NULL,
	waits_for    text NOT NULL CHECK (waits_for IN ('applicant', 'others')), -- others: agencies, registries, the system
	competent    text NOT NULL,
	receiving    text NOT NULL,
	due_at       timestamptz NOT NULL, -- of the case; the year 9999: the legal term is not running
	since        timestamptz NOT NULL
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX case_waits_competent ON case_waits (competent, waits_for, due_at, case_id);
CREATE INDEX case_waits_receiving ON case_waits (receiving, waits_for, due_at, case_id) WHERE receiving <> competent;

-- These change when a case is filed and when it ends, not with each step.
CREATE INDEX cases_receiving ON cases (receiving, id DESC) WHERE receiving <> competent; -- cases that another agency decides
CREATE INDEX cases_decided ON cases (competent, closed_at DESC, id DESC) WHERE closed_at IS NOT NULL;
CREATE INDEX cases_decided_receiving ON cases (receiving, closed_at DESC, id DESC) WHERE closed_at IS NOT NULL AND receiving <> competent;

-- Search: the agencies of the case as @CA-00070 and the words of its people's names, small and without diacritics. With
-- the agencies in the same index a common family name costs no more than the agency's own cases.
ALTER TABLE case_bodies ADD COLUMN tokens text[] NOT NULL DEFAULT '{}';
CREATE INDEX case_bodies_tokens ON case_bodies USING gin (tokens);

-- When an item was judged for the first time: a second supplement request may ask for what was not there at the first.
ALTER TABLE case_judgements ADD COLUMN first_at timestamptz NOT NULL DEFAULT now();

-- Who took a task, and who gave it back or took it away, with the reason.
CREATE TABLE case_handovers (
	case_id uuid NOT NULL,
	at      timestamptz NOT NULL,
	state   text NOT NULL,
	act     text NOT NULL CHECK (act IN ('taken', 'released')),
	holder  text NOT NULL, -- officer who has it then, or had it
	officer text NOT NULL, -- who did it
	reason  text NOT NULL DEFAULT ''
);
CREATE INDEX case_handovers_case ON case_handovers (case_id, at);

CREATE INDEX notices_case ON notices (case_id, at);
CREATE INDEX notices_unread ON notices (to_whom) WHERE read_at IS NULL;

-- +goose Down
DROP INDEX notices_unread, notices_case;
DROP TABLE case_handovers;
ALTER TABLE case_judgements DROP COLUMN first_at;
DROP INDEX case_bodies_tokens;
ALTER TABLE case_bodies DROP COLUMN tokens;
DROP INDEX cases_decided_receiving, cases_decided, cases_receiving;
DROP TABLE case_waits;
DROP INDEX case_tasks_queue;
CREATE INDEX case_tasks_mine ON case_tasks (assignee, due_at, case_id) WHERE assignee IS NOT NULL;
CREATE INDEX case_tasks_queue ON case_tasks (agency, role, due_at, case_id);
