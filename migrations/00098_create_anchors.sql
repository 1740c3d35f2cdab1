-- +goose Up

-- One row a minute: the root of a Merkle tree (RFC 6962) over the heads of all cases that moved since the row before, the head of
-- the log of reads and the row counts; chained to the row before. docs/audit.md has the bytes. Never changed, never deleted.
CREATE TABLE anchors (
	n         bigint PRIMARY KEY CHECK (n > 0), -- 1, 2, 3 … without a gap
	at        timestamptz NOT NULL, -- when it was made
	settled   timestamptz NOT NULL, -- every event recorded before this was looked at, by the database's clock; the next anchor looks from here on
	heads     int NOT NULL CHECK (heads >= 0), -- rows of anchor_heads
	log_seq   bigint NOT NULL, -- the last sealed entry of access_log; 0: none yet
	log_hash  bytea NOT NULL CHECK (length(log_hash) = 32), -- its hash; 32 zero bytes: none yet
	counts    json NOT NULL, -- {"events": {month of the case's id: events anchored so far}, "reads": {month: entries sealed so far}}; json: the root covers its bytes
	root      bytea NOT NULL CHECK (length(root) = 32),
	prev_hash bytea NOT NULL CHECK (length(prev_hash) = 32), -- hash of anchor n - 1; 32 zero bytes before the first
	hash      bytea NOT NULL CHECK (length(hash) = 32) -- over all of the above; this is what is time-stamped
);

-- The heads under an anchor, in the order of their ids. Each must be in the case's chain for ever: this finds a history cut at its end.
CREATE TABLE anchor_heads (
	case_id   uuid NOT NULL,
	revision  int NOT NULL CHECK (revision > 0), -- seq of the event
	n         bigint NOT NULL, -- the anchor
	head_hash bytea NOT NULL CHECK (length(head_hash) = 32), -- hash of the event
	PRIMARY KEY (case_id, revision)
) PARTITION BY RANGE (case_id);
CREATE INDEX anchor_heads_n ON anchor_heads USING brin (n) WITH (pages_per_range = 16, autosummarize = on); -- the heads of one anchor; rows come in the order of n

-- The time-stamps (RFC 3161) over anchors.hash, in the order of n. An anchor without a row waits for the authority.
CREATE TABLE anchor_stamps (
	n     bigint PRIMARY KEY,
	token bytea NOT NULL, -- DER of the TimeStampToken
	at    timestamptz NOT NULL -- when it came, by our clock
);

-- Which places outside of the database got the anchors up to n.
CREATE TABLE anchor_exports (
	place text NOT NULL, -- the folder, as its writer names it
	n     bigint NOT NULL,
	at    timestamptz NOT NULL,
	PRIMARY KEY (place, n)
);

COMMENT ON TABLE anchors IS 'rights: append; seen: nobody';
COMMENT ON TABLE anchor_heads IS 'rights: append; seen: nobody';
COMMENT ON TABLE anchor_stamps IS 'rights: append; seen: nobody';
COMMENT ON TABLE anchor_exports IS 'rights: append; seen: nobody';
SELECT protect_append_only('anchors'), protect_append_only('anchor_heads'), protect_append_only('anchor_stamps'), protect_append_only('anchor_exports');
SELECT make_case_range(suffix, first, past) FROM case_months; -- the partitions of anchor_heads

-- What was recorded since the last anchor. Rows are appended in the order of time, so BRIN is as good as a B-tree and costs a step nothing.
CREATE INDEX case_events_recorded ON case_events USING brin (recorded_at) WITH (pages_per_range = 32, autosummarize = on);

-- +goose Down
DROP INDEX case_events_recorded;
DROP TABLE anchor_exports, anchor_stamps, anchor_heads, anchors;
