-- People who sign in, and their sessions. A session's token is stored only as its SHA-256.

CREATE TABLE users (
    user_id        bigint GENERATED ALWAYS AS IDENTITY,
    username       text NOT NULL,
    display_name   text NOT NULL,
    password_hash  text NOT NULL,
    role           text NOT NULL,
    market_id      text,
    disabled_at    timestamptz,
    CONSTRAINT users_pkey PRIMARY KEY (user_id),
    CONSTRAINT users_username_once UNIQUE (username),
    CONSTRAINT users_role_known CHECK (role IN ('manager', 'regulator', 'admin')),
    CONSTRAINT users_manager_has_a_market CHECK ((role = 'manager') = (market_id IS NOT NULL)),
    CONSTRAINT users_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id)
);

CREATE TABLE sessions (
    token_digest  bytea NOT NULL,
    user_id       bigint NOT NULL,
    csrf_token    text NOT NULL,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (token_digest),
    CONSTRAINT sessions_user_exists FOREIGN KEY (user_id) REFERENCES users (user_id),
    CONSTRAINT sessions_expire CHECK (expires_at > created_at)
);
CREATE INDEX sessions_by_user ON sessions (user_id);

-- Failed sign-ins, counted to slow guessing down.
CREATE TABLE failed_sign_ins (
    username  text NOT NULL,
    at        timestamptz NOT NULL
);
CREATE INDEX failed_sign_ins_by_username ON failed_sign_ins (username, at DESC);
