-- +goose Up

-- Versions of procedures that were published: which version a filing of a day falls under. Of the rows of a procedure whose
-- days hold the day, the one that began last decides; of one day, the one published last.
CREATE TABLE publications (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	procedure_id text NOT NULL,
	version      int NOT NULL CHECK (version > 0), -- as counted in procedure.yaml: one number, one hash
	definition   text NOT NULL REFERENCES definitions (hash),
	valid_from   date NOT NULL,
	valid_until  date CHECK (valid_until >= valid_from), -- NULL: until another is published
	approved_by  text[] NOT NULL CHECK (cardinality(approved_by) > 0), -- names of who approved it
	at           timestamptz NOT NULL,
	plan         text, -- migrate.yaml; NULL: open cases stay on their version
	impact       jsonb NOT NULL -- what it would do to the open cases of that moment, in figures
);
CREATE INDEX publications_procedure ON publications (procedure_id, id);

COMMENT ON TABLE publications IS 'rights: append; seen: all';
SELECT protect_append_only('publications');

-- +goose Down
DROP TABLE publications;
