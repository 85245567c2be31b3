-- Rounds of stall rotation (摊位轮换): what was frozen, the seed, proposals with their proofs, who confirmed (docs/rotation.md).

CREATE TABLE rotation_rounds (
    round_id           bigint GENERATED ALWAYS AS IDENTITY,
    market_id          text NOT NULL,
    title              text NOT NULL,
    takes_effect_on    date NOT NULL,
    created_by         text NOT NULL,
    created_at         timestamptz NOT NULL,
    state              text NOT NULL DEFAULT 'draft',
    -- What decides the round but its seed (credit/rotation/round_file.py), as the exact text that is hashed.
    frozen             text,
    frozen_sha256      text,
    frozen_by          text,
    frozen_at          timestamptz,
    secret             text,
    public_source      text,
    public_from        timestamptz,
    public_value       text,
    seed               text,
    proposed_by        text,
    proposed_at        timestamptz,
    -- What the sum is where nothing is given by hand.
    by_seed            bigint,
    confirmed_version  integer,
    confirmed_by       text,
    confirmed_at       timestamptz,
    applied_by         text,
    applied_at         timestamptz,
    abandoned_by       text,
    abandoned_at       timestamptz,
    abandoned_because  text,
    CONSTRAINT rotation_rounds_pkey PRIMARY KEY (round_id),
    CONSTRAINT rotation_rounds_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id),
    CONSTRAINT rotation_rounds_state_known
        CHECK (state IN ('draft', 'frozen', 'proposed', 'confirmed', 'in_force', 'abandoned')),
    CONSTRAINT rotation_rounds_frozen_whole CHECK (
        num_nonnulls(frozen, frozen_sha256, frozen_by, frozen_at, secret, public_source, public_from) IN (0, 7)
        AND (state IN ('draft', 'abandoned') OR frozen IS NOT NULL) AND (state <> 'draft' OR frozen IS NULL)),
    CONSTRAINT rotation_rounds_proposed_whole CHECK (
        num_nonnulls(public_value, seed, proposed_by, proposed_at, by_seed) IN (0, 5)
        AND (state IN ('draft', 'frozen', 'abandoned') OR seed IS NOT NULL)),
    CONSTRAINT rotation_rounds_confirmed_whole CHECK (
        num_nonnulls(confirmed_version, confirmed_by, confirmed_at) =
            CASE WHEN state IN ('confirmed', 'in_force') THEN 3 WHEN state = 'abandoned' THEN num_nonnulls(confirmed_version,
                 confirmed_by, confirmed_at) ELSE 0 END),
    CONSTRAINT rotation_rounds_confirmed_by_another CHECK (confirmed_by NOT IN (frozen_by, proposed_by)),
    CONSTRAINT rotation_rounds_applied_whole CHECK (
        num_nonnulls(applied_by, applied_at) = CASE WHEN state = 'in_force' THEN 2 ELSE 0 END),
    CONSTRAINT rotation_rounds_abandoned_whole CHECK (
        num_nonnulls(abandoned_by, abandoned_at, abandoned_because) = CASE WHEN state = 'abandoned' THEN 3 ELSE 0 END),
    CONSTRAINT rotation_rounds_public_value_comes_later CHECK (public_from > frozen_at AND proposed_at >= public_from)
);
CREATE INDEX rotation_rounds_by_market ON rotation_rounds (market_id, round_id DESC);

-- What was frozen and the seed stay; a round that is in force or was given up is over.
CREATE FUNCTION refuse_another_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state IN ('in_force', 'abandoned')
        OR (OLD.frozen IS NOT NULL AND
            (OLD.frozen, OLD.frozen_sha256, OLD.secret, OLD.public_source, OLD.public_from, OLD.title, OLD.market_id,
             OLD.takes_effect_on)
            IS DISTINCT FROM
            (NEW.frozen, NEW.frozen_sha256, NEW.secret, NEW.public_source, NEW.public_from, NEW.title, NEW.market_id,
             NEW.takes_effect_on))
        OR (OLD.seed IS NOT NULL AND
            (OLD.seed, OLD.public_value, OLD.by_seed) IS DISTINCT FROM (NEW.seed, NEW.public_value, NEW.by_seed))
        OR (OLD.confirmed_version IS NOT NULL AND
            (OLD.confirmed_version, OLD.confirmed_by) IS DISTINCT FROM (NEW.confirmed_version, NEW.confirmed_by))
    THEN
        RAISE EXCEPTION 'a round that is % is not changed: % is refused', OLD.state, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rotation_rounds_go_one_way BEFORE UPDATE OR DELETE ON rotation_rounds
    FOR EACH ROW EXECUTE FUNCTION refuse_another_round();

-- Whose each number of a round is, with the score that was frozen.
CREATE TABLE rotation_claims (
    round_id   bigint NOT NULL,
    number     integer NOT NULL,
    market_id  text NOT NULL,
    vendor_id  text NOT NULL,
    score      integer NOT NULL,
    tier       text NOT NULL,
    -- The stall it held when the round was frozen; it may not take part.
    held       text,
    CONSTRAINT rotation_claims_pkey PRIMARY KEY (round_id, number),
    CONSTRAINT rotation_claims_round_exists FOREIGN KEY (round_id) REFERENCES rotation_rounds (round_id),
    CONSTRAINT rotation_claims_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id)
);
CREATE INDEX rotation_claims_by_vendor ON rotation_claims (market_id, vendor_id, round_id DESC);
CREATE TRIGGER rotation_claims_append_only BEFORE UPDATE OR DELETE ON rotation_claims
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Version 1 is what the seed gives; each change by hand is another, with what it costs.
CREATE TABLE rotation_proposals (
    round_id    bigint NOT NULL,
    version     integer NOT NULL,
    pins        jsonb NOT NULL,
    objective   bigint NOT NULL,
    bound       bigint NOT NULL,
    restricted  integer NOT NULL,
    not_apart   jsonb NOT NULL,
    because     text NOT NULL,
    made_by     text NOT NULL,
    made_at     timestamptz NOT NULL,
    CONSTRAINT rotation_proposals_pkey PRIMARY KEY (round_id, version),
    CONSTRAINT rotation_proposals_round_exists FOREIGN KEY (round_id) REFERENCES rotation_rounds (round_id),
    CONSTRAINT rotation_proposals_bounded CHECK (bound >= objective),
    CONSTRAINT rotation_proposals_say_why CHECK (version = 1 OR because <> '')
);
CREATE TRIGGER rotation_proposals_append_only BEFORE UPDATE OR DELETE ON rotation_proposals
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE rotation_places (
    round_id  bigint NOT NULL,
    version   integer NOT NULL,
    number    integer NOT NULL,
    -- NULL: no stall is left.
    stall_id  text,
    price     bigint NOT NULL,
    CONSTRAINT rotation_places_pkey PRIMARY KEY (round_id, version, number),
    CONSTRAINT rotation_places_once UNIQUE (round_id, version, stall_id),
    CONSTRAINT rotation_places_proposal_exists
        FOREIGN KEY (round_id, version) REFERENCES rotation_proposals (round_id, version),
    CONSTRAINT rotation_places_claim_exists FOREIGN KEY (round_id, number) REFERENCES rotation_claims (round_id, number)
);
CREATE TRIGGER rotation_places_append_only BEFORE UPDATE OR DELETE ON rotation_places
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE rotation_stall_prices (
    round_id  bigint NOT NULL,
    version   integer NOT NULL,
    stall_id  text NOT NULL,
    price     bigint NOT NULL,
    CONSTRAINT rotation_stall_prices_pkey PRIMARY KEY (round_id, version, stall_id),
    CONSTRAINT rotation_stall_prices_proposal_exists
        FOREIGN KEY (round_id, version) REFERENCES rotation_proposals (round_id, version)
);
CREATE TRIGGER rotation_stall_prices_append_only BEFORE UPDATE OR DELETE ON rotation_stall_prices
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
