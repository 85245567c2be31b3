-- A screen without a list says when the last one ended: asked each minute, after years of a list a day.
CREATE INDEX cap_lists_by_end ON cap_lists (area, channel, upper(effective) DESC) WHERE status = 'published' AND NOT is_advisory;
