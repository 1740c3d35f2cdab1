-- +goose Up

-- What is appended and never changed is guarded in one way: protect_append_only gives a table its triggers. Triggers for rows are
-- cloned to partitions, those for TRUNCATE are not: case_month_made calls this for each new partition. It may be called again.

-- +goose StatementBegin
CREATE FUNCTION protect_append_only(t regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	is_partition boolean := (SELECT relispartition FROM pg_class WHERE oid = t);
BEGIN
	EXECUTE format('CREATE OR REPLACE TRIGGER append_only_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', t);
	IF is_partition THEN
		RETURN; -- the parent's triggers for rows hold here
	END IF;
	EXECUTE format('CREATE OR REPLACE TRIGGER append_only_delete BEFORE DELETE ON %s FOR EACH ROW EXECUTE FUNCTION refuse_change()', t);
	IF t <> 'case_events'::regclass THEN -- which has a rule of its own for the erasure of an input
		EXECUTE format('CREATE OR REPLACE TRIGGER append_only_update BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION refuse_change()', t);
	END IF;
END $$;
-- +goose StatementEnd

-- The chain of a case covers the hash of an event's input, not the input: it may be erased, and the chain still holds.
ALTER TABLE case_events
	ADD COLUMN input_hash bytea, -- SHA-256 of the bytes of input; NULL: written before the column was, and not erased
	ADD COLUMN erased_at timestamptz; -- when the input was replaced by {}; NULL: it is as it was written

-- The one change that an event allows: UPDATE case_events SET erased_at = now() WHERE … erases the input, once, and nothing else.
-- +goose StatementBegin
CREATE FUNCTION case_events_erase_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	erased case_events := OLD;
BEGIN
	erased.erased_at := NEW.erased_at;
	-- as text: json has no equality
	IF OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL OR erased::text IS DISTINCT FROM NEW::text THEN
		RAISE EXCEPTION 'UPDATE on case_events is refused: an event is never changed, its input may be erased once' USING ERRCODE = 'restrict_violation';
	END IF;
	NEW.input_hash := coalesce(OLD.input_hash, sha256(convert_to(OLD.input::text, 'UTF8')));
	NEW.input := '{}';
	RETURN NEW;
END $$;
-- +goose StatementEnd

DROP TRIGGER case_events_append_only ON case_events;
CREATE TRIGGER append_only_update BEFORE UPDATE ON case_events FOR EACH ROW EXECUTE FUNCTION case_events_erase_only();
SELECT protect_append_only('case_events');
SELECT protect_append_only(inhrelid) FROM pg_inherits WHERE inhparent = 'case_events'::regclass;

-- +goose Down
DROP TRIGGER append_only_update ON case_events;
DROP TRIGGER append_only_delete ON case_events;
DROP TRIGGER append_only_truncate ON case_events;
-- +goose StatementBegin
DO $$
DECLARE
	part regclass;
BEGIN
	FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'case_events'::regclass LOOP
		EXECUTE format('DROP TRIGGER append_only_truncate ON %s', part);
	END LOOP;
END $$;
-- +goose StatementEnd
CREATE TRIGGER case_events_append_only BEFORE UPDATE OR DELETE ON case_events FOR EACH ROW EXECUTE FUNCTION forbid_change();
DROP FUNCTION case_events_erase_only();
ALTER TABLE case_events DROP COLUMN erased_at, DROP COLUMN input_hash;
DROP FUNCTION protect_append_only(regclass);
