-- +goose Up
CREATE INDEX anchors_at ON anchors (at); -- the last anchor of a day, which is published

-- +goose Down
DROP INDEX anchors_at;
