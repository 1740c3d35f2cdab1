-- +goose Up

-- The versions of procedures that cases were filed under. A version that an open case names is never removed.
CREATE TABLE definitions (
	hash         text PRIMARY KEY,
	procedure_id text NOT NULL,
	version      int NOT NULL CHECK (version > 0),
	files        jsonb NOT NULL, -- path → text of every file that the hash covers
	first_used   timestamptz NOT NULL DEFAULT now()
);

-- One row a case, kept narrow: every step updates it.
CREATE TABLE cases (
	id           uuid PRIMARY KEY,
	code         text NOT NULL,
	procedure_id text NOT NULL,
	definition   text NOT NULL REFERENCES definitions (hash),
	variant      text NOT NULL,
	state        text NOT NULL,
	revision     int NOT NULL CHECK (revision > 0), -- the number of events
	applicant    text NOT NULL, -- personal number of who filed, or whom a sub-case is addressed to
	subject      text NOT NULL, -- personal number of whom it is about
	receiving    text NOT NULL,
	competent    text NOT NULL,
	parent_id    uuid, -- NULL: not a sub-case
	parent_slot  text, -- NULL: not a sub-case
	parent_gen   int,  -- NULL: not a sub-case
	filed_at     timestamptz NOT NULL,
	due_at       timestamptz, -- NULL: the legal term is not running yet
	closed_at    timestamptz, -- NULL: open
	outcome      text,        -- NULL: open
	fee          bigint NOT NULL DEFAULT 0 CHECK (fee >= 0), -- đồng
	memory       jsonb NOT NULL DEFAULT '{}', -- visits, who acted, gathered output: what guards read besides the answers
	clock        jsonb NOT NULL DEFAULT '{}', -- the legal term: start, length, pauses
	head_hash    bytea NOT NULL, -- hash of the last event
	CHECK ((closed_at IS NULL) = (outcome IS NULL))
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX cases_code ON cases (code);
CREATE INDEX cases_applicant ON cases (applicant, id DESC); -- my cases
CREATE INDEX cases_subject ON cases (subject, id DESC) WHERE subject <> applicant;
CREATE INDEX cases_parent ON cases (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX cases_competent ON cases (competent, id DESC); -- an agency's cases

-- What was filed. Rarely changed: a supplement raises revision and keeps the former answers in the events.
CREATE TABLE case_bodies (
	case_id        uuid PRIMARY KEY REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
	revision       int NOT NULL,
	applicant_name text NOT NULL,
	subject_name   text NOT NULL,
	answers        jsonb NOT NULL,
	contests       jsonb NOT NULL DEFAULT '{}',
	records        jsonb NOT NULL, -- the subjects' records as they were read
	session        jsonb NOT NULL,
	given          jsonb NOT NULL DEFAULT '{}', -- what the parent case gave
	changed        jsonb NOT NULL DEFAULT '{}', -- former values of answers that a supplement changed
	digest         text NOT NULL -- of everything the citizen saw when filing
);

-- The history. The state of a case is the last event's to_state.
CREATE TABLE case_events (
	case_id     uuid NOT NULL,
	seq         int NOT NULL CHECK (seq > 0),
	command_id  uuid NOT NULL,
	hop         smallint NOT NULL DEFAULT 0, -- 0: the command itself; above: auto states that it passed
	req_hash    bytea NOT NULL,
	kind        text NOT NULL, -- file, action, signal, after, join, withdraw, cancel
	event       text NOT NULL,
	from_state  text NOT NULL,
	to_state    text NOT NULL,
	actor_kind  text NOT NULL,
	actor       text NOT NULL,
	actor_name  text NOT NULL,
	on_behalf   text NOT NULL DEFAULT '',
	agency      text NOT NULL DEFAULT '',
	at          timestamptz NOT NULL,
	recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	input       json NOT NULL DEFAULT '{}', -- json, not jsonb: the chain covers its bytes
	prev_hash   bytea NOT NULL,
	hash        bytea NOT NULL,
	PRIMARY KEY (case_id, seq),
	UNIQUE (case_id, command_id, hop)
);

-- What follows from an event. The row is the authority, the River job only the bell.
CREATE TABLE case_effects (
	case_id     uuid NOT NULL,
	seq         int NOT NULL,
	idx         smallint NOT NULL,
	type        text NOT NULL,
	name        text NOT NULL,
	status      smallint NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 4), -- 0 open, 1 in hand, 2 done, 3 refused, 4 given up
	attempts    smallint NOT NULL DEFAULT 0,
	next_at     timestamptz, -- NULL: ended
	lease       uuid,        -- NULL: in nobody's hand
	lease_until timestamptz, -- NULL: in nobody's hand
	key         uuid NOT NULL, -- given to the outside; the same over all attempts
	args        jsonb NOT NULL DEFAULT '{}',
	receipt     jsonb, -- NULL: not done
	error       text,  -- NULL: no attempt failed
	created_at  timestamptz NOT NULL,
	done_at     timestamptz, -- NULL: not ended
	PRIMARY KEY (case_id, seq, idx),
	CHECK ((status IN (0, 1)) = (next_at IS NOT NULL))
);
CREATE INDEX case_effects_open ON case_effects (next_at) WHERE status IN (0, 1); -- the reconciler

-- Open tasks only: one row a case at most; the queue of an officer.
CREATE TABLE case_tasks (
	case_id      uuid PRIMARY KEY,
	code         text NOT NULL,
	procedure_id text NOT NULL,
	variant      text NOT NULL,
	state        text NOT NULL,
	agency       text NOT NULL,
	role         text NOT NULL,
	applicant    text NOT NULL, -- name
	assignee     text, -- NULL: nobody has taken it
	due_at       timestamptz NOT NULL,
	case_due_at  timestamptz, -- NULL: the legal term is not running
	opened_at    timestamptz NOT NULL,
	seen_at      timestamptz -- NULL: no officer has opened it since
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX case_tasks_queue ON case_tasks (agency, role, due_at, case_id);
CREATE INDEX case_tasks_mine ON case_tasks (assignee, due_at, case_id) WHERE assignee IS NOT NULL;

-- Open time-outs only. gen changes whenever the state is entered again: an old bell rings in vain.
CREATE TABLE case_timers (
	case_id  uuid NOT NULL,
	name     text NOT NULL, -- the delay as written, or join-window
	gen      int NOT NULL,  -- the event that armed it
	fire_at  timestamptz NOT NULL,
	rung_at  timestamptz, -- NULL: no job for it yet
	PRIMARY KEY (case_id, name)
) WITH (fillfactor = 80);
CREATE INDEX case_timers_due ON case_timers (fire_at);

-- The sub-cases that a case opened. gen is the event that opened them.
CREATE TABLE case_children (
	case_id     uuid NOT NULL,
	slot        text NOT NULL,
	gen         int NOT NULL,
	procedure_id text NOT NULL,
	child_id    uuid NOT NULL, -- chosen by the parent, so that opening it twice opens one
	addressed   text NOT NULL DEFAULT '', -- personal number of whom it is addressed to
	outcome     text, -- NULL: open
	output      jsonb NOT NULL DEFAULT '{}',
	cancelled   boolean NOT NULL DEFAULT false,
	reported_at timestamptz, -- NULL: open
	PRIMARY KEY (case_id, slot, gen)
);

-- Papers that citizens handed in, of a draft or of a case.
CREATE TABLE case_files (
	id          uuid PRIMARY KEY,
	owner_id    uuid NOT NULL, -- draft or case
	attachment  text NOT NULL,
	name        text NOT NULL,
	type        text NOT NULL,
	size        int NOT NULL CHECK (size > 0), -- bytes
	sha256      text NOT NULL,
	content     bytea NOT NULL,
	uploaded_by text NOT NULL,
	uploaded_at timestamptz NOT NULL,
	replaced_at timestamptz -- NULL: in force
);
CREATE INDEX case_files_owner ON case_files (owner_id, uploaded_at);

-- Papers that Hoso issued.
CREATE TABLE case_documents (
	id           uuid PRIMARY KEY, -- from the effect's key: issued once
	case_id      uuid NOT NULL,
	kind         text NOT NULL,
	title        jsonb NOT NULL,
	number       text NOT NULL,
	sha256       text NOT NULL,
	content      bytea NOT NULL, -- PDF
	issued_at    timestamptz NOT NULL,
	withdrawn_at timestamptz -- NULL: in force
);
CREATE INDEX case_documents_case ON case_documents (case_id, issued_at);
CREATE TABLE document_numbers (
	agency text NOT NULL,
	kind   text NOT NULL,
	year   int NOT NULL,
	n      int NOT NULL,
	PRIMARY KEY (agency, kind, year)
);

-- Judgements of officers on the items of the checklist; the last one counts.
CREATE TABLE case_judgements (
	case_id uuid NOT NULL,
	item    text NOT NULL,
	verdict text NOT NULL,
	reason  text NOT NULL DEFAULT '',
	officer text NOT NULL,
	at      timestamptz NOT NULL,
	PRIMARY KEY (case_id, item)
);

-- Messages to citizens in the portal.
CREATE TABLE notices (
	id       uuid PRIMARY KEY, -- from the effect's key: told once
	to_whom  text NOT NULL, -- personal number
	case_id  uuid NOT NULL,
	code     text NOT NULL,
	text     jsonb NOT NULL,
	at       timestamptz NOT NULL,
	read_at  timestamptz -- NULL: not read
);
CREATE INDEX notices_inbox ON notices (to_whom, at DESC, id DESC);

-- Payments that cases asked for.
CREATE TABLE case_payments (
	case_id  uuid NOT NULL,
	name     text NOT NULL,
	order_id uuid NOT NULL UNIQUE, -- the effect's key
	amount   bigint NOT NULL CHECK (amount > 0), -- đồng
	status   text NOT NULL, -- asked, ready, paid, failed, unknown
	pay_url  text NOT NULL DEFAULT '',
	receipt  text NOT NULL DEFAULT '',
	asked_at timestamptz NOT NULL,
	paid_at  timestamptz, -- NULL: not paid
	PRIMARY KEY (case_id, name, order_id)
);

-- Forms being filled in.
CREATE TABLE drafts (
	id           uuid PRIMARY KEY,
	procedure_id text NOT NULL,
	definition   text NOT NULL REFERENCES definitions (hash),
	owner        text NOT NULL,
	owner_name   text NOT NULL,
	owner_level  int NOT NULL,
	subject      text NOT NULL,
	revision     int NOT NULL DEFAULT 1,
	answers      jsonb NOT NULL DEFAULT '{}',
	contests     jsonb NOT NULL DEFAULT '{}',
	records      jsonb NOT NULL DEFAULT '{}',
	done         jsonb NOT NULL DEFAULT '[]',
	reviewed     jsonb NOT NULL DEFAULT '[]', -- the last check pages shown: digest and answers in words
	saved_at     timestamptz NOT NULL,
	expires_at   timestamptz NOT NULL,
	filed        text -- NULL: still a draft; else the code of the case
);
CREATE INDEX drafts_owner ON drafts (owner, saved_at DESC);

-- Blocks of case numbers, by agency and day: taken outside the case's transaction; gaps are normal.
CREATE TABLE case_numbers (
	agency text NOT NULL,
	day    date NOT NULL,
	n      int NOT NULL,
	PRIMARY KEY (agency, day)
);


CREATE FUNCTION forbid_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''% is append-only'', TG_TABLE_NAME; END';
CREATE TRIGGER case_events_append_only BEFORE UPDATE OR DELETE ON case_events FOR EACH ROW EXECUTE FUNCTION forbid_change();

-- +goose Down
DROP TABLE case_numbers, drafts, case_payments, notices, case_judgements, document_numbers, case_documents, case_files, case_children,
	case_timers, case_tasks, case_effects, case_events, case_bodies, cases, definitions;
DROP FUNCTION forbid_change();
