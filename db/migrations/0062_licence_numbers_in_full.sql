-- A licence number of a person is masked where the register is read (docs/decisions/0018): who could find it by its
-- beginning would read it digit by digit. So it is found only by all of it, and is no part of what is searched by beginnings.

ALTER TABLE vendors DROP COLUMN search;
DROP FUNCTION vendor_terms(text, text, text[], text, text);

CREATE FUNCTION vendor_terms(vendor_id text, name text, pinyin text[], credit_code text)
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
    FOREACH code IN ARRAY ARRAY[vendor_id, credit_code] LOOP
        IF code <> '' THEN
            terms := array_append(terms, lower(left(code, 64)));
        END IF;
    END LOOP;
    RETURN array_to_tsvector(array_remove(terms, ''));
END $$;

ALTER TABLE vendors
    ADD COLUMN search tsvector GENERATED ALWAYS AS (vendor_terms(vendor_id, name, pinyin, credit_code)) STORED;
CREATE INDEX vendors_by_search ON vendors USING gin (search);
CREATE INDEX vendors_by_whole_licence_no ON vendors (lower(licence_no), market_id, vendor_id) WHERE licence_no <> '';
