-- What the daily calculation leaves on record: exemptions that are ended and never deleted, purchases that a second person
-- decides on, and that nothing but that decision changes.

ALTER TABLE vendor_exemptions
    -- `valid` is what is left of it: an exemption that is revoked ends at a moment.
    ADD COLUMN granted           tstzrange,
    ADD COLUMN revoked_by        text,
    ADD COLUMN revoked_at        timestamptz,
    ADD COLUMN revoked_because   text;
UPDATE vendor_exemptions SET granted = valid;
ALTER TABLE vendor_exemptions
    ALTER COLUMN granted SET NOT NULL,
    DROP CONSTRAINT vendor_exemptions_dated,
    ADD CONSTRAINT vendor_exemptions_dated CHECK (NOT isempty(granted) AND NOT lower_inf(granted)),
    -- Empty where it was revoked before it began.
    ADD CONSTRAINT vendor_exemptions_valid_within_granted CHECK (valid <@ granted),
    ADD CONSTRAINT vendor_exemptions_ended_by_somebody
        CHECK ((revoked_by IS NULL) = (valid = granted)
               AND (revoked_by IS NULL) = (revoked_at IS NULL)
               AND (revoked_by IS NULL) = (revoked_because IS NULL)
               AND revoked_because <> '');
CREATE INDEX vendor_exemptions_by_grant ON vendor_exemptions (granted_at DESC, exemption_id DESC);

ALTER TABLE purchase_records
    -- Four eyes: what makes a vendor's cap is not decided on by who entered it.
    ADD CONSTRAINT purchase_records_decided_by_a_second CHECK (decided_by <> entered_by),
    ADD CONSTRAINT purchase_records_photo_bounded CHECK (octet_length(slip_photo) <= 2097152);
CREATE INDEX purchase_records_by_state ON purchase_records (state, purchase_id DESC);

CREATE FUNCTION refuse_to_change_a_purchase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'entered'
       AND to_jsonb(OLD) - ARRAY['state', 'decided_by', 'decided_at', 'note', 'slip_photo']
         = to_jsonb(NEW) - ARRAY['state', 'decided_by', 'decided_at', 'note', 'slip_photo']
       AND OLD.slip_photo IS NOT DISTINCT FROM NEW.slip_photo THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a purchase record is decided on once, and otherwise neither changed nor deleted'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER purchase_records_stay BEFORE UPDATE OR DELETE ON purchase_records
    FOR EACH ROW EXECUTE FUNCTION refuse_to_change_a_purchase();

CREATE INDEX wholesale_references_by_species ON wholesale_references (area, species_code, grade, day DESC);
