-- A destination's secret is changed: the one before goes on signing for a while, so that the receiver can follow.
ALTER TABLE export_destinations
    ADD COLUMN previous_secret text,
    ADD COLUMN previous_until timestamptz,
    ADD CONSTRAINT export_destinations_previous_ends CHECK ((previous_secret IS NULL) = (previous_until IS NULL));
ALTER TABLE export_destination_steps
    DROP CONSTRAINT export_destination_steps_known,
    ADD CONSTRAINT export_destination_steps_known CHECK (
        action IN ('registered', 'disabled', 'enabled', 'resent', 'written', 'secret_changed'));
