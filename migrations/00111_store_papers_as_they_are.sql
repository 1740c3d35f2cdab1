-- +goose Up
-- PDF and images are packed already: PostgreSQL need not try to pack them again, which took most of the time of writing a paper.
ALTER TABLE case_documents ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE case_files ALTER COLUMN content SET STORAGE EXTERNAL;

-- +goose Down
ALTER TABLE case_documents ALTER COLUMN content SET STORAGE EXTENDED;
ALTER TABLE case_files ALTER COLUMN content SET STORAGE EXTENDED;
