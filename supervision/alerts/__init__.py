"""The life of an alert: the table of its states, what each step asks for, and taking a step."""
