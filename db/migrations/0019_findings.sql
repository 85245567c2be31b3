-- The rules that read a weighing (pricing/findings): their kinds of alerts, what they need to know of a scale, which
-- findings of a day were told of, and loads that were weighed again on the fair scale.

ALTER TABLE alerts DROP CONSTRAINT alerts_kind_known;
ALTER TABLE alerts ADD CONSTRAINT alerts_kind_known
    CHECK (kind IN ('price_over_cap', 'effective_price_over_cap', 'sequence_conflict', 'unbound_scale',
                    'sequence_gap', 'chain_break', 'clock_drift',
                    'amount_mismatch', 'price_scaled', 'unit_confusion', 'grade_upgrade', 'unstable_weight',
                    'zero_abnormal', 'tare_abuse', 'below_minimum',
                    'other_overuse', 'species_suspect', 'split_weighing', 'repeated_weighing', 'frequent_voids',
                    'price_off_usual', 'price_spike', 'scale_silent', 'low_use',
                    'scale_unsuitable', 'verification_due', 'verification_expired', 'scale_unregistered',
                    'cap_list_missing', 'short_weight'));

-- NULL: not registered, and then no rule that needs it speaks.
ALTER TABLE scales
    -- The verification division e and the maximum capacity, in grams, and the accuracy class of JJG 539.
    ADD COLUMN division_g         integer,
    ADD COLUMN max_g              integer,
    ADD COLUMN accuracy_class     text,
    -- The basket that the stall weighs in, where it has one (诚信筐).
    ADD COLUMN usual_tare_g       integer,
    -- Verified until the end of this day (强检), and the three codes and the seal of JJG 1204-2025 (三码一封).
    ADD COLUMN verified_until     date,
    ADD COLUMN production_code    text NOT NULL DEFAULT '',
    ADD COLUMN repair_code        text NOT NULL DEFAULT '',
    ADD COLUMN verification_code  text NOT NULL DEFAULT '',
    ADD COLUMN seal_no            text NOT NULL DEFAULT '',
    ADD CONSTRAINT scales_division_positive CHECK (division_g > 0),
    ADD CONSTRAINT scales_max_positive CHECK (max_g > 0),
    ADD CONSTRAINT scales_usual_tare_positive CHECK (usual_tare_g > 0),
    ADD CONSTRAINT scales_accuracy_class_known CHECK (accuracy_class IN ('III', 'IIII'));

-- What was found of a day or of the registry is told of once, however often it is looked at: a person who dismissed it
-- is not asked again. `subject` as in alerts; `day` the business day, or the day a deadline belongs to.
CREATE TABLE findings_told (
    market_id     text NOT NULL,
    subject       text NOT NULL,
    kind          text NOT NULL,
    species_code  text NOT NULL DEFAULT '',
    day           date NOT NULL,
    told_at       timestamptz NOT NULL,
    CONSTRAINT findings_told_pkey PRIMARY KEY (market_id, subject, kind, species_code, day),
    CONSTRAINT findings_told_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id)
);

-- A load weighed again on the fair scale (公平秤), and what the tolerance table made of it. Evidence: never changed.
CREATE TABLE reweighings (
    reweighing_id   bigint GENERATED ALWAYS AS IDENTITY,
    market_id       text NOT NULL,
    scale_id        text NOT NULL,
    journal_id      text NOT NULL,
    seq             bigint NOT NULL,
    weighed_at      timestamptz NOT NULL,
    settled_g       integer NOT NULL,
    actual_g        integer NOT NULL,
    tolerance_g     integer,
    is_statutory    boolean NOT NULL,
    is_short        boolean NOT NULL,
    fair_scale      text NOT NULL,
    entered_by      text NOT NULL,
    entered_at      timestamptz NOT NULL,
    CONSTRAINT reweighings_pkey PRIMARY KEY (reweighing_id),
    CONSTRAINT reweighings_market_exists FOREIGN KEY (market_id) REFERENCES markets (market_id),
    CONSTRAINT reweighings_once UNIQUE (market_id, scale_id, journal_id, seq, weighed_at, fair_scale, actual_g),
    CONSTRAINT reweighings_weighed CHECK (settled_g > 0 AND actual_g >= 0),
    CONSTRAINT reweighings_judged CHECK (tolerance_g IS NOT NULL OR NOT is_short)
);
CREATE TRIGGER reweighings_append_only BEFORE UPDATE OR DELETE ON reweighings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
