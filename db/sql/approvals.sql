-- name: hold_feed
-- One taking over at a time: two that tell of one number meet what the other left.
SELECT pg_advisory_xact_lock(hashtext('steelyard approvals'))

-- name: forget_old
-- Who is taking one over just now, late as it is, is not waited for: they wait for whoever hands something in.
DELETE FROM approval_receipts
WHERE receipt_id IN (SELECT receipt_id FROM approval_receipts WHERE taken_by IS NULL AND received_at < %(before)s
                     FOR UPDATE SKIP LOCKED)

-- name: remove_contents
-- Of what was taken over long ago; the digest and the counts stay.
UPDATE approval_receipts SET content = NULL, removed_at = %(at)s
WHERE receipt_id IN (SELECT receipt_id FROM approval_receipts
                     WHERE taken_by IS NOT NULL AND content IS NOT NULL AND taken_at < %(before)s
                     ORDER BY taken_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)

-- name: put_receipt
INSERT INTO approval_receipts (feed, name, content, digest, received_by, received_at)
VALUES (%(feed)s, %(name)s, %(content)s, sha256(%(content)s::bytea), %(by)s, %(at)s)
RETURNING receipt_id

-- name: waiting
SELECT name, content FROM approval_receipts
WHERE receipt_id = %(receipt_id)s AND received_by = %(by)s AND taken_by IS NULL
FOR UPDATE

-- name: taken
UPDATE approval_receipts
SET taken_by = %(by)s, taken_at = %(at)s, added = %(added)s, changed = %(changed)s, unchanged = %(unchanged)s,
    late = %(late)s
WHERE receipt_id = %(receipt_id)s

-- name: receipts
SELECT receipt_id, feed, name, encode(digest, 'hex') AS digest, taken_by, taken_at, added, changed, unchanged, late,
       removed_at
FROM approval_receipts WHERE taken_by IS NOT NULL ORDER BY taken_at DESC, receipt_id DESC LIMIT %(limit)s

-- name: known
SELECT a.*, v.latest, v.digests
FROM unnest(%(authorities)s::text[], %(numbers)s::text[]) AS given (authority, number)
JOIN approvals a USING (authority, number)
CROSS JOIN LATERAL (SELECT max(version) AS latest, array_agg(digest) AS digests FROM approval_versions
                    WHERE approval_id = a.approval_id) v

-- name: insert
INSERT INTO approvals (authority, number, version, kind, act, subject_name, credit_code, licence_no, issued_on, valid_from,
                       valid_until, scope, digest, changed_at, received_at)
VALUES (%(authority)s, %(number)s, 1, %(kind)s, %(act)s, %(subject_name)s, %(credit_code)s, %(licence_no)s, %(issued_on)s,
        %(valid_from)s, %(valid_until)s, %(scope)s, %(digest)s, %(changed_at)s, %(at)s)
RETURNING approval_id

-- name: replace
UPDATE approvals
SET version = %(version)s, kind = %(kind)s, act = %(act)s, subject_name = %(subject_name)s, credit_code = %(credit_code)s,
    licence_no = %(licence_no)s, issued_on = %(issued_on)s, valid_from = %(valid_from)s, valid_until = %(valid_until)s,
    scope = %(scope)s, digest = %(digest)s, changed_at = coalesce(%(changed_at)s, changed_at), received_at = %(at)s
WHERE approval_id = %(approval_id)s

-- name: told_again
UPDATE approvals SET changed_at = %(changed_at)s
WHERE approval_id = %(approval_id)s AND (changed_at IS NULL OR changed_at < %(changed_at)s)

-- name: append_version
INSERT INTO approval_versions (approval_id, version, authority, number, kind, act, subject_name, credit_code, licence_no,
                               issued_on, valid_from, valid_until, scope, digest, changed_at, changes, is_late, feed,
                               receipt_id, received_at, received_by)
VALUES (%(approval_id)s, %(version)s, %(authority)s, %(number)s, %(kind)s, %(act)s, %(subject_name)s, %(credit_code)s,
        %(licence_no)s, %(issued_on)s, %(valid_from)s, %(valid_until)s, %(scope)s, %(digest)s, %(changed_at)s,
        %(changes)s, %(is_late)s, %(feed)s, %(receipt_id)s, %(at)s, %(by)s)

-- name: by_id
SELECT * FROM approvals WHERE approval_id = %(approval_id)s

-- name: lock
SELECT approval_id FROM approvals WHERE approval_id = %(approval_id)s FOR UPDATE

-- name: versions
SELECT * FROM approval_versions WHERE approval_id = ANY (%(approval_ids)s::bigint[]) ORDER BY approval_id, version DESC

-- name: match_by_codes
-- Every vendor that goes by the credit code that an approval names; where one of the two has none, by the licence number.
-- What somebody ended stays ended.
WITH found AS (
    SELECT a.approval_id, v.market_id, v.vendor_id, 'credit_code' AS how
    FROM approvals a JOIN vendors v ON v.credit_code = a.credit_code AND v.credit_code <> ''
    WHERE a.approval_id = ANY (%(approval_ids)s::bigint[])
    UNION ALL
    SELECT a.approval_id, v.market_id, v.vendor_id, 'licence_no'
    FROM approvals a JOIN vendors v ON v.licence_no = a.licence_no AND v.licence_no <> ''
    WHERE a.approval_id = ANY (%(approval_ids)s::bigint[]) AND (a.credit_code = '' OR v.credit_code = '')
), fresh AS (
    INSERT INTO approval_matches (approval_id, market_id, vendor_id, how, by, at)
    SELECT DISTINCT ON (f.approval_id, f.market_id, f.vendor_id) f.approval_id, f.market_id, f.vendor_id, f.how, %(by)s, %(at)s
    FROM found f
    WHERE NOT EXISTS (SELECT FROM approval_matches m WHERE m.approval_id = f.approval_id AND m.market_id = f.market_id
                        AND m.vendor_id = f.vendor_id AND (m.ended_at IS NULL OR m.ended_by <> %(by)s))
    ORDER BY f.approval_id, f.market_id, f.vendor_id, f.how
    ON CONFLICT DO NOTHING
    RETURNING approval_id
)
UPDATE approvals a SET is_matched = true FROM (SELECT DISTINCT approval_id FROM fresh) f
WHERE a.approval_id = f.approval_id
RETURNING a.approval_id

-- name: take_stale_vendors
-- Whoever writes such a line later writes another one.
DELETE FROM approval_stale_vendors
WHERE stale_id IN (SELECT stale_id FROM approval_stale_vendors ORDER BY stale_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING market_id, vendor_id

-- name: about_vendors
-- Approvals that name a code by which one of the vendors goes, or that were found by a code of theirs.
WITH changed AS (
    SELECT v.market_id, v.vendor_id, v.credit_code, v.licence_no
    FROM unnest(%(market_ids)s::text[], %(vendor_ids)s::text[]) AS given (market_id, vendor_id)
    JOIN vendors v USING (market_id, vendor_id)
)
SELECT a.approval_id FROM changed c JOIN approvals a ON a.credit_code = c.credit_code AND a.credit_code <> ''
UNION
SELECT a.approval_id FROM changed c JOIN approvals a ON a.licence_no = c.licence_no AND a.licence_no <> ''
UNION
SELECT m.approval_id FROM changed c JOIN approval_matches m USING (market_id, vendor_id)
WHERE m.ended_at IS NULL AND m.how <> 'person'

-- name: match_by_a_person
INSERT INTO approval_matches (approval_id, market_id, vendor_id, how, because, by, at)
VALUES (%(approval_id)s, %(market_id)s, %(vendor_id)s, 'person', %(because)s, %(by)s, %(at)s)
ON CONFLICT DO NOTHING
RETURNING match_id

-- name: end_match
UPDATE approval_matches SET ended_by = %(by)s, ended_at = %(at)s, ended_because = %(because)s
WHERE approval_id = %(approval_id)s AND market_id = %(market_id)s AND vendor_id = %(vendor_id)s AND ended_at IS NULL
RETURNING match_id

-- name: set_matched
UPDATE approvals a
SET is_matched = EXISTS (SELECT FROM approval_matches m WHERE m.approval_id = a.approval_id AND m.ended_at IS NULL)
WHERE approval_id = ANY (%(approval_ids)s::bigint[])

-- name: matches
SELECT m.approval_id, m.market_id, k.name AS market_name, m.vendor_id, v.name AS vendor_name, m.how, m.because, m.by, m.at
FROM approval_matches m JOIN markets k USING (market_id) JOIN vendors v USING (market_id, vendor_id)
WHERE m.approval_id = ANY (%(approval_ids)s::bigint[]) AND m.ended_at IS NULL
ORDER BY m.approval_id, m.market_id, m.vendor_id

-- name: of_vendor
SELECT a.* FROM approval_matches m JOIN approvals a USING (approval_id)
WHERE m.market_id = %(market_id)s AND m.vendor_id = %(vendor_id)s AND m.ended_at IS NULL
ORDER BY a.received_at DESC, a.approval_id DESC LIMIT %(limit)s

-- name: end_stale
-- Found by a code that the approval, or the vendor, does not go by any more.
UPDATE approval_matches m SET ended_by = %(by)s, ended_at = %(at)s, ended_because = 'they go by different codes now'
FROM approvals a, vendors v
WHERE a.approval_id = m.approval_id AND m.approval_id = ANY (%(approval_ids)s::bigint[]) AND m.ended_at IS NULL
  AND v.market_id = m.market_id AND v.vendor_id = m.vendor_id
  AND ((m.how = 'credit_code' AND v.credit_code <> a.credit_code)
    OR (m.how = 'licence_no'
        AND (v.licence_no <> a.licence_no
          OR (v.credit_code <> a.credit_code AND v.credit_code <> '' AND a.credit_code <> ''))))
RETURNING m.approval_id
