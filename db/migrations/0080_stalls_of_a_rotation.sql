-- What a stall is worth and what it is good for, what vendors need, and who may not be neighbours (docs/rotation.md).

ALTER TABLE stalls
    -- '' or NULL: not registered. Which classes there are stands in policy/rotation.toml.
    ADD COLUMN position_class  text NOT NULL DEFAULT '',
    ADD COLUMN goods_zone      text NOT NULL DEFAULT '',
    -- 1 is the ground floor, -1 the first below it.
    ADD COLUMN floor           integer,
    ADD COLUMN tank            text,
    -- Ids of the stalls beside it, with commas. That one side names the other is enough.
    ADD COLUMN neighbours      text NOT NULL DEFAULT '',
    ADD CONSTRAINT stalls_tank_known CHECK (tank IN ('yes', 'no')),
    ADD CONSTRAINT stalls_floor_exists CHECK (floor BETWEEN -5 AND 60 AND floor <> 0);

-- What a vendor needs of a stall. The newest row is what holds; a vendor without one needs the goods zone of each stall it holds.
CREATE TABLE vendor_stall_needs (
    need_id         bigint GENERATED ALWAYS AS IDENTITY,
    market_id       text NOT NULL,
    vendor_id       text NOT NULL,
    goods_zone      text NOT NULL,
    needs_tank      boolean NOT NULL,
    least_area_dm2  integer,
    ground_floor    boolean NOT NULL,
    hardship        boolean NOT NULL,
    -- Why: a hardship may be of health, so it is shown to who edits the register only.
    because         text NOT NULL,
    entered_by      text NOT NULL,
    entered_at      timestamptz NOT NULL,
    CONSTRAINT vendor_stall_needs_pkey PRIMARY KEY (need_id),
    CONSTRAINT vendor_stall_needs_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT vendor_stall_needs_area_positive CHECK (least_area_dm2 > 0),
    CONSTRAINT vendor_stall_needs_say_why CHECK (because <> '')
);
CREATE INDEX vendor_stall_needs_newest ON vendor_stall_needs (market_id, vendor_id, need_id DESC);
CREATE TRIGGER vendor_stall_needs_append_only BEFORE UPDATE OR DELETE ON vendor_stall_needs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Two vendors that may not be neighbours, since and until when. The newest row of a pair is what holds.
CREATE TABLE vendors_apart (
    apart_id    bigint GENERATED ALWAYS AS IDENTITY,
    market_id   text NOT NULL,
    one         text NOT NULL,
    other       text NOT NULL,
    holds       boolean NOT NULL,
    because     text NOT NULL,
    entered_by  text NOT NULL,
    entered_at  timestamptz NOT NULL,
    CONSTRAINT vendors_apart_pkey PRIMARY KEY (apart_id),
    CONSTRAINT vendors_apart_one_exists FOREIGN KEY (market_id, one) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT vendors_apart_other_exists FOREIGN KEY (market_id, other) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT vendors_apart_in_order CHECK (one < other),
    CONSTRAINT vendors_apart_say_why CHECK (because <> '')
);
CREATE INDEX vendors_apart_newest ON vendors_apart (market_id, one, other, apart_id DESC);
CREATE TRIGGER vendors_apart_append_only BEFORE UPDATE OR DELETE ON vendors_apart
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
