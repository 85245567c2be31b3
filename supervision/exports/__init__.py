"""What other systems are given: records in a documented form, delivered once, and pulled by who has a token."""
