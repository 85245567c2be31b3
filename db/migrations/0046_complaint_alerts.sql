-- A complaint about a sale opens an alert, or joins the one that is open (docs/complaints.md).

-- Whatever kinds there are by now, one more: migrations of other parts add theirs on their own.
DO $$
DECLARE
    known text;
BEGIN
    SELECT pg_get_expr(conbin, conrelid) INTO STRICT known
    FROM pg_constraint WHERE conname = 'alerts_kind_known' AND conrelid = 'alerts'::regclass;
    ALTER TABLE alerts DROP CONSTRAINT alerts_kind_known;
    EXECUTE format('ALTER TABLE alerts ADD CONSTRAINT alerts_kind_known CHECK (kind = ''complaint'' OR %s)', known);
END $$;
