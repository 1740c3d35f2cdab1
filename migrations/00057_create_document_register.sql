-- +goose Up

-- The register of outgoing papers (sổ đăng ký văn bản đi): who got which number. A paper that is printed again finds its line.
CREATE TABLE document_register (
	id        uuid PRIMARY KEY, -- of the document: the effect's key
	case_id   uuid NOT NULL,
	agency    text NOT NULL,
	symbol    text NOT NULL, -- what follows the number: TB-CAX; empty: the paper bears no number
	year      int NOT NULL,  -- in Hanoi
	n         int,           -- NULL: the paper bears no number
	issued_at timestamptz NOT NULL,
	CHECK ((n IS NULL) = (symbol = ''))
);
CREATE UNIQUE INDEX document_register_number ON document_register (agency, symbol, year, n) WHERE n IS NOT NULL;
CREATE INDEX document_register_case ON document_register (case_id);

ALTER TABLE case_documents
	ADD COLUMN agency    text NOT NULL DEFAULT '', -- that issued it
	ADD COLUMN signature jsonb; -- NULL: issued before papers were signed

-- +goose Down
ALTER TABLE case_documents DROP COLUMN signature, DROP COLUMN agency;
DROP TABLE document_register;
