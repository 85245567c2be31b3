-- What was judged is judged again where what it was judged by changed (docs/rejudging.md). Each change puts down, in its own
-- transaction, which weighings it may touch; a worker looks at those and writes only what comes out differently.

CREATE TABLE rejudgements (
    rejudgement_id  bigint GENERATED ALWAYS AS IDENTITY,
    cause           text NOT NULL,
    -- What changed: the list, the scale, the vendor.
    about           text NOT NULL DEFAULT '',
    -- Which weighings: those judged within `span`, of all that the others name. NULL: of any.
    span            tstzrange NOT NULL,
    area            text,
    channel         text,
    market_id       text,
    scale_id        text,
    vendor_id       text,
    species_codes   text[],
    names           text[],
    requested_at    timestamptz NOT NULL DEFAULT now(),
    requested_by    text NOT NULL DEFAULT 'system',
    started_at      timestamptz,
    finished_at     timestamptz,
    -- How far it has come: everything of the markets before `at_market`, and of that one what is judged by the device's
    -- clock (or by the arrival, where `by_arrival`) before `reached`.
    at_market       text,
    by_arrival      boolean NOT NULL DEFAULT false,
    reached         timestamptz,
    expected        bigint NOT NULL DEFAULT 0,
    looked_at       bigint NOT NULL DEFAULT 0,
    changed         bigint NOT NULL DEFAULT 0,
    raised          bigint NOT NULL DEFAULT 0,
    withdrawn       bigint NOT NULL DEFAULT 0,
    CONSTRAINT rejudgements_pkey PRIMARY KEY (rejudgement_id),
    CONSTRAINT rejudgements_cause_known
        CHECK (cause IN ('list', 'binding', 'exemption', 'names', 'purchase', 'by_hand')),
    CONSTRAINT rejudgements_span_not_empty CHECK (NOT isempty(span)),
    CONSTRAINT rejudgements_started_before_finished CHECK (finished_at IS NULL OR started_at IS NOT NULL)
);
CREATE INDEX rejudgements_waiting ON rejudgements (rejudgement_id) WHERE finished_at IS NULL;

-- A weighing judged by its arrival is found by that.
CREATE INDEX weighings_judged_at_arrival ON weighings (market_id, received_at) WHERE judged_at_arrival;

-- What each occurrence was, so that an alert can be counted anew from those that stand; one that was taken back is marked,
-- not deleted: who decided on the alert saw it.
ALTER TABLE alert_weighings
    ADD COLUMN excess_permille  bigint NOT NULL DEFAULT 0,
    ADD COLUMN cap_fen          bigint,
    ADD COLUMN cap_unit         text,
    ADD COLUMN withdrawn_by     bigint,
    ADD CONSTRAINT alert_weighings_cap_has_a_unit CHECK ((cap_fen IS NULL) = (cap_unit IS NULL)),
    ADD CONSTRAINT alert_weighings_rejudgement_exists
        FOREIGN KEY (withdrawn_by) REFERENCES rejudgements (rejudgement_id);
UPDATE alert_weighings aw
SET cap_fen = w.cap_fen, cap_unit = w.cap_unit, excess_permille = -(-aw.excess_fen * 1000 / w.cap_fen)
FROM alerts a, weighings w
WHERE a.alert_id = aw.alert_id AND a.worst_cap_fen IS NOT NULL AND w.market_id = aw.market_id
  AND w.scale_id = aw.scale_id AND w.journal_id = aw.journal_id AND w.seq = aw.seq AND w.weighed_at = aw.weighed_at
  AND w.cap_fen IS NOT NULL AND w.cap_unit IS NOT NULL;
CREATE INDEX alert_weighings_by_time ON alert_weighings (market_id, weighed_at);

-- One request; left out where one that has not begun covers it.
CREATE FUNCTION ask_to_rejudge(of_cause text, of_about text, of_span tstzrange, of_area text DEFAULT NULL,
                               of_channel text DEFAULT NULL, of_market text DEFAULT NULL, of_scale text DEFAULT NULL,
                               of_vendor text DEFAULT NULL, of_species text[] DEFAULT NULL, of_names text[] DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF isempty(of_span) OR NOT EXISTS (SELECT FROM weighings) THEN
        RETURN;
    END IF;
    INSERT INTO rejudgements (cause, about, span, area, channel, market_id, scale_id, vendor_id, species_codes, names)
    SELECT of_cause, of_about, of_span, of_area, of_channel, of_market, of_scale, of_vendor, of_species, of_names
    WHERE NOT EXISTS (
        SELECT FROM rejudgements r
        WHERE r.started_at IS NULL AND r.cause = of_cause AND of_span <@ r.span
          AND (r.area, r.channel, r.market_id, r.scale_id, r.vendor_id, r.species_codes, r.names)
              IS NOT DISTINCT FROM (of_area, of_channel, of_market, of_scale, of_vendor, of_species, of_names));
END $$;

-- When two differ: all of the one and the other without what both have.
CREATE FUNCTION where_different(one tstzrange, other tstzrange) RETURNS SETOF tstzrange LANGUAGE sql IMMUTABLE AS $$
    SELECT unnest((one::tstzmultirange + other::tstzmultirange) - (one::tstzmultirange * other::tstzmultirange))
$$;

CREATE FUNCTION rejudge_by_list() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was tstzrange := 'empty';
    judges tstzrange := 'empty';
    different tstzrange;
    about bigint := NEW.cap_list_id;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.status = 'published' THEN
        was := OLD.effective;
    END IF;
    IF NEW.status = 'corrected' THEN
        about := coalesce((SELECT cap_list_id FROM cap_lists WHERE corrects = NEW.cap_list_id), about);
    END IF;
    IF NEW.status = 'published' THEN
        judges := NEW.effective;
    END IF;
    FOR different IN SELECT where_different(was, judges) LOOP
        PERFORM ask_to_rejudge('list', about::text, different, NEW.area, NEW.channel, NEW.market_id);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER cap_lists_rejudge AFTER INSERT OR UPDATE OF status, effective ON cap_lists
    FOR EACH ROW EXECUTE FUNCTION rejudge_by_list();

CREATE FUNCTION rejudge_by_binding() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was tstzrange := 'empty';
    holds tstzrange := 'empty';
    different tstzrange;
    one record;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        was := OLD.valid;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        holds := NEW.valid;
    END IF;
    one := coalesce(NEW, OLD);
    IF TG_OP = 'UPDATE' AND (OLD.stall_id, OLD.vendor_id) IS DISTINCT FROM (NEW.stall_id, NEW.vendor_id) THEN
        PERFORM ask_to_rejudge('binding', one.scale_id, was, of_market => one.market_id, of_scale => one.scale_id);
        PERFORM ask_to_rejudge('binding', one.scale_id, holds, of_market => one.market_id, of_scale => one.scale_id);
        RETURN NULL;
    END IF;
    FOR different IN SELECT where_different(was, holds) LOOP
        PERFORM ask_to_rejudge('binding', one.scale_id, different, of_market => one.market_id,
                               of_scale => one.scale_id);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER scale_bindings_rejudge AFTER INSERT OR UPDATE OR DELETE ON scale_bindings
    FOR EACH ROW EXECUTE FUNCTION rejudge_by_binding();

CREATE FUNCTION rejudge_by_exemption() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was tstzrange := 'empty';
    holds tstzrange := 'empty';
    different tstzrange;
    one record;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        was := OLD.valid;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        holds := NEW.valid;
    END IF;
    one := coalesce(NEW, OLD);
    FOR different IN SELECT where_different(was, holds) LOOP
        PERFORM ask_to_rejudge('exemption', one.vendor_id, different, of_market => one.market_id,
                               of_vendor => one.vendor_id);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER vendor_exemptions_rejudge AFTER INSERT OR UPDATE OR DELETE ON vendor_exemptions
    FOR EACH ROW EXECUTE FUNCTION rejudge_by_exemption();

-- A purchase makes caps from its day on, for as many days as the policy says: which is not known here, so for good.
CREATE FUNCTION rejudge_by_purchase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'accepted' OR (TG_OP = 'UPDATE' AND OLD.state = 'accepted') THEN
        PERFORM ask_to_rejudge('purchase', NEW.vendor_id,
                               tstzrange(NEW.purchased_on::timestamp AT TIME ZONE 'UTC' - interval '1 day', NULL),
                               of_market => NEW.market_id, of_vendor => NEW.vendor_id,
                               of_species => ARRAY[NEW.species_code]);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER purchase_records_rejudge AFTER INSERT OR UPDATE ON purchase_records
    FOR EACH ROW EXECUTE FUNCTION rejudge_by_purchase();

-- A name that means another species now: of whatever day.
CREATE FUNCTION rejudge_by_new_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ask_to_rejudge('names', '', '(,)', of_names => array_agg(name ORDER BY name)) FROM new_names
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION rejudge_by_old_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ask_to_rejudge('names', '', '(,)', of_names => array_agg(name ORDER BY name)) FROM old_names
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER species_names_inserted_rejudge AFTER INSERT ON species_names REFERENCING NEW TABLE AS new_names
    FOR EACH STATEMENT EXECUTE FUNCTION rejudge_by_new_names();
CREATE TRIGGER species_names_updated_rejudge AFTER UPDATE ON species_names REFERENCING NEW TABLE AS new_names
    FOR EACH STATEMENT EXECUTE FUNCTION rejudge_by_new_names();
CREATE TRIGGER species_names_deleted_rejudge AFTER DELETE ON species_names REFERENCING OLD TABLE AS old_names
    FOR EACH STATEMENT EXECUTE FUNCTION rejudge_by_old_names();

-- A code that was unknown is itself from now on.
CREATE FUNCTION rejudge_by_species() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ask_to_rejudge('names', '', '(,)', of_species => array_agg(species_code ORDER BY species_code))
    FROM new_species HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER species_inserted_rejudge AFTER INSERT ON species REFERENCING NEW TABLE AS new_species
    FOR EACH STATEMENT EXECUTE FUNCTION rejudge_by_species();
