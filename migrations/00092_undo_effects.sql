-- +goose Up

-- A case that ends without success (a final state with compensate: true) takes back what was done for it. For each reversible
-- effect that is done, or may be done, there is one effect that undoes it, an effect of the ending event; the last one is undone
-- first: idx rises while undoes_seq, undoes_idx fall, and an undo is claimed only when those of a lower idx have ended (status 2,
-- 3 or 5). An effect that was not yet done is written off by the engine instead: status 5, error 'the case ended: not done'.
ALTER TABLE case_effects
	ADD COLUMN undoes_seq int,      -- NULL: it undoes nothing
	ADD COLUMN undoes_idx smallint, -- NULL: it undoes nothing
	ADD CONSTRAINT case_effects_undoes CHECK ((undoes_seq IS NULL) = (undoes_idx IS NULL));

-- +goose Down
ALTER TABLE case_effects DROP CONSTRAINT case_effects_undoes, DROP COLUMN undoes_idx, DROP COLUMN undoes_seq;
