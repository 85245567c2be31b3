-- Whoever shows whose stall a scale stands on, or a vendor's tier, hears of a change when it is committed, by market.

CREATE FUNCTION tell_vendor_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('vendors', coalesce(NEW.market_id, OLD.market_id));
    RETURN NULL;
END $$;
CREATE TRIGGER scale_bindings_tell AFTER INSERT OR UPDATE OR DELETE ON scale_bindings
    FOR EACH ROW EXECUTE FUNCTION tell_vendor_changed();
CREATE TRIGGER vendors_tell AFTER UPDATE ON vendors
    FOR EACH ROW EXECUTE FUNCTION tell_vendor_changed();
CREATE TRIGGER credit_events_tell AFTER INSERT ON credit_events
    FOR EACH ROW EXECUTE FUNCTION tell_vendor_changed();
