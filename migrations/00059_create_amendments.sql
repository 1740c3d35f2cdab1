-- +goose Up

-- What an applicant has corrected since a supplement was asked for, until it is handed in with the papers uploaded meanwhile.
CREATE TABLE case_amendments (
	case_id  uuid PRIMARY KEY,
	gen      int NOT NULL,   -- the event by which the case came to wait; of another one the row counts for nothing
	answers  jsonb NOT NULL, -- by section and question: as they are to be
	saved_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE case_amendments;
