-- +goose Up

-- The same rule over the number as an integer: an entry costs a quarter of one over text, which was two thirds of the
-- cost of a person.
ALTER TABLE residences DROP CONSTRAINT residences_one_at_a_time;
ALTER TABLE residences ADD CONSTRAINT residences_one_at_a_time
	EXCLUDE USING gist ((resident::text::bigint) WITH =, kind WITH =, valid WITH &&);

-- +goose Down
ALTER TABLE residences DROP CONSTRAINT residences_one_at_a_time;
ALTER TABLE residences ADD CONSTRAINT residences_one_at_a_time
	EXCLUDE USING gist (resident WITH =, kind WITH =, valid WITH &&);
