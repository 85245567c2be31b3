-- Whoever is named as having decided a case together with another person is told so.
ALTER TABLE happenings
    ADD COLUMN case_id bigint,
    ADD CONSTRAINT happenings_case_exists FOREIGN KEY (case_id) REFERENCES cases (case_id),
    DROP CONSTRAINT happenings_kind_known,
    ADD CONSTRAINT happenings_kind_known
        CHECK (kind IN ('alert_opened', 'alert_graver', 'deadline_near', 'deadline_missed', 'escalated', 'assigned',
                        'appealed', 'endpoint_disabled', 'destination_disabled', 'check_near', 'check_overdue',
                        'promise_lapsing', 'promise_lapsed', 'promise_broken', 'complaint_received', 'complaint_reopened',
                        'complaint_overdue', 'case_decided_with')),
    DROP CONSTRAINT happenings_about_something,
    ADD CONSTRAINT happenings_about_something
        CHECK (kind IN ('endpoint_disabled', 'destination_disabled')
               OR num_nonnulls(alert_id, approval_check_id, complaint_id, case_id) = 1),
    ADD CONSTRAINT happenings_of_cases CHECK ((kind LIKE 'case\_%') = (case_id IS NOT NULL));
