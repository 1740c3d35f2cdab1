-- +goose Up
-- The newest cases whose people are called so, as before, but month by month from the newest one, and no further than it takes: of a
-- common name all months together had been gone through for it.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION cases_named(words text[], at text[], depth int) RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 100 AS $$
DECLARE
	month record;
	found int;
	so_far int := 0;
BEGIN
	FOR month IN SELECT suffix FROM case_months WHERE detached_at IS NULL ORDER BY first DESC LOOP
		-- By the name of the partition, and planned for it: by a range of ids PostgreSQL goes through the month's ids instead of the names.
		BEGIN
			RETURN QUERY EXECUTE format('
				SELECT hit.case_id
				FROM unnest($2) AS a (token), LATERAL (
					SELECT b.case_id
					FROM %I b
					WHERE b.tokens @> ($1 || array_remove(ARRAY[a.token], ''''))
					ORDER BY b.case_id DESC
					LIMIT $3) AS hit
				GROUP BY hit.case_id', 'case_bodies_' || month.suffix) USING words, at, depth;
			GET DIAGNOSTICS found = ROW_COUNT;
		EXCEPTION WHEN undefined_table THEN
			found := 0; -- the month was detached this moment
		END;
		so_far := so_far + found;
		EXIT WHEN so_far >= depth;
	END LOOP;
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION cases_named(words text[], at text[], depth int) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 100 AS $$
	SELECT hit.case_id
	FROM unnest(at) AS a (token), LATERAL (
		SELECT b.case_id FROM case_bodies b WHERE b.tokens @> (words || array_remove(ARRAY[a.token], '')) ORDER BY b.case_id DESC LIMIT depth) AS hit
	GROUP BY hit.case_id
$$;
-- +goose StatementEnd
