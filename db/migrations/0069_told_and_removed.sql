-- People are told of checks after approvals and of promises, too: a happening is about an alert, a check, or a promise, which
-- has an alert.
ALTER TABLE happenings
    ADD COLUMN approval_check_id bigint,
    ADD COLUMN promise_id bigint,
    ADD CONSTRAINT happenings_approval_check_exists
        FOREIGN KEY (approval_check_id) REFERENCES approval_checks (check_id),
    ADD CONSTRAINT happenings_promise_exists FOREIGN KEY (promise_id) REFERENCES promises (promise_id),
    DROP CONSTRAINT happenings_kind_known,
    ADD CONSTRAINT happenings_kind_known
        CHECK (kind IN ('alert_opened', 'alert_graver', 'deadline_near', 'deadline_missed', 'escalated', 'assigned',
                        'endpoint_disabled', 'check_near', 'check_overdue', 'promise_lapsing', 'promise_lapsed',
                        'promise_broken')),
    DROP CONSTRAINT happenings_about_something,
    ADD CONSTRAINT happenings_about_something
        CHECK (kind = 'endpoint_disabled' OR num_nonnulls(alert_id, approval_check_id) = 1),
    ADD CONSTRAINT happenings_of_checks CHECK ((kind IN ('check_near', 'check_overdue')) = (approval_check_id IS NOT NULL)),
    ADD CONSTRAINT happenings_of_promises CHECK ((kind LIKE 'promise\_%') = (promise_id IS NOT NULL));

-- The visit that is made for a check brings its result.
CREATE INDEX inspection_tasks_by_check ON inspection_tasks (approval_check_id) WHERE approval_check_id IS NOT NULL;
