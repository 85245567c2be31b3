-- What scales recorded. A hypertable where TimescaleDB is there (db/timescale.py), a plain table elsewhere.

-- Which seqs of a device's journal are accounted for: stored as weighings or held in quarantine.
-- It is what receipts and continuity checks are made from, and what tells a redelivery from a conflict.
CREATE TABLE journals (
    market_id      text NOT NULL,
    scale_id       text NOT NULL,
    journal_id     text NOT NULL,
    received       int8multirange NOT NULL DEFAULT '{}',
    first_seen_at  timestamptz NOT NULL,
    last_seen_at   timestamptz NOT NULL,
    CONSTRAINT journals_pkey PRIMARY KEY (market_id, scale_id, journal_id)
);

CREATE TABLE weighings (
    market_id              text NOT NULL,
    scale_id               text NOT NULL,
    journal_id             text NOT NULL,
    seq                    bigint NOT NULL,
    weighed_at             timestamptz NOT NULL,
    received_at            timestamptz NOT NULL,
    business_day           date NOT NULL,
    stall_id               text,
    vendor_id              text,
    species_code           text NOT NULL,
    grade                  text NOT NULL,
    plu                    text NOT NULL,
    name                   text NOT NULL,
    gross_g                integer,
    tare_g                 integer,
    net_g                  integer NOT NULL,
    zero_offset_g          integer,
    pieces                 integer,
    stable                 boolean,
    clock_synced           boolean NOT NULL,
    unit_price_fen         bigint NOT NULL,
    price_unit             text NOT NULL,
    unit_price_fen_per_kg  bigint,
    amount_fen             bigint NOT NULL,
    discount_fen           bigint NOT NULL,
    paid_fen               bigint NOT NULL,
    fee_fen                bigint NOT NULL,
    ticket_no              text NOT NULL,
    voids_seq              bigint,
    -- The judgement: NULL only for a record that really voids another, which is no sale.
    verdict                text,
    paid_verdict           text,
    cap_list_id            bigint,
    cap_unit               text,
    cap_fen                bigint,
    excess_fen             bigint NOT NULL DEFAULT 0,
    overcharge_fen         bigint NOT NULL DEFAULT 0,
    -- The exact bytes the device froze, and their SHA-256: what the next weighing's `prev` must be.
    digest                 bytea NOT NULL,
    body                   bytea NOT NULL,
    CONSTRAINT weighings_pkey PRIMARY KEY (market_id, scale_id, journal_id, seq, weighed_at),
    CONSTRAINT weighings_seq_from_one CHECK (seq >= 1),
    CONSTRAINT weighings_net_is_gross_less_tare
        CHECK (gross_g IS NULL OR tare_g IS NULL OR net_g = gross_g - tare_g),
    CONSTRAINT weighings_something_was_sold CHECK (net_g > 0 OR pieces > 0 OR voids_seq IS NOT NULL),
    CONSTRAINT weighings_money_not_negative
        CHECK (unit_price_fen >= 0 AND amount_fen >= 0 AND discount_fen >= 0 AND paid_fen >= 0 AND fee_fen >= 0),
    CONSTRAINT weighings_price_unit_known CHECK (price_unit IN ('kg', '500g', '100g', 'piece')),
    CONSTRAINT weighings_price_per_kg_unless_piece
        CHECK ((price_unit = 'piece') = (unit_price_fen_per_kg IS NULL)),
    CONSTRAINT weighings_verdict_known
        CHECK (verdict IN ('within', 'over', 'uncapped', 'out_of_stock', 'unlisted', 'no_list')),
    CONSTRAINT weighings_paid_verdict_known
        CHECK (paid_verdict IN ('within', 'over', 'uncapped', 'out_of_stock', 'unlisted', 'no_list')),
    CONSTRAINT weighings_judged_unless_void
        CHECK ((verdict IS NOT NULL OR voids_seq IS NOT NULL) AND (verdict IS NULL) = (paid_verdict IS NULL)),
    CONSTRAINT weighings_over_needs_a_cap
        CHECK (cap_fen IS NOT NULL OR (verdict IS DISTINCT FROM 'over' AND paid_verdict IS DISTINCT FROM 'over')),
    CONSTRAINT weighings_digest_is_sha256 CHECK (octet_length(digest) = 32)
);

CREATE INDEX weighings_by_time ON weighings (weighed_at DESC);
CREATE INDEX weighings_voiding ON weighings (market_id, scale_id, journal_id, voids_seq) WHERE voids_seq IS NOT NULL;
CREATE INDEX weighings_by_vendor ON weighings (market_id, vendor_id, weighed_at DESC);

-- What could not be accepted, with the reason a person understands. Nothing is dropped.
CREATE TABLE quarantine (
    quarantine_id     bigint GENERATED ALWAYS AS IDENTITY,
    -- SHA-256 over topic, journal and payload: the same content again is counted, not kept twice.
    identity          bytea NOT NULL,
    topic             text NOT NULL,
    payload           bytea NOT NULL,
    market_id         text,
    scale_id          text,
    journal_id        text,
    seq               bigint,
    reason            text NOT NULL,
    explanation       text NOT NULL,
    received_at       timestamptz NOT NULL,
    last_received_at  timestamptz NOT NULL,
    times_received    integer NOT NULL DEFAULT 1,
    CONSTRAINT quarantine_pkey PRIMARY KEY (quarantine_id),
    CONSTRAINT quarantine_once_per_content UNIQUE (identity),
    CONSTRAINT quarantine_identity_is_sha256 CHECK (octet_length(identity) = 32)
);
CREATE INDEX quarantine_by_time ON quarantine (received_at DESC);
