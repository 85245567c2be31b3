-- Scales that are elsewhere than the register says: another scale's device answers, or two devices weigh under one name.

ALTER TABLE alerts DROP CONSTRAINT IF EXISTS alerts_kind_known;
ALTER TABLE alerts ADD CONSTRAINT alerts_kind_known
    CHECK (kind IN ('price_over_cap', 'effective_price_over_cap', 'sequence_conflict', 'unbound_scale', 'sequence_gap',
                    'chain_break', 'clock_drift',
                    'amount_mismatch', 'price_scaled', 'unit_confusion', 'grade_upgrade', 'unstable_weight',
                    'zero_abnormal', 'tare_abuse', 'below_minimum',
                    'other_overuse', 'species_suspect', 'split_weighing', 'repeated_weighing', 'frequent_voids',
                    'price_off_usual', 'price_spike', 'scale_silent', 'low_use', 'scale_doubled',
                    'scale_unsuitable', 'verification_due', 'verification_expired', 'scale_unregistered',
                    'cap_list_missing', 'short_weight', 'scale_moved',
                    'case_open', 'seal_broken', 'calibration_changed', 'firmware_changed', 'device_changed',
                    'clock_changed', 'scale_locked', 'scale_unlocked'));

-- A device is found by its serial number.
CREATE INDEX scales_by_serial_number ON scales (serial_number) WHERE serial_number <> '';

-- Who asks waits first for whoever judges: otherwise a request whose first slice is judged, and not committed yet, passes for
-- one that has not begun, and what changed meanwhile is never judged again.
CREATE OR REPLACE FUNCTION ask_to_rejudge(of_cause text, of_about text, of_span tstzrange, of_area text DEFAULT NULL,
                               of_channel text DEFAULT NULL, of_market text DEFAULT NULL, of_scale text DEFAULT NULL,
                               of_vendor text DEFAULT NULL, of_species text[] DEFAULT NULL, of_names text[] DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF isempty(of_span) THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('steelyard what judges'));
    IF NOT EXISTS (SELECT FROM weighings) THEN
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
