-- Risk classes computed each month (docs/risk-class.md), beside those that regulators set; warnings that a trend turned.

ALTER TABLE risk_classes
    -- The month (its first day, by the market's calendar) that it stands for. A class set by hand stands for the month in
    -- which it was set, a computed one for the month after the one it was computed from.
    ADD COLUMN for_month       date,
    -- Of a computed class only.
    ADD COLUMN computed_month  date,
    ADD COLUMN points          integer,
    ADD COLUMN by_points       text,
    ADD COLUMN basis           text,
    ADD COLUMN because         text,
    ADD COLUMN parts           jsonb,
    ADD COLUMN policy_version  text;
ALTER TABLE risk_classes DISABLE TRIGGER risk_classes_append_only;
UPDATE risk_classes r SET for_month = date_trunc('month', r.set_at AT TIME ZONE m.timezone)::date
FROM markets m WHERE m.market_id = r.market_id;
ALTER TABLE risk_classes ENABLE TRIGGER risk_classes_append_only;
ALTER TABLE risk_classes
    ALTER COLUMN for_month SET NOT NULL,
    ADD CONSTRAINT risk_classes_of_whole_months
        CHECK (extract(day FROM for_month) = 1 AND computed_month = for_month - interval '1 month'),
    ADD CONSTRAINT risk_classes_computed_whole
        CHECK (num_nonnulls(computed_month, points, by_points, basis, because, parts, policy_version) IN (0, 7)),
    ADD CONSTRAINT risk_classes_points_not_negative CHECK (points >= 0),
    ADD CONSTRAINT risk_classes_by_points_known CHECK (by_points IN ('A', 'B', 'C', 'D')),
    ADD CONSTRAINT risk_classes_basis_known CHECK (basis IN ('enough', 'little', 'old', 'none')),
    ADD CONSTRAINT risk_classes_because_known CHECK (because IN ('points', 'data', 'share'));
CREATE UNIQUE INDEX risk_classes_computed_once ON risk_classes (market_id, vendor_id, computed_month)
    WHERE computed_month IS NOT NULL;
-- The class in force is the first of a vendor's in this order.
DROP INDEX risk_classes_by_vendor;
CREATE INDEX risk_classes_in_force
    ON risk_classes (market_id, vendor_id, for_month DESC, (computed_month IS NULL) DESC, set_at DESC, risk_class_id DESC);
CREATE INDEX risk_classes_listed ON risk_classes (for_month, class DESC, points DESC, risk_class_id DESC)
    WHERE computed_month IS NOT NULL;
CREATE INDEX risk_classes_listed_in_market
    ON risk_classes (market_id, for_month, class DESC, points DESC, risk_class_id DESC) WHERE computed_month IS NOT NULL;
CREATE INDEX risk_classes_by_hand ON risk_classes (risk_class_id DESC) WHERE computed_month IS NULL;

-- A month's weighings of a vendor, counted once when the month is over: what was counted then is what classes were made of,
-- whatever is judged again or no longer kept.
CREATE TABLE risk_months (
    market_id  text NOT NULL,
    vendor_id  text NOT NULL,
    month      date NOT NULL,
    weighings  integer NOT NULL,
    capped     integer NOT NULL,
    near       integer NOT NULL,
    over       integer NOT NULL,
    last_day   date NOT NULL,
    CONSTRAINT risk_months_pkey PRIMARY KEY (market_id, month, vendor_id),
    CONSTRAINT risk_months_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT risk_months_whole CHECK (extract(day FROM month) = 1),
    CONSTRAINT risk_months_counted
        CHECK (weighings >= 1 AND near >= 0 AND over >= 0 AND near + over <= weighings AND capped BETWEEN 0 AND weighings)
);
CREATE INDEX risk_months_by_vendor ON risk_months (market_id, vendor_id, month);
CREATE TABLE risk_counted (
    market_id      text NOT NULL,
    month          date NOT NULL,
    near_permille  integer NOT NULL,
    counted_at     timestamptz NOT NULL,
    CONSTRAINT risk_counted_pkey PRIMARY KEY (market_id, month),
    CONSTRAINT risk_counted_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id)
);

-- A month of a market is computed once.
CREATE TABLE risk_runs (
    market_id       text NOT NULL,
    month           date NOT NULL,
    computed_at     timestamptz NOT NULL,
    policy_version  text NOT NULL,
    rules_version   text NOT NULL,
    vendors         integer NOT NULL,
    -- How many vendors are in each class, and how many of these were visited in the twelve months before.
    by_class        jsonb NOT NULL,
    inspected       jsonb NOT NULL,
    warnings        integer NOT NULL,
    CONSTRAINT risk_runs_pkey PRIMARY KEY (market_id, month),
    CONSTRAINT risk_runs_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id),
    CONSTRAINT risk_runs_of_whole_months CHECK (extract(day FROM month) = 1)
);

-- A trend that turned: of a vendor, or of the whole market. A hint to look, and nothing else follows from it.
CREATE TABLE risk_warnings (
    warning_id           bigint GENERATED ALWAYS AS IDENTITY,
    market_id            text NOT NULL,
    vendor_id            text,
    month                date NOT NULL,
    -- Of a vendor days with something confirmed, of a market its vendors of whom something was.
    counted              integer NOT NULL,
    weighings            bigint NOT NULL,
    counted_before       integer NOT NULL,
    weighings_before     bigint NOT NULL,
    months_before        integer NOT NULL,
    dispersion_permille  integer NOT NULL,
    p_value              double precision NOT NULL,
    CONSTRAINT risk_warnings_pkey PRIMARY KEY (warning_id),
    CONSTRAINT risk_warnings_run_exists FOREIGN KEY (market_id, month) REFERENCES risk_runs (market_id, month),
    CONSTRAINT risk_warnings_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT risk_warnings_p_value CHECK (p_value >= 0 AND p_value < 1),
    CONSTRAINT risk_warnings_compared CHECK (weighings > 0 AND weighings_before > 0 AND dispersion_permille >= 1000)
);
CREATE UNIQUE INDEX risk_warnings_once ON risk_warnings (market_id, month, coalesce(vendor_id, ''));
CREATE INDEX risk_warnings_by_month ON risk_warnings (month, p_value, warning_id);
CREATE INDEX risk_warnings_by_vendor ON risk_warnings (market_id, vendor_id, month DESC);

CREATE TRIGGER risk_months_append_only BEFORE UPDATE OR DELETE ON risk_months
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER risk_counted_append_only BEFORE UPDATE OR DELETE ON risk_counted
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER risk_runs_append_only BEFORE UPDATE OR DELETE ON risk_runs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER risk_warnings_append_only BEFORE UPDATE OR DELETE ON risk_warnings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER risk_months_no_truncate BEFORE TRUNCATE ON risk_months
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER risk_counted_no_truncate BEFORE TRUNCATE ON risk_counted
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER risk_runs_no_truncate BEFORE TRUNCATE ON risk_runs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER risk_warnings_no_truncate BEFORE TRUNCATE ON risk_warnings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The class in force at a moment: of the latest month that is not yet to come; within a month one set by hand goes before
-- the computed one, and the last one set before those before it.
CREATE FUNCTION risk_class_at(asked_market text, asked_vendor text, asked_month date, asked_at timestamptz)
RETURNS SETOF risk_classes LANGUAGE sql STABLE AS $$
    SELECT r.* FROM risk_classes r
    WHERE r.market_id = asked_market AND r.vendor_id = asked_vendor AND r.for_month <= asked_month AND r.set_at <= asked_at
    ORDER BY r.for_month DESC, (r.computed_month IS NULL) DESC, r.set_at DESC, r.risk_class_id DESC
    LIMIT 1
$$;
