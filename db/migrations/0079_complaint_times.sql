-- When a person first took a complaint on or refused it, and first answered or refused it: what the figures of a market are made
-- of. They were looked for among the steps of every complaint, each time a list was opened.
ALTER TABLE complaints
    ADD COLUMN first_step_at timestamptz,
    ADD COLUMN first_answer_at timestamptz;

UPDATE complaints c SET first_step_at = s.first_step_at, first_answer_at = s.first_answer_at
FROM (SELECT complaint_id, min(at) FILTER (WHERE action IN ('accept', 'refuse')) AS first_step_at,
             min(at) FILTER (WHERE action IN ('answer', 'refuse')) AS first_answer_at
      FROM complaint_steps GROUP BY complaint_id) s
WHERE s.complaint_id = c.complaint_id AND (s.first_step_at IS NOT NULL OR s.first_answer_at IS NOT NULL);

CREATE FUNCTION note_first_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE complaints c
    SET first_step_at = least(c.first_step_at, s.first_step_at), first_answer_at = least(c.first_answer_at, s.first_answer_at)
    FROM (SELECT w.complaint_id, min(w.at) FILTER (WHERE w.action IN ('accept', 'refuse')) AS first_step_at,
                 min(w.at) FILTER (WHERE w.action IN ('answer', 'refuse')) AS first_answer_at
          FROM written w WHERE w.action IN ('accept', 'answer', 'refuse') GROUP BY w.complaint_id) s
    WHERE s.complaint_id = c.complaint_id;
    RETURN NULL;
END $$;
CREATE TRIGGER complaint_steps_note_first AFTER INSERT ON complaint_steps REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION note_first_steps();
