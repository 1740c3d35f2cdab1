-- +goose Up
-- How many cases agencies have in all, and how many of them have ended, so that a list says how many it has without going through
-- them. Whoever writes a case, the trigger counts it, a node of the release before as well; it leaves one row when a case is filed
-- and one when it ends, without an index and without waiting for anybody. A job adds them up every few seconds: what is true now is
-- the sum of both tables. Months that are detached are counted out, and in again when they are attached (package archive).
CREATE TABLE case_total_deltas (
	competent    text NOT NULL,
	receiving    text NOT NULL,
	procedure_id text NOT NULL,
	filed        int NOT NULL,
	ended        int NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE TABLE case_totals (
	competent    text NOT NULL,
	receiving    text NOT NULL,
	procedure_id text NOT NULL,
	filed        bigint NOT NULL,
	ended        bigint NOT NULL,
	PRIMARY KEY (competent, receiving, procedure_id)
) WITH (fillfactor = 50);
CREATE INDEX case_totals_receiving ON case_totals (receiving) WHERE receiving <> competent;
COMMENT ON TABLE case_total_deltas IS 'rights: work; seen: competent = ANY ((SELECT reader_agencies())::text[]) OR receiving = ANY ((SELECT reader_agencies())::text[])';
COMMENT ON TABLE case_totals IS 'rights: work; seen: competent = ANY ((SELECT reader_agencies())::text[]) OR receiving = ANY ((SELECT reader_agencies())::text[])';

-- +goose StatementBegin
CREATE FUNCTION count_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO public.case_total_deltas (competent, receiving, procedure_id, filed, ended)
	VALUES (NEW.competent, NEW.receiving, NEW.procedure_id, (TG_OP = 'INSERT')::int,
		CASE WHEN NEW.closed_at IS NOT NULL THEN 1 WHEN TG_OP = 'UPDATE' THEN -1 ELSE 0 END);
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER counted_when_filed AFTER INSERT ON cases FOR EACH ROW EXECUTE FUNCTION count_case();
CREATE TRIGGER counted_when_ended AFTER UPDATE OF closed_at ON cases FOR EACH ROW
	WHEN ((OLD.closed_at IS NULL) <> (NEW.closed_at IS NULL)) EXECUTE FUNCTION count_case();

-- recount_cases makes all figures of agencies anew, should they be wrong; nobody files or decides meanwhile.
-- +goose StatementBegin
CREATE FUNCTION recount_cases() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	LOCK TABLE cases IN SHARE MODE;
	DELETE FROM case_count_deltas;
	DELETE FROM case_counts;
	DELETE FROM case_total_deltas;
	DELETE FROM case_totals;
	INSERT INTO case_counts (competent, receiving, procedure_id, state, waits, n)
	SELECT agency, agency, procedure_id, state, '', count(*) FROM case_tasks GROUP BY agency, procedure_id, state
	UNION ALL
	SELECT competent, receiving, procedure_id, state, waits_for, count(*) FROM case_waits GROUP BY competent, receiving, procedure_id, state, waits_for;
	INSERT INTO case_totals (competent, receiving, procedure_id, filed, ended)
	SELECT competent, receiving, procedure_id, count(*), count(closed_at) FROM cases GROUP BY competent, receiving, procedure_id;
END $$;
-- +goose StatementEnd
SELECT recount_cases();

-- +goose Down
DROP TRIGGER counted_when_filed ON cases;
DROP TRIGGER counted_when_ended ON cases;
DROP FUNCTION recount_cases();
DROP FUNCTION count_case();
DROP TABLE case_totals, case_total_deltas;
