-- +goose Up

-- What a person's life brings to the resident database beside moves and births.

ALTER TABLE residents
	ADD COLUMN died_on date, -- NULL: alive, or dead on a day that nobody recorded
	ADD CONSTRAINT residents_death CHECK (died_on IS NULL OR NOT alive AND died_on >= birth_date);

-- One valid paper of a kind: a new one revokes the last. Of several that were never revoked the latest is the valid one.
ALTER TABLE identity_documents
	ADD COLUMN revoked_on date; -- NULL: not revoked; it may have expired
UPDATE identity_documents d
SET revoked_on = n.issued_on
FROM (SELECT resident, kind, issued_on AS was, lead(issued_on) OVER (PARTITION BY resident, kind ORDER BY issued_on) AS issued_on FROM identity_documents) n
WHERE n.issued_on IS NOT NULL AND (d.resident, d.kind, d.issued_on) = (n.resident, n.kind, n.was);
UPDATE identity_documents d
SET revoked_on = current_date
FROM residents r
WHERE r.number = d.resident AND NOT r.alive AND d.revoked_on IS NULL;
CREATE UNIQUE INDEX identity_documents_valid ON identity_documents (resident, kind) WHERE revoked_on IS NULL; -- one valid paper of a kind
CREATE INDEX identity_documents_expiry ON identity_documents (expires_on) WHERE revoked_on IS NULL; -- which expire

ALTER TABLE residences
	ADD COLUMN because text; -- why it was ended; NULL: in force, or ended by another registration

-- When people were married. A marriage from before these rows has none: residents.spouse_number says who is married now.
CREATE TABLE marriages (
	husband char(12) NOT NULL REFERENCES residents DEFERRABLE INITIALLY DEFERRED,
	wife    char(12) NOT NULL REFERENCES residents DEFERRABLE INITIALLY DEFERRED,
	valid   daterange NOT NULL, -- from the day of registration; no upper bound: they are married; empty: it ended on that day, or was taken back
	ended   text CHECK (ended IN ('divorce', 'death', 'annulled')), -- NULL: they are married
	CHECK ((ended IS NULL) = upper_inf(valid)),
	CONSTRAINT marriages_husband EXCLUDE USING gist (husband WITH =, valid WITH &&),
	CONSTRAINT marriages_wife EXCLUDE USING gist (wife WITH =, valid WITH &&)
);
COMMENT ON TABLE marriages IS 'rights: work; seen: nobody';

-- Declared absence from the place of residence. Law on Residence 68/2020/QH14, Art. 31.
CREATE TABLE absences (
	resident char(12) NOT NULL REFERENCES residents DEFERRABLE INITIALLY DEFERRED,
	valid    daterange NOT NULL, -- no upper bound: no day of return was declared; empty: taken back
	reason   text, -- NULL: not stated
	province text, -- where to; NULL: not stated
	commune  text,
	line     text,
	CONSTRAINT absences_one_at_a_time EXCLUDE USING gist (resident WITH =, valid WITH &&)
);
COMMENT ON TABLE absences IS 'rights: work; seen: nobody';

-- Stays of less than 30 days elsewhere. Law on Residence 68/2020/QH14, Art. 2(6) and 30.
CREATE TABLE stays (
	resident    char(12) NOT NULL REFERENCES residents DEFERRABLE INITIALLY DEFERRED,
	province    text NOT NULL,
	commune     text NOT NULL,
	line        text NOT NULL,
	address_key text NOT NULL, -- as in residences
	valid       daterange NOT NULL, -- nights: up to the day of leaving; empty: taken back
	reason      text, -- NULL: not stated
	CHECK (NOT upper_inf(valid)),
	CONSTRAINT stays_one_at_a_time EXCLUDE USING gist (resident WITH =, valid WITH &&)
);
CREATE INDEX stays_dwelling ON stays (address_key); -- who stayed at a dwelling
COMMENT ON TABLE stays IS 'rights: work; seen: nobody';

-- +goose Down
DROP TABLE stays;
DROP TABLE absences;
DROP TABLE marriages;
ALTER TABLE residences DROP COLUMN because;
DROP INDEX identity_documents_expiry;
DROP INDEX identity_documents_valid;
ALTER TABLE identity_documents DROP COLUMN revoked_on;
ALTER TABLE residents DROP CONSTRAINT residents_death;
ALTER TABLE residents DROP COLUMN died_on;
