-- Who and where: markets, stalls, vendors, scales, and the dated bindings between them.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE markets (
    market_id   text NOT NULL,
    name        text NOT NULL,
    area        text NOT NULL,
    channel     text NOT NULL,
    timezone    text NOT NULL DEFAULT 'Asia/Shanghai',
    CONSTRAINT markets_pkey PRIMARY KEY (market_id),
    CONSTRAINT markets_id_fits_a_topic CHECK (market_id ~ '^[A-Za-z0-9._-]{1,64}$'),
    CONSTRAINT markets_channel_known CHECK (channel IN ('eatery', 'stall'))
);

CREATE TABLE stalls (
    market_id   text NOT NULL,
    stall_id    text NOT NULL,
    place       text NOT NULL DEFAULT '',
    CONSTRAINT stalls_pkey PRIMARY KEY (market_id, stall_id),
    CONSTRAINT stalls_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id)
);

CREATE TABLE vendors (
    market_id   text NOT NULL,
    vendor_id   text NOT NULL,
    name        text NOT NULL,
    CONSTRAINT vendors_pkey PRIMARY KEY (market_id, vendor_id),
    CONSTRAINT vendors_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id)
);

CREATE TABLE scales (
    market_id      text NOT NULL,
    scale_id       text NOT NULL,
    serial_number  text NOT NULL DEFAULT '',
    CONSTRAINT scales_pkey PRIMARY KEY (market_id, scale_id),
    CONSTRAINT scales_id_fits_a_topic CHECK (scale_id ~ '^[A-Za-z0-9._-]{1,64}$'),
    CONSTRAINT scales_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id)
);

-- Scales rotate between stalls, stalls between vendors: who a weighing belongs to is the binding at weighed_at.
CREATE TABLE scale_bindings (
    market_id   text NOT NULL,
    scale_id    text NOT NULL,
    stall_id    text NOT NULL,
    vendor_id   text NOT NULL,
    valid       tstzrange NOT NULL,
    CONSTRAINT scale_bindings_scale_exists FOREIGN KEY (market_id, scale_id) REFERENCES scales (market_id, scale_id),
    CONSTRAINT scale_bindings_stall_exists FOREIGN KEY (market_id, stall_id) REFERENCES stalls (market_id, stall_id),
    CONSTRAINT scale_bindings_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT scale_bindings_not_empty CHECK (NOT isempty(valid)),
    CONSTRAINT scale_bindings_one_at_a_time
        EXCLUDE USING gist (market_id WITH =, scale_id WITH =, valid WITH &&)
);

CREATE TABLE species (
    species_code  text NOT NULL,
    name_zh       text NOT NULL,
    pinyin        text NOT NULL DEFAULT '',
    name_en       text NOT NULL DEFAULT '',
    scientific    text NOT NULL DEFAULT '',
    category      text NOT NULL,
    CONSTRAINT species_pkey PRIMARY KEY (species_code)
);

-- Every name a species goes by, so that a list or a scale that says 红立鱼 means F09.
CREATE TABLE species_names (
    name          text NOT NULL,
    species_code  text NOT NULL,
    CONSTRAINT species_names_pkey PRIMARY KEY (name),
    CONSTRAINT species_names_species_exists FOREIGN KEY (species_code) REFERENCES species (species_code)
);
