-- +goose Up

-- Who is signed in. The cookie holds the id, the table only its hash, so that a copy of the table signs nobody in.
CREATE TABLE sessions (
	id_hash    bytea PRIMARY KEY CHECK (length(id_hash) = 32),
	actor      jsonb NOT NULL, -- kind, id, name; the seats of an officer are looked up anew
	level      smallint NOT NULL CHECK (level IN (1, 2)),
	csrf       bytea NOT NULL, -- secret of the forms of this session
	created_at timestamptz NOT NULL,
	seen_at    timestamptz NOT NULL, -- of the last request, to the minute
	expires_at timestamptz NOT NULL  -- however busy the session is
);
CREATE INDEX sessions_expires ON sessions (expires_at); -- the sweep

-- Sign-ins under way at the identity provider. A row serves once.
CREATE TABLE sign_ins (
	state_hash   bytea PRIMARY KEY CHECK (length(state_hash) = 32),
	browser_hash bytea NOT NULL, -- of the cookie of the browser that began
	nonce        text NOT NULL,
	verifier     text NOT NULL, -- PKCE
	level        smallint NOT NULL CHECK (level IN (1, 2)), -- asked for
	return_to    text NOT NULL, -- path of ours
	created_at   timestamptz NOT NULL
);
CREATE INDEX sign_ins_created ON sign_ins (created_at); -- the sweep

-- +goose Down

DROP TABLE sign_ins;
DROP TABLE sessions;
