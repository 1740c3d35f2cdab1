-- +goose Up

-- An operator may write an effect off: status 5, with the event that says why.
ALTER TABLE case_effects DROP CONSTRAINT case_effects_status_check;
ALTER TABLE case_effects ADD CONSTRAINT case_effects_status_check CHECK (status BETWEEN 0 AND 5);
ALTER TABLE case_effects ADD COLUMN rung_at timestamptz; -- NULL: its first bell was not lost

-- +goose Down
ALTER TABLE case_effects DROP COLUMN rung_at;
UPDATE case_effects SET status = 4 WHERE status = 5;
ALTER TABLE case_effects DROP CONSTRAINT case_effects_status_check;
ALTER TABLE case_effects ADD CONSTRAINT case_effects_status_check CHECK (status BETWEEN 0 AND 4);
