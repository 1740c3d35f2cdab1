-- +goose Up
-- How many tasks nobody has taken, so that a queue says how many there are without going through them. Triggers count, whoever
-- writes, a node of the release before as well: once for each statement, however many steps it writes. A job adds up what they
-- leave; what is true now is the sum of both tables.
CREATE TABLE task_count_deltas (
	agency       text NOT NULL,
	role         text NOT NULL,
	procedure_id text NOT NULL,
	d            int NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE TABLE task_counts (
	agency       text NOT NULL,
	role         text NOT NULL,
	procedure_id text NOT NULL,
	n            bigint NOT NULL,
	PRIMARY KEY (agency, role, procedure_id)
) WITH (fillfactor = 50);
COMMENT ON TABLE task_count_deltas IS 'rights: work; seen: agency = ANY ((SELECT reader_agencies())::text[])';
COMMENT ON TABLE task_counts IS 'rights: work; seen: agency = ANY ((SELECT reader_agencies())::text[])';

-- +goose StatementBegin
CREATE FUNCTION count_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	CASE TG_OP
		WHEN 'INSERT' THEN
			INSERT INTO public.task_count_deltas (agency, role, procedure_id, d)
			SELECT agency, role, procedure_id, count(*) FROM came WHERE holder = '' GROUP BY agency, role, procedure_id;
		WHEN 'DELETE' THEN
			INSERT INTO public.task_count_deltas (agency, role, procedure_id, d)
			SELECT agency, role, procedure_id, -count(*) FROM went WHERE holder = '' GROUP BY agency, role, procedure_id;
		ELSE
			INSERT INTO public.task_count_deltas (agency, role, procedure_id, d)
			SELECT agency, role, procedure_id, sum(d)
			FROM (SELECT agency, role, procedure_id, 1 AS d FROM came WHERE holder = ''
				UNION ALL SELECT agency, role, procedure_id, -1 FROM went WHERE holder = '') AS moved
			GROUP BY agency, role, procedure_id
			HAVING sum(d) <> 0;
	END CASE;
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER counted_when_opened AFTER INSERT ON case_tasks REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION count_tasks();
CREATE TRIGGER counted_when_changed AFTER UPDATE ON case_tasks REFERENCING OLD TABLE AS went NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION count_tasks();
CREATE TRIGGER counted_when_done AFTER DELETE ON case_tasks REFERENCING OLD TABLE AS went FOR EACH STATEMENT EXECUTE FUNCTION count_tasks();

-- recount_tasks makes these figures anew, should they be wrong; nobody takes a task or decides meanwhile.
-- +goose StatementBegin
CREATE FUNCTION recount_tasks() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	LOCK TABLE case_tasks IN SHARE MODE;
	DELETE FROM task_count_deltas;
	DELETE FROM task_counts;
	INSERT INTO task_counts (agency, role, procedure_id, n)
	SELECT agency, role, procedure_id, count(*) FROM case_tasks WHERE holder = '' GROUP BY agency, role, procedure_id;
END $$;
-- +goose StatementEnd
SELECT recount_tasks();

-- +goose Down
DROP TRIGGER counted_when_opened ON case_tasks;
DROP TRIGGER counted_when_changed ON case_tasks;
DROP TRIGGER counted_when_done ON case_tasks;
DROP FUNCTION recount_tasks();
DROP FUNCTION count_tasks();
DROP TABLE task_counts, task_count_deltas;
