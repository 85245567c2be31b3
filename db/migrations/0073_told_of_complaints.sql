-- People are told of complaints, which have no alert, and of appeals, which have one. A destination of exports that was switched off
-- is told of again: 0069 had left its kind out.
ALTER TABLE happenings
    ADD COLUMN complaint_id bigint,
    ADD CONSTRAINT happenings_complaint_exists FOREIGN KEY (complaint_id) REFERENCES complaints (complaint_id),
    DROP CONSTRAINT happenings_kind_known,
    ADD CONSTRAINT happenings_kind_known
        CHECK (kind IN ('alert_opened', 'alert_graver', 'deadline_near', 'deadline_missed', 'escalated', 'assigned',
                        'appealed', 'endpoint_disabled', 'destination_disabled', 'check_near', 'check_overdue',
                        'promise_lapsing', 'promise_lapsed', 'promise_broken', 'complaint_received', 'complaint_reopened',
                        'complaint_overdue')),
    DROP CONSTRAINT happenings_about_something,
    ADD CONSTRAINT happenings_about_something
        CHECK (kind IN ('endpoint_disabled', 'destination_disabled')
               OR num_nonnulls(alert_id, approval_check_id, complaint_id) = 1),
    ADD CONSTRAINT happenings_of_complaints CHECK ((kind LIKE 'complaint\_%') = (complaint_id IS NOT NULL));
