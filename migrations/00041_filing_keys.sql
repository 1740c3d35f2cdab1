-- +goose Up

-- Idempotency keys of filings without a draft: the same key answers with the same case.
CREATE TABLE filing_keys (
	applicant text NOT NULL,
	key       uuid NOT NULL,
	req_hash  bytea NOT NULL,
	case_id   uuid NOT NULL,
	PRIMARY KEY (applicant, key)
);

-- What two open cases of a procedure may not share, as the definition's `once` says.
ALTER TABLE cases ADD COLUMN once_key text; -- NULL: nothing
CREATE UNIQUE INDEX cases_once ON cases (procedure_id, once_key) WHERE closed_at IS NULL AND once_key IS NOT NULL;

-- +goose Down
DROP INDEX cases_once;
ALTER TABLE cases DROP COLUMN once_key;
DROP TABLE filing_keys;
