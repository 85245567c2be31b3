-- The code of a vendor's public page (企业码, `/q/…`): printed for the stall, read by anybody, and so no secret; drawn by chance, so
-- that nobody counts through the vendors of a market. A new one ends the one before, which says so from then on.
CREATE TABLE public_vendor_codes (
    code       text NOT NULL,
    market_id  text NOT NULL,
    vendor_id  text NOT NULL,
    issued_by  text NOT NULL,
    issued_at  timestamptz NOT NULL,
    ended_at   timestamptz,
    CONSTRAINT public_vendor_codes_pkey PRIMARY KEY (code),
    -- Eight signs, none of which is taken for another one: no I, L, O, 0 and 1.
    CONSTRAINT public_vendor_codes_shaped CHECK (code ~ '^[2-9A-HJKMNP-Z]{8}$'),
    CONSTRAINT public_vendor_codes_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT public_vendor_codes_end_after_they_begin CHECK (ended_at >= issued_at)
);
CREATE UNIQUE INDEX public_vendor_codes_one_now ON public_vendor_codes (market_id, vendor_id) WHERE ended_at IS NULL;
