-- Who may inspect, whom they may not visit, and the regulator's risk classes of subjects.

CREATE TABLE inspectors (
    user_id         bigint NOT NULL,
    badge_no        text NOT NULL,
    department      text NOT NULL,
    qualifications  text[] NOT NULL,
    added_by        text NOT NULL,
    added_at        timestamptz NOT NULL,
    retired_by      text,
    retired_at      timestamptz,
    CONSTRAINT inspectors_pkey PRIMARY KEY (user_id),
    CONSTRAINT inspectors_user_exists FOREIGN KEY (user_id) REFERENCES users (user_id),
    CONSTRAINT inspectors_badge_once UNIQUE (badge_no),
    CONSTRAINT inspectors_retired_by_somebody CHECK ((retired_by IS NULL) = (retired_at IS NULL))
);

-- Declared, and ended; never deleted. Without a vendor it is the whole market.
CREATE TABLE inspector_conflicts (
    conflict_id  bigint GENERATED ALWAYS AS IDENTITY,
    user_id      bigint NOT NULL,
    market_id    text NOT NULL,
    vendor_id    text,
    reason       text NOT NULL,
    declared_by  text NOT NULL,
    declared_at  timestamptz NOT NULL,
    ended_by     text,
    ended_at     timestamptz,
    CONSTRAINT inspector_conflicts_pkey PRIMARY KEY (conflict_id),
    CONSTRAINT inspector_conflicts_inspector_exists FOREIGN KEY (user_id) REFERENCES inspectors (user_id),
    CONSTRAINT inspector_conflicts_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id),
    CONSTRAINT inspector_conflicts_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT inspector_conflicts_ended_by_somebody CHECK ((ended_by IS NULL) = (ended_at IS NULL))
);
CREATE INDEX inspector_conflicts_by_inspector ON inspector_conflicts (user_id) WHERE ended_at IS NULL;

-- A class holds from when it was set until the next one is. It is no score, and only regulators see it.
CREATE TABLE risk_classes (
    risk_class_id  bigint GENERATED ALWAYS AS IDENTITY,
    market_id      text NOT NULL,
    vendor_id      text NOT NULL,
    class          text NOT NULL,
    reason         text NOT NULL,
    set_by         text NOT NULL,
    set_at         timestamptz NOT NULL,
    CONSTRAINT risk_classes_pkey PRIMARY KEY (risk_class_id),
    CONSTRAINT risk_classes_vendor_exists
        FOREIGN KEY (market_id, vendor_id) REFERENCES vendors (market_id, vendor_id),
    CONSTRAINT risk_classes_known CHECK (class IN ('A', 'B', 'C', 'D')),
    CONSTRAINT risk_classes_with_a_reason CHECK (reason <> '')
);
CREATE INDEX risk_classes_by_vendor ON risk_classes (market_id, vendor_id, set_at DESC, risk_class_id DESC);
CREATE TRIGGER risk_classes_append_only BEFORE UPDATE OR DELETE ON risk_classes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER risk_classes_no_truncate BEFORE TRUNCATE ON risk_classes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
