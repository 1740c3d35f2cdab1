-- +goose Up

-- The revisions of the calendar that a node has started with. A case names the one that its term is counted by, so
-- none is ever removed, and a node that does not carry a revision reads it here.
CREATE TABLE calendar_revisions (
	calendar   text NOT NULL, -- vn-state-offices
	number     int NOT NULL CHECK (number > 0),
	since      date NOT NULL, -- day from which offices could know it
	source     text NOT NULL, -- the calendar file that it was read from
	first_seen timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (calendar, number)
);

-- The legal terms that are running or paused: one row for each open case whose term has started. cases.clock is the
-- authority; this is what the sweeps of re-dating and of apologies read, so it is hot and holds open cases only.
CREATE TABLE case_clocks (
	case_id    uuid PRIMARY KEY,
	calendar   text NOT NULL, -- with number: the revision that the term is counted by
	number     int NOT NULL,
	due_at     timestamptz NOT NULL, -- end of the term, as of the case's last event
	paused     boolean NOT NULL,
	apology_at timestamptz, -- when to look whether the citizen has to be told of a delay; NULL: paused, or she was told
	rung_at    timestamptz, -- when a node took it in hand for re-dating or the apology; NULL: never since it last changed
	kept_for   int,  -- number of a newer revision that the term was not moved to; NULL: none
	kept_why   text, -- the reason for that; NULL: none
	CHECK ((kept_for IS NULL) = (kept_why IS NULL))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX case_clocks_revision ON case_clocks (calendar, number); -- who is behind
CREATE INDEX case_clocks_apology ON case_clocks (apology_at) WHERE apology_at IS NOT NULL;
-- Terms of before are counted by a revision that no event names: 0 is behind every one.
INSERT INTO case_clocks (case_id, calendar, number, due_at, paused)
	SELECT id, 'vn-state-offices', 0, due_at, coalesce(clock ->> 'paused', '') <> ''
	FROM cases
	WHERE closed_at IS NULL AND due_at IS NOT NULL;

ALTER TABLE case_tasks
	ADD COLUMN gen int NOT NULL DEFAULT 0, -- the event that opened the task; 0: of before
	ADD COLUMN watch_at timestamptz, -- when somebody is to be told next that it ends or is late; NULL: everybody was
	ADD COLUMN watched smallint NOT NULL DEFAULT 0; -- steps taken: 1 reminder, 2 owner, 3 head of the agency, 4 the level above
UPDATE case_tasks SET watch_at = due_at, watched = 1;
CREATE INDEX case_tasks_watch ON case_tasks (watch_at) WHERE watch_at IS NOT NULL;

-- Who was told, by e-mail, that a task ends soon or is late: each step once for each task. The row is written with the
-- step, the message follows; a row that was not told is told by the next sweeps.
CREATE TABLE case_escalations (
	case_id uuid NOT NULL,
	gen     int NOT NULL, -- the event that opened the task
	step    text NOT NULL CHECK (step IN ('reminder', 'owner', 'head', 'upper')),
	code    text NOT NULL,
	state   text NOT NULL,
	agency  text NOT NULL, -- where the task is
	role    text NOT NULL,
	due_at  timestamptz NOT NULL, -- of the task
	at      timestamptz NOT NULL,
	told    jsonb NOT NULL DEFAULT '[]', -- [{id, name}] of the officers; empty with told_at: nobody holds the seat
	told_at timestamptz, -- NULL: not yet
	rung_at timestamptz, -- when a node took it in hand; NULL: never
	PRIMARY KEY (case_id, gen, step)
);
CREATE INDEX case_escalations_untold ON case_escalations (at) WHERE told_at IS NULL;

COMMENT ON TABLE calendar_revisions IS 'rights: append, update (source); seen: all';
COMMENT ON TABLE case_clocks IS 'rights: work; seen: nobody';
COMMENT ON TABLE case_escalations IS 'rights: work; seen: sees_case(case_id)';

-- +goose Down
DROP TABLE case_escalations;
DROP INDEX case_tasks_watch;
ALTER TABLE case_tasks DROP COLUMN watched, DROP COLUMN watch_at, DROP COLUMN gen;
DROP TABLE case_clocks;
DROP TABLE calendar_revisions;
