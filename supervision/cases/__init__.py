"""Cases: opened on evidence, decided by the authority in its own words."""
