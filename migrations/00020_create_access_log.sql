-- +goose Up

-- Who read whose data, when, why and by what right. Written in the transaction of the read, never changed, never deleted.
-- The last three columns are filled once, by the sealing step some seconds later, and make the log a hash chain.
CREATE TABLE access_log (
	id             uuid PRIMARY KEY, -- version 7: ordered by time
	at             timestamptz NOT NULL,
	reader_kind    text NOT NULL CHECK (reader_kind IN ('citizen', 'officer', 'system')),
	reader         text NOT NULL, -- personal number, officer id, or name of a job
	agency         text NOT NULL DEFAULT '', -- of the officer; empty: a citizen or the system
	subject_number text NOT NULL, -- whose data were read, or asked for and not found
	case_code      text, -- NULL: no case yet (a draft) or no case at all
	purpose        text NOT NULL CHECK (purpose <> ''), -- as the citizen reads it
	basis          text NOT NULL CHECK (basis <> ''), -- self, guardian, household, consent, or law: …
	fields         text[] NOT NULL, -- names of the data that were given out
	seq            bigint, -- place in the chain; NULL: not sealed yet
	prev_hash      bytea, -- hash of the entry before; NULL: not sealed yet
	hash           bytea, -- over prev_hash and all other columns; NULL: not sealed yet
	CHECK ((seq IS NULL) = (hash IS NULL) AND (seq IS NULL) = (prev_hash IS NULL))
);
CREATE INDEX access_log_subject ON access_log (subject_number, id DESC); -- the citizen's page
CREATE UNIQUE INDEX access_log_seq ON access_log (seq) WHERE seq IS NOT NULL; -- the head of the chain, and its check
CREATE INDEX access_log_unsealed ON access_log (id) WHERE seq IS NULL; -- what the next sealing takes

-- One row a sealing step: the head of the chain as it was then. The last of a day is the root that is published.
CREATE TABLE access_seals (
	seq  bigint PRIMARY KEY, -- of the last entry sealed
	at   timestamptz NOT NULL,
	rows int NOT NULL CHECK (rows > 0),
	hash bytea NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION '% on % is refused: the table is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION access_log_seal_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	sealed access_log := OLD;
BEGIN
	sealed.seq := NEW.seq;
	sealed.prev_hash := NEW.prev_hash;
	sealed.hash := NEW.hash;
	IF OLD.seq IS NOT NULL OR NEW.seq IS NULL OR sealed IS DISTINCT FROM NEW THEN
		RAISE EXCEPTION 'UPDATE on access_log is refused: an entry is sealed once and never changed' USING ERRCODE = 'restrict_violation';
	END IF;
	RETURN NEW;
END $$;
-- +goose StatementEnd

CREATE TRIGGER access_log_update BEFORE UPDATE ON access_log FOR EACH ROW EXECUTE FUNCTION access_log_seal_only();
CREATE TRIGGER access_log_delete BEFORE DELETE ON access_log FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_log_truncate BEFORE TRUNCATE ON access_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_seals_change BEFORE UPDATE OR DELETE ON access_seals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_seals_truncate BEFORE TRUNCATE ON access_seals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE access_seals;
DROP TABLE access_log;
DROP FUNCTION access_log_seal_only();
DROP FUNCTION refuse_change();
