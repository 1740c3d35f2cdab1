-- +goose Up
-- How many open cases agencies have in each state, so that a home page counts nothing. A step adds one row for the state that it
-- leaves and one for the state that it enters, without an index and without waiting for anybody; a job adds them up every few
-- seconds. What is true now is the sum of both tables.
CREATE TABLE case_count_deltas (
	competent    text NOT NULL, -- of a task: the agency that has it; else as the case says
	receiving    text NOT NULL, -- of a task: the same again
	procedure_id text NOT NULL,
	state        text NOT NULL,
	waits        text NOT NULL, -- whom cases in the state wait for: applicant, others; empty: they are tasks
	d            int NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE TABLE case_counts (
	competent    text NOT NULL,
	receiving    text NOT NULL,
	procedure_id text NOT NULL,
	state        text NOT NULL,
	waits        text NOT NULL,
	n            bigint NOT NULL,
	PRIMARY KEY (competent, receiving, procedure_id, state, waits)
) WITH (fillfactor = 50);
CREATE INDEX case_counts_receiving ON case_counts (receiving) WHERE receiving <> competent;
INSERT INTO case_counts
SELECT agency, agency, procedure_id, state, '', count(*) FROM case_tasks GROUP BY agency, procedure_id, state
UNION ALL
SELECT competent, receiving, procedure_id, state, waits_for, count(*) FROM case_waits GROUP BY competent, receiving, procedure_id, state, waits_for;
COMMENT ON TABLE case_count_deltas IS 'rights: work; seen: competent = ANY ((SELECT reader_agencies())::text[]) OR receiving = ANY ((SELECT reader_agencies())::text[])';
COMMENT ON TABLE case_counts IS 'rights: work; seen: competent = ANY ((SELECT reader_agencies())::text[]) OR receiving = ANY ((SELECT reader_agencies())::text[])';
-- +goose Down
DROP TABLE case_counts, case_count_deltas;
