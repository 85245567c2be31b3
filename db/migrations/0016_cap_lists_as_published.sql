-- Cap lists as they really are: drafted by one person and published by another, corrected, withdrawn; for an area or one
-- market; with what each item's grade means, how its cap is made, and the working behind it.

ALTER TABLE cap_lists
    -- A list for one market alone goes before its area's. NULL: every market of the area and channel.
    ADD COLUMN market_id         text,
    -- Advisory prices (倡议价格) bind nobody: they never judge a weighing that a binding list could.
    ADD COLUMN is_advisory       boolean NOT NULL DEFAULT false,
    ADD COLUMN published_unit    text NOT NULL DEFAULT '500g',
    -- Counts within what corrects one another; `corrects` is the list before it.
    ADD COLUMN version           integer NOT NULL DEFAULT 1,
    ADD COLUMN corrects          bigint,
    -- As published: `effective` is what is left of it where other lists take over.
    ADD COLUMN declared          tstzrange,
    ADD COLUMN drafted_by        text NOT NULL DEFAULT '',
    ADD COLUMN published_by      text,
    ADD COLUMN published_at      timestamptz,
    ADD COLUMN withdrawn_by      text,
    ADD COLUMN withdrawn_at      timestamptz,
    ADD COLUMN withdrawn_because text;

ALTER TABLE cap_lists DROP CONSTRAINT cap_lists_effective_from_a_moment;
UPDATE cap_lists SET declared = effective, published_by = 'system', published_at = loaded_at WHERE status <> 'draft';
UPDATE cap_lists SET declared = effective, effective = 'empty' WHERE status = 'draft';
UPDATE cap_lists SET withdrawn_by = 'system', withdrawn_at = loaded_at, withdrawn_because = '' WHERE status = 'withdrawn';

ALTER TABLE cap_lists
    ALTER COLUMN declared SET NOT NULL,
    -- A draft is in force at no moment.
    ADD CONSTRAINT cap_lists_declared_from_a_moment CHECK (NOT isempty(declared) AND NOT lower_inf(declared)),
    ADD CONSTRAINT cap_lists_effective_within_declared CHECK (effective <@ declared),
    DROP CONSTRAINT cap_lists_status_known,
    ADD CONSTRAINT cap_lists_status_known CHECK (status IN ('draft', 'published', 'corrected', 'withdrawn')),
    DROP CONSTRAINT cap_lists_one_in_force,
    -- Checked at the end of a statement: one statement lays the effective times of a whole scope anew.
    ADD CONSTRAINT cap_lists_one_in_force
        EXCLUDE USING gist (area WITH =, channel WITH =, (coalesce(market_id, '')) WITH =,
                            (is_advisory::integer) WITH =, effective WITH &&)
        WHERE (status = 'published') DEFERRABLE INITIALLY IMMEDIATE,
    ADD CONSTRAINT cap_lists_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id),
    ADD CONSTRAINT cap_lists_corrects_exists FOREIGN KEY (corrects) REFERENCES cap_lists (cap_list_id),
    ADD CONSTRAINT cap_lists_version_positive CHECK (version >= 1),
    ADD CONSTRAINT cap_lists_unit_known CHECK (published_unit IN ('500g', 'kg', 'piece')),
    ADD CONSTRAINT cap_lists_published_by_somebody
        CHECK ((status = 'draft') = (published_by IS NULL) AND (published_by IS NULL) = (published_at IS NULL)),
    -- Four eyes: who drafted a list does not publish it. What only demonstrates binds nobody.
    ADD CONSTRAINT cap_lists_published_by_a_second
        CHECK (published_by <> drafted_by OR is_demonstration OR drafted_by = ''),
    ADD CONSTRAINT cap_lists_withdrawn_by_somebody
        CHECK ((status = 'withdrawn') = (withdrawn_by IS NOT NULL)
               AND (withdrawn_by IS NULL) = (withdrawn_at IS NULL)
               AND (withdrawn_by IS NULL) = (withdrawn_because IS NULL));
CREATE INDEX cap_lists_by_correction ON cap_lists (corrects) WHERE corrects IS NOT NULL;

ALTER TABLE cap_items
    ADD COLUMN cap_kind          text NOT NULL DEFAULT 'fixed',
    -- Own purchase price x (1 + markup), or + an amount per `cap_unit`: what a vendor's cap is made with.
    ADD COLUMN markup_permille   integer,
    ADD COLUMN plus_fen          bigint,
    -- What the grade's word means, as far as the list says so: pieces in 500 g, or the weight of one piece.
    ADD COLUMN least_pieces_per_500g  integer,
    ADD COLUMN most_pieces_per_500g   integer,
    ADD COLUMN least_piece_g     integer,
    ADD COLUMN most_piece_g      integer,
    ADD COLUMN grade_note        text NOT NULL DEFAULT '',
    -- How a calculated cap came about, for whoever asks (pricing/daily_caps.py).
    ADD COLUMN working           jsonb,
    DROP CONSTRAINT cap_items_status_known,
    ADD CONSTRAINT cap_items_status_known CHECK (status IN ('capped', 'uncapped', 'out_of_stock', 'absent')),
    ADD CONSTRAINT cap_items_kind_known CHECK (cap_kind IN ('fixed', 'markup', 'purchase_plus', 'advisory')),
    DROP CONSTRAINT cap_items_capped_has_a_cap,
    ADD CONSTRAINT cap_items_capped_has_a_cap
        CHECK ((status = 'capped' AND cap_kind IN ('fixed', 'advisory')) = (cap_fen IS NOT NULL)),
    ADD CONSTRAINT cap_items_markup_has_a_rate
        CHECK (cap_kind <> 'markup' OR markup_permille IS NOT NULL OR status <> 'capped'),
    ADD CONSTRAINT cap_items_purchase_plus_has_an_amount CHECK ((cap_kind = 'purchase_plus') = (plus_fen IS NOT NULL)),
    ADD CONSTRAINT cap_items_made_of_a_purchase
        CHECK (cap_kind <> 'purchase_plus' OR status = 'capped'),
    ADD CONSTRAINT cap_items_rate_not_negative CHECK (markup_permille >= 0 AND plus_fen >= 0),
    ADD CONSTRAINT cap_items_grade_rises
        CHECK (least_pieces_per_500g >= 1 AND least_piece_g >= 1 AND most_pieces_per_500g >= 1 AND most_piece_g >= 1
               AND least_pieces_per_500g <= most_pieces_per_500g AND least_piece_g <= most_piece_g);

-- Who may price freely for a time (five-star stalls, say), by which document.
CREATE TABLE vendor_exemptions (
    exemption_id  bigint GENERATED ALWAYS AS IDENTITY,
    market_id     text NOT NULL,
    vendor_id     text NOT NULL,
    valid         tstzrange NOT NULL,
    reason        text NOT NULL,
    document_no   text NOT NULL DEFAULT '',
    granted_by    text NOT NULL,
    granted_at    timestamptz NOT NULL,
    CONSTRAINT vendor_exemptions_pkey PRIMARY KEY (exemption_id),
    CONSTRAINT vendor_exemptions_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT vendor_exemptions_dated CHECK (NOT isempty(valid) AND NOT lower_inf(valid)),
    CONSTRAINT vendor_exemptions_says_why CHECK (reason <> ''),
    CONSTRAINT vendor_exemptions_one_at_a_time EXCLUDE USING gist (market_id WITH =, vendor_id WITH =, valid WITH &&)
);

-- What a vendor paid, by the slip: an item that is out of stock is capped by it (own purchase price x (1 + rate)).
CREATE TABLE purchase_records (
    purchase_id   bigint GENERATED ALWAYS AS IDENTITY,
    market_id     text NOT NULL,
    vendor_id     text NOT NULL,
    species_code  text NOT NULL,
    grade         text NOT NULL DEFAULT '',
    purchased_on  date NOT NULL,
    price_fen     bigint NOT NULL,
    price_unit    text NOT NULL DEFAULT 'kg',
    published_as  text NOT NULL,
    slip_no       text NOT NULL DEFAULT '',
    slip_photo    bytea,
    slip_type     text,
    state         text NOT NULL DEFAULT 'entered',
    entered_by    text NOT NULL,
    entered_at    timestamptz NOT NULL,
    decided_by    text,
    decided_at    timestamptz,
    note          text NOT NULL DEFAULT '',
    CONSTRAINT purchase_records_pkey PRIMARY KEY (purchase_id),
    CONSTRAINT purchase_records_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT purchase_records_species_exists FOREIGN KEY (species_code) REFERENCES species (species_code),
    CONSTRAINT purchase_records_price_positive CHECK (price_fen > 0),
    CONSTRAINT purchase_records_unit_known CHECK (price_unit IN ('kg', 'piece')),
    CONSTRAINT purchase_records_proved_by_a_slip CHECK (slip_no <> '' OR slip_photo IS NOT NULL),
    CONSTRAINT purchase_records_photo_has_a_type
        CHECK ((slip_photo IS NULL) = (slip_type IS NULL) AND slip_type IN ('image/jpeg', 'image/png')),
    CONSTRAINT purchase_records_state_known CHECK (state IN ('entered', 'accepted', 'refused')),
    CONSTRAINT purchase_records_decided_by_somebody
        CHECK ((state = 'entered') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT purchase_records_refused_says_why CHECK (state <> 'refused' OR note <> '')
);
CREATE INDEX purchase_records_by_goods
    ON purchase_records (market_id, vendor_id, species_code, grade, purchased_on DESC, purchase_id DESC)
    WHERE state = 'accepted';
CREATE INDEX purchase_records_by_day ON purchase_records (market_id, purchased_on DESC, purchase_id DESC);

-- The markup rates in force, by category: cap = reference x (1 + allowance) x (1 + rate), unless the reference is above
-- the category's ceiling (domain notes, section 2.1).
CREATE TABLE markup_rates (
    area                text NOT NULL,
    category            text NOT NULL,
    valid               daterange NOT NULL,
    markup_permille     integer NOT NULL,
    allowance_permille  integer NOT NULL,
    ceiling_fen_per_kg  bigint NOT NULL,
    source              text NOT NULL,
    entered_by          text NOT NULL,
    entered_at          timestamptz NOT NULL,
    CONSTRAINT markup_rates_pkey PRIMARY KEY (area, category, valid),
    CONSTRAINT markup_rates_dated CHECK (NOT isempty(valid) AND NOT lower_inf(valid)),
    CONSTRAINT markup_rates_not_negative
        CHECK (markup_permille >= 0 AND allowance_permille >= 0 AND ceiling_fen_per_kg > 0),
    CONSTRAINT markup_rates_one_at_a_time EXCLUDE USING gist (area WITH =, category WITH =, valid WITH &&)
);

-- Average wholesale prices of a day, as published: what the caps of the day after are calculated from.
CREATE TABLE wholesale_references (
    area          text NOT NULL,
    species_code  text NOT NULL,
    grade         text NOT NULL DEFAULT '',
    day           date NOT NULL,
    -- NULL: the market had none that day ("/"), so each vendor's own purchase counts.
    price_fen     bigint,
    price_unit    text NOT NULL DEFAULT 'kg',
    published_as  text NOT NULL,
    source        text NOT NULL,
    entered_by    text NOT NULL,
    entered_at    timestamptz NOT NULL,
    CONSTRAINT wholesale_references_pkey PRIMARY KEY (area, day, species_code, grade),
    CONSTRAINT wholesale_references_species_exists FOREIGN KEY (species_code) REFERENCES species (species_code),
    CONSTRAINT wholesale_references_price_positive CHECK (price_fen > 0),
    CONSTRAINT wholesale_references_unit_known CHECK (price_unit IN ('kg', 'piece'))
);

-- Whatever changes a judgement moves the revision. It waits for everybody who judges just now (share_what_judges): once the
-- change is committed, nothing is stored any more that was judged without it.
CREATE FUNCTION wait_for_who_judges() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('steelyard what judges'));
    RETURN NULL;
END $$;

CREATE TRIGGER vendor_exemptions_move_revision AFTER INSERT OR UPDATE OR DELETE ON vendor_exemptions
    FOR EACH STATEMENT EXECUTE FUNCTION move_price_book_revision();
CREATE TRIGGER price_book_revision_waits BEFORE UPDATE ON price_book_revision
    FOR EACH STATEMENT EXECUTE FUNCTION wait_for_who_judges();
CREATE TRIGGER registry_revision_waits BEFORE UPDATE ON registry_revision
    FOR EACH STATEMENT EXECUTE FUNCTION wait_for_who_judges();
CREATE TRIGGER purchase_records_wait BEFORE INSERT OR UPDATE OR DELETE ON purchase_records
    FOR EACH STATEMENT EXECUTE FUNCTION wait_for_who_judges();
