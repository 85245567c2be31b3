-- Vendors who may be whom other approvals are about than were found so far: written in the transaction that made it so,
-- taken by whoever matches. Each vendor of today once: until now only approvals matched with nobody were looked at again.
CREATE TABLE approval_stale_vendors (
    stale_id   bigint GENERATED ALWAYS AS IDENTITY,
    market_id  text NOT NULL,
    vendor_id  text NOT NULL,
    CONSTRAINT approval_stale_vendors_pkey PRIMARY KEY (stale_id)
);
CREATE FUNCTION note_vendor_to_match() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO approval_stale_vendors (market_id, vendor_id) VALUES (NEW.market_id, NEW.vendor_id);
    RETURN NULL;
END $$;
CREATE TRIGGER vendors_registered_note_to_match AFTER INSERT ON vendors FOR EACH ROW
    WHEN (NEW.credit_code <> '' OR NEW.licence_no <> '')
    EXECUTE FUNCTION note_vendor_to_match();
CREATE TRIGGER vendors_corrected_note_to_match AFTER UPDATE ON vendors FOR EACH ROW
    WHEN ((OLD.credit_code, OLD.licence_no) IS DISTINCT FROM (NEW.credit_code, NEW.licence_no))
    EXECUTE FUNCTION note_vendor_to_match();
INSERT INTO approval_stale_vendors (market_id, vendor_id)
SELECT market_id, vendor_id FROM vendors WHERE credit_code <> '' OR licence_no <> '';

-- Who wrote a file has a line like everybody who does something with a destination.
ALTER TABLE export_destination_steps
    DROP CONSTRAINT export_destination_steps_known,
    ADD CONSTRAINT export_destination_steps_known
        CHECK (action IN ('registered', 'disabled', 'enabled', 'resent', 'written'));

-- When a token was used last is what the log says: each request was written twice.
CREATE INDEX export_accesses_answered ON export_accesses (token_id, at DESC) WHERE status < 400;
CREATE OR REPLACE FUNCTION keep_export_token() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
        OR to_jsonb(OLD) - ARRAY['revoked_at', 'revoked_by', 'revoked_because']
        <> to_jsonb(NEW) - ARRAY['revoked_at', 'revoked_by', 'revoked_because']
    THEN
        RAISE EXCEPTION 'a token is revoked, never changed: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
ALTER TABLE export_tokens DROP COLUMN last_used_at;

-- Whose the approvals of a market are: its manager's lists begin there, not with the checks of the whole city.
CREATE INDEX approval_matches_by_market ON approval_matches (market_id, approval_id) WHERE ended_at IS NULL;
-- A file that was only looked at is forgotten without reading every version.
CREATE INDEX approval_versions_by_receipt ON approval_versions (receipt_id);
