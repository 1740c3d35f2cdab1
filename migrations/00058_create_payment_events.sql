-- +goose Up

-- Everything that the payment platform said of an order, once each.
CREATE TABLE payment_events (
	id          text PRIMARY KEY, -- the platform's, or made from the order and what it said when asked
	order_id    uuid NOT NULL,
	state       text NOT NULL,
	amount      bigint NOT NULL, -- đồng
	receipt     text NOT NULL DEFAULT '',
	reason      text NOT NULL DEFAULT '',
	at          timestamptz NOT NULL,
	recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX payment_events_order ON payment_events (order_id, at);

-- What was ordered, so that a later attempt orders the same.
ALTER TABLE case_payments
	ADD COLUMN account     text NOT NULL DEFAULT '', -- of the beneficiary
	ADD COLUMN purpose     text NOT NULL DEFAULT '', -- as the payer reads it
	ADD COLUMN heard_at    timestamptz, -- last believable word of the platform; NULL: none yet
	ADD COLUMN returned_at timestamptz; -- when the payer's browser came back; NULL: not yet

-- +goose Down
ALTER TABLE case_payments DROP COLUMN returned_at, DROP COLUMN heard_at, DROP COLUMN purpose, DROP COLUMN account;
DROP TABLE payment_events;
