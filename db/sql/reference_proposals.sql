-- name: references_of
-- The wholesale references of an area and day, as published or taken over.
SELECT r.species_code, r.grade, r.price_fen, r.price_unit, r.source, r.entered_by, r.entered_at
FROM wholesale_references r
JOIN markets m ON m.area = r.area
WHERE m.market_id = %(market_id)s AND r.day = %(day)s

-- name: rates_of
-- The markup rates of a market's area that are in force on a day, by category.
SELECT r.category, r.markup_permille, r.allowance_permille
FROM markup_rates r
JOIN markets m ON m.area = r.area
WHERE m.market_id = %(market_id)s AND r.valid @> %(day)s::date

-- name: take_over
-- A person takes a proposal over. What is there already stays: no row then.
INSERT INTO wholesale_references (area, species_code, grade, day, price_fen, price_unit, published_as, source,
                                  entered_by, entered_at)
SELECT m.area, %(species_code)s, %(grade)s, %(day)s, %(price_fen)s, %(price_unit)s, %(published_as)s, %(source)s,
       %(by)s, %(now)s
FROM markets m JOIN species s ON s.species_code = %(species_code)s
WHERE m.market_id = %(market_id)s
ON CONFLICT (area, day, species_code, grade) DO NOTHING
RETURNING area

-- name: species_words
SELECT species_code, name_zh, name_en, category FROM species
