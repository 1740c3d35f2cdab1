-- +goose Up
-- A call looks a case up, which takes about 10 µs: as long as going through a thousand rows without it. At the function's
-- default of a tenth of that, PostgreSQL read a small table whole, asking of each row, where a page wanted fifty of them.
ALTER FUNCTION sees_case(uuid) COST 1000;

-- +goose Down
ALTER FUNCTION sees_case(uuid) COST 100;
