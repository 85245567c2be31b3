-- name: listed
-- By the last day of their window, along an index no further than the page. `market_id` NULL sees every market.
SELECT w.* FROM (
    SELECT i.inspection_id, i.last_day FROM inspections i
    WHERE i.state = ANY (%(states)s::text[])
      AND (%(since)s::date IS NULL OR i.last_day >= %(since)s)
      AND (%(until)s::date IS NULL OR i.first_day <= %(until)s)
      AND (%(after)s::bigint IS NULL
           OR (i.last_day, i.inspection_id) > (SELECT b.last_day, b.inspection_id FROM inspections b
                                               WHERE b.inspection_id = %(after)s))
    ORDER BY i.last_day, i.inspection_id LIMIT %(limit)s
) page JOIN inspections_in_words w USING (inspection_id)
ORDER BY page.last_day, page.inspection_id

-- name: listed_in_market
SELECT w.* FROM (
    SELECT i.inspection_id, i.last_day FROM inspections i
    WHERE i.market_id = %(market_id)s AND i.state = ANY (%(states)s::text[])
      AND (%(since)s::date IS NULL OR i.last_day >= %(since)s)
      AND (%(until)s::date IS NULL OR i.first_day <= %(until)s)
      AND (%(after)s::bigint IS NULL
           OR (i.last_day, i.inspection_id) > (SELECT b.last_day, b.inspection_id FROM inspections b
                                               WHERE b.inspection_id = %(after)s))
    ORDER BY i.last_day, i.inspection_id LIMIT %(limit)s
) page JOIN inspections_in_words w USING (inspection_id)
ORDER BY page.last_day, page.inspection_id

-- name: of_vendor
-- The newest window first.
SELECT w.* FROM (
    SELECT i.inspection_id, i.last_day FROM inspections i
    WHERE i.market_id = %(market_id)s AND i.vendor_id = %(vendor_id)s AND i.state = ANY (%(states)s::text[])
    ORDER BY i.last_day DESC, i.inspection_id DESC LIMIT %(limit)s
) page JOIN inspections_in_words w USING (inspection_id)
ORDER BY page.last_day DESC, page.inspection_id DESC

-- name: of_plan
-- What a plan led to, also where it became part of another visit.
SELECT w.* FROM (
    SELECT i.inspection_id FROM inspections i
    WHERE i.inspection_id = ANY (ARRAY(
              SELECT t.inspection_id FROM inspection_tasks t WHERE t.plan_id = %(plan_id)s
              UNION
              SELECT t.made_for FROM inspection_tasks t WHERE t.plan_id = %(plan_id)s AND t.made_for <> t.inspection_id))
      AND (%(after)s::bigint IS NULL OR i.inspection_id > %(after)s)
    ORDER BY i.inspection_id LIMIT %(limit)s
) page JOIN inspections_in_words w USING (inspection_id)
ORDER BY page.inspection_id

-- name: days
-- Of each day the first visits that are due on it, and how many there are. Nobody looks for what is combined or cancelled.
SELECT day.of_day, w.* FROM (
    SELECT i.inspection_id, i.due_on, count(*) OVER (PARTITION BY i.due_on) AS of_day,
           row_number() OVER (PARTITION BY i.due_on ORDER BY i.inspection_id) AS nth
    FROM inspections i
    WHERE i.due_on BETWEEN %(since)s AND %(until)s AND i.state NOT IN ('combined', 'cancelled')
      AND i.state = ANY (%(states)s::text[]) AND (%(market_id)s::text IS NULL OR i.market_id = %(market_id)s)
      AND (%(user_id)s::bigint IS NULL OR EXISTS (
          SELECT FROM inspection_inspectors ii WHERE ii.inspection_id = i.inspection_id AND ii.user_id = %(user_id)s))
) day JOIN inspections_in_words w USING (inspection_id)
WHERE day.nth <= %(each)s
ORDER BY day.due_on, day.inspection_id

-- name: due
-- Visits by the day they are due on, from one to another; `after`: those after this one.
SELECT w.* FROM (
    SELECT i.inspection_id, i.due_on FROM inspections i
    WHERE i.due_on BETWEEN %(since)s AND %(until)s AND i.state NOT IN ('combined', 'cancelled')
      AND i.state = ANY (%(states)s::text[]) AND (%(market_id)s::text IS NULL OR i.market_id = %(market_id)s)
      AND (%(user_id)s::bigint IS NULL OR EXISTS (
          SELECT FROM inspection_inspectors ii WHERE ii.inspection_id = i.inspection_id AND ii.user_id = %(user_id)s))
      AND (%(after)s::bigint IS NULL
           OR (i.due_on, i.inspection_id) > (SELECT b.due_on, b.inspection_id FROM inspections b
                                             WHERE b.inspection_id = %(after)s))
    ORDER BY i.due_on, i.inspection_id LIMIT %(limit)s
) page JOIN inspections_in_words w USING (inspection_id)
ORDER BY page.due_on, page.inspection_id

-- name: late
-- Open visits whose day has gone, the oldest first.
SELECT w.* FROM (
    SELECT i.inspection_id, i.due_on FROM inspections i
    WHERE i.due_on < %(today)s AND i.state IN ('drawn', 'notified', 'rectification', 'rectified')
      AND i.state = ANY (%(states)s::text[]) AND (%(market_id)s::text IS NULL OR i.market_id = %(market_id)s)
      AND (%(user_id)s::bigint IS NULL OR EXISTS (
          SELECT FROM inspection_inspectors ii WHERE ii.inspection_id = i.inspection_id AND ii.user_id = %(user_id)s))
      AND (%(after)s::bigint IS NULL
           OR (i.due_on, i.inspection_id) > (SELECT b.due_on, b.inspection_id FROM inspections b
                                             WHERE b.inspection_id = %(after)s))
    ORDER BY i.due_on, i.inspection_id LIMIT %(limit)s
) page JOIN inspections_in_words w USING (inspection_id)
ORDER BY page.due_on, page.inspection_id

-- name: count_late
SELECT count(*) FROM (
    SELECT 1 FROM inspections i
    WHERE i.due_on < %(today)s AND i.state IN ('drawn', 'notified', 'rectification', 'rectified')
      AND i.state = ANY (%(states)s::text[]) AND (%(market_id)s::text IS NULL OR i.market_id = %(market_id)s)
      AND (%(user_id)s::bigint IS NULL OR EXISTS (
          SELECT FROM inspection_inspectors ii WHERE ii.inspection_id = i.inspection_id AND ii.user_id = %(user_id)s))
    LIMIT %(most)s
) AS counted

-- name: waiting_together
-- The visits of subjects with more than one that has not begun; `limit`: subjects; `after_*`: those after this subject.
WITH several AS (
    SELECT i.market_id, i.vendor_id FROM inspections i
    WHERE i.state IN ('drawn', 'notified') AND (%(market_id)s::text IS NULL OR i.market_id = %(market_id)s)
      AND (%(after_market)s::text IS NULL OR (i.market_id, i.vendor_id) > (%(after_market)s, %(after_vendor)s))
    GROUP BY i.market_id, i.vendor_id HAVING count(*) > 1
    ORDER BY i.market_id, i.vendor_id LIMIT %(limit)s
)
SELECT w.* FROM several s
JOIN inspections i ON i.market_id = s.market_id AND i.vendor_id = s.vendor_id AND i.state IN ('drawn', 'notified')
JOIN inspections_in_words w ON w.inspection_id = i.inspection_id
ORDER BY s.market_id, s.vendor_id, i.last_day, i.inspection_id
