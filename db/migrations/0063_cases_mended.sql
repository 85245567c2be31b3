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
