-- Whose clock a weighing is judged by, and what is known of each sender's clock (pricing/clocks.py).

-- True: the device's clock was not to be believed, so the weighing is judged as of received_at, not as of weighed_at.
ALTER TABLE weighings ADD COLUMN judged_at_arrival boolean NOT NULL DEFAULT false;

ALTER TABLE journals
    -- A span of messages, and the largest of sent_at less received_at in it; of the span before, where it counts.
    ADD COLUMN clock_since       timestamptz,
    ADD COLUMN clock_until       timestamptz,
    ADD COLUMN clock_ahead_ms    bigint,
    ADD COLUMN clock_settled_ms  bigint,
    -- The business day for which an alert tells of the clock already.
    ADD COLUMN clock_told_on     date,
    ADD CONSTRAINT journals_clock_is_whole
        CHECK ((clock_since IS NULL) = (clock_ahead_ms IS NULL) AND (clock_since IS NULL) = (clock_until IS NULL)
               AND (clock_settled_ms IS NULL OR clock_since IS NOT NULL));
