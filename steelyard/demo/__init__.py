"""The main job on one machine: a simulated market, from a scale's bytes to the manager's page."""
