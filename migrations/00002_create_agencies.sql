-- +goose Up

-- The authorities that act in cases. History names them, so none is ever removed: one that ends gets valid_to
-- and, when another takes over, succeeded_by.
CREATE TABLE agencies (
	id           text PRIMARY KEY,
	kind         text NOT NULL,
	unit_code    text NOT NULL REFERENCES units (code),
	name_vi      text NOT NULL CHECK (name_vi <> ''),
	name_en      text NOT NULL CHECK (name_en <> ''),
	code_prefix  text NOT NULL CHECK (code_prefix ~ '^H[0-9]{2}$'), -- of case codes
	parent_id    text REFERENCES agencies (id), -- NULL: an agency of the province
	valid_from   date NOT NULL DEFAULT '2025-07-01',
	valid_to     date, -- the first day on which it is no more; NULL: it is
	succeeded_by text REFERENCES agencies (id), -- NULL: nobody took over
	UNIQUE (kind, unit_code),
	CHECK (valid_to > valid_from),
	CHECK (succeeded_by IS NULL OR valid_to IS NOT NULL),
	CHECK (succeeded_by <> id)
);
CREATE INDEX agencies_parent ON agencies (parent_id) WHERE parent_id IS NOT NULL; -- what a province oversees

-- +goose Down
DROP TABLE agencies;
