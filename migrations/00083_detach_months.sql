-- +goose Up
-- Months whose cases are all over and that the rules of retention let go are detached: archived, verified, taken out of the tables of
-- cases, and dropped only when somebody says so. The row of the month stays. Package archive does it.
ALTER TABLE case_months
	ADD COLUMN detached_at timestamptz, -- NULL: in use
	ADD COLUMN manifest bytea CHECK (length(manifest) = 32), -- SHA-256 of the archive's manifest.json; NULL: in use
	ADD COLUMN archived jsonb, -- {"cases", "events"}: how many the archive has; NULL: in use
	ADD COLUMN changed_at timestamptz, -- a row of the month was written while it was being archived; NULL: none was
	ADD CHECK ((detached_at IS NULL) = (manifest IS NULL) AND (detached_at IS NULL) = (archived IS NULL));
-- The partitions of detached months lie here until they are attached again or dropped. Nobody but the owner has a right to them.
CREATE SCHEMA detached;

-- What stays of a case whose month is detached: whose it was, so that they learn that it was archived and nobody else does; by which
-- definition, so that a result can still be verified; and how long it took, so that public figures stay what they were. Rows of a
-- month that is in use were left by a detaching that did not come to its end, and count for nothing.
CREATE TABLE archived_cases (
	case_id      uuid PRIMARY KEY,
	suffix       text NOT NULL, -- of the month
	procedure_id text NOT NULL,
	definition   text NOT NULL,
	applicant    text NOT NULL,
	subject      text NOT NULL,
	receiving    text NOT NULL,
	competent    text NOT NULL,
	filed_at     timestamptz NOT NULL,
	closed_at    timestamptz NOT NULL,
	outcome      text NOT NULL,
	has_term     boolean NOT NULL, -- the legal term had started
	on_time      boolean NOT NULL, -- it ended within its legal term
	total        int NOT NULL, -- hours of office time, as all below
	agency       int NOT NULL,
	citizen      int NOT NULL,
	technical    int NOT NULL,
	rounds       int NOT NULL -- supplement requests
);
CREATE INDEX archived_cases_suffix ON archived_cases (suffix);
CREATE INDEX archived_cases_filed ON archived_cases (filed_at);
CREATE INDEX archived_cases_closed ON archived_cases (closed_at);
COMMENT ON TABLE archived_cases IS 'rights: work; seen: nobody';

-- case_detached tells whether the month of a case is detached.
CREATE FUNCTION case_detached(id uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
	AS 'SELECT EXISTS (SELECT FROM case_months m WHERE m.detached_at IS NOT NULL AND m.first <= $1 AND $1 < m.past)';

-- case_month_changed notes, on the partitions of a month that is being archived, that a row was written; its argument is the suffix.
-- +goose StatementBegin
CREATE FUNCTION case_month_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	UPDATE case_months SET changed_at = clock_timestamp() WHERE suffix = TG_ARGV[0];
	RETURN NULL;
END $$;
-- +goose StatementEnd

-- A detached month gets no new partitions.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION make_case_range(suffix text, first uuid, past uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	parent regclass;
BEGIN
	PERFORM pg_advisory_xact_lock(7165293812350431); -- one makes partitions at a time
	INSERT INTO case_months (suffix, first, past) VALUES (make_case_range.suffix, make_case_range.first, make_case_range.past) ON CONFLICT ON CONSTRAINT case_months_pkey DO NOTHING;
	IF EXISTS (SELECT FROM case_months m WHERE m.suffix = make_case_range.suffix AND m.detached_at IS NOT NULL) THEN
		RETURN;
	END IF;
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

-- +goose Down
DROP SCHEMA detached; -- fails while a detached month lies in it: attach it first
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION make_case_range(suffix text, first uuid, past uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
DROP FUNCTION case_month_changed(), case_detached(uuid);
DROP TABLE archived_cases;
ALTER TABLE case_months DROP COLUMN detached_at, DROP COLUMN manifest, DROP COLUMN archived, DROP COLUMN changed_at;
