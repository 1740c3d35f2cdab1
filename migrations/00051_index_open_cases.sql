-- +goose Up

-- An agency's open cases, for the list of all that is filtered by a state. Touched when a case is filed and when it ends.
CREATE INDEX cases_open ON cases (competent, id DESC) WHERE closed_at IS NULL;
CREATE INDEX cases_open_receiving ON cases (receiving, id DESC) WHERE closed_at IS NULL AND receiving <> competent;

-- +goose Down
DROP INDEX cases_open_receiving, cases_open;
