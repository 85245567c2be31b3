-- name: store
-- Returns those that are new, and only those: the same bytes are stored once.
INSERT INTO journal_checkpoints (market_id, scale_id, journal_id, seq, digest, at, key_id, is_signed, received_at,
                                 body_digest, body)
SELECT * FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[], %(journal_ids)s::text[], %(seqs)s::bigint[],
                     %(digests)b::bytea[], %(ats)s::timestamptz[], %(key_ids)s::text[], %(are_signed)s::boolean[],
                     %(received_ats)s::timestamptz[], %(body_digests)b::bytea[], %(bodies)b::bytea[])
ON CONFLICT ON CONSTRAINT journal_checkpoints_pkey DO NOTHING
RETURNING seq

-- name: of_scale
SELECT journal_id, seq, at, key_id, is_signed, received_at, body FROM journal_checkpoints
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s ORDER BY journal_id, seq, received_at
