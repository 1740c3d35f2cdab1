-- +goose Up

-- The second wall. The program works as hoso_app, which owns nothing of ours, passes no row-level security, and may not
-- rewrite history; what it reads on behalf of a person it reads as hoso_reader, which sees through policies alone, so that a
-- forgotten WHERE shows nothing. Migrations run as the owner. Roles belong to the server, so another database may have
-- made them, and undoing this migration leaves them.
--
-- HOW A TABLE IS GRANTED. Each table says in its comment what the program may do with it and what a reader sees of it:
--
--	COMMENT ON TABLE incidents IS 'rights: work; seen: nobody';
--
-- rights  work                     SELECT, INSERT, UPDATE, DELETE
--         append                   SELECT and INSERT: never changed, never removed
--         append, update (a, b)    the same, and these columns may be filled in
--         read                     SELECT
--         …, readers append        and whoever reads on behalf of a person may add a row: the log of reads
-- seen    nobody                   a reader has no right to the table
--         all                      it holds nothing of anybody
--         sees_case(case_id)       the rows of a case that the reader sees: a function, which asks cases, whose policy says it
--         any other condition of a row
--
-- A partition has the rights of its table. protect_table(regclass) applies the comment; it may be called any number of
-- times, and does nothing dear when nothing has changed. After the last migration, whatever its number, protect_tables()
-- applies all of them; whoever makes a table later than that (the partitions of a month) calls protect_table. A table
-- without such a comment has the rights of work and is seen by nobody; a test of package postgres finds it.

-- +goose StatementBegin
DO $$
DECLARE
	wanted text;
BEGIN
	FOREACH wanted IN ARRAY ARRAY['hoso_app', 'hoso_reader'] LOOP
		IF EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
			CONTINUE;
		END IF;
		BEGIN
			EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', wanted);
		EXCEPTION
			WHEN duplicate_object OR unique_violation THEN NULL; -- another database was quicker
			WHEN insufficient_privilege THEN
				RAISE EXCEPTION 'the role % is missing and % may not make it', wanted, current_user USING ERRCODE = 'insufficient_privilege',
					HINT = format('As a superuser: CREATE ROLE hoso_app NOLOGIN NOINHERIT; CREATE ROLE hoso_reader NOLOGIN NOINHERIT; GRANT hoso_reader TO hoso_app; GRANT hoso_app TO %I', current_user);
		END;
	END LOOP;
	-- Who makes the schema may act as the program; other logins are granted hoso_app by their administrator.
	BEGIN
		IF NOT EXISTS (SELECT FROM pg_auth_members WHERE roleid = 'hoso_reader'::regrole AND member = 'hoso_app'::regrole) THEN
			GRANT hoso_reader TO hoso_app;
		END IF;
		IF NOT EXISTS (SELECT FROM pg_auth_members WHERE roleid = 'hoso_app'::regrole AND member = current_user::regrole) THEN
			EXECUTE format('GRANT hoso_app TO %I', current_user);
		END IF;
	EXCEPTION WHEN unique_violation OR internal_error THEN NULL; -- another database was quicker
	END;
END $$;
-- +goose StatementEnd

GRANT USAGE ON SCHEMA public TO hoso_app, hoso_reader;

-- Who reads, in the transaction of the read: the citizen's personal number, or the agencies whose cases an officer may see.
CREATE FUNCTION reader_citizen() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
	AS 'SELECT nullif(current_setting(''hoso.citizen'', true), '''')';
CREATE FUNCTION reader_agencies() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
	AS 'SELECT coalesce(nullif(current_setting(''hoso.agencies'', true), ''''), ''{}'')::text[]';

-- sees_case tells whether the reader sees a case. In a language of its own, so that a statement which reads five tables of
-- cases is not planned with five more looks into every month: that took the planner a hundred times as long as the statement.
-- +goose StatementBegin
CREATE FUNCTION sees_case(of uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
	RETURN EXISTS (SELECT FROM public.cases c WHERE c.id = of);
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION protect_table(t regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	root   regclass := coalesce(pg_partition_root(t), t);
	note   text[]   := regexp_match(coalesce(obj_description(root, 'pg_class'), ''), 'rights: ([^;]+); seen: (.+)$');
	rights text     := replace(coalesce(note[1], 'work'), ', readers append', '');
	seen   text     := regexp_replace(coalesce(note[2], 'nobody'), '\msees_case\(', 'public.sees_case(', 'g');
	told   text;
	secure boolean;
BEGIN
	EXECUTE format('REVOKE ALL ON %s FROM hoso_app, hoso_reader', t);
	CASE
		WHEN rights = 'work' THEN EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO hoso_app', t);
		WHEN rights = 'append' THEN EXECUTE format('GRANT SELECT, INSERT ON %s TO hoso_app', t);
		WHEN rights ~ '^append, update \([a-z_, ]+\)$' THEN EXECUTE format('GRANT SELECT, INSERT, %s ON %s TO hoso_app', upper(substring(rights FROM 'update')) || substring(rights FROM ' \(.+$'), t);
		WHEN rights = 'read' THEN EXECUTE format('GRANT SELECT ON %s TO hoso_app', t);
		ELSE RAISE EXCEPTION 'table %: there are no rights named %', t, rights;
	END CASE;
	IF note[1] LIKE '%, readers append' THEN
		EXECUTE format('GRANT INSERT ON %s TO hoso_reader', t);
	END IF;
	IF seen <> 'nobody' THEN
		EXECUTE format('GRANT SELECT ON %s TO hoso_reader', t);
	END IF;
	SELECT c.relrowsecurity, obj_description(p.oid, 'pg_policy') INTO secure, told
	FROM pg_class c
	LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = 'seen'
	WHERE c.oid = t;
	-- These lock the table, so they are done once.
	IF seen IN ('nobody', 'all') THEN
		IF secure THEN
			EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', t);
		END IF;
		RETURN;
	END IF;
	IF told IS DISTINCT FROM seen THEN
		EXECUTE format('DROP POLICY IF EXISTS work ON %s', t);
		EXECUTE format('DROP POLICY IF EXISTS seen ON %s', t);
		EXECUTE format('CREATE POLICY work ON %s TO hoso_app USING (true) WITH CHECK (true)', t);
		EXECUTE format('CREATE POLICY seen ON %s FOR SELECT TO hoso_reader USING (%s)', t, seen);
		EXECUTE format('COMMENT ON POLICY seen ON %s IS %L', t, seen);
	END IF;
	IF NOT secure THEN
		EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
	END IF;
END $$;
-- +goose StatementEnd

-- Applies what all comments say. River's tables are the program's own: its client rebuilds their indexes. They hold the
-- names of effects and nothing of anybody; a reader has no right to them.
-- +goose StatementBegin
CREATE FUNCTION protect_tables() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	t regclass;
BEGIN
	FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname LOOP
		PERFORM protect_table(t);
	END LOOP;
	GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO hoso_app;
	IF to_regnamespace('river') IS NOT NULL THEN
		GRANT USAGE, CREATE ON SCHEMA river TO hoso_app;
		FOR t IN SELECT oid FROM pg_class WHERE relnamespace = to_regnamespace('river') AND relkind IN ('r', 'p') AND relowner <> 'hoso_app'::regrole LOOP
			EXECUTE format('ALTER TABLE %s OWNER TO hoso_app', t);
		END LOOP;
	END IF;
END $$;
-- +goose StatementEnd

-- The partitions of a new month are protected as their tables are.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION case_month_made(parent regclass, partition regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM protect_table(partition);
	IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = parent AND tgname = 'append_only_truncate') THEN
		PERFORM protect_append_only(partition);
	END IF;
END $$;
-- +goose StatementEnd

COMMENT ON TABLE goose_db_version IS 'rights: read; seen: nobody';
COMMENT ON TABLE units IS 'rights: read; seen: all';
COMMENT ON TABLE agencies IS 'rights: read; seen: all';
COMMENT ON TABLE officers IS 'rights: read; seen: all';
COMMENT ON TABLE officer_roles IS 'rights: read; seen: all';
COMMENT ON TABLE definitions IS 'rights: append; seen: all';
COMMENT ON TABLE sessions IS 'rights: work; seen: nobody';
COMMENT ON TABLE sign_ins IS 'rights: work; seen: nobody';

COMMENT ON TABLE access_log IS 'rights: append, update (seq, prev_hash, hash), readers append; seen: nobody';
COMMENT ON TABLE access_seals IS 'rights: append; seen: nobody';

COMMENT ON TABLE residents IS 'rights: work; seen: nobody';
COMMENT ON TABLE identity_documents IS 'rights: work; seen: nobody';
COMMENT ON TABLE residences IS 'rights: work; seen: nobody';
COMMENT ON TABLE households IS 'rights: work; seen: nobody';
COMMENT ON TABLE household_members IS 'rights: work; seen: nobody';
COMMENT ON TABLE number_prefixes IS 'rights: work; seen: nobody';
COMMENT ON TABLE resident_changes IS 'rights: append; seen: nobody';

COMMENT ON TABLE drafts IS 'rights: work; seen: owner = (SELECT reader_citizen())';
COMMENT ON TABLE case_numbers IS 'rights: work; seen: nobody';
COMMENT ON TABLE filing_keys IS 'rights: append; seen: nobody';
COMMENT ON TABLE document_numbers IS 'rights: work; seen: nobody';
COMMENT ON TABLE document_register IS 'rights: append; seen: nobody';

-- The one predicate: package cases has it as seesSQL and as maySee, and a test holds the three together.
COMMENT ON TABLE cases IS 'rights: work; seen: applicant = (SELECT reader_citizen()) OR subject = (SELECT reader_citizen()) OR competent = ANY ((SELECT reader_agencies())::text[]) OR receiving = ANY ((SELECT reader_agencies())::text[])';
-- Rows that are listed by the thousand carry the case's agencies; the case itself is asked for the others.
COMMENT ON TABLE case_tasks IS 'rights: work; seen: agency = ANY ((SELECT reader_agencies())::text[]) OR sees_case(case_id)';
COMMENT ON TABLE case_waits IS 'rights: work; seen: competent = ANY ((SELECT reader_agencies())::text[]) OR receiving = ANY ((SELECT reader_agencies())::text[]) OR sees_case(case_id)';
COMMENT ON TABLE case_bodies IS 'rights: work; seen: sees_case(case_id)';
COMMENT ON TABLE case_events IS 'rights: append; seen: sees_case(case_id)';
COMMENT ON TABLE case_effects IS 'rights: work; seen: sees_case(case_id)';
COMMENT ON TABLE case_timers IS 'rights: work; seen: sees_case(case_id)';
COMMENT ON TABLE case_children IS 'rights: work; seen: sees_case(case_id)';
COMMENT ON TABLE case_files IS 'rights: work; seen: sees_case(owner_id) OR EXISTS (SELECT FROM drafts d WHERE d.id = owner_id)';
COMMENT ON TABLE case_documents IS 'rights: work; seen: sees_case(case_id)';
COMMENT ON TABLE case_judgements IS 'rights: work; seen: sees_case(case_id)';
COMMENT ON TABLE case_handovers IS 'rights: append; seen: sees_case(case_id)';
COMMENT ON TABLE case_payments IS 'rights: work; seen: sees_case(case_id)';
COMMENT ON TABLE case_amendments IS 'rights: work; seen: sees_case(case_id)';
COMMENT ON TABLE payment_events IS 'rights: append; seen: nobody';
COMMENT ON TABLE notices IS 'rights: work; seen: to_whom = (SELECT reader_citizen()) OR cardinality((SELECT reader_agencies())) > 0 AND sees_case(case_id)';

-- Tables of the migrations just before, where they have not said it themselves.
-- +goose StatementBegin
DO $$
DECLARE
	one text[];
BEGIN
	FOREACH one SLICE 1 IN ARRAY ARRAY[
		['case_codes', 'rights: append; seen: all'], -- a code and an id: of use to nobody who does not see the case
		['case_months', 'rights: read; seen: nobody'],
		['case_once', 'rights: work; seen: nobody'],
		['case_effect_attempts', 'rights: append, update (ended_at, result, detail); seen: sees_case(case_id)'],
		['incidents', 'rights: work; seen: agency = ANY ((SELECT reader_agencies())::text[]) OR receiving = ANY ((SELECT reader_agencies())::text[])'],
		['peers', 'rights: work; seen: all'],
		['peer_events', 'rights: append; seen: nobody'],
		['calendar_revisions', 'rights: append; seen: all'],
		['case_clocks', 'rights: work; seen: sees_case(case_id)'],
		['case_escalations', 'rights: work; seen: sees_case(case_id)'],
		['message_outbox', 'rights: work; seen: nobody'],
		['message_inbox', 'rights: append; seen: nobody'],
		['message_refusals', 'rights: work; seen: nobody']
	] LOOP
		IF to_regclass(one[1]) IS NOT NULL AND obj_description(to_regclass(one[1]), 'pg_class') IS NULL THEN
			EXECUTE format('COMMENT ON TABLE %I IS %L', one[1], one[2]);
		END IF;
	END LOOP;
END $$;
-- +goose StatementEnd

SELECT protect_tables();

REVOKE EXECUTE ON FUNCTION protect_table(regclass), protect_tables() FROM PUBLIC;

-- +goose Down
-- +goose StatementBegin
DO $$
DECLARE
	t regclass;
	p record;
BEGIN
	FOR p IN SELECT polrelid::regclass AS t, polname FROM pg_policy LOOP
		EXECUTE format('DROP POLICY %I ON %s', p.polname, p.t);
	END LOOP;
	FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') LOOP
		EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', t);
		EXECUTE format('REVOKE ALL ON %s FROM hoso_app, hoso_reader', t);
	END LOOP;
	REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM hoso_app;
	REVOKE ALL ON SCHEMA public FROM hoso_app, hoso_reader;
END $$;
-- +goose StatementEnd
CREATE OR REPLACE FUNCTION case_month_made(parent regclass, partition regclass) RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$;
DROP FUNCTION protect_tables();
DROP FUNCTION protect_table(regclass);
DROP FUNCTION sees_case(uuid);
DROP FUNCTION reader_agencies();
DROP FUNCTION reader_citizen();
