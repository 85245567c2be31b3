"""When something has to be done: working days, business hours, and the clock of an alert."""
