-- +goose Up

-- What cases tell each other: a parent opens, reminds or cancels a sub-case, a sub-case reports its outcome. Each is a signed
-- message, also within one database. Sent = received, or open (no receipt yet and the effect is open), or an incident (no
-- receipt and the effect was given up or written off).
--
-- One row for each effect of type open-child, report-outcome, cancel-child or remind-child that was attempted.
CREATE TABLE message_outbox (
	case_id      uuid NOT NULL,     -- of the sender; with seq and idx the effect that sends the message
	seq          int NOT NULL,
	idx          smallint NOT NULL,
	message_id   uuid NOT NULL,     -- the effect's key: the same over all attempts
	source       text NOT NULL,     -- who sends: installation/agency
	type         text NOT NULL,     -- open, outcome, cancel, remind
	target_case  uuid NOT NULL,     -- the case that is meant; of open: the one that is to come about
	payload_hash bytea NOT NULL,    -- SHA-256 of the payload: the same over all attempts
	content      bytea NOT NULL,    -- the bytes that were sent last, signature included; at most 64 KiB
	sent_at      timestamptz NOT NULL, -- as the message says; a message that expired is sent anew, with the same id
	expires_at   timestamptz NOT NULL,
	receipt      bytea,             -- the receiver's signed receipt; NULL: none came yet
	outcome      text CHECK (outcome IN ('done', 'refused')), -- as the receipt says; NULL: none came yet
	receipted_at timestamptz,       -- NULL: no receipt came yet
	PRIMARY KEY (case_id, seq, idx),
	CHECK ((receipt IS NULL) = (outcome IS NULL) AND (receipt IS NULL) = (receipted_at IS NULL))
);
CREATE INDEX message_outbox_open ON message_outbox (sent_at) WHERE receipt IS NULL; -- what nobody has acknowledged

-- Messages that were verified: signature, expiry, schema and payload hash hold. The row is written by the statement that acts
-- upon the message, with its receipt: there is none without the other.
CREATE TABLE message_inbox (
	source       text NOT NULL,     -- who sent it: installation/agency
	message_id   uuid NOT NULL,
	type         text NOT NULL,     -- open, outcome, cancel, remind
	case_id      uuid NOT NULL,     -- the case that acted upon it
	seq          int,               -- its event; NULL: a rule stood against it, and nothing happened
	payload_hash bytea NOT NULL,
	content      bytea NOT NULL,    -- the bytes as received
	received_at  timestamptz NOT NULL,
	outcome      text NOT NULL CHECK (outcome IN ('done', 'refused')),
	reason       text NOT NULL DEFAULT '', -- of a refusal: the rule
	receipt      bytea NOT NULL,    -- our signed receipt, as every later attempt gets it
	PRIMARY KEY (source, message_id),
	CHECK ((outcome = 'done') = (seq IS NOT NULL))
);
CREATE INDEX message_inbox_case ON message_inbox (case_id, seq);

-- Messages that were not believed or not read: nothing followed from them. What they say of themselves is not known to be true,
-- so they stand apart, and none of them can take the place of a true one. The same bytes make one row.
CREATE TABLE message_refusals (
	sha256     bytea PRIMARY KEY,   -- of the bytes
	reason     text NOT NULL,       -- oversized, unreadable, not-canonical, signature, source, early, expired, schema, payload, altered
	source     text NOT NULL,       -- as it claims; empty: it claims none
	message_id text NOT NULL,       -- as it claims; empty: it claims none
	size       bigint NOT NULL,     -- bytes
	content    bytea,               -- NULL: too large to keep
	first_at   timestamptz NOT NULL,
	last_at    timestamptz NOT NULL,
	times      bigint NOT NULL DEFAULT 1
);

COMMENT ON TABLE message_outbox IS 'rights: append, update (content, sent_at, expires_at, receipt, outcome, receipted_at); seen: nobody';
COMMENT ON TABLE message_inbox IS 'rights: append; seen: nobody';
COMMENT ON TABLE message_refusals IS 'rights: append, update (last_at, times); seen: nobody';

-- A join may leave the sub-cases that are still open to go on by themselves (rest: leave).
ALTER TABLE case_children ADD COLUMN detached boolean NOT NULL DEFAULT false; -- true: it goes on without its parent

-- +goose Down
ALTER TABLE case_children DROP COLUMN detached;
DROP TABLE message_refusals, message_inbox, message_outbox;
