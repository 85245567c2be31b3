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
