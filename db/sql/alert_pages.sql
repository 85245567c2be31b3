-- name: display_names
SELECT username, display_name FROM users WHERE username = ANY (%(usernames)s::text[])

-- name: pinyin_of_local_names
-- Species whose English name is only a note in brackets, as "(local)": their pinyin says more.
SELECT species_code, pinyin FROM species WHERE name_en ~ '^\(.*\)$' AND pinyin <> ''

-- name: newest
-- The alerts that changed last. Each market and state is read along its index, so a million decided ones cost nothing.
WITH page AS (
    SELECT one.alert_id
    FROM markets m
    CROSS JOIN unnest(%(states)s::text[]) AS asked (state)
    CROSS JOIN LATERAL (
        SELECT a.alert_id, a.updated_at FROM alerts a
        WHERE a.market_id = m.market_id AND a.state = asked.state
        ORDER BY a.updated_at DESC, a.alert_id DESC
        LIMIT %(limit)s::bigint + %(offset)s::bigint
    ) one
    WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
    ORDER BY one.updated_at DESC, one.alert_id DESC
    LIMIT %(limit)s OFFSET %(offset)s
)
SELECT a.* FROM page JOIN alerts_in_words a USING (alert_id)
ORDER BY a.updated_at DESC, a.alert_id DESC

-- name: counts_up_to
-- How many alerts are in each state, counted no further than `most`, of all markets together: a page says "1000+" and
-- need not know.
SELECT asked.state, counted.n
FROM unnest(%(states)s::text[]) AS asked (state)
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM (
        SELECT 1
        FROM markets m
        CROSS JOIN LATERAL (
            -- The order costs nothing along the index, and keeps the planner on it.
            SELECT 1 FROM alerts a WHERE a.market_id = m.market_id AND a.state = asked.state
            ORDER BY a.updated_at DESC LIMIT %(most)s
        ) AS of_market
        WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
        LIMIT %(most)s
    ) AS no_further
) AS counted

-- name: assigned
-- What a person is on, what changed last first.
SELECT w.* FROM (
    SELECT a.alert_id, a.updated_at FROM alerts a
    WHERE a.assignee = %(assignee)s AND a.state = ANY (%(states)s::text[])
      AND (%(market_id)s::text IS NULL OR a.market_id = %(market_id)s)
    ORDER BY a.updated_at DESC, a.alert_id DESC
    LIMIT %(limit)s OFFSET %(offset)s
) page JOIN alerts_in_words w USING (alert_id)
ORDER BY page.updated_at DESC, page.alert_id DESC

-- name: count_assigned
SELECT count(*) FROM (
    SELECT 1 FROM alerts a
    WHERE a.assignee = %(assignee)s AND a.state = ANY (%(states)s::text[])
      AND (%(market_id)s::text IS NULL OR a.market_id = %(market_id)s)
    LIMIT %(most)s
) AS counted

-- name: overdue
-- Alerts a deadline of which was missed, what changed last first.
SELECT w.* FROM (
    SELECT one.alert_id, one.updated_at
    FROM markets m
    CROSS JOIN LATERAL (
        SELECT a.alert_id, a.updated_at FROM alerts a
        WHERE a.market_id = m.market_id AND a.is_overdue
        ORDER BY a.updated_at DESC
        LIMIT %(limit)s::bigint + %(offset)s::bigint
    ) one
    WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
    ORDER BY one.updated_at DESC, one.alert_id DESC
    LIMIT %(limit)s OFFSET %(offset)s
) page JOIN alerts_in_words w USING (alert_id)
ORDER BY page.updated_at DESC, page.alert_id DESC

-- name: count_overdue
SELECT coalesce(sum(one.n), 0)::bigint
FROM markets m
CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM (
        SELECT 1 FROM alerts a WHERE a.market_id = m.market_id AND a.is_overdue LIMIT %(most)s
    ) AS counted
) one
WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s

-- name: worst
-- Undecided alerts: the open before the acknowledged, the gravest kinds before any price, then the worst prices. Each
-- part is read along its index no further than the page needs.
WITH page AS (
    SELECT one.alert_id, asked.rank, one.is_grave, one.worst_excess_permille, one.overcharge_fen
    FROM markets m
    CROSS JOIN unnest(%(states)s::text[]) WITH ORDINALITY AS asked (state, rank)
    CROSS JOIN LATERAL (
        (SELECT a.alert_id, true AS is_grave, a.worst_excess_permille, a.overcharge_fen FROM alerts a
         WHERE a.market_id = m.market_id AND a.state = asked.state AND a.is_counting AND a.kind = ANY (%(gravest)s::text[])
         ORDER BY a.worst_excess_permille DESC, a.overcharge_fen DESC, a.alert_id DESC
         LIMIT %(limit)s::bigint + %(offset)s::bigint)
        UNION ALL
        (SELECT a.alert_id, false, a.worst_excess_permille, a.overcharge_fen FROM alerts a
         WHERE a.market_id = m.market_id AND a.state = asked.state AND a.is_counting
           AND NOT a.kind = ANY (%(gravest)s::text[])
         ORDER BY a.worst_excess_permille DESC, a.overcharge_fen DESC, a.alert_id DESC
         LIMIT %(limit)s::bigint + %(offset)s::bigint)
    ) one
    WHERE %(market_id)s::text IS NULL OR m.market_id = %(market_id)s
    ORDER BY asked.rank, one.is_grave DESC, one.worst_excess_permille DESC, one.overcharge_fen DESC, one.alert_id DESC
    LIMIT %(limit)s OFFSET %(offset)s
)
SELECT w.* FROM page JOIN alerts_in_words w USING (alert_id)
ORDER BY page.rank, page.is_grave DESC, page.worst_excess_permille DESC, page.overcharge_fen DESC, alert_id DESC
