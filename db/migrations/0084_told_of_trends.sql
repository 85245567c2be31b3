-- Regulators are told of trends that turned (docs/risk-class.md): one notice a market and month, which has no alert.
ALTER TABLE happenings
    ADD COLUMN risk_month date,
    ADD CONSTRAINT happenings_risk_run_exists FOREIGN KEY (market_id, risk_month) REFERENCES risk_runs (market_id, month),
    DROP CONSTRAINT happenings_kind_known,
    ADD CONSTRAINT happenings_kind_known
        CHECK (kind IN ('alert_opened', 'alert_graver', 'deadline_near', 'deadline_missed', 'escalated', 'assigned',
                        'appealed', 'endpoint_disabled', 'destination_disabled', 'check_near', 'check_overdue',
                        'promise_lapsing', 'promise_lapsed', 'promise_broken', 'complaint_received', 'complaint_reopened',
                        'complaint_overdue', 'case_decided_with', 'risk_turned')),
    DROP CONSTRAINT happenings_about_something,
    ADD CONSTRAINT happenings_about_something
        CHECK (kind IN ('endpoint_disabled', 'destination_disabled')
               OR num_nonnulls(alert_id, approval_check_id, complaint_id, case_id, risk_month) = 1),
    -- Nobody but regulators is told, whoever tells.
    ADD CONSTRAINT happenings_of_risk
        CHECK ((kind = 'risk_turned') = (risk_month IS NOT NULL)
               AND (risk_month IS NULL OR (market_id IS NOT NULL AND to_role IS NOT DISTINCT FROM 'regulator')));
