-- Who the vendors are, where the stalls are, what the scales' plates, seals and certificates say; who occupied which stall
-- when; every change with who, when and why; and who saw what of a person (docs/registry.md).

-- What a vendor is found by, as lexemes to be matched by their beginnings: each ending of its name, of its pinyin by
-- syllables and of their initials, so that any part of a name is the beginning of one of them; its id and its codes.
-- A text search dictionary knows nothing of Chinese, and trigrams need three letters: names have two.
CREATE FUNCTION vendor_terms(vendor_id text, name text, pinyin text[], credit_code text, licence_no text)
RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    plain text := lower(regexp_replace(name, '\s', '', 'g'));
    sound text := '';
    initials text := '';
    code text;
    terms text[] := '{}';
BEGIN
    FOR n IN 1 .. length(plain) LOOP
        terms := array_append(terms, substr(plain, n, 64));
    END LOOP;
    FOR n IN REVERSE cardinality(pinyin) .. 1 LOOP
        sound := lower(pinyin[n]) || sound;
        initials := left(lower(pinyin[n]), 1) || initials;
        terms := array_append(array_append(terms, left(sound, 64)), left(initials, 64));
    END LOOP;
    FOREACH code IN ARRAY ARRAY[vendor_id, credit_code, licence_no] LOOP
        IF code <> '' THEN
            terms := array_append(terms, lower(left(code, 64)));
        END IF;
    END LOOP;
    RETURN array_to_tsvector(array_remove(terms, ''));
END $$;

ALTER TABLE vendors
    -- '' or NULL: not registered.
    ADD COLUMN kind                  text NOT NULL DEFAULT '',
    -- 统一社会信用代码 (GB 32100-2015); an individual without one has the number of its licence.
    ADD COLUMN credit_code           text NOT NULL DEFAULT '',
    ADD COLUMN licence_no            text NOT NULL DEFAULT '',
    ADD COLUMN legal_representative  text NOT NULL DEFAULT '',
    ADD COLUMN phone                 text NOT NULL DEFAULT '',
    ADD COLUMN licence_from          date,
    ADD COLUMN licence_until         date,
    -- The syllables of the name.
    ADD COLUMN pinyin                text[] NOT NULL DEFAULT '{}',
    -- Moves with every change: who changes it says which one they saw.
    ADD COLUMN revision              bigint NOT NULL DEFAULT 1,
    ADD COLUMN search                tsvector
        GENERATED ALWAYS AS (vendor_terms(vendor_id, name, pinyin, credit_code, licence_no)) STORED,
    ADD CONSTRAINT vendors_kind_known CHECK (kind IN ('', 'company', 'individual')),
    ADD CONSTRAINT vendors_credit_code_shaped
        CHECK (credit_code = '' OR credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$'),
    ADD CONSTRAINT vendors_licence_ends_after_it_begins CHECK (licence_until >= licence_from);
CREATE UNIQUE INDEX vendors_credit_code_once ON vendors (market_id, credit_code) WHERE credit_code <> '';
CREATE INDEX vendors_by_credit_code ON vendors (credit_code) WHERE credit_code <> '';
CREATE INDEX vendors_by_search ON vendors USING gin (search);

ALTER TABLE stalls
    ADD COLUMN row_no      text NOT NULL DEFAULT '',
    ADD COLUMN area_dm2    integer,
    ADD COLUMN open_from   date,
    ADD COLUMN open_until  date,
    ADD COLUMN revision    bigint NOT NULL DEFAULT 1,
    ADD CONSTRAINT stalls_area_positive CHECK (area_dm2 > 0),
    ADD CONSTRAINT stalls_close_after_they_open CHECK (open_until >= open_from);
CREATE INDEX stalls_by_beginning ON stalls (lower(stall_id) text_pattern_ops);

ALTER TABLE scales
    ADD COLUMN maker           text NOT NULL DEFAULT '',
    ADD COLUMN model           text NOT NULL DEFAULT '',
    ADD COLUMN seal_state      text,
    -- Of the verification in force, as scale_verifications has it.
    ADD COLUMN certificate_no  text NOT NULL DEFAULT '',
    ADD COLUMN verified_on     date,
    ADD COLUMN revision        bigint NOT NULL DEFAULT 1,
    ADD CONSTRAINT scales_seal_state_known CHECK (seal_state IN ('intact', 'broken', 'missing'));
CREATE INDEX scales_by_beginning ON scales (lower(scale_id) text_pattern_ops);

CREATE INDEX scale_bindings_by_vendor ON scale_bindings (market_id, vendor_id);
CREATE INDEX scale_bindings_by_stall ON scale_bindings (market_id, stall_id);

CREATE TABLE stall_occupancies (
    occupancy_id  bigint GENERATED ALWAYS AS IDENTITY,
    market_id     text NOT NULL,
    stall_id      text NOT NULL,
    vendor_id     text NOT NULL,
    valid         tstzrange NOT NULL,
    because       text NOT NULL DEFAULT '',
    entered_by    text NOT NULL,
    entered_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT stall_occupancies_pkey PRIMARY KEY (occupancy_id),
    CONSTRAINT stall_occupancies_stall_exists FOREIGN KEY (market_id, stall_id) REFERENCES stalls (market_id, stall_id),
    CONSTRAINT stall_occupancies_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT stall_occupancies_not_empty CHECK (NOT isempty(valid)),
    CONSTRAINT stall_occupancies_one_at_a_time
        EXCLUDE USING gist (market_id WITH =, stall_id WITH =, valid WITH &&)
);
CREATE INDEX stall_occupancies_by_vendor ON stall_occupancies (market_id, vendor_id);

-- So far a stall was whoever's scale stood on it; where two vendors' scales did at once, nobody can tell.
INSERT INTO stall_occupancies (market_id, stall_id, vendor_id, valid, entered_by)
SELECT one.market_id, one.stall_id, one.vendor_id, one.valid, 'system'
FROM (SELECT market_id, stall_id, vendor_id, unnest(range_agg(valid)) AS valid FROM scale_bindings
      GROUP BY market_id, stall_id, vendor_id) AS one
WHERE NOT EXISTS (SELECT FROM scale_bindings b
                  WHERE b.market_id = one.market_id AND b.stall_id = one.stall_id AND b.vendor_id <> one.vendor_id
                    AND b.valid && one.valid);

CREATE TABLE scale_verifications (
    verification_id    bigint GENERATED ALWAYS AS IDENTITY,
    market_id          text NOT NULL,
    scale_id           text NOT NULL,
    verified_on        date NOT NULL,
    valid_until        date,
    certificate_no     text NOT NULL,
    verifier           text NOT NULL DEFAULT '',
    passed             boolean NOT NULL,
    verification_code  text NOT NULL DEFAULT '',
    seal_no            text NOT NULL DEFAULT '',
    seal_state         text,
    entered_by         text NOT NULL,
    entered_at         timestamptz NOT NULL,
    CONSTRAINT scale_verifications_pkey PRIMARY KEY (verification_id),
    CONSTRAINT scale_verifications_scale_exists FOREIGN KEY (market_id, scale_id) REFERENCES scales (market_id, scale_id),
    CONSTRAINT scale_verifications_once UNIQUE (market_id, scale_id, certificate_no, verified_on),
    CONSTRAINT scale_verifications_certified CHECK (certificate_no <> ''),
    CONSTRAINT scale_verifications_passed_until_a_day CHECK (passed = (valid_until IS NOT NULL)),
    CONSTRAINT scale_verifications_end_after_they_begin CHECK (valid_until >= verified_on),
    CONSTRAINT scale_verifications_seal_state_known CHECK (seal_state IN ('intact', 'broken', 'missing'))
);
CREATE TRIGGER scale_verifications_append_only BEFORE UPDATE OR DELETE ON scale_verifications
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The trail: what was and what is, as texts by field.
CREATE TABLE registry_events (
    event_id      bigint GENERATED ALWAYS AS IDENTITY,
    market_id     text NOT NULL,
    subject       text NOT NULL,
    subject_id    text NOT NULL,
    action        text NOT NULL,
    changes       jsonb NOT NULL,
    effective_at  timestamptz,
    because       text NOT NULL DEFAULT '',
    source        text NOT NULL,
    by            text NOT NULL,
    at            timestamptz NOT NULL,
    CONSTRAINT registry_events_pkey PRIMARY KEY (event_id),
    CONSTRAINT registry_events_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id),
    CONSTRAINT registry_events_subject_known CHECK (subject IN ('vendor', 'stall', 'scale')),
    CONSTRAINT registry_events_source_known CHECK (source IN ('page', 'file', 'api', 'command'))
);
CREATE INDEX registry_events_by_subject ON registry_events (market_id, subject, subject_id, event_id DESC);
CREATE TRIGGER registry_events_append_only BEFORE UPDATE OR DELETE ON registry_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Who saw what of a person in full, and why (个人信息保护法, article 51).
CREATE TABLE personal_data_views (
    view_id    bigint GENERATED ALWAYS AS IDENTITY,
    market_id  text NOT NULL,
    vendor_id  text NOT NULL,
    fields     text[] NOT NULL,
    how        text NOT NULL,
    because    text NOT NULL,
    by         text NOT NULL,
    at         timestamptz NOT NULL,
    CONSTRAINT personal_data_views_pkey PRIMARY KEY (view_id),
    CONSTRAINT personal_data_views_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT personal_data_views_say_why CHECK (because <> ''),
    CONSTRAINT personal_data_views_how_known CHECK (how IN ('page', 'json', 'xlsx', 'api', 'command'))
);
CREATE INDEX personal_data_views_newest ON personal_data_views (at DESC, view_id DESC);
CREATE INDEX personal_data_views_by_vendor ON personal_data_views (market_id, vendor_id, at DESC, view_id DESC);
CREATE TRIGGER personal_data_views_append_only BEFORE UPDATE OR DELETE ON personal_data_views
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
