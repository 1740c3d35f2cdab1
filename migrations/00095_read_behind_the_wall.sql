-- +goose Up

-- Behind row-level security a condition serves an index only when it cannot leak what it is given: a comparison of a column
-- can, coalesce and the containment of arrays cannot. So the holder of a task becomes a column, and names are looked up by a
-- function, which gives out nothing but ids.
ALTER TABLE case_tasks ADD COLUMN holder text NOT NULL GENERATED ALWAYS AS (coalesce(assignee, '')) STORED; -- empty: nobody
DROP INDEX case_tasks_queue;
CREATE INDEX case_tasks_queue ON case_tasks (agency, role, holder, due_at, case_id);

-- cases_named finds the newest cases, at most depth for each of the agencies, whose people's names have all the words; at is as
-- package cases writes agencies into tokens, and an empty one stands for any agency.
CREATE FUNCTION cases_named(words text[], at text[], depth int) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 100 AS $$
	SELECT hit.case_id
	FROM unnest(at) AS a (token), LATERAL (
		SELECT b.case_id FROM case_bodies b WHERE b.tokens @> (words || array_remove(ARRAY[a.token], '')) ORDER BY b.case_id DESC LIMIT depth) AS hit
	GROUP BY hit.case_id
$$;

-- +goose Down
DROP FUNCTION cases_named(text[], text[], int);
DROP INDEX case_tasks_queue;
ALTER TABLE case_tasks DROP COLUMN holder;
CREATE INDEX case_tasks_queue ON case_tasks (agency, role, coalesce(assignee, ''), due_at, case_id);
