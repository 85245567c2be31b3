-- What people put on record of a vendor, each with its document and the line of the ledger that follows from it. It is
-- withdrawn once, by giving the line back; nothing else of it ever changes.
CREATE TABLE credit_records (
    record_id      bigint GENERATED ALWAYS AS IDENTITY,
    market_id      text NOT NULL,
    vendor_id      text NOT NULL,
    name           text NOT NULL,
    points         integer NOT NULL,
    document_no    text NOT NULL,
    evidence       text NOT NULL,
    happened_on    date NOT NULL,
    rules_version  text NOT NULL,
    recorded_by    text NOT NULL,
    recorded_at    timestamptz NOT NULL,
    origin         text NOT NULL,
    event_id       bigint NOT NULL,
    withdrawn_at   timestamptz,
    withdrawn_by   text,
    withdrawn_why  text NOT NULL DEFAULT '',
    CONSTRAINT credit_records_pkey PRIMARY KEY (record_id),
    CONSTRAINT credit_records_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT credit_records_event_exists FOREIGN KEY (event_id) REFERENCES credit_events (event_id),
    CONSTRAINT credit_records_one_per_event UNIQUE (event_id),
    CONSTRAINT credit_records_documented CHECK (document_no <> '' AND evidence <> ''),
    CONSTRAINT credit_records_withdrawn_by_another CHECK (withdrawn_by <> recorded_by),
    CONSTRAINT credit_records_withdrawn_why
        CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_why = ''))
);
-- Sent twice, it stands once. Withdrawn, the same document can be put on record again, as it should have been.
CREATE UNIQUE INDEX credit_records_once ON credit_records (market_id, vendor_id, name, document_no, happened_on)
    WHERE withdrawn_at IS NULL;
CREATE INDEX credit_records_by_vendor ON credit_records (market_id, vendor_id, record_id);

CREATE FUNCTION refuse_to_rewrite_a_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.withdrawn_at IS NOT NULL
       OR to_jsonb(OLD) - '{withdrawn_at,withdrawn_by,withdrawn_why}'::text[]
          IS DISTINCT FROM to_jsonb(NEW) - '{withdrawn_at,withdrawn_by,withdrawn_why}'::text[]
    THEN
        RAISE EXCEPTION 'what was put on record is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_records_keep_their_words BEFORE UPDATE ON credit_records
    FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite_a_record();
CREATE TRIGGER credit_records_stay BEFORE DELETE ON credit_records FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_records_no_truncate BEFORE TRUNCATE ON credit_records
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a month of a market was, once it is over and was counted: on how many days it traded at all, and of each vendor on how many of
-- these it held a scale and on how many it used one. Weighings may be let go after that; the figures stay.
CREATE TABLE credit_months (
    market_id    text NOT NULL,
    month        date NOT NULL,
    days_traded  integer NOT NULL,
    counted_at   timestamptz NOT NULL,
    CONSTRAINT credit_months_pkey PRIMARY KEY (market_id, month),
    CONSTRAINT credit_months_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id),
    CONSTRAINT credit_months_begin_on_the_first CHECK (extract(day FROM month) = 1)
);
CREATE TABLE credit_month_vendors (
    market_id    text NOT NULL,
    month        date NOT NULL,
    vendor_id    text NOT NULL,
    days_held    integer NOT NULL,
    days_used    integer NOT NULL,
    CONSTRAINT credit_month_vendors_pkey PRIMARY KEY (market_id, month, vendor_id),
    CONSTRAINT credit_month_vendors_of_month
        FOREIGN KEY (market_id, month) REFERENCES credit_months (market_id, month),
    CONSTRAINT credit_month_vendors_used_what_they_held CHECK (days_used BETWEEN 0 AND days_held)
);
CREATE TRIGGER credit_months_append_only BEFORE UPDATE OR DELETE ON credit_months
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_month_vendors_append_only BEFORE UPDATE OR DELETE ON credit_month_vendors
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Merits of a month that are earned and not in the ledger (`stands` is NULL), and those in the ledger that are not earned any
-- more (`points` is NULL). `rules`: what each merit is worth, from which permille of days held and from how many days on. `vendors`:
-- only of these; NULL: of all.
CREATE FUNCTION merits_to_settle(
    of_market text, of_month date, begins timestamptz, ends timestamptz, last_noon timestamptz,
    rules text[], worth integer[], permille integer[], least_days integer[], vendors text[])
RETURNS TABLE (vendor_id text, reason text, promise_id bigint, occurred_at timestamptz, points integer,
               evidence text, stands bigint) LANGUAGE sql STABLE AS $$
    WITH rule AS (
        SELECT r.* FROM unnest(rules, worth, permille, least_days) AS r (name, worth, permille, least_days)
    ), figures AS (
        SELECT f.vendor_id, f.days_used, f.days_held, m.days_traded,
               format('month=%s used=%s held=%s traded=%s', to_char(of_month, 'YYYY-MM'), f.days_used, f.days_held,
                      m.days_traded) AS told
        FROM credit_month_vendors f JOIN credit_months m USING (market_id, month)
        WHERE f.market_id = of_market AND f.month = of_month AND (vendors IS NULL OR f.vendor_id = ANY(vendors))
    ), deducted AS (
        SELECT DISTINCT e.vendor_id FROM credit_events e
        WHERE e.market_id = of_market AND e.occurred_at >= begins AND e.occurred_at < ends
          AND e.reverses IS NULL AND e.repairs IS NULL AND e.points < 0
          AND NOT EXISTS (SELECT FROM credit_events u WHERE u.reverses = e.event_id AND u.reverses IS NOT NULL)
    ), earned AS (
        SELECT f.vendor_id, r.name, NULL::bigint AS promise_id, last_noon AS occurred_at, r.worth, f.told
        FROM figures f JOIN rule r ON r.name = 'clean_month'
        WHERE f.days_used > 0 AND f.days_traded >= r.least_days
          -- Hashed once, however few rows the planner thinks there are.
          AND f.vendor_id NOT IN (SELECT d.vendor_id FROM deducted d)
        UNION ALL
        SELECT f.vendor_id, r.name, NULL, last_noon, r.worth, f.told
        FROM figures f JOIN rule r ON r.name = 'scale_use'
        WHERE f.days_held >= r.least_days AND f.days_used * 1000 >= r.permille * f.days_held
        UNION ALL
        SELECT p.vendor_id, r.name, p.promise_id, p.until - interval '1 second', r.worth, format('promise=%s', p.promise_id)
        FROM promises p JOIN rule r ON r.name = 'promise_kept'
        WHERE p.market_id = of_market AND p.state = 'kept' AND p.until - interval '1 second' >= begins
          AND p.until - interval '1 second' < ends
          AND (vendors IS NULL OR p.vendor_id = ANY(vendors))
    ), kept AS (
        SELECT e.vendor_id, e.reason, e.promise_id, e.occurred_at, e.event_id FROM credit_events e
        WHERE e.market_id = of_market AND e.occurred_at >= begins AND e.occurred_at < ends
          AND e.reverses IS NULL AND e.source = 'bonus' AND (vendors IS NULL OR e.vendor_id = ANY(vendors))
          AND NOT EXISTS (SELECT FROM credit_events u WHERE u.reverses = e.event_id AND u.reverses IS NOT NULL)
    )
    SELECT coalesce(e.vendor_id, k.vendor_id), coalesce(e.name, k.reason), coalesce(e.promise_id, k.promise_id),
           coalesce(e.occurred_at, k.occurred_at), e.worth, coalesce(e.told, ''), k.event_id
    FROM earned e
    FULL JOIN kept k ON k.vendor_id = e.vendor_id AND k.reason = e.name
                    AND coalesce(k.promise_id, 0) = coalesce(e.promise_id, 0)
    WHERE e.vendor_id IS NULL OR k.vendor_id IS NULL
$$;

-- Whoever appends holds the vendor's row. What was added twice would count twice. Not asked for by its moment: all of a market's
-- merits of a month have the same one. With a ledger that was small when this was planned the whole table would be read for each of its lines.
CREATE INDEX credit_events_merits ON credit_events (market_id, vendor_id, rule) WHERE source = 'bonus' AND reverses IS NULL;
CREATE FUNCTION refuse_a_second_merit() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    known bigint;
BEGIN
    IF NEW.source <> 'bonus' OR NEW.reverses IS NOT NULL THEN
        RETURN NEW;
    END IF;
    FOR known IN SELECT e.event_id FROM credit_events e
                 WHERE e.market_id = NEW.market_id AND e.vendor_id = NEW.vendor_id AND e.source = 'bonus'
                   AND e.rule = NEW.rule AND e.reverses IS NULL LOOP
        IF NOT EXISTS (SELECT FROM credit_events undone WHERE undone.reverses = known) THEN
            RAISE EXCEPTION 'merit % of vendor % stands already', NEW.rule, NEW.vendor_id
                USING ERRCODE = 'unique_violation', CONSTRAINT = 'credit_events_one_standing_per_merit';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_events_one_standing_per_merit BEFORE INSERT ON credit_events
    FOR EACH ROW EXECUTE FUNCTION refuse_a_second_merit();
