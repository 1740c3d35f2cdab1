-- +goose Up

-- Every attempt at an effect. The row is written by the statement that claims the effect, so it is committed before anybody is
-- called; it is ended by the statement that writes down what came of it. Never changed after that.
CREATE TABLE case_effect_attempts (
	case_id    uuid NOT NULL,
	seq        int NOT NULL,
	idx        smallint NOT NULL,
	n          smallint NOT NULL, -- 1, 2, 3 … without gaps, also after an operator's retry: case_effects.attempts is the last
	started_at timestamptz NOT NULL,
	ended_at   timestamptz, -- NULL: under way, and case_effects.status is 1
	result     text, -- NULL: under way; else one of
		-- done, refused: final, the effect has status 2 or 3
		-- waiting: the peer answered that it is on its way (a payment that nobody has made yet)
		-- transient: not done, tried again. ambiguous: may have been done, looked for or repeated with the same key
		-- permanent: no later attempt can succeed, the effect has status 4
		-- lost: the worker did not come back within its lease, or the effect was taken from it; what it does late changes nothing
	detail     text, -- NULL: nothing to say; else what went wrong, as it was answered
	PRIMARY KEY (case_id, seq, idx, n)
) PARTITION BY RANGE (case_id); -- by month, as case_effects
COMMENT ON TABLE case_effect_attempts IS 'rights: append, update (ended_at, result, detail); seen: sees_case(case_id)';
SELECT make_case_range(suffix, first, past) FROM case_months;

ALTER TABLE case_effects
	ADD COLUMN failures  smallint NOT NULL DEFAULT 0, -- failed attempts in a row since the last answer or operator's retry: the pause follows from it
	ADD COLUMN ambiguous boolean NOT NULL DEFAULT false, -- true: an attempt may have been carried out and nobody knows; open until an answer says so
	ADD COLUMN troubled_since timestamptz, -- NULL: nothing keeps it; else since when attempts fail or its peer is unavailable
	ADD COLUMN waits_for text; -- NULL: it waits for no breaker; else the name in peers whose breaker is open: it is not attempted meanwhile

-- Attempts made before they were written down: as many as were counted, the last with what is known of it.
UPDATE case_effects SET attempts = greatest(attempts, 1), receipt = coalesce(receipt, '{}') WHERE status IN (2, 3);
INSERT INTO case_effect_attempts (case_id, seq, idx, n, started_at, ended_at, result, detail)
SELECT e.case_id, e.seq, e.idx, n, e.created_at, CASE WHEN n = e.attempts AND e.status = 1 THEN NULL ELSE coalesce(e.done_at, e.created_at) END,
	CASE WHEN n < e.attempts THEN 'transient' ELSE (ARRAY['transient', NULL, 'done', 'refused', 'permanent', 'lost'])[e.status + 1] END, e.error
FROM case_effects e, generate_series(1, e.attempts) AS n;

CREATE INDEX case_effects_waiting ON case_effects (waits_for, failures, next_at) WHERE waits_for IS NOT NULL AND status = 0;
CREATE INDEX case_effects_troubled ON case_effects (troubled_since) WHERE troubled_since IS NOT NULL AND status IN (0, 1);

-- Effects that somebody has to know of. Opened at once by a permanent failure, else by the sixth failure or after an hour of
-- trouble, while attempts go on. At most one is open for an effect. One that was retried and fails again opens a new one.
CREATE TABLE incidents (
	id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	case_id    uuid NOT NULL,
	seq        int NOT NULL,
	idx        smallint NOT NULL,
	kind       text NOT NULL CHECK (kind IN ('failing', 'ambiguous', 'unavailable', 'permanent', 'given-up', 'passed', 'manual')),
		-- failing: attempts fail and go on. ambiguous: as failing, and it may have been done. unavailable: it waits for a breaker
		-- permanent: cannot succeed. given-up: its time is over. passed: the case went on without it, it was not done
		-- manual: the peer has neither key nor look-up, a person has to do it
		-- An effect with an open incident has status 0 or 1 (the first three) or 4 (the others).
	code       text NOT NULL, -- of the case
	agency     text NOT NULL, -- owner: the case's competent agency
	receiving  text NOT NULL, -- the case's receiving agency, whose operators see it too
	peer       text NOT NULL, -- as in peers; empty: our own house
	type       text NOT NULL, -- of the effect
	name       text NOT NULL, -- of the effect
	opened_at  timestamptz NOT NULL,
	closed_at  timestamptz, -- NULL: open
	closed_by  text,        -- NULL: open; system: the effect was done or refused after all; else the operator's id
	closed_how text CHECK (closed_how IN ('done', 'refused', 'retried', 'written-off')), -- NULL: open
	detail     text NOT NULL DEFAULT '', -- the last failure as it was answered
	CHECK ((closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (closed_how IS NULL))
);
COMMENT ON TABLE incidents IS 'rights: work; seen: agency = ANY ((SELECT reader_agencies())::text[]) OR receiving = ANY ((SELECT reader_agencies())::text[])';
CREATE UNIQUE INDEX incidents_one_open ON incidents (case_id, seq, idx) WHERE closed_at IS NULL;
CREATE INDEX incidents_of_effect ON incidents (case_id, seq, idx);
CREATE INDEX incidents_open ON incidents (peer, opened_at, id) WHERE closed_at IS NULL;

-- Whom effects lead to, by the name of their line: registry_land, payments, notices. All worker nodes share the breaker. A peer
-- that never failed may have no row.
CREATE TABLE peers (
	name          text PRIMARY KEY,
	failures      int NOT NULL DEFAULT 0, -- transient or ambiguous ones in a row, over all effects
	failing_since timestamptz, -- NULL: the last call got an answer; else the first failure of the row
	opened_at     timestamptz, -- NULL: the breaker is closed; else when it opened. Names the outage
	probe_at      timestamptz, -- NULL: the breaker is closed; else when the next single attempt may be made
	last_ok       timestamptz, -- NULL: no answer yet; to the minute
	last_error    text,        -- NULL: never failed; else unavailable, ambiguous
	CHECK ((opened_at IS NULL) = (probe_at IS NULL)),
	CHECK ((failures = 0) = (failing_since IS NULL)),
	CHECK (opened_at IS NULL OR failures > 0)
);
COMMENT ON TABLE peers IS 'rights: work; seen: all';

-- What became of breakers, for good.
CREATE TABLE peer_events (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	peer       text NOT NULL,
	event      text NOT NULL CHECK (event IN ('opened', 'closed', 'resumed')), -- resumed: an operator had the peer tried at once
	at         timestamptz NOT NULL,
	actor      text NOT NULL, -- system, or the operator's id
	actor_name text NOT NULL,
	reason     text NOT NULL DEFAULT ''
);
COMMENT ON TABLE peer_events IS 'rights: append; seen: all';
CREATE INDEX peer_events_peer ON peer_events (peer, id);
CREATE TRIGGER peer_events_append_only BEFORE UPDATE OR DELETE ON peer_events FOR EACH ROW EXECUTE FUNCTION forbid_change();

ALTER TABLE notices ADD COLUMN sent_by text; -- NULL: in the portal only, or not sent yet; else e-mail, e-mail-unconfirmed, sms, none

-- +goose Down
ALTER TABLE notices DROP COLUMN sent_by;
DROP TABLE peer_events, peers, incidents, case_effect_attempts;
DROP INDEX case_effects_troubled, case_effects_waiting;
ALTER TABLE case_effects DROP COLUMN waits_for, DROP COLUMN troubled_since, DROP COLUMN ambiguous, DROP COLUMN failures;
