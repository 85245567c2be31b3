-- Cases: an alert that goes to the authority again is another matter, and comes to another case.

-- Which alerts carry a document is asked with each decision that is published or revoked.
CREATE INDEX alert_steps_of_document ON alert_steps (penalty_authority, penalty_document_no)
    WHERE action = 'record_penalty';

-- An alert is in the case it came to last.
ALTER TABLE case_alerts
    ADD COLUMN case_alert_id bigint GENERATED ALWAYS AS IDENTITY,
    DROP CONSTRAINT case_alerts_pkey,
    ADD CONSTRAINT case_alerts_pkey PRIMARY KEY (case_id, alert_id);
CREATE INDEX case_alerts_of_alert ON case_alerts (alert_id, case_alert_id DESC);
DROP INDEX case_alerts_of_case;

-- What belongs to a case: its alerts, and those that are handled with one of them.
CREATE VIEW case_members AS
SELECT case_id, alert_id FROM case_alerts
UNION ALL
SELECT ca.case_id, a.alert_id FROM case_alerts ca JOIN alerts a ON a.merged_into = ca.alert_id;

-- What is with the authority from before there were cases, or again after its case was decided, comes to a case now.
CREATE TEMPORARY TABLE strays AS
SELECT a.alert_id, a.market_id, a.vendor_id
FROM alerts a JOIN vendors v USING (market_id, vendor_id)
WHERE a.state = 'escalated'
  AND NOT EXISTS (SELECT FROM case_alerts ca JOIN cases c USING (case_id)
                  WHERE ca.alert_id = a.alert_id AND c.state IN ('opened', 'investigating', 'notified', 'heard'));
CREATE TEMPORARY TABLE cases_of_strays AS
SELECT s.market_id, s.vendor_id, max(c.case_id) AS case_id
FROM strays s LEFT JOIN cases c ON c.market_id = s.market_id AND c.vendor_id = s.vendor_id
                               AND c.state IN ('opened', 'investigating')
GROUP BY 1, 2;
WITH opened AS (
    INSERT INTO cases (market_id, vendor_id, opened_at, opened_by, updated_at)
    SELECT market_id, vendor_id, now(), 'system', now() FROM cases_of_strays WHERE case_id IS NULL
    ORDER BY market_id, vendor_id
    RETURNING case_id, market_id, vendor_id
), told AS (
    INSERT INTO case_steps (case_id, at, actor, action, from_state, to_state, note, origin)
    SELECT case_id, now(), 'system', 'open', 'opened', 'opened', '移送时尚无案件，补立 (handed over without a case)',
           'system'
    FROM opened
)
UPDATE cases_of_strays c SET case_id = o.case_id FROM opened o
WHERE o.market_id = c.market_id AND o.vendor_id = c.vendor_id;
INSERT INTO case_alerts (case_id, alert_id, added_at, added_by)
SELECT c.case_id, s.alert_id, now(), 'system' FROM strays s JOIN cases_of_strays c USING (market_id, vendor_id)
ORDER BY s.alert_id;
INSERT INTO case_steps (case_id, at, actor, action, from_state, to_state, note, origin, alert_id)
SELECT c.case_id, now(), 'system', 'add_alert', k.state, k.state, '', 'system', s.alert_id
FROM strays s JOIN cases_of_strays c USING (market_id, vendor_id) JOIN cases k ON k.case_id = c.case_id
ORDER BY s.alert_id;
UPDATE cases k SET revision = revision + 1, updated_at = now() FROM cases_of_strays c WHERE c.case_id = k.case_id;
DROP TABLE strays;
DROP TABLE cases_of_strays;
