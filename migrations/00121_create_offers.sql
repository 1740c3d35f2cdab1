-- +goose Up

-- What the home page told a citizen that they can do now, for some hours: the registries are not asked at each view.
CREATE TABLE offers (
	citizen    text PRIMARY KEY,
	found      jsonb NOT NULL, -- [{definition, offer, level, at, text: {vi, en}}]; without text: asked, and not made
	expires_at timestamptz NOT NULL -- when the youngest of them counts no more
);
CREATE INDEX offers_expiry ON offers (expires_at); -- the hourly removal
COMMENT ON TABLE offers IS 'rights: work; seen: citizen = (SELECT reader_citizen())';

-- +goose Down
DROP TABLE offers;
