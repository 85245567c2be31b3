-- What a report reads of alerts: those of a market's days, and what was decided of each last.
CREATE INDEX alerts_by_business_day ON alerts (market_id, business_day);

-- When an alert was decided on last (as a breach, or with a penalty), and whether an appeal against that was answered by
-- upholding it. One row, whatever the alert.
CREATE FUNCTION alert_ruling(asked bigint)
RETURNS TABLE (decided_at timestamptz, is_upheld boolean) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT max(s.at) FILTER (WHERE s.action IN ('confirm', 'record_penalty')),
           coalesce(max(s.alert_step_id) FILTER (WHERE s.action = 'uphold')
                    > max(s.alert_step_id) FILTER (WHERE s.action IN ('confirm', 'record_penalty')), false)
    FROM alert_steps s WHERE s.alert_id = asked
$$;
