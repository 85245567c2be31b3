-- name: add
INSERT INTO export_accesses (at, token_id, address, asked, status, records, identities, problem)
VALUES (%(at)s, %(token_id)s, %(address)s, %(asked)s, %(status)s, %(records)s, %(identities)s, %(problem)s)
RETURNING access_id

-- name: add_markets
INSERT INTO export_access_markets (market_id, at, access_id)
SELECT market_id, %(at)s, %(access_id)s FROM unnest(%(market_ids)s::text[]) AS given (market_id)

-- name: page
SELECT a.access_id, a.at, a.token_id, t.department, a.address, a.asked, a.status, a.records, a.identities, a.problem
FROM export_accesses a LEFT JOIN export_tokens t USING (token_id)
WHERE (a.at, a.access_id) < (%(before_at)s, %(before_id)s) AND a.at >= %(since)s AND a.at < %(until)s
  AND (%(token_id)s::bigint IS NULL OR a.token_id = %(token_id)s)
  AND (%(status)s::integer IS NULL OR a.status = %(status)s)
  AND (NOT %(answered)s::boolean OR a.status < 400) AND (NOT %(refused)s::boolean OR a.status >= 400)
ORDER BY a.at DESC, a.access_id DESC LIMIT %(limit)s

-- name: page_of_market
SELECT a.access_id, a.at, a.token_id, t.department, a.address, a.asked, a.status, a.records, a.identities, a.problem
FROM export_access_markets m JOIN export_accesses a USING (access_id) LEFT JOIN export_tokens t USING (token_id)
WHERE m.market_id = %(market_id)s
  AND (m.at, m.access_id) < (%(before_at)s, %(before_id)s) AND m.at >= %(since)s AND m.at < %(until)s
  AND (%(token_id)s::bigint IS NULL OR a.token_id = %(token_id)s)
  AND (%(status)s::integer IS NULL OR a.status = %(status)s)
  AND (NOT %(answered)s::boolean OR a.status < 400) AND (NOT %(refused)s::boolean OR a.status >= 400)
ORDER BY m.at DESC, m.access_id DESC LIMIT %(limit)s
