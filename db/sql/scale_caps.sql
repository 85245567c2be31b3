-- name: applied
-- What agents said they hold. Within a journal the later number counts, between journals the later moment.
INSERT INTO scale_caps AS held (market_id, scale_id, version, applied_at, journal_id, event_no)
SELECT DISTINCT ON (market_id, scale_id) market_id, scale_id, version, applied_at, journal_id, event_no
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(versions)s::text[], %(applied_ats)s::timestamptz[],
            %(journal_ids)s::text[], %(event_nos)s::bigint[])
     AS said (market_id, scale_id, version, applied_at, journal_id, event_no)
ORDER BY market_id, scale_id, applied_at DESC, event_no DESC
ON CONFLICT (market_id, scale_id) DO UPDATE
SET version = excluded.version, applied_at = excluded.applied_at, journal_id = excluded.journal_id,
    event_no = excluded.event_no
WHERE CASE WHEN excluded.journal_id = held.journal_id THEN excluded.event_no > held.event_no
           ELSE excluded.applied_at > held.applied_at END

-- name: announced
-- A market was told a version. Every worker says so; the first one is written, and again when it was another meanwhile.
INSERT INTO cap_announcements (market_id, version, cap_list_id, announced_at)
SELECT %(market_id)s, %(version)s, %(cap_list_id)s, %(now)s
WHERE %(version)s IS DISTINCT FROM (SELECT a.version FROM cap_announcements a WHERE a.market_id = %(market_id)s
                                    ORDER BY a.announcement_id DESC LIMIT 1)

-- name: versions_of
-- Under which version markets were told of lists last; a list that is not what a market was told last has none.
SELECT asked.market_id, asked.cap_list_id, told.version
FROM unnest(%(market_ids)s::text[], %(cap_list_ids)s::bigint[]) AS asked (market_id, cap_list_id)
JOIN LATERAL (SELECT version, cap_list_id FROM cap_announcements
              WHERE market_id = asked.market_id ORDER BY announcement_id DESC LIMIT 1) told
  ON told.cap_list_id = asked.cap_list_id

-- name: lock_market
-- One worker after the other.
SELECT pg_advisory_xact_lock(hashtextextended('steelyard announced ' || %(market_id)s, 0))

-- name: in_force
-- For each market what it was told last, and how its scales stand to it. Scales that nobody is bound to are not asked for.
SELECT m.market_id, m.name, m.timezone, a.version, a.cap_list_id, a.announced_at,
       count(b.scale_id) AS scales,
       count(*) FILTER (WHERE h.version = a.version) AS current,
       count(*) FILTER (WHERE h.version IS DISTINCT FROM a.version AND h.version IS NOT NULL) AS old,
       count(b.scale_id) FILTER (WHERE h.version IS NULL) AS silent
FROM markets m
LEFT JOIN LATERAL (SELECT version, cap_list_id, announced_at FROM cap_announcements
                   WHERE market_id = m.market_id ORDER BY announcement_id DESC LIMIT 1) a ON true
LEFT JOIN scale_bindings b ON b.market_id = m.market_id AND b.valid @> %(now)s::timestamptz
LEFT JOIN scale_caps h ON h.market_id = b.market_id AND h.scale_id = b.scale_id
WHERE %(market_ids)s::text[] IS NULL OR m.market_id = ANY (%(market_ids)s)
GROUP BY m.market_id, m.name, m.timezone, a.version, a.cap_list_id, a.announced_at
ORDER BY m.market_id

-- name: scales
-- The scales of a market that stand on a stall: what each holds, and since when that is not in force any more (the first
-- announcement after the last one of what it holds; NULL where it holds what is in force, or never said).
SELECT b.scale_id, b.stall_id, coalesce(v.name, '') AS vendor_name, h.version, h.applied_at,
       coalesce(h.version = now_told.version, false) AS is_current,
       CASE WHEN h.version IS DISTINCT FROM now_told.version AND h.version IS NOT NULL
            THEN coalesce((SELECT min(n.announced_at) FROM cap_announcements n
                           WHERE n.market_id = b.market_id
                             AND n.announcement_id > (SELECT max(o.announcement_id) FROM cap_announcements o
                                                      WHERE o.market_id = b.market_id AND o.version = h.version)),
                          now_told.announced_at) END AS outdated_at
FROM scale_bindings b
LEFT JOIN scale_caps h ON h.market_id = b.market_id AND h.scale_id = b.scale_id
LEFT JOIN vendors v ON v.market_id = b.market_id AND v.vendor_id = b.vendor_id
LEFT JOIN LATERAL (SELECT version, announced_at FROM cap_announcements a
                   WHERE a.market_id = b.market_id ORDER BY announcement_id DESC LIMIT 1) now_told ON true
WHERE b.market_id = %(market_id)s AND b.valid @> %(now)s::timestamptz
  AND (%(state)s::text IS NULL
       OR %(state)s::text = CASE WHEN h.version IS NULL THEN 'silent'
                                 WHEN h.version = now_told.version THEN 'current' ELSE 'old' END)
ORDER BY is_current, h.version IS NULL, outdated_at, b.scale_id
LIMIT %(limit)s
