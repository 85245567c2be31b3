-- name: of_scales
-- Of the asked scales those of which anything is registered.
SELECT s.market_id, s.scale_id, s.division_g, s.max_g, s.accuracy_class, s.usual_tare_g, s.verified_until,
       s.production_code, s.repair_code, s.verification_code, s.seal_no
FROM unnest(%(market_ids)s::text[], %(scale_ids)s::text[]) AS asked (market_id, scale_id)
JOIN scales s USING (market_id, scale_id)
WHERE s.division_g IS NOT NULL OR s.max_g IS NOT NULL OR s.usual_tare_g IS NOT NULL OR s.verified_until IS NOT NULL

-- name: of_market
SELECT scale_id, division_g, max_g, accuracy_class, usual_tare_g, verified_until,
       production_code, repair_code, verification_code, seal_no
FROM scales WHERE market_id = %(market_id)s ORDER BY scale_id

-- name: put
UPDATE scales
SET division_g = %(division_g)s, max_g = %(max_g)s, accuracy_class = %(accuracy_class)s,
    usual_tare_g = %(usual_tare_g)s, verified_until = %(verified_until)s, production_code = %(production_code)s,
    repair_code = %(repair_code)s, verification_code = %(verification_code)s, seal_no = %(seal_no)s
WHERE market_id = %(market_id)s AND scale_id = %(scale_id)s
