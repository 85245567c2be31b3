-- A step that adds a photo has one: nothing is proved by saying so.
ALTER TABLE alert_steps
    ADD CONSTRAINT alert_steps_attach_a_photo CHECK ((action = 'attach') = (photo_id IS NOT NULL)) NOT VALID;
