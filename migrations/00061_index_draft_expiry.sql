-- +goose Up
CREATE INDEX drafts_expiry ON drafts (expires_at) WHERE filed IS NULL; -- the hourly removal

-- +goose Down
DROP INDEX drafts_expiry;
