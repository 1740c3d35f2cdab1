-- +goose Up

-- Citizens who were told that a case of theirs is held up by an outage: once for each case and outage. The row is written by
-- the statement that writes the event and schedules the notice.
CREATE TABLE case_delays (
	case_id   uuid NOT NULL,
	peer      text NOT NULL,
	opened_at timestamptz NOT NULL, -- of the breaker: names the outage
	seq       int NOT NULL,         -- the event; its effect 0 is the notice
	told_at   timestamptz NOT NULL,
	PRIMARY KEY (case_id, peer, opened_at)
);
COMMENT ON TABLE case_delays IS 'rights: append; seen: sees_case(case_id)';

-- +goose Down
DROP TABLE case_delays;
