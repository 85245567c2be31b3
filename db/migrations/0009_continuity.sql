-- Whether what each scale sent is whole: the gaps of its journals and the breaks of their chains (docs/continuity.md).
-- The record itself is there already: weighings (scale, journal, seq, digest, and prev in the frozen body), the held
-- lines of quarantine, and journals.received. These tables hold how far it was looked at, and what was found.

CREATE TABLE continuity (
    market_id   text NOT NULL,
    scale_id    text NOT NULL,
    journal_id  text NOT NULL,
    -- What of journals.received was looked at: each line in it was held against the one before, where that is in it too.
    seen        int8multirange NOT NULL,
    CONSTRAINT continuity_pkey PRIMARY KEY (market_id, scale_id, journal_id)
);

-- A hole as it was noticed, and what of it is still missing. Gaps of a journal never overlap: a hole can only shrink.
CREATE TABLE journal_gaps (
    gap_id      bigint GENERATED ALWAYS AS IDENTITY,
    market_id   text NOT NULL,
    scale_id    text NOT NULL,
    journal_id  text NOT NULL,
    first_seq   bigint NOT NULL,
    last_seq    bigint NOT NULL,
    missing     int8multirange NOT NULL,
    noticed_at  timestamptz NOT NULL,
    filled_at   timestamptz,
    alert_id    bigint,
    CONSTRAINT journal_gaps_pkey PRIMARY KEY (gap_id),
    CONSTRAINT journal_gaps_once UNIQUE (market_id, scale_id, journal_id, first_seq),
    CONSTRAINT journal_gaps_alert_exists FOREIGN KEY (alert_id) REFERENCES alerts (alert_id),
    CONSTRAINT journal_gaps_rise CHECK (1 <= first_seq AND first_seq <= last_seq),
    CONSTRAINT journal_gaps_missing_inside
        CHECK (missing <@ int8multirange(int8range(first_seq, last_seq, '[]'))),
    CONSTRAINT journal_gaps_filled_when_nothing_is_missing CHECK ((filled_at IS NOT NULL) = isempty(missing))
);
CREATE INDEX journal_gaps_unfilled ON journal_gaps (market_id, scale_id, journal_id) WHERE filled_at IS NULL;
CREATE INDEX journal_gaps_unreported ON journal_gaps (noticed_at) WHERE filled_at IS NULL AND alert_id IS NULL;
CREATE INDEX journal_gaps_by_alert ON journal_gaps (alert_id, gap_id) WHERE alert_id IS NOT NULL;

-- A line that does not follow the one before it.
CREATE TABLE chain_breaks (
    break_id    bigint GENERATED ALWAYS AS IDENTITY,
    market_id   text NOT NULL,
    scale_id    text NOT NULL,
    journal_id  text NOT NULL,
    seq         bigint NOT NULL,
    fault       text NOT NULL,
    found_at    timestamptz NOT NULL,
    alert_id    bigint,
    CONSTRAINT chain_breaks_pkey PRIMARY KEY (break_id),
    CONSTRAINT chain_breaks_once UNIQUE (market_id, scale_id, journal_id, seq),
    CONSTRAINT chain_breaks_alert_exists FOREIGN KEY (alert_id) REFERENCES alerts (alert_id),
    CONSTRAINT chain_breaks_fault_known CHECK (fault IN ('does_not_fit', 'left_out', 'first_names_one'))
);
CREATE INDEX chain_breaks_unreported ON chain_breaks (found_at) WHERE alert_id IS NULL;
CREATE INDEX chain_breaks_by_alert ON chain_breaks (alert_id, break_id) WHERE alert_id IS NOT NULL;

-- The bytes of a held line are what the next one's prev is made of.
CREATE INDEX quarantine_by_line ON quarantine (market_id, scale_id, journal_id, seq) WHERE seq IS NOT NULL;

-- New kinds of alerts, and the state of one whose cause is gone: the system closed it, nobody had to decide.
ALTER TABLE alerts DROP CONSTRAINT alerts_kind_known;
ALTER TABLE alerts ADD CONSTRAINT alerts_kind_known
    CHECK (kind IN ('price_over_cap', 'effective_price_over_cap', 'sequence_conflict', 'unbound_scale',
                    'sequence_gap', 'chain_break', 'clock_drift'));
ALTER TABLE alerts DROP CONSTRAINT alerts_state_known;
ALTER TABLE alerts ADD CONSTRAINT alerts_state_known
    CHECK (state IN ('open', 'acknowledged', 'confirmed', 'dismissed', 'overturned', 'closed'));
ALTER TABLE alerts DROP CONSTRAINT alerts_decided_when_final;
ALTER TABLE alerts ADD CONSTRAINT alerts_decided_when_final
    CHECK ((state IN ('confirmed', 'dismissed', 'overturned', 'closed'))
           = (decided_at IS NOT NULL AND decided_by IS NOT NULL));
