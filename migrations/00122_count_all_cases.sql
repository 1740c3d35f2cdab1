-- +goose Up
-- The figures of agencies count all their cases and those that have ended, too: a list says how many it has without going through
-- them. Both have no state; they are changed when a case is filed, when it ends, and when its month is detached or attached again.
COMMENT ON COLUMN case_count_deltas.waits IS 'whom cases in the state wait for: applicant, others; empty: they are tasks. all, ended: of every state, which is empty';
-- recount_cases makes the figures anew; nobody files or decides meanwhile.
-- +goose StatementBegin
CREATE FUNCTION recount_cases() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	LOCK TABLE cases IN SHARE MODE;
	DELETE FROM case_count_deltas;
	DELETE FROM case_counts;
	INSERT INTO case_counts (competent, receiving, procedure_id, state, waits, n)
	SELECT agency, agency, procedure_id, state, '', count(*) FROM case_tasks GROUP BY agency, procedure_id, state
	UNION ALL
	SELECT competent, receiving, procedure_id, state, waits_for, count(*) FROM case_waits GROUP BY competent, receiving, procedure_id, state, waits_for
	UNION ALL
	SELECT competent, receiving, procedure_id, '', kind, count(*)
	FROM cases, unnest(CASE WHEN closed_at IS NULL THEN '{all}' ELSE '{all,ended}'::text[] END) AS kind
	GROUP BY competent, receiving, procedure_id, kind;
END $$;
-- +goose StatementEnd
SELECT recount_cases();
-- +goose Down
DROP FUNCTION recount_cases();
DELETE FROM case_counts WHERE waits IN ('all', 'ended');
DELETE FROM case_count_deltas WHERE waits IN ('all', 'ended');
