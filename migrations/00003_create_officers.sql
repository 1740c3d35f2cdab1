-- +goose Up

-- Who works at the agencies. The history of cases names officers, so one who leaves is made inactive, not removed.
CREATE TABLE officers (
	id     text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9.-]*$'), -- as the identity provider names them
	name   text NOT NULL CHECK (name <> ''),
	email  text NOT NULL,
	active boolean NOT NULL DEFAULT true
);

CREATE TABLE officer_roles (
	officer_id text NOT NULL REFERENCES officers (id),
	agency_id  text NOT NULL REFERENCES agencies (id),
	role       text NOT NULL CHECK (role <> ''),
	valid_from date NOT NULL,
	valid_to   date, -- the first day on which it is no more; NULL: open
	PRIMARY KEY (officer_id, agency_id, role, valid_from),
	CHECK (valid_to > valid_from)
);
CREATE INDEX officer_roles_agency ON officer_roles (agency_id, role); -- who may take a task

-- +goose Down
DROP TABLE officer_roles;
DROP TABLE officers;
