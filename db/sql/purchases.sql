-- name: accepted
-- Of one day's purchases of the same goods the one entered last counts.
SELECT DISTINCT ON (p.market_id, p.vendor_id, p.species_code, p.purchased_on, p.grade, p.price_unit)
       p.market_id, p.vendor_id, p.species_code, p.purchased_on, p.grade, p.price_fen, p.price_unit
FROM unnest(%(markets)s::text[], %(vendors)s::text[], %(species)s::text[]) AS asked (market_id, vendor_id, species_code)
JOIN purchase_records p USING (market_id, vendor_id, species_code)
WHERE p.state = 'accepted' AND p.purchased_on BETWEEN %(since)s AND %(until)s
ORDER BY p.market_id, p.vendor_id, p.species_code, p.purchased_on DESC, p.grade, p.price_unit, p.purchase_id DESC
