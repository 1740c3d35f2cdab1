-- +goose Up

-- One address of a kind at a time, at an eighth of the cost of one index over all periods: nearly every period is in force
-- and needs no range index. Those in force by a unique index, those that ended among themselves by the exclusion, and one
-- kind against the other by a trigger.
ALTER TABLE residences DROP CONSTRAINT residences_one_at_a_time;
ALTER TABLE residences ADD CONSTRAINT residences_one_at_a_time
	EXCLUDE USING gist ((resident::text::bigint) WITH =, kind WITH =, valid WITH &&) WHERE (NOT upper_inf(valid));
CREATE UNIQUE INDEX residences_in_force ON residences (resident, kind) WHERE upper_inf(valid); -- where a person is registered now

-- +goose StatementBegin
CREATE FUNCTION refuse_overlap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	-- Two changes of one person's addresses wait for one another, so that the second sees the first.
	PERFORM FROM residents WHERE number = NEW.resident FOR NO KEY UPDATE;
	IF EXISTS (SELECT FROM residences r WHERE r.resident = NEW.resident AND r.kind = NEW.kind AND r.valid && NEW.valid AND upper_inf(r.valid) <> upper_inf(NEW.valid)) THEN
		RAISE EXCEPTION 'the periods of two % addresses of one person overlap', NEW.kind USING ERRCODE = 'exclusion_violation', CONSTRAINT = TG_NAME;
	END IF;
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER residences_overlap AFTER INSERT OR UPDATE ON residences FOR EACH ROW EXECUTE FUNCTION refuse_overlap();

-- +goose Down
DROP TRIGGER residences_overlap ON residences;
DROP FUNCTION refuse_overlap;
DROP INDEX residences_in_force;
ALTER TABLE residences DROP CONSTRAINT residences_one_at_a_time;
ALTER TABLE residences ADD CONSTRAINT residences_one_at_a_time
	EXCLUDE USING gist (resident WITH =, kind WITH =, valid WITH &&);
