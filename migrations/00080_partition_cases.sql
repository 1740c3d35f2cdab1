-- +goose Up
-- Cases by month. The id of a case is ordered by time (UUID version 7), so it names its month: a look-up by id finds one
-- partition, the rows of a case lie in partitions of the same bounds, and a month whose cases are over can be detached whole.
-- A unique index would have to begin with the id, so what else has to be unique stands in small tables of its own.

-- The ranges of ids and where they lie. Ranges never overlap; several months may be merged into one.
CREATE TABLE case_months (
	suffix text PRIMARY KEY CHECK (suffix ~ '^[a-z0-9_]+$'), -- of the partitions: cases_2026_11
	first  uuid NOT NULL, -- the first id of the range
	past   uuid NOT NULL, -- the first id behind it
	CHECK (first < past),
	EXCLUDE USING gist (numrange(('x' || translate(left(first::text, 13), '-', ''))::bit(48)::bigint, ('x' || translate(left(past::text, 13), '-', ''))::bit(48)::bigint) WITH &&)
);

-- first_id is the least id of version 7 made at an instant or later.
CREATE FUNCTION first_id(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
	SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;

-- case_month_made is called for each new partition; later migrations replace it to protect what lies in it.
CREATE FUNCTION case_month_made(parent regclass, partition regclass) RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;

-- make_case_range makes the partitions for a range of ids in every table that is divided by case.
-- +goose StatementBegin
CREATE FUNCTION make_case_range(suffix text, first uuid, past uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	parent regclass;
BEGIN
	PERFORM pg_advisory_xact_lock(7165293812350431); -- one makes partitions at a time
	INSERT INTO case_months (suffix, first, past) VALUES (make_case_range.suffix, make_case_range.first, make_case_range.past) ON CONFLICT ON CONSTRAINT case_months_pkey DO NOTHING;
	FOR parent IN
		SELECT p.partrelid::regclass FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
		WHERE c.relnamespace = 'public'::regnamespace AND p.partstrat = 'r' AND NOT EXISTS (
			SELECT FROM pg_class k WHERE k.relnamespace = c.relnamespace AND k.relname = c.relname || '_' || make_case_range.suffix)
		ORDER BY 1
	LOOP
		-- Made apart and attached, it waits for nobody at work, and nobody for it. The row of a case is written at every step:
		-- room in its page keeps the indexes out of it.
		EXECUTE format('CREATE TABLE %I (LIKE %s INCLUDING ALL)%s', parent || '_' || suffix, parent, CASE parent WHEN 'cases'::regclass THEN ' WITH (fillfactor = 80)' ELSE '' END);
		EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, parent || '_' || suffix, first, past);
		PERFORM case_month_made(parent, (parent || '_' || suffix)::regclass);
	END LOOP;
END $$;
-- +goose StatementEnd

-- make_case_month makes the partitions of the month (in UTC, as ids count) that an instant lies in, and returns their suffix.
-- +goose StatementBegin
CREATE FUNCTION make_case_month(at timestamptz) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	month timestamptz := date_trunc('month', at, 'UTC');
	name  text := to_char(month AT TIME ZONE 'UTC', 'YYYY_MM');
	taken text;
BEGIN
	SELECT m.suffix INTO taken FROM case_months m WHERE first_id(month) >= m.first AND first_id(month) < m.past;
	IF taken IS NULL THEN
		PERFORM make_case_range(name, first_id(month), first_id(date_trunc('month', month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC'));
	END IF;
	RETURN coalesce(taken, name);
END $$;
-- +goose StatementEnd

ALTER TABLE case_bodies DROP CONSTRAINT case_bodies_case_id_fkey;
ALTER TABLE cases RENAME TO cases_whole;
ALTER TABLE case_bodies RENAME TO case_bodies_whole;
ALTER TABLE case_events RENAME TO case_events_whole;
ALTER TABLE case_effects RENAME TO case_effects_whole;
ALTER TABLE case_children RENAME TO case_children_whole;

-- Constraints on values cost each statement the time to read their text anew, so these tables have few: the one writer is
-- package cases, and `hoso doctor` checks what it wrote.
CREATE TABLE cases (
	id           uuid NOT NULL, -- version 7: ordered by time
	code         text NOT NULL, -- unique by case_codes
	procedure_id text NOT NULL,
	definition   text NOT NULL, -- hash of definitions
	variant      text NOT NULL,
	state        text NOT NULL,
	revision     int NOT NULL, -- the number of events
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
	fee          bigint NOT NULL DEFAULT 0, -- đồng
	memory       jsonb NOT NULL DEFAULT '{}', -- visits, who acted, gathered output: what guards read besides the answers
	clock        jsonb NOT NULL DEFAULT '{}', -- the legal term: start, length, pauses
	head_hash    bytea NOT NULL -- hash of the last event
) PARTITION BY RANGE (id);
CREATE TABLE case_bodies (LIKE case_bodies_whole INCLUDING DEFAULTS) PARTITION BY RANGE (case_id);
CREATE TABLE case_events (LIKE case_events_whole INCLUDING DEFAULTS) PARTITION BY RANGE (case_id);
CREATE TABLE case_effects (LIKE case_effects_whole INCLUDING DEFAULTS) PARTITION BY RANGE (case_id);
CREATE TABLE case_children (LIKE case_children_whole INCLUDING DEFAULTS) PARTITION BY RANGE (case_id);

-- Codes of cases over all months.
CREATE TABLE case_codes (
	code    text NOT NULL,
	case_id uuid NOT NULL
);
-- What two open cases of a procedure may not share, as the definition's `once` says. A row lives as long as its case is open.
CREATE TABLE case_once (
	procedure_id text NOT NULL,
	once_key     text NOT NULL,
	case_id      uuid NOT NULL
);

-- Ids that are no time-ordered ones, of sub-cases opened before this version, get ranges of their own, and only then.
SELECT make_case_range('early', '00000000-0000-0000-0000-000000000000', first_id('2020-01-01Z'))
WHERE EXISTS (SELECT FROM cases_whole WHERE id < first_id('2020-01-01Z'));
SELECT make_case_range('late', first_id('2100-01-01Z'), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
WHERE EXISTS (SELECT FROM cases_whole WHERE id >= first_id('2100-01-01Z'));
SELECT make_case_month(to_timestamp(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000.0))
FROM cases_whole
WHERE id >= first_id('2020-01-01Z') AND id < first_id('2100-01-01Z')
GROUP BY 1;
SELECT make_case_month(now()), make_case_month(now() + interval '1 month');

INSERT INTO cases (id, code, procedure_id, definition, variant, state, revision, applicant, subject, receiving, competent, parent_id, parent_slot, parent_gen,
	filed_at, due_at, closed_at, outcome, fee, memory, clock, head_hash)
SELECT id, code, procedure_id, definition, variant, state, revision, applicant, subject, receiving, competent, parent_id, parent_slot, parent_gen,
	filed_at, due_at, closed_at, outcome, fee, memory, clock, head_hash
FROM cases_whole;
INSERT INTO case_bodies SELECT * FROM case_bodies_whole;
INSERT INTO case_events SELECT * FROM case_events_whole;
INSERT INTO case_effects SELECT * FROM case_effects_whole;
INSERT INTO case_children SELECT * FROM case_children_whole;
INSERT INTO case_codes SELECT code, id FROM cases_whole;
INSERT INTO case_once SELECT procedure_id, once_key, id FROM cases_whole WHERE closed_at IS NULL AND once_key IS NOT NULL;
DROP TABLE cases_whole, case_bodies_whole, case_events_whole, case_effects_whole, case_children_whole;

ALTER TABLE cases ADD PRIMARY KEY (id);
CREATE INDEX cases_applicant ON cases (applicant, id DESC); -- my cases
CREATE INDEX cases_subject ON cases (subject, id DESC) WHERE subject <> applicant;
CREATE INDEX cases_parent ON cases (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX cases_competent ON cases (competent, id DESC); -- an agency's cases
CREATE INDEX cases_receiving ON cases (receiving, id DESC) WHERE receiving <> competent; -- cases that another agency decides
CREATE INDEX cases_open ON cases (competent, id DESC) WHERE closed_at IS NULL; -- filtered by a state
CREATE INDEX cases_open_receiving ON cases (receiving, id DESC) WHERE closed_at IS NULL AND receiving <> competent;
CREATE INDEX cases_decided ON cases (competent, closed_at DESC, id DESC) WHERE closed_at IS NOT NULL;
CREATE INDEX cases_decided_receiving ON cases (receiving, closed_at DESC, id DESC) WHERE closed_at IS NOT NULL AND receiving <> competent;
ALTER TABLE case_bodies ADD PRIMARY KEY (case_id);
CREATE INDEX case_bodies_tokens ON case_bodies USING gin (tokens);
-- That a command is carried out once needs no index: who writes an event has named the revision that they saw, and looked for the command in it.
ALTER TABLE case_events ADD PRIMARY KEY (case_id, seq);
CREATE TRIGGER case_events_append_only BEFORE UPDATE OR DELETE ON case_events FOR EACH ROW EXECUTE FUNCTION forbid_change();
ALTER TABLE case_effects ADD PRIMARY KEY (case_id, seq, idx);
CREATE INDEX case_effects_open ON case_effects (next_at) WHERE status IN (0, 1); -- the reconciler
ALTER TABLE case_children ADD PRIMARY KEY (case_id, slot, gen);
ALTER TABLE case_codes ADD PRIMARY KEY (code);
ALTER TABLE case_once ADD PRIMARY KEY (procedure_id, once_key);
CREATE INDEX case_once_case ON case_once (case_id); -- freed when the case ends
ALTER TABLE case_waits DROP CONSTRAINT case_waits_waits_for_check;

-- +goose Down
ALTER TABLE case_waits ADD CONSTRAINT case_waits_waits_for_check CHECK (waits_for IN ('applicant', 'others'));
CREATE TABLE cases_whole (LIKE cases INCLUDING DEFAULTS) WITH (fillfactor = 80);
ALTER TABLE cases_whole ADD COLUMN once_key text;
CREATE TABLE case_bodies_whole (LIKE case_bodies INCLUDING DEFAULTS);
CREATE TABLE case_events_whole (LIKE case_events INCLUDING DEFAULTS);
CREATE TABLE case_effects_whole (LIKE case_effects INCLUDING DEFAULTS);
CREATE TABLE case_children_whole (LIKE case_children INCLUDING DEFAULTS);
INSERT INTO cases_whole SELECT c.*, o.once_key FROM cases c LEFT JOIN case_once o ON o.case_id = c.id;
INSERT INTO case_bodies_whole SELECT * FROM case_bodies;
INSERT INTO case_events_whole SELECT * FROM case_events;
INSERT INTO case_effects_whole SELECT * FROM case_effects;
INSERT INTO case_children_whole SELECT * FROM case_children;
DROP TABLE cases, case_bodies, case_events, case_effects, case_children, case_codes, case_once, case_months;
DROP FUNCTION make_case_month, make_case_range, case_month_made, first_id;
ALTER TABLE cases_whole RENAME TO cases;
ALTER TABLE case_bodies_whole RENAME TO case_bodies;
ALTER TABLE case_events_whole RENAME TO case_events;
ALTER TABLE case_effects_whole RENAME TO case_effects;
ALTER TABLE case_children_whole RENAME TO case_children;
ALTER TABLE cases ADD PRIMARY KEY (id), ADD CHECK (revision > 0), ADD CHECK (fee >= 0), ADD CHECK ((closed_at IS NULL) = (outcome IS NULL));
CREATE UNIQUE INDEX cases_code ON cases (code);
CREATE INDEX cases_applicant ON cases (applicant, id DESC);
CREATE INDEX cases_subject ON cases (subject, id DESC) WHERE subject <> applicant;
CREATE INDEX cases_parent ON cases (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX cases_competent ON cases (competent, id DESC);
CREATE INDEX cases_receiving ON cases (receiving, id DESC) WHERE receiving <> competent;
CREATE INDEX cases_open ON cases (competent, id DESC) WHERE closed_at IS NULL;
CREATE INDEX cases_open_receiving ON cases (receiving, id DESC) WHERE closed_at IS NULL AND receiving <> competent;
CREATE INDEX cases_decided ON cases (competent, closed_at DESC, id DESC) WHERE closed_at IS NOT NULL;
CREATE INDEX cases_decided_receiving ON cases (receiving, closed_at DESC, id DESC) WHERE closed_at IS NOT NULL AND receiving <> competent;
CREATE UNIQUE INDEX cases_once ON cases (procedure_id, once_key) WHERE closed_at IS NULL AND once_key IS NOT NULL;
ALTER TABLE case_bodies ADD PRIMARY KEY (case_id), ADD FOREIGN KEY (case_id) REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX case_bodies_tokens ON case_bodies USING gin (tokens);
ALTER TABLE case_events ADD PRIMARY KEY (case_id, seq), ADD UNIQUE (case_id, command_id, hop), ADD CHECK (seq > 0);
CREATE TRIGGER case_events_append_only BEFORE UPDATE OR DELETE ON case_events FOR EACH ROW EXECUTE FUNCTION forbid_change();
ALTER TABLE case_effects ADD PRIMARY KEY (case_id, seq, idx), ADD CHECK (status BETWEEN 0 AND 5), ADD CHECK ((status IN (0, 1)) = (next_at IS NOT NULL));
CREATE INDEX case_effects_open ON case_effects (next_at) WHERE status IN (0, 1);
ALTER TABLE case_children ADD PRIMARY KEY (case_id, slot, gen);
