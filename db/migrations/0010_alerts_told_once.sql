-- A batch may raise hundreds of alerts in one statement: who shows them is told once for each market, not for each alert.

CREATE FUNCTION tell_alerts_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('alerts', market_id) FROM (SELECT DISTINCT market_id FROM changed) AS markets;
    RETURN NULL;
END $$;

DROP TRIGGER alerts_tell ON alerts;
DROP FUNCTION tell_alert_changed();
CREATE TRIGGER alerts_inserted_tell AFTER INSERT ON alerts REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_alerts_changed();
CREATE TRIGGER alerts_updated_tell AFTER UPDATE ON alerts REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION tell_alerts_changed();
