-- +goose Up
-- Filings that came while the system was pressed: kept as they were signed, with the time at which they came, and turned into
-- cases by a job as soon as there is room. One row a draft; the draft holds the answers and cannot be changed meanwhile.
CREATE TABLE waiting_filings (
	number   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- of the receipt that the citizen has: TN-000123
	draft_id uuid NOT NULL UNIQUE,
	digest   text NOT NULL, -- of what the citizen saw and filed
	at       timestamptz NOT NULL, -- when it came: the time of filing of the case
	tried_at timestamptz, -- NULL: no worker has taken it up yet
	ended_at timestamptz, -- NULL: it waits
	refusal  jsonb -- NULL: it waits, or became the case that its draft names; else why it could not be filed: [{vi, en}]
);
CREATE INDEX waiting_filings_open ON waiting_filings (number) WHERE ended_at IS NULL;
COMMENT ON TABLE waiting_filings IS 'rights: work; seen: nobody';
-- +goose Down
DROP TABLE waiting_filings;
