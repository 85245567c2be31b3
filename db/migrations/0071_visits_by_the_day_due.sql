-- Visits are looked for by the day that something about them has to have happened by, and not by reading all of them.
ALTER TABLE inspections ADD COLUMN due_on date NOT NULL GENERATED ALWAYS AS (
    CASE state WHEN 'rectification' THEN coalesce(rectify_by, planned_on, last_day)
               WHEN 'rectified' THEN coalesce(revisit_by, planned_on, last_day)
               ELSE coalesce(planned_on, last_day) END) STORED;
CREATE INDEX inspections_by_day_due ON inspections (due_on, inspection_id) WHERE state NOT IN ('combined', 'cancelled');
CREATE INDEX inspections_open_by_day_due ON inspections (due_on, inspection_id)
    WHERE state IN ('drawn', 'notified', 'rectification', 'rectified');
-- A list reads no further than its page.
CREATE INDEX inspections_by_last_day ON inspections (last_day, inspection_id);
CREATE INDEX inspections_of_market ON inspections (market_id, last_day, inspection_id);
-- Whose visits may become one: of one subject, and not begun.
CREATE INDEX inspections_waiting ON inspections (market_id, vendor_id, state) WHERE state IN ('drawn', 'notified');
-- Where the tasks of a plan went, when visits were combined too.
CREATE INDEX inspection_tasks_made_for ON inspection_tasks (plan_id, made_for) WHERE made_for <> inspection_id;

-- Visits with the words that lists show them with.
CREATE VIEW inspections_in_words AS
SELECT i.inspection_id, i.market_id, m.name AS market_name, i.vendor_id, v.name AS vendor_name, i.first_day, i.last_day,
       i.planned_on, i.state, i.rectify_by, i.revisit_by, i.combined_into, i.opened_at, i.updated_at, m.timezone, i.due_on,
       coalesce(who.names, '{}') AS inspectors, coalesce(who.ids, '{}') AS inspector_ids,
       coalesce(asked.departments, '{}') AS departments, coalesce(asked.revisit_of, '{}') AS revisit_of,
       coalesce(held.stalls, '') AS stalls
FROM inspections i
JOIN markets m USING (market_id)
JOIN vendors v USING (market_id, vendor_id)
LEFT JOIN LATERAL (
    SELECT array_agg(u.display_name ORDER BY u.user_id) AS names, array_agg(u.user_id ORDER BY u.user_id) AS ids
    FROM inspection_inspectors ii JOIN users u USING (user_id) WHERE ii.inspection_id = i.inspection_id
) who ON true
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT t.department) AS departments,
           array_agg(DISTINCT t.revisit_of) FILTER (WHERE t.revisit_of IS NOT NULL) AS revisit_of
    FROM inspection_tasks t
    WHERE t.inspection_id = i.inspection_id
) asked ON true
LEFT JOIN LATERAL (
    SELECT string_agg(DISTINCT h.stall_id, ', ' ORDER BY h.stall_id) AS stalls
    FROM (SELECT b.stall_id FROM scale_bindings b
          WHERE b.market_id = i.market_id AND b.vendor_id = i.vendor_id AND b.valid @> i.updated_at
          UNION ALL
          SELECT o.stall_id FROM stall_occupancies o
          WHERE o.market_id = i.market_id AND o.vendor_id = i.vendor_id AND o.valid @> i.updated_at) h
) held ON true;
